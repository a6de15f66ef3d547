"""`gradviz check`: has the gradients of a file checked in a child process, and says what came out."""

from __future__ import annotations

import json
import tempfile
from pathlib import Path, PurePath

import msgspec

from gradviz.session.check_problem import element, number, problems_of
from gradviz.session.headless import TIMEOUT_EXIT, CheckOrder, Job, run_job
from gradviz.session.program import Settings
from gradviz.session.protocol import Problem
from gradviz.session.words import problem_text
from gradviz.trace import Source
from gradviz.trace.checks import CodeCheck, GradientCheck, OperationCheck
from gradviz.trace.packing import PackingError, unpack
from gradviz.translate import tr, tr_hint

RIGHT, WRONG, NOT_RUN = 0, 1, 2
FEW = 5  # operations that could not be judged, and are named
MAX_VERDICT = 64 << 20  # bytes
SCHEMA = 1  # of the JSON; fields may be added without a new number
_verdicts: msgspec.msgpack.Decoder[CodeCheck | Problem] = msgspec.msgpack.Decoder(CodeCheck | Problem)


def check_headless(
    path: Path,
    settings: Settings,
    iteration: int = 0,
    timeout: float | None = None,
    memory: int | None = None,
    as_json: bool = False,
) -> int:
    """Checks the loss or program at `path` and prints the verdict; 0: right, 1: wrong, 2: could not run.

    It runs in a process of its own, which ends after `timeout` seconds or beyond `memory` MiB. What it prints
    itself goes to stderr.
    """
    with tempfile.TemporaryFile() as file:
        job = Job(str(path), settings, memory, check=CheckOrder(iteration, file.fileno()))
        code = run_job(job, timeout)
        file.seek(0)
        found = _read(file.read(MAX_VERDICT + 1), code, timeout)
    print(_as_json(path, found) if as_json else _as_text(found), flush=True)
    return _exit_code(found)


def _read(data: bytes, code: int, timeout: float | None) -> CodeCheck | Problem:
    """What the child has written; a problem where that is nothing that can be believed."""
    if code == TIMEOUT_EXIT and timeout is not None:
        return Problem("error", "timeout", tr("it ran longer than {0:g} s (--timeout)").format(timeout))
    try:
        if not code and len(data) <= MAX_VERDICT:
            return unpack(_verdicts, data)
    except PackingError:
        pass
    return Problem("error", "ended", tr("the program ended itself (exit code {0})").format(code))


def _exit_code(found: CodeCheck | Problem) -> int:
    if isinstance(found, Problem):
        return NOT_RUN
    return {"right": RIGHT, "wrong": WRONG, "unchecked": NOT_RUN}[found.verdict]


# ── for people ────────────────────────────────────────────────────────────────────────────────────────────


def _as_text(found: CodeCheck | Problem) -> str:
    if isinstance(found, Problem):
        return "\n".join((problem_text(found), "gradviz: " + tr("the gradients could not be checked")))
    lines = [line for problem in problems_of(found) for line in _problem_lines(found, problem)]
    lines += [_aside(operation, "≈") for operation in found.operations if operation.state == "surrogate"]
    lines += [_aside(operation, "–") for operation in found.operations if operation.state == "unchecked"][
        :FEW
    ]
    if found.loss is not None and found.loss.state == "surrogate":
        lines.append("≈ " + tr("the whole loss") + ": " + tr_hint(found.loss.words, (found.loss.given,)))
        lines += [f"    {_place(cut.source)} {cut.name}" for cut in found.cuts]
    return "\n".join([*lines, *_summary(found)])


def _problem_lines(found: CodeCheck, problem: Problem) -> list[str]:
    place = f"{_place(problem.source)} " if problem.source else ""
    lines = [f"✗ {place}{tr_hint(problem.words, problem.arguments)}"]
    operation = next((o for o in found.wrong if o.node in problem.nodes), None)
    if problem.hint:
        lines.append("    " + tr_hint(problem.hint, problem.hint_arguments))
    if operation is not None:
        check = next(check for check in operation.inputs if check.state == "wrong")
        others = [
            tr("{0} expected {1}, found {2}").format(element(d), number(d.expected), number(d.found))
            for d in check.worst[1:]
        ]
        lines += ["    " + tr("also {0}").format("; ".join(others))] if others else []
        lines += ["    " + tr("found {0}").format(tr_hint(operation.case, ()))] if operation.case else []
    lines += ["    " + tr("applied at {0}").format(_place(line)) for line in problem.lines]
    return lines


