"""Looks over the program's shoulder: gathers for the linter what the recorded graph does not hold, and tells
the person what it finds."""

from __future__ import annotations

import linecache
import math
import time
from collections import Counter, deque
from collections.abc import Callable, Iterable, Iterator
from itertools import islice
from typing import Any

from gradviz.engine import Tensor, is_grad_enabled, tape
from gradviz.engine.backend import Array
from gradviz.engine.nn import (
    AlphaDropout,
    BatchNorm1d,
    BatchNorm2d,
    BatchNorm3d,
    Dropout,
    Dropout1d,
    Dropout2d,
    Dropout3d,
    Module,
    Parameter,
)
from gradviz.engine.tape import AccumulateGrad, Op
from gradviz.session.bookkeeping import Bookkeeping
from gradviz.session.names import Names
from gradviz.session.protocol import Problem, State
from gradviz.session.recording import Recording
from gradviz.trace import ArrayRef, Iteration, Source
from gradviz.trace.lint import NAMES, Linter, is_silenced
from gradviz.trace.lint.evidence import Carried, Evidence, Forgotten, ModeCall
from gradviz.trace.lint.rule import Finding, Rule

EXAMINED, KINDS = 24, 100  # recorded iterations of a kind that are looked through, and kinds
PATIENCE, SHARE_OF_TIME = 1.0, 0.05  # seconds that this may take, and of the program's time
NESTED, MAX_CONTENTS = 3, 1000  # containers in one another that layers are looked for in, things in one
CALLS = 50  # of modules with modes, in one iteration
PAST = 8  # iterations whose beginnings are known
GROWING = 3  # iterations, one after the other, that a graph reaches back through
WALK = 20_000  # nodes of such a graph that are looked at
BLOCKED = "does not require grad and does not have a grad_fn"
ERRORS = {
    "modified by an inplace operation": "inplace-change",
    "can't be cast to the desired output type": "label-kind",
    "expected scalar type Long": "label-kind",
    "expected target dtype to be Long": "label-kind",
}
"""Mistakes that the engine itself refuses, by the words of its error."""
DROPOUT = (Dropout, Dropout1d, Dropout2d, Dropout3d, AlphaDropout)
BATCH_NORM = (BatchNorm1d, BatchNorm2d, BatchNorm3d)


