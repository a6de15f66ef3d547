"""`gradviz lint`: runs a program in a worker and says what the linter found."""

from __future__ import annotations

import json
import sys
from pathlib import Path, PurePath
from typing import Any

from gradviz.session.headless import signals_end_this_process
from gradviz.session.linting import rule_of
from gradviz.session.program import Settings
from gradviz.session.protocol import Hits, Output, Problem, Start
from gradviz.session.runner import OutOfTimeError, Runner
from gradviz.session.words import problem_text
from gradviz.translate import tr, tr_hint

NOTHING, FOUND, FAILED = 0, 1, 2  # exit codes
SCANNED = 40  # iterations that are recorded one by one; after them the program runs at full speed


def lint(
    program: Path,
    text: str,
    settings: Settings,
    iterations: int | None = None,
    timeout: float | None = None,
    as_json: bool = False,
) -> int:
    """Runs the program, or its first iterations, and prints what is found; returns the exit code.

    What the program itself prints is not shown: standard output holds the findings alone.
    """
    problems: dict[Problem, None] = {}

    def hear(report: Output | Problem | Hits) -> None:
        if isinstance(report, Problem):
            problems[report] = None

    start = Start(text, str(program), settings.seed, settings.batch_size, settings.data)
    late = False
    with signals_end_this_process(), Runner(start, hear, timeout) as runner:
        try:
            runner.scan((iterations or SCANNED) - 1, [])
            if iterations is None:
                runner.run_on()
        except OutOfTimeError:
            late = True
    found = {problem.kind for problem in problems}
    findings = [p for p in problems if rule_of(p) and (p.severity == "warning" or rule_of(p) not in found)]
    findings.sort(key=lambda problem: problem.source.line if problem.source else 0)
    failure = next((p for p in problems if p.severity == "error" and not rule_of(p)), None)
    if as_json:
        print(json.dumps(_as_data(program, findings, failure, late), ensure_ascii=False, indent=2))
    else:
        _print(findings, late)
        if failure is not None:
            print(problem_text(failure), file=sys.stderr)
    if findings:
        return FOUND
    return FAILED if late or failure is not None else NOTHING


def _print(findings: list[Problem], late: bool) -> None:
    for problem in findings:
        place = f"{PurePath(problem.source.file).name}:{problem.source.line}: " if problem.source else ""
        print(f"{place}{_words(problem)} [{rule_of(problem)}]")
        if problem.hint:
            print(f"    → {_advice(problem)}")
    if late:
        print("gradviz: " + tr("the time was up (--timeout) before the program ended"), file=sys.stderr)
    elif not findings:
        print("gradviz: " + tr("nothing found"), file=sys.stderr)


def _as_data(program: Path, findings: list[Problem], failure: Problem | None, late: bool) -> dict[str, Any]:
    error = failure.message or _advice(failure) if failure is not None else None
    return {
        "file": str(program),
        "findings": [_finding(problem) for problem in findings],
        "error": "timeout" if late else error,
    }


def _finding(problem: Problem) -> dict[str, Any]:
    """Iterations count from 1; 0: it is not about a single one."""
    return {
        "rule": rule_of(problem),
        "severity": problem.severity,
        "line": problem.source.line if problem.source else None,
        "lines": [source.line for source in problem.lines],
        "nodes": list(problem.nodes),
        "iteration": problem.iteration + 1,
        "message": _words(problem),
        "advice": _advice(problem),
    }


def _words(problem: Problem) -> str:
    return problem.message or tr_hint(problem.words, problem.arguments)


def _advice(problem: Problem) -> str:
    return tr_hint(problem.hint, problem.hint_arguments)
