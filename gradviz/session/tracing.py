"""Records a run into a trace file, without a window."""

from __future__ import annotations

import sys
import tempfile
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TextIO

from gradviz.errors import InputError
from gradviz.session.headless import signals_end_this_process
from gradviz.session.program import Settings
from gradviz.session.protocol import Exported, Hits, Output, Problem, Start
from gradviz.session.runner import Runner
from gradviz.session.words import hit_text, problem_text
from gradviz.trace import Breakpoint, Hit
from gradviz.trace.branches import MAIN
from gradviz.trace.breakpoints import MAX_HITS
from gradviz.trace.conditions import ConditionError, parse
from gradviz.trace.file import (
    BranchRun,
    Examined,
    Manifest,
    Program,
    TooLargeError,
    TraceFile,
    TraceWriter,
)
from gradviz.translate import tr, tr_hint

MAX_SAID = 100  # hits of a breakpoint that are said one by one: a NaN stays
MAX_KEPT = 32  # iterations in full detail, unless they are named
MAX_BYTES = 1 << 30  # of a file, likewise
INTERRUPTED_EXIT = 130  # what a shell says of a program that Ctrl+C ended


@dataclass(frozen=True)
class Order:
    """What to record. `iterations` bounds the run; `keep` names those to keep in full detail, from 0."""

    program: Path
    text: str
    settings: Settings
    target: Path
    conditions: Sequence[str] = ()
    iterations: int | None = None
    keep: Sequence[int] | None = None


def record_trace(order: Order) -> int:
    """Runs the program and writes the file; returns the exit code, which is the program's own.

    The program's output is its own, and hits are said on standard output. Raises InputError.
    """
    breakpoints = [_breakpoint(number, text) for number, text in enumerate(order.conditions)]
    with TraceWriter(order.target) as writer, signals_end_this_process():
        return _Tracing(order, breakpoints, writer).run()


def _breakpoint(number: int, condition: str) -> Breakpoint:
    try:
        parse(condition)
    except ConditionError as error:
        text = tr("--break {0}: column {1}: {2}")
        words = tr_hint(error.template, error.arguments)
        raise InputError(text.format(condition, error.start + 1, words)) from None
    return Breakpoint(number, condition)


