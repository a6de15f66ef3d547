"""gradviz.engine.random beside torch's own generator."""

import numpy as np
import pytest
import torch

from gradviz.engine import random

pytestmark = pytest.mark.parity


@pytest.mark.parametrize("seed", [0, 1, 2**40 + 3, -5])
def test_one_long_stream_of_draws_agrees(seed):
    torch.manual_seed(seed)
    random.manual_seed(seed)

    def agree(ours, theirs, tolerance=0.0):
        theirs = theirs.numpy()
        assert ours.dtype == theirs.dtype
        np.testing.assert_allclose(ours, theirs, rtol=0, atol=tolerance)

    agree(random.rand((3, 5)), torch.rand(3, 5))
    for n in (1, 3, 15, 16, 17, 31, 1000):
        agree(random.randn(n), torch.randn(n), 6e-7)
        agree(random.randn(n, np.float64), torch.randn(n, dtype=torch.float64), 1e-14)
    for high in (7, 2**28 - 1, 2**28, 2**40):
        agree(random.randint(-3, high, 9), torch.randint(-3, high, (9,)))
    for n in (0, 1, 2, 60000):
        agree(random.randperm(n), torch.randperm(n))
    agree(random.uniform(99, -0.2, 0.9), torch.empty(99).uniform_(-0.2, 0.9))
    agree(random.normal(99, -0.2, 0.9), torch.empty(99).normal_(-0.2, 0.9), 6e-7)
    agree(random.exponential(99, 2), torch.empty(99).exponential_(2), 3e-6)
    agree(random.bernoulli(0.2, 99), torch.empty(99).bernoulli_(0.2))
    weights = torch.rand(5, 6)
    agree(random.rand((5, 6)), weights)
    agree(random.bernoulli(weights.numpy()), torch.bernoulli(weights))
    for replacement in (False, True):
        agree(random.multinomial(weights.numpy(), 3, replacement), torch.multinomial(weights, 3, replacement))
    for dtype in ("int64", "int32", "uint8", "float32", "float64", "bool"):
        agree(random.random(40, dtype), torch.empty(40, dtype=getattr(torch, dtype)).random_())
    agree(random.get_rng_state().numpy(), torch.get_rng_state())


def test_states_are_exchangeable():
    torch.manual_seed(4)
    torch.randn(3)
    random.set_rng_state(torch.get_rng_state())
    assert random.rand(700).tolist() == torch.rand(700).tolist()
    torch.set_rng_state(torch.from_numpy(random.get_rng_state().numpy()))
    assert random.rand(5).tolist() == torch.rand(5).tolist()
