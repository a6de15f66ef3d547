"""Prints precision and recall of the linter, rule by rule.

python -m tests.session.lint.measure [seeded clean holdout holdout2]
"""

from __future__ import annotations

import contextlib
import io
import sys
import warnings
from collections import Counter

from gradviz.session.linting import rule_of
from gradviz.session.protocol import Problem
from tests.session.harness import record
from tests.session.lint.programs import Sample, samples

ENOUGH = 300  # iterations: more than any of the programs has


def findings(sample: Sample) -> list[Problem]:
    """What the linter says about a program; an error that is explained is a finding, too."""
    with contextlib.redirect_stdout(io.StringIO()), warnings.catch_warnings():
        warnings.simplefilter("ignore")
        session = record(sample.text, ["iteration"] * ENOUGH, fails=True)
    return [problem for problem in session.problems if rule_of(problem)]


def main(names: list[str]) -> None:
    expected, right, wrong = Counter(), Counter(), Counter()
    for name in names:
        for sample in samples(name):
            found = {rule_of(problem) for problem in findings(sample)}
            if sample.rule != "clean":
                expected[sample.rule] += 1
                right[sample.rule] += sample.rule in found
            wrong.update(found - {sample.rule})
            if found != {sample.rule} - {"clean"}:
                print(f"{name}: {sample.rule}: {sample.title}: {', '.join(sorted(found)) or 'nothing'}")
    print(f"\n{'rule':32} seeded  found  recall  wrongly  precision")
    for rule in sorted(expected | wrong):
        _print(rule, expected[rule], right[rule], wrong[rule])
    _print("all", expected.total(), right.total(), wrong.total())


def _print(rule: str, expected: int, right: int, wrong: int) -> None:
    recall = f"{right / expected:.2f}" if expected else "-"
    precision = f"{right / (right + wrong):.2f}" if right + wrong else "-"
    print(f"{rule:32} {expected:6} {right:6} {recall:>7} {wrong:8} {precision:>10}")


if __name__ == "__main__":
    main(sys.argv[1:] or ["seeded", "clean", "holdout", "holdout2"])