class Linting:
    """Hears the engine's events beside the controller. `tell` takes a problem."""

    def __init__(self, names: Names, tell: Callable[[Problem], None]) -> None:
        self._names, self._tell = names, tell
        self._linter = Linter()
        self._books = Bookkeeping(self._name, self._optimizer, names.source)
        self._calls: list[ModeCall] = []
        self._inputs: list[tuple[int, int]] = []  # (root, input) of the calls of outermost modules
        self._updated: set[str] = set()
        self._used: set[str] = set()
        self._trained = False
        self._went_back = False
        self._passes = 0  # backward passes, of the iteration
        self._first_loss: float | None = None
        self._examined: Counter[object] = Counter()  # iterations, by their kinds
        self._began, self._spent = time.monotonic(), 0.0
        self._begins: deque[int] = deque(maxlen=PAST)

    # ── what happens ──────────────────────────────────────────────────────────────────────────────────────

    def begin(self) -> None:
        """An iteration begins."""
        self._books.begin()
        self._calls.clear()
        self._inputs.clear()
        self._updated.clear()
        self._went_back, self._passes = False, 0
        self._begins.append(tape.now())

    def wants(self, root: Module) -> bool:
        """Before an outermost module is called: whether to record what comes, for it has modes and has seldom
        been called in this one. So an evaluation is seen although hardly any iteration is recorded."""
        kind = "call", type(root), root.training, is_grad_enabled()
        if self._examined[kind] >= EXAMINED or len(self._examined) >= KINDS:
            return False
        self._examined[kind] += 1
        return any(isinstance(module, DROPOUT + BATCH_NORM) for module in root.modules())

    def enter(self, module: Module, inputs: tuple, running: list[Module]) -> None:
        """`running` are the modules that are called already, outermost first."""
        root = running[0] if running else module
        if root is module and inputs:
            self._inputs.append((id(module), id(inputs[0])))
        if isinstance(module, DROPOUT):
            counts = module.p > 0
        elif isinstance(module, BATCH_NORM):
            counts = module.running_mean is not None
        else:
            return
        if counts and len(self._calls) < CALLS:
            self._note(module, root, type(module).__name__, module.training, functional=False)

    def forward(self, op: Op, running: list[Module]) -> None:
        if op.op_name == "dropout" and running and len(self._calls) < CALLS:
            caller = running[-1]
            if not isinstance(caller, DROPOUT) and not caller.training:
                self._note(caller, running[0], "dropout", training=False, functional=True)

    def _note(self, module: Module, root: Module, kind: str, training: bool, *, functional: bool) -> None:
        source = self._names.source()
        on_purpose = functional and source is not None and "training" in _text(source)
        repeated = sum(called == id(root) for called, _ in self._inputs) > len(
            {given for called, given in self._inputs if called == id(root)}
        )
        path, outermost = self._names.scope(module, "").path, self._names.scope(root, "").path
        call = ModeCall(
            path,
            kind,
            training,
            outermost,
            root.training,
            functional,
            source,
            is_grad_enabled(),
            repeated or on_purpose,
        )
        self._calls.append(call)

    def backward_begin(self, iteration: Iteration) -> None:
        self._went_back = True
        self._passes += 1
        self._books.backward_begin()
        if self._first_loss is None and iteration.loss is not None and math.isfinite(iteration.loss):
            self._first_loss = iteration.loss
        if 3 < self._passes < 10:  # the iteration may be one without an end: nothing is ever updated
            self._report(Evidence(iteration, _nothing, unused=self._books.unused()))

    def saved_changed(self, iteration: Iteration, recording: Recording | None, op: Op, name: str) -> None:
        """Backward fails: what an operation saved under that name was changed."""
        node = None if recording is None else recording.node_of(op)
        if recording is not None and node is not None:
            self._report(Evidence(iteration, _finder(recording), refused=(node, name)))

    def accumulate(self, tensor: Tensor, added: Array) -> None:
        self._books.accumulate(tensor, added)

    def changed(self, tensor: Tensor) -> None:
        self._books.changed(tensor)

    def updated(self, tensor: Tensor) -> None:
        """A leaf with a gradient was updated."""
        if self._calls and len(self._updated) < CALLS:
            self._updated.add(self._names.leaf(tensor).scope)

    def step_begin(self, optimizer: Any) -> None:
        self._books.step_begin(optimizer)

    def step_end(self, optimizer: Any) -> None:
        self._books.step_end(optimizer)

    # ── what is found ─────────────────────────────────────────────────────────────────────────────────────

    def end(self, iteration: Iteration, recording: Recording | None, updated: bool, held: bool) -> None:
        """An iteration has ended, in which parameters were updated or not."""
        self._trained = self._trained or updated
        usable = recording is not None and (recording.whole or not self._went_back)
        whole = recording if usable else None
        remarkable = any(step.stale or step.idle for step in self._books.steps)
        wanted = held or self._is_of_new_kind(whole is not None)
        if remarkable or (wanted and not self._is_slow()):
            self._report(self._evidence(iteration, whole))

    def _is_slow(self) -> bool:
        """Whether to look through iterations of this size takes more time than it may."""
        return self._spent > max(PATIENCE, SHARE_OF_TIME * (time.monotonic() - self._began))

    def _is_of_new_kind(self, recorded: bool) -> bool:
        """Whether few iterations were like the present one: training or not, with modules in these modes."""
        if not recorded and not self._calls:
            return False
        modes = frozenset((call.scope, call.training, call.root_training) for call in self._calls)
        kind = recorded, self._went_back, modes
        if len(self._examined) < KINDS:
            self._examined[kind] += 1
        return self._examined[kind] <= (EXAMINED if recorded else 1) and kind in self._examined

    def finish(self, iteration: Iteration, recording: Recording | None, words: str, state: State) -> None:
        """The program is over; `words` are those of the error that has ended it, if one has."""
        if state == "finished":
            self._report(self._evidence(iteration, recording, over=True))
        elif BLOCKED in words and recording is not None and (step := self._books.blocked()) is not None:
            self._report(Evidence(iteration, _finder(recording), steps=(step,)))

    def _evidence(self, iteration: Iteration, recording: Recording | None, over: bool = False) -> Evidence:
        leaves = (node for node in iteration.nodes if node.kind != "operation")
        self._used |= {node.qualified_name for node in leaves}
        return Evidence(
            iteration,
            _nothing if recording is None else _finder(recording),
            steps=tuple(self._books.steps),
            unused=self._books.unused() if over else (),
            forgotten=tuple(self._forgotten(recording)),
            calls=tuple(self._calls),
            carried=tuple(self._carried(recording)),
            updated=frozenset(self._updated),
            used=frozenset(self._used),
            went_back=self._went_back,
            trained=self._trained,
            first_loss=self._first_loss,
            over=over,
        )

    def _report(self, evidence: Evidence) -> None:
        started = time.monotonic()
        found = self._linter.examine(evidence)
        self._spent += time.monotonic() - started
        for rule, finding in found:
            lines = (finding.source, *finding.lines)
            if not any(is_silenced(_text(line), rule.name) for line in lines if line is not None):
                self._tell(problem_of(rule, finding, evidence.iteration.index))

    def _forgotten(self, recording: Recording | None) -> list[Forgotten]:
        leaves = self._books.forgotten()
        if not leaves:
            return []
        self._names.refresh()
        registered = {id(parameter) for parameter in self._names.parameters()}
        found = []
        for leaf in leaves:
            holder = self._holder(leaf)
            if id(leaf) not in registered and (holder or isinstance(leaf, Parameter)):
                name, place = holder or (self._name(leaf), "")
                node = None if recording is None else recording.node_holding(leaf)
                if node is not None:  # else another iteration computes with it
                    found.append(Forgotten(name, place, node))
        return found

    def _holder(self, leaf: Tensor) -> tuple[str, str] | None:
        """(name, module) where a module holds a leaf without knowing it for a parameter."""
        for path, module in self._names.modules():
            for attribute, value in vars(module).items():
                if attribute.startswith("_"):
                    continue
                for name, thing in _contents(f"{path}.{attribute}", value):
                    if thing is leaf:
                        return name, path
                    if isinstance(thing, Module) and thing is not module:
                        for inner, parameter in thing.named_parameters():
                            if parameter is leaf:
                                return f"{name}.{inner}", path
        return None

    def _carried(self, recording: Recording | None) -> list[Carried]:
        if recording is None or len(self._begins) <= GROWING:
            return []
        found = []
        for node, op in recording.carried():
            if (back := self._reach(op)) >= GROWING:
                found.append(Carried(node.qualified_name, back, node.source, node.key))
        for variables in self._names.variables():
            for name, value in list(variables.items()):
                if not isinstance(value, (list, tuple, deque, dict)) or name.startswith("_"):
                    continue
                last = self._collects(value)
                if last is not None:
                    number = recording.node_of(last)
                    maker = None if number is None else recording.iteration.nodes[number]
                    place = (None, "") if maker is None else (maker.source, maker.key)
                    found.append(Carried(name, GROWING, *place, container=True))
        return found

    def _collects(self, container: Any) -> Op | None:
        """What made the last tensor in it, if it has got one with a graph in each of the last iterations."""
        values = list(container.values() if isinstance(container, dict) else container)[-PAST:]
        begins = list(self._begins)[-GROWING - 1 :]
        made = [v.grad_fn for v in values if isinstance(v, Tensor) and isinstance(v.grad_fn, Op)]
        ages = {sum(begin <= op.sequence for begin in begins) for op in made}
        return made[-1] if ages >= set(range(1, GROWING + 1)) else None

    def _reach(self, op: Op) -> int:
        """Through how many of the last iterations, without a gap, a graph reaches back."""
        begins: list[int] = list(self._begins)
        seen: set[int] = set()
        todo: list[Any] = [op]
        ages = set()
        while todo and len(seen) < WALK:
            node = todo.pop()
            if node is None or isinstance(node, AccumulateGrad) or id(node) in seen:
                continue
            seen.add(id(node))
            ages.add(sum(node.sequence < begin for begin in begins))
            todo += [edge[0] for edge in node.edges]
        back = 0
        while back + 1 in ages:
            back += 1
        return back

    # ── names ─────────────────────────────────────────────────────────────────────────────────────────────

    def _name(self, tensor: Tensor) -> str:
        return self._names.path(tensor)

    def _optimizer(self, optimizer: Any) -> str:
        """The variable that holds an optimizer."""
        known = self._names.of_kind(type(optimizer)).items()
        return next((name for name, value in known if value is optimizer), "optimizer")


