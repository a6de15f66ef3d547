"""Changes a running program at the beginning of an iteration, as a branch of the run asks for.

It runs in the program's own thread, where the program's variables can be found. What cannot be done is said
in words; the program goes on without it.
"""

from __future__ import annotations

import contextlib
import difflib
import math
import random
from collections.abc import Callable, Iterable, Iterator
from typing import Any

import numpy as np

from gradviz.engine import Tensor, get_rng_state, no_grad, observe, set_rng_state
from gradviz.engine.nn import Module
from gradviz.engine.optim import optimizer as optimizers
from gradviz.session import hints
from gradviz.session.names import Names
from gradviz.session.problems import describe
from gradviz.session.program import NotALossError, Program
from gradviz.session.protocol import Problem
from gradviz.trace.branches import DatedEdit, Edit, SetElement, SetLearningRate, SetLoss, SetNumber, SetSample

LOSS_NAMES = ("criterion", "loss_fn", "loss_func", "loss_function", "loss_module", "objective")
RATE_NAMES = ("lr", "learning_rate", "step_size", "eta")
LABEL_NAMES = ("label", "labels", "target", "targets", "y")


class EditError(Exception):
    """An edit cannot be made: a template of `hints`, and what fills its places."""

    def __init__(self, hint: str, *words: object) -> None:
        super().__init__(hint)
        self.hint, self.words = hint, tuple(map(str, words))


