"""How well the gradient check tells right losses from wrong ones: precision and recall, and its time.

python tests/benchmarks/bench_check.py
"""

from __future__ import annotations

import sys
import time
from collections.abc import Sequence
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[2]))

from gradviz.session.loss_check import check_loss
from gradviz.session.program import Program
from tests.session.check_cases.case import Case, Plain
from tests.session.check_cases.held_out import RIGHT_HELD_OUT, WRONG_HELD_OUT
from tests.session.check_cases.right import RIGHT
from tests.session.check_cases.wrong import WRONG

Losses = Sequence[Case | Plain]


def accused(case: Case | Plain) -> set[str] | None:
    """The names of the operations that are found wrong; None if the loss is right."""
    found = check_loss(Program(case.text, "case.py"))
    return {operation.name for operation in found.wrong} if found.verdict == "wrong" else None


def row(name: str, wrong: Losses, right: Losses) -> str:
    started = time.perf_counter()
    located = sum(accused(case) == {"Op"} for case in wrong)
    falsely = sum(accused(case) is not None for case in right)
    seconds = (time.perf_counter() - started) / (len(wrong) + len(right))
    precision, recall = located / max(located + falsely, 1), located / len(wrong)
    counts = f"{located}/{len(wrong)} located, {falsely}/{len(right)} falsely accused"
    return f"{name:<10}{precision:>10.1%}{recall:>9.1%}{seconds:>10.2f} s   {counts}"


if __name__ == "__main__":
    print(f"{'losses':<10}{'precision':>10}{'recall':>9}{'each':>12}")
    print(row("tuned on", WRONG, RIGHT))
    print(row("held out", WRONG_HELD_OUT, RIGHT_HELD_OUT))
