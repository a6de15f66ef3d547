"""The random stream: the numbers of torch, and a state that can be kept and put back."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from gradviz.engine import random


@pytest.fixture(autouse=True)
def leave_the_stream_alone():
    with random.fork_rng():
        yield


def test_seed_0_gives_the_numbers_that_torch_prints():
    """Every right-hand side was printed by torch 2.13, in this order, after torch.manual_seed(0)."""
    random.manual_seed(0)
    assert random.rand(3).tolist() == np.float32([0.496256590, 0.768221796, 0.088477433]).tolist()
    np.testing.assert_allclose(random.randn(3), [0.364338189, 0.134396330, 0.164216250], rtol=1e-6)
    seventeen = random.randn(17)[[0, 8, 16]]
    np.testing.assert_allclose(seventeen, [-0.204101726, 0.248414755, 0.052507486], rtol=1e-5)
    assert random.randperm(8).tolist() == [3, 5, 0, 2, 6, 4, 1, 7]
    assert random.randint(0, 10, 6).tolist() == [9, 3, 1, 1, 0, 3]
    assert random.randint(0, 2**40, 1).tolist() == [869364353268]
    assert random.bernoulli(0.5, 6).tolist() == [0, 0, 1, 1, 0, 0]
    assert random.multinomial(np.float32([1, 2, 3]), 2).tolist() == [1, 2]


@given(st.integers(-(2**63), 2**64 - 1), st.integers(0, 700), st.integers(0, 3))
def test_a_kept_state_continues_the_same_stream(seed, words, normals):
    generator = random.Generator().manual_seed(seed)
    random.rand(words, generator=generator)
    random.randn(normals, generator=generator)
    twin = random.Generator()
    twin.set_state(generator.get_state())
    assert twin.initial_seed() == generator.initial_seed() == seed % 2**64
    assert random.randn(3, generator=twin).tolist() == random.randn(3, generator=generator).tolist()
    assert random.randperm(9, generator=twin).tolist() == random.randperm(9, generator=generator).tolist()


def test_fork_rng_hides_the_draws_of_its_block():
    random.manual_seed(1)
    expected = random.rand(4).tolist()
    random.manual_seed(1)
    with random.fork_rng():
        random.randn(5)
    assert random.rand(4).tolist() == expected


def test_a_generator_of_ones_own_leaves_the_default_one_alone():
    before = random.get_rng_state()
    random.rand(3, generator=random.Generator().manual_seed(3))
    assert np.array_equal(random.get_rng_state(), before)


def test_unforeseen_seeds_differ():
    assert random.seed() != random.seed()
    assert random.initial_seed() >= 0


@given(st.integers(0, 300))
def test_randperm_holds_every_number_once(n):
    assert sorted(random.randperm(n).tolist()) == list(range(n))


@pytest.mark.parametrize("dtype", ["bool", "uint8", "int8", "int32", "int64", "float32", "float64"])
def test_random_fills_the_dtypes_range(dtype):
    values = random.random(1000, dtype)
    assert values.dtype == dtype and (values >= 0).all() and len(np.unique(values)) >= 2


def test_distributions_have_their_moments():
    assert random.normal(20000, 3, 2).mean() == pytest.approx(3, abs=0.1)
    assert random.normal(20000, 3, 2).std() == pytest.approx(2, abs=0.1)
    assert random.exponential(20000, 4).mean() == pytest.approx(0.25, abs=0.02)
    assert random.uniform(20000, -1, 3).mean() == pytest.approx(1, abs=0.05)
    assert random.bernoulli(np.full((200, 100), 0.3)).mean() == pytest.approx(0.3, abs=0.02)
    drawn = random.multinomial(np.array([[1.0, 0.0, 3.0], [0.0, 1.0, 0.0]]), 4000, replacement=True)
    assert drawn[0].mean() == pytest.approx(1.5, abs=0.1) and (drawn[1] == 1).all()


@pytest.mark.parametrize(
    ("draw", "words"),
    [
        (lambda: random.randint(3, 3, 1), "'from' to be less than 'to', but got from=3 >= to=3"),
        (lambda: random.uniform(1, 2.0, 1.0), "found from=2.0 > to=1.0"),
        (lambda: random.normal(1, 0, -1), "std >= 0.0"),
        (lambda: random.bernoulli(1.5, 1), "p to be in"),
        (lambda: random.multinomial(np.ones(2), 3), "without replacement"),
        (lambda: random.multinomial(np.zeros(2), 1), "sum of probabilities <= 0"),
        (lambda: random.exponential(1, 0), "lambda > 0.0"),
        (lambda: random.randperm(-1), "non-negative"),
    ],
)
def test_impossible_draws_say_why(draw, words):
    with pytest.raises(RuntimeError, match=words):
        draw()


def test_a_foreign_state_or_seed_is_refused():
    with pytest.raises(ValueError, match="expected 5056 bytes"):
        random.set_rng_state(np.zeros(3, np.uint8))
    with pytest.raises(ValueError, match="does not fit in 64 bits"):
        random.manual_seed(2**64)
