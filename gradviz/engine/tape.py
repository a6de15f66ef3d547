"""The tape: an operation (Op) computes, remembers what its gradient needs, and is a node of the graph."""

from __future__ import annotations

import itertools
import re
import sys
import weakref
from collections.abc import Callable, Sequence
from typing import Any, ClassVar

from gradviz.engine import dtypes, inference, observer
from gradviz.engine.backend import Array, asarray, is_array, xp
from gradviz.engine.errors import not_a_tensor
from gradviz.engine.grad_mode import mode
from gradviz.engine.hooks import RemovableHandle
from gradviz.engine.mixed_devices import on_one_device
from gradviz.engine.tensor import Tensor, wrap
from gradviz.engine.views import View

Plan = tuple[tuple[str, int | None, tuple[int, ...]], ...]
Edge = tuple["Op | AccumulateGrad | None", int]
NO_EDGE: Edge = (None, 0)
NOTHING: dict[str, Any] = {}  # saved by operations that save nothing
_sequence = itertools.count()
recording_witnesses: list[Callable[[Any, tuple, tuple], None]] = []
"""Called with every node that is recorded, its inputs and outputs: anomaly mode, saved_tensors_hooks."""


class Op:
    """One operation: the class says how it computes, an instance is one use of it and a node of the graph.

    A subclass gives `forward(*arrays) -> array | tuple` and `backward(g, **saved) -> gradient | tuple` (one
    per argument), both written with operators and functions that take arrays and Tensors alike. Settings that
    are not tensors (dim, keepdim …) are attributes set in `__init__`.
    """

    args: ClassVar[tuple[str, ...]] = ()  # names of the tensor arguments; the last one may repeat
    outputs: ClassVar[tuple[str, ...]] = ("out",)  # their names, for `saves`
    saves: ClassVar[
        tuple[str, ...]
    ] = ()  # what backward needs: arguments, outputs, attributes set by forward
    saved_for: ClassVar[
        dict[str, tuple[str, ...]]
    ] = {}  # an argument saved only for these arguments' gradients
    formula: ClassVar[str] = ""  # LaTeX: the right-hand side of out = …
    vjp: ClassVar[
        tuple[str, ...]
    ] = ()  # LaTeX, one per argument: the right-hand side of ∂L/∂arg, g = ∂L/∂out
    symbols: ClassVar[dict[str, str]] = {}  # in this LaTeX, the settings that have other names than there
    terms: ClassVar[
        tuple[str, ...]
    ] = ()  # out as a sum of arguments and products ("bias", "a b"); (): made element by element
    is_view: ClassVar[bool] = False  # moves no numbers
    tracks_view: ClassVar[bool] = True  # a view through which in-place changes are recorded
    differentiable: ClassVar[bool] = True
    materialize: bool = True  # backward gets zeros for outputs that no gradient came to, else None
    op_name: ClassVar[str] = "op"
    backward_name: ClassVar[str] = "OpBackward0"  # of the node, as torch prints it
    namespace: ClassVar[str] = ""  # before that name, where torch wrote the node by hand
    # Arguments that torch takes for settings where they are numbers, and its name for the node then.
    number_variants: ClassVar[dict[str, str]] = {}
    assumption: ClassVar[str] = ""  # what backward takes for granted of the arrays, as torch's does
    _plan: Plan = ()

    overwrite: Callable[..., None] | None = (
        None  # changes its first array in place, where forward would copy much
    )
    decompose: Callable[..., Any] | None = None  # says what an element is made of, where `terms` cannot
    companions: dict[str, Tensor] = {}  # tensors that steer without a gradient: masks, labels, indices

    edges: tuple[Edge, ...] = ()  # for every input, where its gradient goes
    saved: dict[str, Any] | None = None  # None: nothing was recorded, or backward has released it
    input_names: tuple[str, ...] = ()  # set for the observer: the argument name of every tensor input …
    constants: dict[str, Any] = {}  # … and the arguments that were not tensors
    settings_given: tuple[int, ...] = ()  # the inputs that torch takes for settings
    retained: tuple[weakref.ref[Tensor], ...] = ()
    sequence: int = 0
    _versions: Sequence[tuple[str, list[int], int]] = ()
    _metas: Sequence[tuple[tuple[int, ...], Any]] = ()
    _output_hooks: dict[int, dict[int, Callable]] | None = None
    _pre_hooks: dict[int, Callable] | None = None
    _post_hooks: dict[int, Callable] | None = None

    def __init_subclass__(cls) -> None:
        if "op_name" not in cls.__dict__:
            cls.op_name = re.sub(r"(?<=[a-z])(?=[A-Z])", "_", cls.__name__).lower()
        if "backward_name" not in cls.__dict__:
            cls.backward_name = f"{cls.__name__}Backward0"
        if cls.is_view and cls.differentiable:
            cls.terms = cls.args
        cls._plan = plan_of(cls.args, cls.saves, cls.saved_for, cls.outputs)

    def forward(self, *arrays: Any) -> Any:
        raise NotImplementedError(f"{type(self).__name__} has no forward")

    def backward(self, *grads: Any, **saved: Any) -> Any:
        raise NotImplementedError(f"the derivative of '{self.op_name}' is not implemented")

    # -- forward --------------------------------------------------------------------------------------------

    def __call__(self, *inputs: Any) -> Any:
        """Computes. Given Tensors it returns Tensors and is recorded; given arrays only, arrays."""
        recording = mode.enabled and self.differentiable
        arrays: list[Any] = []
        edges: list[Edge] = []
        bare, requires_grad = True, False
        for x in inputs:
            edge = NO_EDGE
            if isinstance(x, Tensor):
                bare = False
                if x._view is not None:
                    x._view.refresh(x)
                arrays.append(x.array)
                if recording and x._requires_grad:
                    requires_grad = True
                    edge = x._edge or edge_of_leaf(x)
            else:
                arrays.append(x)
            edges.append(edge)
        if bare:
            return self._on_arrays(arrays)
        if observer.current is not None:
            observer.current.will_run(self, inputs)
            if requires_grad:
                observer.current.will_record(inputs)
            observer.current.computing(self)
        settings = self.__dict__.copy() if self.is_view else None
        try:
            result = self.forward(*arrays)
        except (ValueError, TypeError) as error:
            return self(*on_one_device(inputs, self.companions, error))
        if type(result) is tuple:
            outputs = tuple([wrap(r if type(r) is Array else asarray(r)) for r in result])
        else:
            outputs = (wrap(result if type(result) is Array else asarray(result)),)
        if settings is not None and self.tracks_view:
            View.track(self, settings, inputs[0], outputs)
        if requires_grad:
            self.record(edges, inputs, arrays, outputs)
        elif not recording and mode.inference:
            inference.mark(outputs)
        if observer.current is not None:
            self.tell(inputs, outputs)
        return outputs if type(result) is tuple else outputs[0]

    def _on_arrays(self, arrays: list) -> Any:
        if not any(is_array(a) or isinstance(a, xp.generic) for a in arrays):
            raise not_a_tensor(self.op_name, "input", 1, arrays[0] if arrays else None)
        return self.forward(*[asarray(a) if isinstance(a, xp.generic) else a for a in arrays])

    def record(
        self,
        edges: list[Edge],
        inputs: tuple,
        arrays: list,
        outputs: tuple[Tensor, ...],
        changed: Tensor | None = None,
    ) -> None:
        """Makes this the node behind `outputs`. `changed` is an input that was overwritten meanwhile."""
        self.edges = tuple(edges)
        self.sequence = next(_sequence)
        if self.number_variants:
            self._take_variant(inputs)
        if self._plan:
            self._save(edges, inputs, arrays, outputs, changed)
        else:
            self.saved = NOTHING
        metas = []
        for tensor in outputs:
            array = tensor.array
            dtype = array.dtype
            if dtype.kind == "f":
                tensor._edge = (self, len(metas))
                tensor._requires_grad = True
            metas.append((array.shape, dtype))
        self._metas = metas
        for witness in recording_witnesses:
            witness(self, inputs, outputs)

    def _take_variant(self, inputs: tuple) -> None:
        """Takes the name and the inputs of torch's variant of this operation for the numbers given."""
        given = []
        for argument, name in self.number_variants.items():
            i = self.args.index(argument)
            if not isinstance(inputs[i], Tensor):
                given.append(i)
                self.backward_name = name
        self.settings_given = tuple(given)

    def _save(
        self,
        edges: list[Edge],
        inputs: tuple,
        arrays: list,
        outputs: tuple[Tensor, ...],
        changed: Tensor | None,
    ) -> None:
        """Keeps what backward will need, with the versions by which a change would be noticed."""
        self.saved = saved = {}
        self._versions = versions = []
        for name, source, wanted_for in self._plan:
            if wanted_for and not _any_needed(edges, wanted_for):
                saved[name] = None
            elif source is None:
                saved[name] = getattr(self, name)
                delattr(self, name)
            else:
                tensor = inputs[source] if source >= 0 else outputs[~source]
                if not isinstance(tensor, Tensor):
                    saved[name] = arrays[source]
                    continue
                saved[name] = arrays[source] if source >= 0 else tensor.array
                if tensor is not changed or source < 0:
                    counter = tensor._counter
                    if counter is None:
                        counter = tensor._counter = [0]
                    versions.append((name, counter, counter[0]))
        for name, tensor in self.companions.items():
            counter = tensor.version_counter
            versions.append((name, counter, counter[0]))

    def tell(self, inputs: tuple, outputs: tuple[Tensor, ...]) -> None:
        """Tells the observer that this operation ran."""
        args = self.args
        if len(inputs) > len(args):  # the last one repeats
            args += args[-1:] * (len(inputs) - len(args))
        names: list[str] = []
        tensors: list[Tensor] = []
        constants = {}
        for name, x in zip(args, inputs, strict=False):
            if isinstance(x, Tensor):
                names.append(name)
                tensors.append(x)
            elif x is not None:
                constants[name] = x
        self.input_names, self.constants = (*names, *self.companions), constants
        assert observer.current is not None
        observer.current.forward(self, (*tensors, *self.companions.values()), outputs)

    # -- backward -------------------------------------------------------------------------------------------

    @property
    def needs(self) -> tuple[bool, ...]:
        """Which inputs need a gradient: backward may leave out the others."""
        return tuple([edge is not NO_EDGE for edge in self.edges])

    def saved_values(self, as_tensors: bool) -> dict[str, Any]:
        """What backward needs, checked to be unchanged; for `create_graph` as Tensors in the graph."""
        if self.saved is None:
            raise RuntimeError(
                "Trying to backward through the graph a second time (or directly access saved tensors "
                "after they have already been freed). Saved intermediate values of the graph are freed "
                "when you call .backward() or autograd.grad(). Specify retain_graph=True if you need to "
                "backward through the graph a second time or if you need to access saved tensors after "
                "calling backward."
            )
        for name, counter, version in self._versions:
            if counter[0] != version:
                if observer.current is not None:
                    observer.current.saved_changed(self, name)
                raise RuntimeError(self._changed_words(name, counter[0], version))
        if not as_tensors:
            return self.saved
        sources = {name: source for name, source, _ in self._plan}
        return {
            name: self._attached(sources.get(name), value) if is_array(value) else value
            for name, value in self.saved.items()
        }

    def _attached(self, source: int | None, array: Array) -> Any:
        if source is None:
            return array
        node, nr = self._origin(source)
        if isinstance(node, AccumulateGrad):
            return node.variable
        tensor = wrap(array)
        if node is not None:
            tensor._edge, tensor._requires_grad = (node, nr), True
        return tensor

    def _origin(self, source: int) -> Edge:
        return self.edges[source] if source >= 0 else (self, ~source)

    def _changed_words(self, name: str, version: int, expected: int) -> str:
        assert self.saved is not None
        array = self.companions[name].array if name in self.companions else self.saved[name]
        source = {n: s for n, s, _ in self._plan}.get(name)
        node, nr = NO_EDGE if source is None else self._origin(source)
        made = isinstance(node, Op)
        # torch derives a changed view from its base anew, by strides.
        maker = "" if not made else "AsStrided" if node.is_view else node.name().split("Backward")[0]
        origin = f", which is output {nr} of {maker}," if made else ""
        return (
            "one of the variables needed for gradient computation has been modified by an inplace "
            f"operation: [torch.{dtypes.of_array(array.dtype).type_name} {list(array.shape)}]{origin} is at "
            f"version {version}; expected version {expected} instead. Hint: enable anomaly detection to "
            "find the operation that failed to compute its gradient, with "
            "torch.autograd.set_detect_anomaly(True, check_nan=False)."
        )

    def release(self) -> None:
        """Forgets what was saved, unless there was nothing: such a node may run again."""
        if self.saved:
            self.saved = None
            if observer.current is not None:
                observer.current.freed(self)

    # -- what torch's users see of a node -------------------------------------------------------------------

    def name(self) -> str:
        """The node's name in torch, such as "MulBackward0"."""
        return self.namespace + self.backward_name

    @property
    def next_functions(self) -> tuple[Edge, ...]:
        """The node behind every input with the number of its output; (None, 0) behind a constant."""
        if not self.settings_given:
            return self.edges
        return tuple(edge for i, edge in enumerate(self.edges) if i not in self.settings_given)

    def __repr__(self) -> str:
        return f"<{self.backward_name} object at {id(self):#x}>"

    # torch's names for what was saved of the first input, of the second, and of the output.
    _saved_self = property(lambda self: self._saved_as("self", self.args[:1]))
    _saved_other = property(lambda self: self._saved_as("other", self.args[1:2]))
    _saved_result = property(lambda self: self._saved_as("result", ("out",)))

    def _saved_as(self, name: str, names: tuple[str, ...]) -> Any:
        if not names or names[0] not in self.saves:
            raise AttributeError(f"'{self.name()}' object has no attribute '_saved_{name}'")
        return self.saved_values(as_tensors=True)[names[0]]

    def hooks_of_output(self, output_nr: int) -> dict[int, Callable]:
        if self._output_hooks is None:
            self._output_hooks = {}
        return self._output_hooks.setdefault(output_nr, {})

    def register_hook(self, hook: Callable) -> RemovableHandle:
        """`hook(grad_inputs, grad_outputs)` runs after this node; a tuple it returns replaces grad_inputs."""
        if self._post_hooks is None:
            self._post_hooks = {}
        return RemovableHandle(self._post_hooks, hook)

    def register_prehook(self, hook: Callable) -> RemovableHandle:
        """`hook(grad_outputs)` runs before this node; a tuple it returns replaces grad_outputs."""
        if self._pre_hooks is None:
            self._pre_hooks = {}
        return RemovableHandle(self._pre_hooks, hook)