class Edits:
    """The edits of one branch. `tell` takes what a person should know, `will_change` a tensor that is about
    to be overwritten."""

    def __init__(
        self,
        program: Program,
        names: Names,
        tell: Callable[[Problem], None],
        will_change: Callable[[Tensor], None],
    ) -> None:
        self._program, self._names, self._tell, self._will_change = program, names, tell, will_change
        self._planned: tuple[DatedEdit, ...] = ()
        self._made_early: set[DatedEdit] = set()
        self._warnings: set[str] = set()  # hints that are given once the iteration has begun
        self._iteration = 0
        self.due: dict[Edit, BaseException | None] = {}
        """Edits of the present iteration that are still to be made, and why they could not be made so far."""

    def plan(self, edits: Iterable[DatedEdit]) -> None:
        """Replaces all edits that were planned for iterations to come."""
        self._planned = tuple(edits)

    def prepare(self, iteration: int) -> None:
        """The iteration before has been updated. A new loss is put in place now already: when the iteration
        begins, in the middle of `criterion(net(x), y)`, Python has looked the old one up."""
        for dated in self._planned:
            if (
                dated.iteration == iteration
                and isinstance(dated.edit, SetLoss)
                and dated not in self._made_early
            ):
                self.due[dated.edit] = None
                self.make()
                if self.due.pop(dated.edit, None) is None:
                    self._made_early.add(dated)

    def begin(self, iteration: int) -> None:
        """An iteration begins. In the first one the program has yet to make what is to be edited."""
        self._iteration = iteration
        planned = [dated for dated in self._planned if dated.iteration == iteration]
        self.due = {dated.edit: None for dated in planned if dated not in self._made_early}
        if iteration:
            self.make()
            self._give_up([edit for edit in self.due if not isinstance(edit, (SetSample, SetNumber))])
        self._warn()

    def end(self) -> None:
        """The iteration ends: says what could not be made."""
        self._give_up(list(self.due))
        self._warn()

    def make(self) -> None:
        """Makes the edits that are due, as far as that is possible now."""
        for edit in list(self.due):
            if isinstance(edit, (SetSample, SetNumber)):
                continue  # these wait for what they change
            with self.attempt(edit):
                match edit:
                    case SetLearningRate():
                        self._set_learning_rate(edit)
                    case SetElement():
                        self._set_element(edit)
                    case SetLoss():
                        self._set_loss(edit)

    def deliver(self, batch: Any) -> Any:
        """What the program gets in place of a batch: changed samples are copies, the data set stays."""
        for edit in list(self.due):
            if isinstance(edit, SetSample):
                with self.attempt(edit):
                    batch = _changed_sample(batch, edit)
        return batch

    @contextlib.contextmanager
    def attempt(self, edit: Edit) -> Iterator[None]:
        """The program notices nothing of what is done here but the edit itself."""
        try:
            with _undisturbed():
                yield
        except (Exception, SystemExit) as error:  # a loss snippet may raise anything
            self.due[edit] = error
        else:
            del self.due[edit]

    def _give_up(self, edits: Iterable[Edit]) -> None:
        for edit in edits:
            error = self.due.pop(edit)
            if error is None:  # what it changes never came
                error = _missing(edit, self._iteration)
            if isinstance(error, EditError):
                self._say("error", error.hint, error.words)
            else:
                self._tell(describe(error, self._program.sources))

    def _warn(self) -> None:
        for hint in self._warnings:
            self._say("warning", hint)
        self._warnings.clear()

    def _say(self, severity: Any, hint: str, words: tuple[str, ...] = ()) -> None:
        place = self._names.source()
        self._tell(
            Problem(severity, "edit", "", place, hint=hint, hint_arguments=words, iteration=self._iteration)
        )

    # ── the learning rate ─────────────────────────────────────────────────────────────────────────────────

    def _set_learning_rate(self, edit: SetLearningRate) -> None:
        if not (math.isfinite(edit.value) and edit.value >= 0):
            raise EditError(hints.NO_RATE, edit.value)
        groups = [
            group
            for optimizer in self._optimizers(edit.optimizer)
            for number, group in enumerate(optimizer.param_groups)
            if edit.group in (None, number) and "lr" in group
        ]
        if not groups and edit.group is not None:
            raise EditError(hints.NO_GROUP, edit.group)
        if not groups:
            self._set_rate_variable(edit.value)
        for group in groups:
            if isinstance(group["lr"], Tensor):
                with no_grad():
                    group["lr"].fill_(edit.value)
            else:
                group["lr"] = edit.value
        if any("initial_lr" in group for group in groups):
            self._warnings.add(hints.SCHEDULED)

    def _optimizers(self, name: str) -> list[optimizers.Optimizer]:
        """The optimizer of that name, or all."""
        if not name:
            return list(optimizers.living)
        named = self._names.of_kind(optimizers.Optimizer)
        if name not in named:
            raise EditError(hints.NO_OPTIMIZER, name, ", ".join(named) or "–")
        return [named[name]]

    def _set_rate_variable(self, value: float) -> None:
        """A program that updates by hand has its learning rate in a variable, if anywhere."""
        variables = self._program.namespace
        name = next((name for name in RATE_NAMES if isinstance(variables.get(name), (int, float))), None)
        if name is None:
            raise EditError(hints.NO_OPTIMIZER_AT_ALL)
        variables[name] = value

    # ── an element ────────────────────────────────────────────────────────────────────────────────────────

    def _set_element(self, edit: SetElement) -> None:
        tensors = dict(self._names.tensors())
        name = edit.name.replace("/", ".").removeprefix(".")  # a node's key is as good
        tensor = tensors.get(name)
        if tensor is None:
            near = difflib.get_close_matches(name, tensors, 3) or list(tensors)[:3]
            raise EditError(hints.NO_TENSOR, edit.name, ", ".join(near) or "–")
        self._will_change(tensor)
        _set_element(tensor, edit.index, edit.value, name)

    # ── the loss ──────────────────────────────────────────────────────────────────────────────────────────

    def _set_loss(self, edit: SetLoss) -> None:
        variables = self._program.namespace
        name = next((name for name in LOSS_NAMES if callable(variables.get(name))), "")
        before = variables[name] if name else _only(self._losses())
        if before is None:
            raise EditError(hints.NO_LOSS)
        self._names.add_source(edit.path)
        try:
            criterion = self._program.load_criterion(edit.text, edit.path)
        except NotALossError:
            raise EditError(hints.NOT_A_LOSS) from None
        if isinstance(before, Module):
            _become(before, criterion)
        else:
            variables[name] = criterion
        if isinstance(criterion, Module) and next(criterion.parameters(), None) is not None:
            self._warnings.add(hints.LOSS_DOES_NOT_LEARN)

    def _losses(self) -> Iterator[Module]:
        """Modules that compute a loss, by their names or by what their class is called."""
        for path, module in self._names.modules():
            if type(module).__name__.endswith("Loss") or path.rpartition(".")[2] in LOSS_NAMES:
                yield module


