"""The linter on programs with one mistake each, and on programs without any."""

from __future__ import annotations

import pytest

from gradviz.session.linting import rule_of
from tests.session.lint.measure import findings
from tests.session.lint.programs import Sample, samples

SEEDED, CLEAN = samples("seeded"), samples("clean")
HELD_OUT = [*samples("holdout"), *samples("holdout2")]


@pytest.mark.parametrize("sample", [*SEEDED, *CLEAN, *HELD_OUT], ids=lambda s: f"{s.rule}: {s.title}")
def test_a_program_is_told_its_mistake_and_no_other(sample: Sample):
    found = {rule_of(problem) for problem in findings(sample)}
    assert found == {sample.rule} - {"clean"}
