"""PyTorch's own operator database as the judge: values, gradients, dtypes, shapes and words of refusal."""

import re

import pytest

from tests.engine.parity.opinfo import OPERATIONS, judgement
from tests.engine.parity.opinfo_skips import SKIPS

pytestmark = pytest.mark.parity


def skipped(name: str, sample: str) -> bool:
    return any(op == name and re.search(pattern, sample) for op, pattern in SKIPS)


@pytest.mark.parametrize("name", OPERATIONS)
def test_operation_agrees(name, record_property):
    judged = judgement(name)
    wrong = {sample: why for sample, why in judged.items() if why is not None}
    record_property("agreement", (name, len(judged) - len(wrong), len(judged)))
    unexplained = [f"{sample}\n  {why}" for sample, why in wrong.items() if not skipped(name, sample)]
    assert not unexplained, "\n".join(unexplained)


@pytest.mark.parametrize(("name", "pattern"), SKIPS)
def test_skipped_samples_do_disagree(name, pattern):
    matched = {sample: why for sample, why in judgement(name).items() if re.search(pattern, sample)}
    assert matched, "no such sample"
    assert all(matched.values()), [sample for sample, why in matched.items() if why is None]