def _become(module: Module, criterion: Callable) -> None:
    """Makes a loss another one where it is: the program may hold it in any place."""
    if isinstance(criterion, Module):
        object.__setattr__(module, "__dict__", vars(criterion))
        object.__setattr__(module, "__class__", type(criterion))
    else:
        vars(module)["forward"] = criterion


def _only(found: Iterable[Any]) -> Any:
    """The only one of them, else None."""
    first, *others = [*found, None]
    return None if len(others) > 1 else first


def _missing(edit: Edit, iteration: int) -> EditError:
    if isinstance(edit, SetNumber):
        return EditError(hints.NO_NUMBER, edit.key.removeprefix("/"), iteration + 1)
    return EditError(hints.NO_BATCH, iteration + 1)


# ── a sample ──────────────────────────────────────────────────────────────────────────────────────────────


def _changed_sample(batch: Any, edit: SetSample) -> Any:
    tensors = dict(_tensors(batch))
    if not tensors:
        raise EditError(hints.NO_TENSORS_IN_BATCH)
    if edit.value is not None:
        path, tensor = next(iter(tensors.items()))
        changed = tensor.clone()
        _set_element(changed, (edit.position, *edit.index), edit.value, _place(path))
        batch = _with_tensor(batch, path, changed)
    if edit.label is not None:
        if len(tensors) < 2:
            raise EditError(hints.NO_LABELS)
        path = next((path for path in tensors if path[-1] in LABEL_NAMES), list(tensors)[-1])
        changed = tensors[path].clone()
        index = (edit.position, *(0 for length in changed.shape[1:] if length == 1))
        _set_element(changed, index, edit.label, _place(path))
        batch = _with_tensor(batch, path, changed)
    return batch


Path = tuple[Any, ...]


def _place(path: Path) -> str:
    """Where a tensor is: "batch[0]", "batch['label']"."""
    return "batch" + "".join(f"[{step!r}]" for step in path)


def _tensors(batch: Any, path: Path = ()) -> Iterator[tuple[Path, Tensor]]:
    """The tensors of a batch, with the keys and positions that lead to them."""
    if isinstance(batch, Tensor):
        yield path, batch
    elif isinstance(batch, dict):
        for key, part in batch.items():
            yield from _tensors(part, (*path, key))
    elif isinstance(batch, (list, tuple)):
        for position, part in enumerate(batch):
            yield from _tensors(part, (*path, position))


def _with_tensor(batch: Any, path: Path, tensor: Tensor) -> Any:
    """The same batch with another tensor at `path`."""
    if not path:
        return tensor
    first, rest = path[0], path[1:]
    if isinstance(batch, dict):
        return {**batch, first: _with_tensor(batch[first], rest, tensor)}
    parts = [_with_tensor(part, rest, tensor) if i == first else part for i, part in enumerate(batch)]
    return type(batch)(*parts) if hasattr(batch, "_fields") else type(batch)(parts)


def _set_element(tensor: Tensor, index: tuple[int, ...], value: float, name: str) -> None:
    check_element(tensor, index, value, name)
    with no_grad():
        tensor[index] = value


def check_element(tensor: Tensor, index: tuple[int, ...], value: float, name: str) -> None:
    """Raises EditError where the tensor cannot hold that number there."""
    shape = tuple(tensor.shape)
    if len(index) != len(shape) or any(i >= length for i, length in zip(index, shape, strict=True)):
        raise EditError(hints.NO_ELEMENT, name, list(index), list(shape))
    kind = tensor.array.dtype.kind
    if kind in "iub" and not float(value).is_integer():
        raise EditError(hints.NO_FRACTIONS, name, tensor.dtype, value)
    if kind in "iub":
        low, high = (
            (0, 1) if kind == "b" else (np.iinfo(tensor.array.dtype).min, np.iinfo(tensor.array.dtype).max)
        )
        if not low <= value <= high:
            raise EditError(hints.OUT_OF_RANGE, name, tensor.dtype, low, high)


@contextlib.contextmanager
def _undisturbed() -> Iterator[None]:
    """The observer does not hear what is computed here, and no random stream of the program moves on."""
    listener = observe(None)
    engine, python, numpy = get_rng_state(), random.getstate(), np.random.get_state()
    try:
        yield
    finally:
        set_rng_state(engine)
        random.setstate(python)
        np.random.set_state(numpy)
        observe(listener)
