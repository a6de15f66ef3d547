"""torch.func: derivatives of functions, functions over a batch, modules with other parameters."""

import pytest

import gradviz.engine as torch
from gradviz.engine import nn
from gradviz.engine.func import (
    functional_call,
    grad,
    grad_and_value,
    hessian,
    jacrev,
    jvp,
    stack_module_state,
    vjp,
    vmap,
)


def close(tensor, *expected):
    return tensor.tolist() == pytest.approx(list(expected), rel=1e-5)


def test_grad_of_grad_is_the_second_derivative():
    x = torch.tensor(2.0)
    assert grad(lambda x: x**3)(x).item() == 12
    second = grad(grad(lambda x: x**3))(x)
    assert second.item() == 12 and not second.requires_grad and x.grad is None


def test_grad_of_several_arguments_and_what_else_is_returned():
    def loss(w, b):
        return w * 3 + b * 2, "note"

    gradients, note = grad(loss, argnums=(0, 1), has_aux=True)(torch.tensor(1.0), torch.tensor(1.0))
    assert [g.item() for g in gradients] == [3, 2] and note == "note"


def test_grad_of_a_dict_of_parameters():
    model = nn.Linear(2, 1)
    parameters = {name: p.detach() for name, p in model.named_parameters()}
    x = torch.tensor([[3.0, 4.0]])
    gradients, value = grad_and_value(lambda p: functional_call(model, p, x).sum())(parameters)
    assert close(gradients["weight"][0], 3, 4) and close(gradients["bias"], 1)
    assert value.item() == pytest.approx(model(x).item())
    assert model.weight.grad is None


def test_a_module_runs_with_other_parameters_and_keeps_its_own():
    model = nn.Sequential(nn.Linear(1, 1), nn.Linear(1, 1))
    own = model[0].weight
    doubled = {name: torch.full_like(p, 2.0) for name, p in model.named_parameters()}
    assert functional_call(model, doubled, torch.ones(1, 1)).item() == 10
    assert model[0].weight is own
    with pytest.raises(KeyError, match=r"no parameter or buffer '0.wait'"):
        functional_call(model, {"0.wait": own}, torch.ones(1, 1))
    assert model[0].weight is own


def test_gradients_of_each_sample():
    w, xs = torch.tensor([1.0, 2.0]), torch.tensor([[1.0, 0.0], [0.0, 3.0]])
    per_sample = vmap(grad(lambda w, x: (w @ x) ** 2), in_dims=(None, 0))(w, xs)
    assert per_sample.tolist() == [[2.0, 0.0], [0.0, 36.0]]


def test_vmap_takes_and_stacks_along_any_dimension():
    x = torch.arange(6.0).view(2, 3)
    assert vmap(torch.sum, in_dims=1)(x).tolist() == [3, 5, 7]
    assert vmap(lambda row: row * 2, out_dims=1)(x).shape == (3, 2)
    with pytest.raises(ValueError, match="same size in the mapped dimension"):
        vmap(torch.dot)(torch.ones(2, 3), torch.ones(4, 3))


def test_an_ensemble_in_one_call():
    models = [nn.Linear(2, 1) for _ in range(3)]
    parameters, buffers = stack_module_state(models)
    x = torch.ones(4, 2)
    together = vmap(lambda p, b: functional_call(models[0], (p, b), (x,)))(parameters, buffers)
    assert together.shape == (3, 4, 1)
    assert close(together[:, 0, 0], *[m(x)[0, 0].item() for m in models])


def test_jacobians_and_products_with_them():
    x, v = torch.tensor([1.0, 2.0]), torch.tensor([1.0, 10.0])
    assert jacrev(lambda x: x**2)(x).tolist() == [[2, 0], [0, 4]]
    assert hessian(lambda x: (x**3).sum())(x).tolist() == [[6, 0], [0, 12]]
    value, product = vjp(lambda x: x**2, x)
    assert value.tolist() == [1, 4] and product(v)[0].tolist() == [2, 40]
    assert [t.tolist() for t in jvp(lambda x: x**2, (x,), (v,))] == [[1, 4], [2, 40]]
