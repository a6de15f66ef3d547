"""What is said of a difference between two branches, in a word or two and in a sentence."""

from __future__ import annotations

import math

from PySide6.QtCore import QCoreApplication

from gradviz.trace.difference import Difference
from gradviz.ui.differences import Gap
from gradviz.ui.numbers import compact

SMALLEST = 1e-4  # of ‖A - B‖ / ‖A‖: up to which a bar is next to empty; at 1 it is full

Answer = Difference | Gap | None


def short_words(answer: Answer) -> str:
    """ "same", "3.2 %", or why there is nothing to say."""
    translate = QCoreApplication.translate
    if answer is None:
        return "…"
    if isinstance(answer, Difference):
        if answer.kind == "same":
            return translate("Differences", "same")
        if answer.kind == "shapes":
            return translate("Differences", "other shape")
        return "NaN" if answer.broken else relative_text(answer)
    return {
        "away": translate("Differences", "other step"),
        "missing": translate("Differences", "only here"),
        "pending": translate("Differences", "not yet"),
        "large": translate("Differences", "too large"),
    }[answer]


def relative_text(difference: Difference) -> str:
    """‖A - B‖ / ‖A‖ in percent: "3.2 %", "1.5e-5 %"; "∞" where A is nothing but zeros."""
    relative = difference.relative
    return "∞" if math.isinf(relative) else f"{compact(100 * relative, 2)} %"


def share(answer: Answer) -> float:
    """How full a difference's bar is, 0 to 1: logarithmic, for differences span many decades."""
    if isinstance(answer, Difference) and answer.broken:
        return 1.0
    if not isinstance(answer, Difference) or not answer.norm > 0:
        return 0.0
    return min(max(math.log10(answer.relative / SMALLEST) / -math.log10(SMALLEST), 0.04), 1.0)
