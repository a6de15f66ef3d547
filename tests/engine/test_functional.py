"""torch.autograd.functional against derivatives known by hand, and against each other."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import gradviz.engine as torch
from gradviz.engine.autograd.functional import hessian, hvp, jacobian, jvp, vhp, vjp

X = torch.tensor([1.0, 2.0, 3.0], dtype=torch.float64)
Y = torch.tensor([[0.5, -1.0]], dtype=torch.float64)


def close(a, b) -> None:
    np.testing.assert_allclose(a.numpy(), np.asarray(b), rtol=1e-9, atol=1e-12)


def two(x, y):
    """Two outputs, of shapes (3, 2) and (), of inputs of shapes (3,) and (1, 2)."""
    return x.unsqueeze(1) * y.exp(), (x**2).sum() * y.sum()


def test_a_jacobian_has_the_outputs_shape_then_the_inputs():
    found = jacobian(lambda x: x**2, X)
    close(found, np.diag([2.0, 4.0, 6.0]))
    assert not found.requires_grad

    (by_x, by_y), (scalar_by_x, scalar_by_y) = jacobian(two, (X, Y))
    assert by_x.shape == (3, 2, 3)
    assert by_y.shape == (3, 2, 1, 2)
    close(by_x[1], [[0, np.exp(0.5), 0], [0, np.exp(-1.0), 0]])
    close(scalar_by_x, 2 * X.numpy() * -0.5)
    close(scalar_by_y, [[14.0, 14.0]])


def test_a_jacobian_of_nothing_is_empty():
    assert jacobian(lambda x: x[:0], X).shape == (0, 3)


def test_a_hessian_is_known_by_hand():
    close(hessian(lambda x: (x**3).sum(), X), np.diag(6 * X.numpy()))
    (xx, xy), (yx, yy) = hessian(lambda x, y: (x**2).sum() * y.sum(), (X, Y))
    close(xx, -0.5 * 2 * np.eye(3))
    assert xy.shape == (3, 1, 2)
    close(xy, np.repeat(2 * X.numpy(), 2).reshape(3, 1, 2))
    close(yx, np.moveaxis(xy.numpy(), 0, 2))
    close(yy, np.zeros((1, 2, 1, 2)))


@settings(max_examples=25)
@given(st.integers(0, 10_000))
def test_products_are_those_with_the_whole_matrices(seed):
    rng = np.random.default_rng(seed)
    x, u = (torch.from_numpy(rng.normal(size=3)) for _ in range(2))
    v, matrix = torch.from_numpy(rng.normal(size=4)), torch.from_numpy(rng.normal(size=(4, 3)))

    def vector(x):
        return torch.tanh(matrix @ x) * x.sum()

    def number(x):
        return (vector(x) ** 2).sum()

    outputs, product = vjp(vector, x, v)
    close(outputs, vector(x).numpy())
    close(product, v.numpy() @ jacobian(vector, x).numpy())
    outputs, product = jvp(vector, x, u)
    close(outputs, vector(x).numpy())
    close(product, jacobian(vector, x).numpy() @ u.numpy())
    for hessian_product in (hvp, vhp):
        value, product = hessian_product(number, x, u)
        close(value, number(x).item())
        close(product, hessian(number, x).numpy() @ u.numpy())


def test_products_of_several_inputs_and_outputs():
    weights = (torch.ones(3, 2, dtype=torch.float64), torch.tensor(2.0, dtype=torch.float64))
    outputs, (by_x, by_y) = vjp(two, (X, Y), weights)
    assert [o.shape for o in outputs] == [(3, 2), ()]
    close(by_x, np.full(3, np.exp(0.5) + np.exp(-1)) + 2 * 2 * X.numpy() * -0.5)
    close(by_y, 6 * np.exp(Y.numpy()) + 2 * 14)
    _, (change, scalar_change) = jvp(two, (X, Y), (torch.ones_like(X), torch.zeros_like(Y)))
    close(change, np.repeat(np.exp(Y.numpy()), 3, axis=0))
    close(scalar_change, 2 * 6 * -0.5)


def test_v_may_be_left_out_for_one_number():
    close(vjp(lambda x: (x**2).sum(), X)[1], 2 * X.numpy())
    close(jvp(lambda x: x * X, torch.tensor(2.0, dtype=torch.float64))[1], X.numpy())
    with pytest.raises(RuntimeError, match="v can only be None for"):
        vjp(lambda x: x, X)


def test_results_lead_back_to_the_inputs_when_asked_to():
    x = X.clone().requires_grad_()
    jacobian(lambda x: x**3, x, create_graph=True).sum().backward()
    close(x.grad, 6 * X.numpy())
    x.grad = None
    hessian(lambda x: (x**4).sum(), x, create_graph=True).sum().backward()
    close(x.grad, 24 * X.numpy())
    x.grad = None
    hvp(lambda x: (x**4).sum(), x, torch.ones_like(x), create_graph=True)[1].sum().backward()
    close(x.grad, 24 * X.numpy())


def test_the_inputs_are_left_alone():
    x = X.clone().requires_grad_()
    with torch.no_grad():
        assert not hessian(lambda x: (x**3).sum(), x).requires_grad
        outputs, _ = vjp(lambda x: x * 2, x, X)
    assert not outputs.requires_grad
    assert x.grad is None


def test_independence_gives_zeros_or_an_error_when_strict():
    def ignores(x, y):
        return x * 2

    assert jacobian(ignores, (X, Y))[1].tolist() == np.zeros((3, 1, 2)).tolist()
    assert jacobian(lambda x: torch.ones(2), X).tolist() == np.zeros((2, 3)).tolist()
    assert hessian(lambda x: x.sum(), X).tolist() == np.zeros((3, 3)).tolist()
    with pytest.raises(RuntimeError, match="does not depend on input 1"):
        jacobian(ignores, (X, Y), strict=True)
    with pytest.raises(RuntimeError, match="not allowed in strict mode"):
        hessian(lambda x: x.sum(), X, strict=True)


@pytest.mark.parametrize(
    ("call", "error", "words"),
    [
        (lambda: hessian(lambda x: x, X), RuntimeError, "single element"),
        (lambda: jacobian(lambda x: 3.0, X), TypeError, "outputs of the function must be a Tensor.*float"),
        (lambda: jacobian(lambda x: x, [1.0]), TypeError, "inputs must be a Tensor"),
        (lambda: vjp(lambda x: x, X, Y), RuntimeError, r"v has the shapes \[\(1, 2\)\].*\[\(3,\)\]"),
        (lambda: jvp(lambda x: x, X, Y), RuntimeError, "v has the shapes"),
    ],
)
def test_wrong_calls_say_what_is_wrong(call, error, words):
    with pytest.raises(error, match=words):
        call()


def test_programs_reach_it_as_in_torch():
    assert torch.autograd.functional.jacobian is jacobian
