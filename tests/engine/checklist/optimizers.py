"""What optimizers take, keep and refuse."""

import pytest


def trained(torch, *values):
    parameter = torch.tensor(values, requires_grad=True)
    parameter.grad = torch.ones(len(values))
    return parameter


def an_optimizer_needs_leaves_to_optimize(torch):
    with pytest.raises(ValueError, match="optimizer got an empty parameter list"):
        torch.optim.SGD([], lr=0.1)
    with pytest.raises(ValueError, match="can't optimize a non-leaf Tensor"):
        torch.optim.SGD([torch.ones(2, requires_grad=True) * 2], lr=0.1)
    with pytest.raises(
        TypeError, match="optimizer can only optimize Tensors, but one of the params is float"
    ):
        torch.optim.SGD([1.0], lr=0.1)
    with pytest.raises(TypeError, match="params argument given to the optimizer should be an iterable"):
        torch.optim.SGD(torch.ones(2, requires_grad=True), lr=0.1)


def parameter_groups_inherit_the_defaults(torch):
    a, b = trained(torch, 1.0), trained(torch, 1.0)
    optimizer = torch.optim.SGD([{"params": [a]}, {"params": [b], "lr": 0.5}], lr=0.1, momentum=0.9)
    assert [(g["lr"], g["momentum"]) for g in optimizer.param_groups] == [(0.1, 0.9), (0.5, 0.9)]
    optimizer.step()
    assert a.item() == pytest.approx(0.9) and b.item() == pytest.approx(0.5)
    with pytest.raises(ValueError, match="some parameters appear in more than one parameter group"):
        optimizer.add_param_group({"params": [a]})


def state_dict_numbers_the_parameters(torch):
    a, b = trained(torch, 1.0), trained(torch, 1.0, 2.0)
    optimizer = torch.optim.Adam([a, b], lr=0.1)
    optimizer.step()
    state = optimizer.state_dict()
    assert state["param_groups"][0]["params"] == [0, 1] and sorted(state["state"]) == [0, 1]
    assert list(state["state"][0]) == ["step", "exp_avg", "exp_avg_sq"]


def a_loaded_state_continues_where_it_was(torch):
    def steps(optimizer, parameter, count):
        for _ in range(count):
            parameter.grad = parameter.detach() * 2
            optimizer.step()

    once, first = trained(torch, 1.0, -2.0), trained(torch, 1.0, -2.0)
    whole, half = torch.optim.Adam([once], lr=0.1), torch.optim.Adam([first], lr=0.1)
    steps(whole, once, 4)
    steps(half, first, 2)
    second = first.detach().clone().requires_grad_()
    rest = torch.optim.Adam([second], lr=1.0)
    rest.load_state_dict(half.state_dict())
    steps(rest, second, 2)
    assert torch.equal(second, once)


def zero_grad_sets_none_unless_told_otherwise(torch):
    p = trained(torch, 1.0)
    optimizer = torch.optim.SGD([p], lr=0.1)
    grad = p.grad
    optimizer.zero_grad(set_to_none=False)
    assert p.grad is grad and grad.item() == 0
    optimizer.zero_grad()
    assert p.grad is None


def parameters_without_a_gradient_are_skipped(torch):
    p, q = trained(torch, 1.0), torch.ones(1, requires_grad=True)
    optimizer = torch.optim.SGD([p, q], lr=0.5, momentum=0.9)
    optimizer.step()
    assert p.item() == 0.5 and q.item() == 1 and len(optimizer.state) == 1


def step_takes_a_closure_and_returns_its_loss(torch):
    p = torch.tensor([2.0], requires_grad=True)
    optimizer = torch.optim.SGD([p], lr=0.25)

    def closure():
        optimizer.zero_grad()
        loss = (p**2).sum()
        loss.backward()
        return loss

    assert optimizer.step(closure).item() == 4 and p.item() == 1


def a_step_between_two_retained_backwards_is_noticed(torch):
    p = torch.tensor([2.0], requires_grad=True)
    loss = (p**3).sum()
    loss.backward(retain_graph=True)
    torch.optim.SGD([p], lr=0.1).step()
    with pytest.raises(RuntimeError, match="has been modified by an inplace operation"):
        loss.backward()


def a_custom_optimizer_subclasses_optimizer(torch):
    class SignDescent(torch.optim.Optimizer):
        def __init__(self, params, lr=0.1):
            super().__init__(params, {"lr": lr})

        @torch.no_grad()
        def step(self):
            for group in self.param_groups:
                for p in group["params"]:
                    state = self.state[p]
                    state["steps"] = state.get("steps", 0) + 1
                    p.add_(p.grad.sign(), alpha=-group["lr"])

    p = trained(torch, 1.0)
    optimizer = SignDescent([p], lr=0.25)
    scheduler = torch.optim.lr_scheduler.StepLR(optimizer, 1, gamma=0.5)
    for _ in range(2):
        optimizer.step()
        scheduler.step()
    assert p.item() == 0.625 and optimizer.state_dict()["state"][0]["steps"] == 2
    assert scheduler.get_last_lr() == [0.0625]
