"""What `gradviz replay` says of a trace file: what is in it, one moment, and whether it can be repeated."""

from __future__ import annotations

import random
import sys
from collections.abc import Sequence

from gradviz.errors import InputError
from gradviz.session.protocol import Hits, Output, Problem, Start
from gradviz.session.runner import Runner
from gradviz.session.words import event_text, hit_text, moment_text, problem_text
from gradviz.trace import Iteration, Moment
from gradviz.trace.branches import edits_of
from gradviz.trace.file import BranchRun, TraceFile
from gradviz.trace.state import first_difference, state_hash
from gradviz.translate import tr

MAX_LISTED = 50  # hits
SAMPLE = 16  # iterations that are compared
AGREE, DIFFER, COULD_NOT_RUN = 0, 1, 2  # exit codes


def describe(file: TraceFile) -> None:
    """Says what is in the file."""
    manifest = file.manifest
    print(tr("program: {0}, seed {1}").format(manifest.program.path, manifest.program.seed))
    for run in manifest.branches:
        kept = ", ".join(str(index + 1) for index in file.iterations(run.id)) or tr("none")
        print(tr("{0}: {1} iterations, in full detail: {2}").format(_name(run), run.iterations, kept))
        conditions = {each.id: each.condition for each in manifest.breakpoints}
        for hit in run.hits[:MAX_LISTED]:
            print(hit_text(hit, conditions.get(hit.breakpoint, "")))
        if len(run.hits) > MAX_LISTED:
            print(tr("and {0} more hits").format(len(run.hits) - MAX_LISTED))


def show(file: TraceFile, index: int, event: int | None, data: str | None = None) -> int:
    """Says which state the program had after an event of an iteration (None: its last, -1: before the first),
    and what that event was.

    Runs the program only if the file does not hold the iteration. Returns the exit code; raises InputError.
    """
    run = file.manifest.branches[0]
    iterations = run.iterations
    if index >= iterations:
        raise InputError(
            tr("{0}: there is no iteration {1}; the last is {2}").format(file.path, index + 1, iterations)
        )
    iteration = file.iteration(index)
    if iteration is None:
        _say(tr("iteration {0} is not in the file in full detail").format(index + 1))
        with _running(file, run, data) as runner:
            iteration = runner.go_to(index)
    if iteration is None:
        _say(tr("the program did not come to iteration {0}").format(index + 1))
        return COULD_NOT_RUN
    last = len(iteration.events) - 1
    event = last if event is None else event
    if event > last:
        raise InputError(
            tr("iteration {0} has no event {1}; the last is {2}").format(index + 1, event + 1, last + 1)
        )
    print(f"{moment_text(Moment(index, event))}  {event_text(iteration, event)}")
    print(tr("state {0}").format(state_hash(iteration, event) or tr("unknown")))
    return 0


def verify(file: TraceFile, data: str | None = None) -> int:
    """Runs the program again and compares its states with the file's, and by several routes with each other;
    each branch by itself.

    Returns AGREE, DIFFER or COULD_NOT_RUN: the worst of them all.
    """
    codes = []
    for run in file.manifest.branches:
        if run.branch is not None:
            print(_name(run))
        codes.append(_verify(file, run, data))
    return max(codes)


def _verify(file: TraceFile, run: BranchRun, data: str | None) -> int:
    sample = _sample(file, run)
    if not sample:
        _say(tr("nothing to compare: no iteration has run"))
        return COULD_NOT_RUN
    shuffled = random.Random(1).sample(sample, len(sample))
    kept = [iteration for index in sample if (iteration := file.iteration(index, run.id)) is not None]
    states = _States({iteration.index: iteration for iteration in kept if _has_states(iteration)})
    routes = {tr("straight"): sample, tr("backwards"): sample[::-1], tr("in random order"): shuffled}
    with _running(file, run, data) as runner:
        for route, order in routes.items():
            if not states.take(runner, route, order):
                return COULD_NOT_RUN
    with _running(file, run, data, checkpoints=False) as runner:
        if not states.take(runner, tr("without checkpoints"), sample):
            return COULD_NOT_RUN
    return states.verdict()


