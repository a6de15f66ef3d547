"""What finite differences say of an operation or an iteration, in the words of the window."""

from __future__ import annotations

from pathlib import PurePath

from PySide6.QtCore import QCoreApplication

from gradviz.trace import Node
from gradviz.trace.checks import GradientCheck
from gradviz.ui.gradient_check import GradientCheckRun
from gradviz.ui.numbers import compact, shape_text

translate = QCoreApplication.translate

MARKS = {"right": "✓", "kink": "✓", "wrong": "✗", "surrogate": "≈", "unchecked": "–", "": "…"}


def state_of(checks: list[GradientCheck] | None) -> str:
    """What is to be said first of an operation's arguments; "" while they are not known."""
    if checks is None:
        return ""
    states = {check.state for check in checks}
    found = next((state for state in ("wrong", "surrogate", "right") if state in states), "unchecked")
    return "kink" if found == "right" and any(check.kinks for check in checks) else found


def row_words(node: Node, checks: list[GradientCheck] | None) -> str:
    """ "✓ addmm · simplenet.py:12 · max. rel. error 3e-09"."""
    place = f"{PurePath(node.source.file).name}:{node.source.line}" if node.source else ""
    state = state_of(checks)
    parts = (f"{MARKS[state]} {node.qualified_name}", place, _said(state, checks or []))
    return " · ".join(filter(None, parts))


def _said(state: str, checks: list[GradientCheck]) -> str:
    if state in ("right", "kink"):
        error = max(check.error for check in checks)
        words = translate("GradientCheck", "max. rel. error {0}").format(f"{error:.0e}")
        kinks = sum(check.kinks for check in checks)
        return words + (translate("GradientCheck", ", {0} elements at a kink").format(kinks) if kinks else "")
    worded = next((check for check in checks if check.state == state), None)
    if worded is None:
        return translate("GradientCheck", "none of its inputs needs a gradient") if state else ""
    if worded.worst:
        worst = worded.worst[0]
        said = translate("GradientCheck", "the gradient of {0} at {1}: expected {2}, found {3}")
        return said.format(
            worded.argument, shape_text(worst.index), compact(worst.expected), compact(worst.found)
        )
    return translate("hints", worded.words).replace("{0}", worded.given)


def summary_words(run: GradientCheckRun) -> str:
    """What came out, in one sentence; "" before anything was checked."""
    if run.running:
        return translate("GradientCheck", "Checking gradients: {0} of {1}").format(
            run.checked, len(run.nodes)
        )
    if run.wrong:
        return translate("GradientCheck", "✗ the gradient of {0} is wrong").format(run.wrong[0].name)
    if not run.judged:
        return ""
    return translate(
        "GradientCheck", "gradients match finite differences (float64, max rel. err {0})"
    ).format(f"{run.error:.0e}")
