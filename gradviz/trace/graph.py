"""The computation graph of one iteration: nodes, the edges into them, and the module scopes around them."""

from __future__ import annotations

from typing import Annotated, Literal

from msgspec import Meta, Struct

# Bounds on what is believed of a stranger's message. They are far above what a program needs.
Text = Annotated[str, Meta(max_length=4096)]
Key = Annotated[str, Meta(max_length=4096, pattern=r"[^/]\Z")]  # scopes are placed by "path/"
Shape = Annotated[tuple[Annotated[int, Meta(ge=0)], ...], Meta(max_length=64)]

# Without gc=False the garbage collector would stop the window to look through 100,000s of them, again and
# again; what holds nothing but texts and numbers is never part of a cycle.
NodeKind = Literal["operation", "parameter", "buffer", "input"]


class Source(Struct, frozen=True, gc=False, array_like=True):
    """A line of the user's program. `line` counts from 1."""

    file: Text
    line: Annotated[int, Meta(ge=0)]


class TensorInfo(Struct, frozen=True, gc=False, array_like=True):
    """What can be said of a tensor without its numbers."""

    shape: Shape
    dtype: Text
    requires_grad: bool = False

    @property
    def size(self) -> int:
        """How many elements it has."""
        product = 1
        for length in self.shape:
            product *= length
        return product


class Saved(Struct, frozen=True, gc=False, array_like=True):
    """An array that an operation keeps for its backward pass."""

    name: Text
    shape: Shape
    dtype: Text
    nbytes: Annotated[int, Meta(ge=0)]


class Input(Struct, frozen=True, gc=False, array_like=True):
    """An edge: output `output` of node `node` is the argument called `argument`."""

    node: Annotated[int, Meta(ge=0)]
    output: Annotated[int, Meta(ge=0)] = 0
    argument: Text = ""


class Scope(Struct, frozen=True, gc=False):
    """A module around nodes: `path` "net.fc1", `module` "Linear", `detail` "784 → 128"."""

    path: Text
    module: Text
    detail: Text = ""

    @property
    def name(self) -> str:
        """The last part of the path: "fc1"."""
        return self.path.rpartition(".")[2]

    @property
    def title(self) -> str:
        """ "fc1 Linear"; only the name where no module is known."""
        return f"{self.name} {self.module}".strip()

    @property
    def description(self) -> str:
        """ "Linear(784 → 128)", as a module prints itself."""
        return f"{self.module}({self.detail})" if self.detail else self.module


class Call(Struct, frozen=True, gc=False, array_like=True):
    """One call of the module at `scope`, made in the call `parent`; -1: in none. Both count as positions in
    `Iteration.calls`."""

    scope: Text
    parent: Annotated[int, Meta(ge=-1)] = -1


class InBackward(Struct, frozen=True, gc=False, array_like=True):
    """Where an operation ran that a backward pass is made of, as with `create_graph`: in pass number `walk`
    of the iteration, in the backward of node `of`; -1: between two of them, where gradients are summed up."""

    walk: Annotated[int, Meta(ge=0)]
    of: Annotated[int, Meta(ge=-1)] = -1


class Node(Struct, frozen=True, gc=False, kw_only=True):
    """An operation, or a tensor that no recorded operation made (a leaf).

    `id` counts from 0 in the order of first appearance within one iteration. `key` is the same for the same
    place of the program in every iteration ("net.fc1/addmm"), so that positions and selection can be kept.
    """

    id: Annotated[int, Meta(ge=0)]
    key: Key
    kind: NodeKind
    name: Text
    """The operation as torch calls it ("addmm"), or the leaf's name in the program ("weight", "images")."""
    scope: Text = ""
    call: Annotated[int, Meta(ge=-1)] = -1
    """The call that the operation ran in, innermost; -1 outside of all modules, and for leaves."""
    in_backward: InBackward | None = None
    """Set for an operation that a backward pass ran."""
    inputs: tuple[Input, ...] = ()
    outputs: Annotated[tuple[TensorInfo, ...], Meta(min_length=1)]
    source: Source | None = None
    grad_fn: Text = ""
    """torch's name of the backward node ("AddmmBackward0"), or "" when no gradient flows through."""
    saved: tuple[Saved, ...] = ()
    is_view: bool = False
    """True for an operation that moves no numbers (view, t, flatten of contiguous data)."""
    formula: Text = ""
    """Right-hand side of `out = …`, LaTeX."""
    vjp: tuple[Text, ...] = ()
    """For each argument the right-hand side of `∂L/∂argument = …`, LaTeX, with g = ∂L/∂out."""
    arguments: tuple[Text, ...] = ()
    """The operation's own argument names, in the order of `vjp`."""

    @property
    def shape(self) -> tuple[int, ...]:
        return self.outputs[0].shape

    @property
    def dtype(self) -> str:
        return self.outputs[0].dtype

    @property
    def requires_grad(self) -> bool:
        return any(out.requires_grad for out in self.outputs)

    @property
    def qualified_name(self) -> str:
        """The name within the program: "net.fc1.weight" for a parameter, "net.fc1/addmm" for an operation."""
        if not self.scope:
            return self.name
        return f"{self.scope}{'/' if self.kind == 'operation' else '.'}{self.name}"