def _any_needed(edges: list[Edge], wanted_for: tuple[int, ...]) -> bool:
    for i in wanted_for:  # noqa: SIM110  (a generator takes three times as long)
        if edges[i] is not NO_EDGE:
            return True
    return False


def plan_of(
    args: tuple[str, ...],
    saves: tuple[str, ...],
    saved_for: dict[str, tuple[str, ...]],
    outputs: tuple[str, ...] = ("out",),
) -> Plan:
    """For every saved value: its name, its source, and the arguments whose gradients want it (none: all).

    The source is i for argument i, ~i for output i, None for an attribute.
    """
    index = {name: ~i for i, name in enumerate(outputs)} | {name: i for i, name in enumerate(args)}
    return tuple((name, index.get(name), tuple(index[a] for a in saved_for.get(name, ()))) for name in saves)


class AccumulateGrad:
    """The end of the graph at a leaf: adds what arrives to the leaf's `.grad`."""

    edges = next_functions = ()
    sequence = sys.maxsize  # runs as soon as it can

    def __init__(self, variable: Tensor) -> None:
        self.variable = variable
        self.measure()

    def measure(self) -> None:
        """Notes the leaf's shape and dtype; to be called again when `t.data = …` has changed them."""
        self._metas = [(self.variable.array.shape, self.variable.array.dtype)]

    def name(self) -> str:
        return "torch::autograd::AccumulateGrad"

    def __repr__(self) -> str:
        return f"<AccumulateGrad object at {id(self):#x}>"


def gradient_edge(x: Any) -> Edge:
    """Where the gradient of `x` goes: its node and output number; (None, 0) when it needs none."""
    if not isinstance(x, Tensor) or not x._requires_grad:
        return NO_EDGE
    return x._edge or edge_of_leaf(x)


def edges_of(*inputs: Any) -> list[Edge]:
    return [gradient_edge(x) for x in inputs]


def edge_of_leaf(leaf: Tensor) -> Edge:
    """To the AccumulateGrad of a leaf, made at its first use in a graph."""
    accumulator = leaf._accumulator() if leaf._accumulator is not None else None
    if accumulator is None:
        accumulator = AccumulateGrad(leaf)
        # Weak, so that a leaf and its node are no reference cycle: the graph keeps the node alive.
        leaf._accumulator = weakref.ref(accumulator)
    return accumulator, 0


def now() -> int:
    """A number above the `sequence` of all nodes so far, and below that of those to come."""
    return next(_sequence)