def _sample(file: TraceFile, run: BranchRun) -> list[int]:
    """Iterations to compare, ascending: some of those in the file, its first and last, and some others."""
    chance = random.Random(0)
    kept, count = file.iterations(run.id), run.iterations
    chosen = {*chance.sample(kept, min(len(kept), SAMPLE // 2)), *kept[:1], *kept[-1:]}
    return sorted({*chosen, *chance.sample(range(count), min(count, SAMPLE // 2))})


class _States:
    """What iterations were found to be: at first in the file, or on the first route that came to them."""

    def __init__(self, known: dict[int, Iteration]) -> None:
        self._known = known
        self._where = dict.fromkeys(known, tr("in the file"))
        self._differences: list[tuple[Moment, str]] = []

    def take(self, runner: Runner, route: str, order: Sequence[int]) -> bool:
        """Goes to the iterations in that order; False when the program cannot."""
        differing = 0
        for index in order:
            iteration = runner.go_to(index)
            if iteration is not None and _has_states(iteration):
                differing += self._compare(iteration, route)
                continue
            text = tr("{0}: the program did not come to iteration {1}").format(route, index + 1)
            if runner.status.state != "finished":
                _say(text)
                return False
            differing += 1  # it ended, but too early
            self._differences.append((Moment(runner.status.iteration + 1, -1), text))
        text = tr("{0}: {1} iterations compared, {2} differ")
        print(text.format(route, len(order), differing), flush=True)
        return True

    def _compare(self, found: Iteration, route: str) -> bool:
        index = found.index
        known = self._known.setdefault(index, found)
        where = self._where.setdefault(index, route)
        event = first_difference(known, found)
        if event is not None:
            hashes = (where, state_hash(known, event), route, state_hash(found, event))
            text = tr("{0}: state {1}; {2}: state {3}").format(*hashes)
            self._differences.append((Moment(index, event), f"{event_text(found, event)}\n  {text}"))
        return event is not None

    def verdict(self) -> int:
        """Says whether all agree, and if not, where they first differ."""
        if not self._differences:
            print(tr("all states agree"))
            return AGREE
        moment, text = min(self._differences, key=lambda difference: difference[0])
        print(tr("the first moment that differs: {0}").format(f"{moment_text(moment)}  {text}"))
        return DIFFER


def _has_states(iteration: Iteration) -> bool:
    """Whether it is known which state every event led to; and there are events."""
    return bool(iteration.began) and len(iteration.digests) == len(iteration.events) > 0


def _name(run: BranchRun) -> str:
    return tr("run") if run.branch is None else tr("branch {0}").format(run.branch.name or run.id)


def _running(file: TraceFile, run: BranchRun, data: str | None, checkpoints: bool = True) -> Runner:
    """Runs the file's program as a branch of it ran. It may be anyone's program: says so."""
    program = file.manifest.program
    branches = {each.id: each.branch for each in file.manifest.branches if each.branch is not None}
    _say(tr("running the program in {0}: {1}").format(file.path, program.path))
    start = Start(
        program.text,
        program.path,
        program.seed,
        program.batch_size,
        program.data if data is None else data,
        checkpoints=checkpoints,
        edits=() if run.branch is None else edits_of(run.branch, branches),
    )
    told: list[Problem] = []

    def hear(report: Output | Problem | Hits) -> None:
        """What the program prints was seen when it was recorded."""
        if isinstance(report, Problem) and report not in told:  # it may meet one on every route
            told.append(report)
            print(problem_text(report), file=sys.stderr, flush=True)

    return Runner(start, hear)


def _say(text: str) -> None:
    print(f"gradviz: {text}", file=sys.stderr, flush=True)
