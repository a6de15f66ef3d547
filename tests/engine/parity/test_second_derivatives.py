"""Gradients of gradients as PyTorch's, on the samples of its operator database."""

import itertools
import warnings

import numpy as np
import pytest
import torch

import gradviz.engine as engine
from tests.engine.parity.opinfo import OPERATIONS, SEED, on_engine
from tests.engine.parity.translation import Translation, results

pytestmark = pytest.mark.parity

SAMPLES = 6
NAMES = [
    name
    for name, op in OPERATIONS.items()
    if op.supports_gradgrad and torch.float64 in op.supported_backward_dtypes("cpu")
]
# Why the second derivatives of an operation are not compared.
SKIPS = {
    "as_strided.partial_views": "the engine counts offsets from the tensor itself, not from its base",
    "linalg.norm.subgradients_at_zero": "PyTorch's are NaN at the origin, the engine's 0",
    "matrix_exp": "exponentials so large that only five digits are left",
    "nn.functional.ctc_loss": "PyTorch has none",
    "nn.functional.linear_cross_entropy.chunked": "PyTorch has none",
    "nn.functional.linear_cross_entropy.chunked_none": "PyTorch has none",
}


def second_derivatives(torch, outputs, leaves):
    """Of the sum of the squares of the first ones: 0 where nothing depends on a leaf."""
    total = sum((x * x).sum() for x in outputs if getattr(x, "requires_grad", False))
    first = torch.autograd.grad(total, leaves, create_graph=True, allow_unused=True)
    depending = [g for g in first if g is not None and g.requires_grad]
    if not depending:
        return [torch.zeros_like(leaf) for leaf in leaves]
    squares = sum((g * g).sum() for g in depending)
    second = torch.autograd.grad(squares, leaves, allow_unused=True)
    return [torch.zeros_like(x) if g is None else g for g, x in zip(second, leaves, strict=True)]


@pytest.mark.parametrize("name", NAMES)
def test_second_derivatives_agree(name):
    if name in SKIPS:
        pytest.skip(SKIPS[name])
    op = OPERATIONS[name]
    torch.manual_seed(SEED)
    samples = op.sample_inputs("cpu", torch.float64, requires_grad=True)
    for sample in itertools.islice(samples, SAMPLES):
        translation = Translation()
        inputs, options = translation([sample.input, *sample.args]), translation(sample.kwargs)
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            torch.manual_seed(SEED)
            theirs = results(op(sample.input, *sample.args, **sample.kwargs))
            their_leaves, our_leaves = translation.leaves()
            depends = any(getattr(x, "requires_grad", False) for x in theirs)
            if not depends or any(leaf.numel() == 0 for leaf in their_leaves):
                continue
            engine.manual_seed(SEED)
            ours = results(on_engine(op)(*inputs, **options))
        wanted = second_derivatives(torch, theirs, their_leaves)
        found = second_derivatives(engine, ours, our_leaves)
        for our, their in zip(found, wanted, strict=True):
            scale = max(1.0, float(their.abs().nan_to_num(0, 0).max())) if their.numel() else 1.0
            np.testing.assert_allclose(our.numpy(), their.numpy(force=True), 1e-6, 1e-7 * scale)
