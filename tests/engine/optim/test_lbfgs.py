"""L-BFGS and its line search."""

import numpy as np
import pytest

import gradviz.engine as torch
from gradviz.engine.optim.line_search import Trial, minimum_of_cubic, strong_wolfe
from tests.engine.tensors import leaf


def minimized(x, function, steps, **options):
    optimizer = torch.optim.LBFGS([x], **options)

    def closure():
        optimizer.zero_grad()
        loss = function(x)
        loss.backward()
        return loss

    for _ in range(steps):
        optimizer.step(closure)
    return optimizer


@pytest.mark.parametrize("line_search", [None, "strong_wolfe"])
def test_a_quadratic_is_solved_in_one_step(line_search):
    x = leaf(5.0, -3.0)
    minimized(x, lambda x: ((x - 1) ** 2 * torch.tensor([1.0, 2.0])).sum(), 1, line_search_fn=line_search)
    assert x.tolist() == pytest.approx([1, 1], abs=1e-3)


def test_rosenbrocks_valley_with_a_line_search():
    x = torch.tensor([-1.2, 1.0], dtype=torch.float64, requires_grad=True)
    minimized(x, lambda x: (1 - x[0]) ** 2 + 100 * (x[1] - x[0] ** 2) ** 2, 4, line_search_fn="strong_wolfe")
    assert x.tolist() == pytest.approx([1, 1], abs=1e-3)


def test_it_goes_on_where_a_saved_one_stopped():
    def function(x):
        return (x**4).sum()

    x, y = leaf(2.0, 3.0), leaf(2.0, 3.0)
    minimized(x, function, 4, max_iter=3, lr=0.1)
    first = minimized(y, function, 2, max_iter=3, lr=0.1)
    second = torch.optim.LBFGS([y])
    second.load_state_dict(first.state_dict())

    def closure():
        second.zero_grad()
        loss = function(y)
        loss.backward()
        return loss

    second.step(closure)
    second.step(closure)
    assert y.tolist() == pytest.approx(x.tolist(), rel=1e-5)


def test_what_it_refuses():
    with pytest.raises(ValueError, match="doesn't support per-parameter options"):
        torch.optim.LBFGS([{"params": [leaf(1.0)]}, {"params": [leaf(2.0)]}])
    with pytest.raises(RuntimeError, match="only 'strong_wolfe' is supported"):
        minimized(leaf(1.0), lambda x: (x**2).sum(), 1, line_search_fn="wolfe")


def test_a_cubic_is_least_where_its_slope_is_zero():
    def at(t):  # t³ - 3t, least at 1
        return Trial(t, t**3 - 3 * t, np.zeros(1), 3 * t**2 - 3)

    assert minimum_of_cubic(at(0.0), at(3.0), 0, 3) == pytest.approx(1)
    assert minimum_of_cubic(at(3.0), at(0.0), 0, 3) == pytest.approx(1)
    assert minimum_of_cubic(at(0.0), at(3.0), 2, 3) == 2  # not outside the bounds


@pytest.mark.parametrize("first", [1e-3, 0.5, 20.0])
def test_the_line_search_ends_where_the_wolfe_conditions_hold(first):
    def evaluate(t):
        return (t - 2) ** 2, np.array([2 * (t - 2)])

    start = Trial(0.0, 4.0, np.array([-4.0]), -4.0)
    found, count = strong_wolfe(evaluate, first, np.ones(1), start, 1e-9, most_trials=25)
    assert found.loss <= start.loss + 1e-4 * found.length * start.slope
    assert abs(found.slope) <= 0.9 * 4 and count <= 25
