"""Numbers drawn from distributions whose parameters are tensors."""

import pytest

import gradviz.engine as torch


def test_normal_numbers_have_their_own_mean_and_deviation():
    torch.manual_seed(0)
    drawn = torch.normal(torch.tensor([0.0, 100.0]).repeat(500), torch.tensor([1.0, 0.0]).repeat(500))
    assert drawn[1::2].eq(100).all()
    assert 0.9 < drawn[::2].std() < 1.1


def test_what_was_drawn_is_in_the_graph_without_a_gradient():
    p = torch.full((4,), 0.5, requires_grad=True)
    drawn = torch.bernoulli(p)
    assert drawn.grad_fn.name() == "BernoulliBackward0"
    drawn.sum().backward()
    assert p.grad.tolist() == [0.0] * 4


@pytest.mark.parametrize(
    ("weights", "count", "words"),
    [
        ([0.5, 0.5], 3, "cannot sample n_sample > prob_dist.size"),
        ([0.5, 0.5], 0, "cannot sample n_sample <= 0 samples"),
        ([0.0, 0.0], 1, "sum of probabilities <= 0"),
        ([-1.0, 2.0], 1, "either `inf`, `nan` or element < 0"),
        ([[[0.5, 0.5]]], 1, "prob_dist must be 1 or 2 dim"),
    ],
)
def test_wrong_weights_are_refused(weights, count, words):
    with pytest.raises(RuntimeError, match=words):
        torch.multinomial(torch.tensor(weights), count)


def test_normal_refuses_negative_deviations():
    with pytest.raises(RuntimeError, match=r"normal expects all elements of std >= 0\.0"):
        torch.normal(0.0, torch.tensor([1.0, -1.0]))