class _Tracing:
    """One run of `gradviz trace`."""

    def __init__(self, order: Order, breakpoints: list[Breakpoint], writer: TraceWriter) -> None:
        self._order, self._breakpoints, self._writer = order, breakpoints, writer
        self._hits: list[Hit] = []
        self._said: Counter[int] = Counter()  # hits by breakpoint
        self._problems: list[Problem] = []
        self._outputs = {"stdout": _Lines(sys.stdout), "stderr": _Lines(sys.stderr)}
        self._kept: list[int] = []

    def run(self) -> int:
        order, program = self._order, self._program()
        start = Start(program.text, program.path, program.seed, program.batch_size, program.data)
        interrupted = False
        with Runner(start, self._hear) as runner:
            try:
                runner.scan(None if order.iterations is None else order.iterations - 1, self._breakpoints)
            except KeyboardInterrupt:
                interrupted = True
                runner.hold()
            exit_code = runner.status.exit_code if runner.over else None
            iterations = _count(runner)
            with tempfile.TemporaryDirectory(prefix="gradviz-") as folder:
                for index in self._chosen(iterations):
                    self._keep(runner, index, Path(folder, "iteration.gvtrace"))
        run = self._run(runner, iterations, exit_code)
        self._writer.finish(Manifest(program=program, branches=(run,), breakpoints=tuple(self._breakpoints)))
        self._sum_up(iterations)
        return INTERRUPTED_EXIT if interrupted else exit_code or 0

    def _program(self) -> Program:
        settings = self._order.settings
        return Program(
            text=self._order.text,
            path=str(self._order.program),
            seed=settings.seed,
            batch_size=settings.batch_size,
            data=settings.data,
        )

    def _run(self, runner: Runner, iterations: int, exit_code: int | None) -> BranchRun:
        """How it went, for the file."""
        hits, examined = self._hits, iterations
        if len(hits) > MAX_HITS:  # what is left out counts as not examined
            examined = hits[MAX_HITS].iteration
            hits = [hit for hit in hits[:MAX_HITS] if hit.iteration < examined]
        return BranchRun(
            iterations=iterations,
            exit_code=exit_code,
            curves=self._writer.add_curves(runner.run),
            hits=hits,
            examined=[Examined(each.id, 0, examined - 1) for each in self._breakpoints] if examined else [],
        )

    def _sum_up(self, iterations: int) -> None:
        """Says what is left to say, now that the program says nothing more."""
        for output in self._outputs.values():
            output.end()
        for number, count in self._said.items():
            if count > MAX_SAID:
                text = tr("{0}: and {1} more hits, all of them in the file")
                _say(text.format(self._order.conditions[number], count - MAX_SAID))
        for problem in self._problems:
            print(problem_text(problem), file=sys.stderr, flush=True)
        text = tr("{0}: {1} iterations, in full detail: {2}; hits: {3}")
        numbers = ", ".join(str(index + 1) for index in self._kept) or tr("none")
        _say(text.format(self._order.target, iterations, numbers, len(self._hits)))

    def _hear(self, report: Output | Problem | Hits) -> None:
        match report:
            case Output():
                self._outputs[report.stream].write(report.text)
            case Hits():
                for hit in report.hits:
                    self._said[hit.breakpoint] += 1
                    if self._said[hit.breakpoint] <= MAX_SAID:
                        print(hit_text(hit, self._order.conditions[hit.breakpoint]), flush=True)
                self._hits += report.hits
            case Problem() if report not in self._problems:  # else a copy of the program met it again
                self._problems.append(report)

    def _chosen(self, iterations: int) -> list[int]:
        """The iterations to keep in full detail: those that were named, or the first, the last, and the
        earliest of those with hits."""
        if self._order.keep is not None:
            for index in self._order.keep:
                if index >= iterations:
                    _say(tr("iteration {0} cannot be kept: only {1} have run").format(index + 1, iterations))
            return sorted({index for index in self._order.keep if index < iterations})
        if not iterations:
            return []
        ends = {0, iterations - 1}
        with_hits = sorted({hit.iteration for hit in self._hits} - ends)
        room = MAX_KEPT - len(ends)
        if len(with_hits) > room:
            text = tr("{0} more iterations with hits are not kept in full detail; --keep names them")
            _say(text.format(len(with_hits) - room))
        return sorted({*ends, *with_hits[:room]})

    def _keep(self, runner: Runner, index: int, path: Path) -> None:
        """Takes an iteration into the file."""
        if self._order.keep is None and self._writer.nbytes > MAX_BYTES:
            _say(tr("iteration {0} is not kept: the file is long enough; --keep names it").format(index + 1))
            return
        iteration = runner.go_to(index)
        if iteration is None:
            _say(tr("the program did not come to iteration {0} again").format(index + 1))
            return
        done = runner.export(index, path)
        if not done.problem:
            with TraceFile(path) as file:
                try:
                    self._writer.add(MAIN, iteration, file.arrays(index), file.find)
                    self._kept.append(index)
                except TooLargeError:
                    done = Exported(index, str(path), "too large")
            path.unlink()
        if done.problem == "too large":
            _say(tr("iteration {0} is too large to be kept in full detail").format(index + 1))
        elif done.problem:
            text = tr("iteration {0} is not kept: its file could not be made ({1})")
            _say(text.format(index + 1, done.reason or done.problem))


class _Lines:
    """Hands on what a program prints, whole lines at a time, so that other lines can stand between them."""

    def __init__(self, stream: TextIO) -> None:
        self._stream = stream
        self._begun = ""

    def write(self, text: str) -> None:
        text = self._begun + text
        end = max(text.rfind("\n"), text.rfind("\r")) + 1
        self._begun = text[end:]
        self._stream.write(text[:end])
        self._stream.flush()

    def end(self) -> None:
        """Nothing more comes."""
        self._stream.write(self._begun)
        self._stream.flush()


def _count(runner: Runner) -> int:
    """How many iterations have run. One in which nothing happened, at the program's end, is none."""
    last = runner.status.iteration
    iteration = runner.go_to(last) if last >= 0 else None
    return last + 1 if iteration is not None and iteration.events else last


def _say(text: str) -> None:
    print(f"gradviz: {text}", file=sys.stderr, flush=True)
