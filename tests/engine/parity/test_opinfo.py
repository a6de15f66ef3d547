"""PyTorch's own operator database as the judge: values, gradients, dtypes, shapes and words of refusal."""

import re

import pytest

from tests.engine.parity.opinfo import OPERATIONS, judgement
from tests.engine.parity.opinfo_skips import SKIPS

pytestmark = pytest.mark.parity

# What programs for PyTorch use most, by the names of OpInfo: the engine has all of it.
ESSENTIAL = """
    zeros ones full empty eye arange linspace randn randint zeros_like ones_like full_like rand_like
    randn_like new_zeros new_ones multinomial bernoulli normal
    add sub mul div pow neg abs exp log sqrt rsqrt square sin cos tanh sigmoid erf floor ceil round sign clamp
    maximum minimum fmod where eq ne lt le gt ge logical_not isnan allclose equal log1p
    sum mean prod var std max min argmax argmin all any cumsum norm topk sort argsort median unique bincount
    amax logsumexp
    view reshape flatten ravel transpose t T permute squeeze unsqueeze expand expand_as view_as repeat
    repeat_interleave cat stack split chunk flip unfold meshgrid contiguous clone unbind narrow roll
    __getitem__ gather scatter index_select index_add masked_fill masked_select nonzero tril triu diag
    matmul mm bmm dot outer einsum linalg.det
    nn.functional.relu nn.functional.leaky_relu nn.functional.gelu nn.functional.silu nn.functional.softplus
    softmax log_softmax nn.functional.cross_entropy nn.functional.nll_loss nn.functional.mse_loss
    nn.functional.l1_loss nn.functional.smooth_l1_loss nn.functional.binary_cross_entropy
    nn.functional.binary_cross_entropy_with_logits nn.functional.linear nn.functional.conv1d
    nn.functional.conv2d nn.functional.max_pool2d nn.functional.avg_pool2d nn.functional.adaptive_avg_pool2d
    nn.functional.embedding nn.functional.batch_norm nn.functional.layer_norm nn.functional.dropout
    nn.functional.pad nn.functional.interpolate nn.functional.scaled_dot_product_attention nn.functional.elu
    nn.functional.kl_div nn.functional.conv_transpose2d nn.functional.normalize
    nn.functional.cosine_similarity nn.functional.one_hot
"""


def skipped(name: str, sample: str) -> bool:
    return any(op == name and re.search(pattern, sample) for op, pattern in SKIPS)


def test_no_essential_operation_is_missing():
    assert set(ESSENTIAL.split()) <= {operation.name for operation in OPERATIONS.values()}


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