def _aside(operation: OperationCheck, mark: str) -> str:
    """On an operation that is not accused: why it is not the derivative, or not judged."""
    checks = [check for check in operation.inputs if check.state == operation.state]
    if not checks:
        return f"{mark} {_place(operation.place)} {operation.name}"
    check = checks[0]
    return f"{mark} {_place(operation.place)} {operation.name}: {tr_hint(check.words, (check.given,))}"


def _summary(found: CodeCheck) -> list[str]:
    states = [operation.state for operation in found.operations]
    right, kinks = states.count("right") + states.count("kink"), states.count("kink")
    lines = []
    if found.inputs:
        lines.append("  " + tr("inputs: {0}").format(tr_hint(found.inputs, ())))
    if right:
        text = tr("{0} operations agree with finite differences (float64, max. relative error {1})")
        line = "✓ " + text.format(right, f"{found.error:.0e}")
        lines.append(line + (tr("; {0} of them at kinks").format(kinks) if kinks else ""))
    if count := states.count("unchecked"):
        lines.append("– " + tr("{0} operations could not be judged").format(count))
    if found.alike:
        lines.append("  " + tr("{0} more are like these, and were left out").format(found.alike))
    verdicts = {
        "right": tr("the gradients are right")
        if "unchecked" not in states
        else tr("the gradients that could be judged are right"),
        "wrong": tr("a gradient is wrong"),
        "unchecked": tr("no gradient was found that could be checked"),
    }
    return [*lines, verdicts[found.verdict]]


def _place(source: Source | None) -> str:
    return f"{PurePath(source.file).name}:{source.line}" if source is not None else ""


# ── for programs ──────────────────────────────────────────────────────────────────────────────────────────


def _as_json(path: Path, found: CodeCheck | Problem) -> str:
    """One object; the README says what is in it. A number that is none (NaN, infinite) is null."""
    head: dict[str, object] = {"schema": SCHEMA, "file": str(path)}
    if isinstance(found, Problem):
        problem = {
            "kind": found.kind,
            "message": found.message or tr_hint(found.words, found.arguments),
            "line": found.source.line if found.source else None,
            "hint": tr_hint(found.hint, found.hint_arguments) if found.hint else "",
        }
        return _dumped({**head, "verdict": "not run", "problem": problem})
    first = next((i for i, o in enumerate(found.operations) if o.state == "wrong"), None)
    body = {
        "verdict": found.verdict,
        "kind": found.kind,
        "inputs": found.inputs,
        "iteration": found.iteration + 1 if found.kind == "program" else None,
        "max_relative_error": found.error,
        "first_wrong": first,
        "operations": [_operation(operation) for operation in found.operations],
        "loss": None if found.loss is None else _gradient(found.loss),
        "cuts": [{"name": c.name, "meant": c.meant, **_source(c.source)} for c in found.cuts],
        "left_out": found.alike,
    }
    return _dumped({**head, **body})


def _operation(operation: OperationCheck) -> dict[str, object]:
    return {
        "name": operation.name,
        "node": operation.node,
        "state": operation.state,
        **_source(operation.place),
        "applied_at": _source(operation.source)["line"],
        "case": operation.case,
        "inputs": [_gradient(check) for check in operation.inputs],
    }


def _gradient(check: GradientCheck) -> dict[str, object]:
    worst = [{"index": list(d.index), "expected": d.expected, "found": d.found} for d in check.worst]
    return {
        "argument": check.argument,
        "state": check.state,
        "checked": check.checked,
        "kinks": check.kinks,
        "max_relative_error": check.error,
        "worst": worst,
        "words": check.words.replace("{0}", check.given),
    }


def _source(source: Source | None) -> dict[str, object]:
    return {"file": source.file if source else None, "line": source.line if source else None}


def _dumped(value: dict[str, object]) -> str:
    finite = json.loads(msgspec.json.encode(value))  # which writes null for what is no number
    return json.dumps(finite, ensure_ascii=False, indent=2)