def rule_of(problem: Problem) -> str | None:
    """The linter's rule that a problem is about; None if it is something else."""
    if problem.kind in NAMES:
        return problem.kind
    return next((rule for words, rule in ERRORS.items() if words in problem.message), None)


def problem_of(rule: Rule, finding: Finding, iteration: int) -> Problem:
    saying, told = finding.saying, tuple(argument[:1000] for argument in finding.arguments)
    return Problem(
        "warning",
        rule.name,
        "",
        finding.source,
        hint=saying.advice,
        hint_arguments=told,
        iteration=iteration,
        words=saying.words,
        arguments=told,
        nodes=finding.nodes[:50],
        lines=finding.lines[:50],
    )


def _contents(name: str, value: Any, depth: int = 0) -> Iterator[tuple[str, Any]]:
    """What an attribute holds, with a name for each: itself, or the things in lists and dicts."""
    things: Iterable[tuple[object, Any]]
    if isinstance(value, dict):
        things = ((key if isinstance(key, (str, int)) else "…", thing) for key, thing in value.items())
    elif isinstance(value, (list, tuple, set)):
        things = enumerate(value)
    else:
        yield name, value
        return
    for key, thing in islice(things, MAX_CONTENTS) if depth < NESTED else ():
        yield from _contents(f"{name}[{key!r}]", thing, depth + 1)


def _finder(recording: Recording) -> Callable[[ArrayRef], Any]:
    return lambda ref: recording.find(ref, copy=False)


def _nothing(_: ArrayRef) -> None:
    return None


def _text(source: Source) -> str:
    return linecache.getline(source.file, source.line)
