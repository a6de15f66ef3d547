"""Recording and backward, with torch's words where something is wrong."""

from __future__ import annotations

import gc
import threading
import warnings
import weakref

import numpy as np
import pytest

import gradviz.engine as torch
from gradviz.engine.observer import Observer
from tests.engine.tensors import leaf


def names(node) -> str:
    """The graph behind a tensor as text, such as "Mul(AccumulateGrad, None)"."""
    if node is None:
        return "None"
    inside = ", ".join(names(n) for n, _ in node.next_functions)
    return node.name() + (f"({inside})" if inside else "")


# -- recording ------------------------------------------------------------------------------------------


def test_graph_has_the_shape_that_torch_gives_it() -> None:
    x, w, b = torch.ones(2, 3), torch.ones(4, 3, requires_grad=True), torch.ones(4, requires_grad=True)
    hidden = torch.relu(torch.addmm(b, x, w.t()))
    loss = torch.nll_loss(torch.log_softmax(hidden, 1), torch.tensor([0, 1]))
    assert names(loss.grad_fn) == (
        "NllLossBackward0(LogSoftmaxBackward0(ReluBackward0(AddmmBackward0("
        "torch::autograd::AccumulateGrad, None, TBackward0(torch::autograd::AccumulateGrad)))))"
    )


@pytest.mark.parametrize(
    ("expression", "name"),
    [
        (lambda x: 1 - x, "RsubBackward1"),
        (lambda x: x[0], "SelectBackward0"),
        (lambda x: x[:1], "SliceBackward0"),
        (lambda x: x[torch.tensor([0])], "IndexBackward0"),
        (lambda x: x**2, "PowBackward0"),
        (lambda x: x.mean(), "MeanBackward0"),
        (lambda x: x.sum(0), "SumBackward1"),
        (lambda x: 2 / x, "MulBackward0"),
        (lambda x: x.detach().requires_grad_() * x, "MulBackward0"),
    ],
)
def test_node_names(expression, name: str) -> None:
    assert expression(leaf(1, 2)).grad_fn.name() == name


def test_nothing_is_recorded_without_need() -> None:
    x = leaf(1, 2)
    assert (torch.ones(2) * 2).grad_fn is None
    assert not (x > 1).requires_grad and not x.argmax().requires_grad
    with torch.no_grad():
        assert not (x * 2).requires_grad
        with torch.enable_grad():
            assert (x * 2).requires_grad
    assert (x * 2).requires_grad


def test_no_grad_decorates_and_is_per_thread() -> None:
    x, seen = leaf(1), []

    @torch.no_grad()
    def function() -> bool:
        thread = threading.Thread(target=lambda: seen.append((x * 2).requires_grad))
        thread.start()
        thread.join()
        return (x * 2).requires_grad

    assert function() is False and seen == [True]
    torch.set_grad_enabled(False)
    try:
        assert not torch.is_grad_enabled()
    finally:
        torch.set_grad_enabled(True)


def test_only_floating_tensors_require_grad() -> None:
    with pytest.raises(
        RuntimeError, match="Only Tensors of floating point and complex dtype can require gradients"
    ):
        torch.tensor([1, 2], requires_grad=True)


# -- backward -------------------------------------------------------------------------------------------


def test_gradients_accumulate_in_the_same_tensor() -> None:
    x = leaf(1, 2)
    (x * 2).sum().backward()
    first = x.grad
    (x * 3).sum().backward()
    assert x.grad is first and first.tolist() == [5, 5]


def test_gradients_share_no_memory() -> None:
    x, y, g = leaf(1, 2), leaf(3, 4), torch.ones(2)
    (x + y).backward(g)
    x.grad.add_(1)
    assert y.grad.tolist() == [1, 1] and g.tolist() == [1, 1]


def test_a_gradient_shares_no_memory_with_what_the_program_holds() -> None:
    class GivesItsConstant(torch.autograd.Function):
        constant = torch.ones(2)

        @staticmethod
        def forward(ctx, x):
            return x.clone()

        @staticmethod
        def backward(ctx, g):
            return GivesItsConstant.constant

    a, b, c, d = leaf(1, 2), leaf(1, 2), leaf(1, 2), leaf(1, 2)
    given, seen = torch.ones(2), []
    a.view(2).backward(given)
    b.backward(given)
    GivesItsConstant.apply(c).sum().backward()
    d.register_hook(seen.append)
    (d * d).sum().backward()
    for x in (a, b, c, d):
        x.grad.zero_()
    assert given.tolist() == GivesItsConstant.constant.tolist() == [1, 1]
    assert seen[0].tolist() == [2, 4]


def test_a_gradient_that_only_backward_holds_is_not_copied() -> None:
    own = []

    class Watcher(Observer):
        def accumulate(self, tensor, grad):
            own.append(tensor.grad.array is grad)

    loss = torch.nn.Linear(3, 2)(torch.ones(4, 3)).sum()
    torch.observe(Watcher())
    try:
        loss.backward()
    finally:
        torch.observe(None)
    assert own == [True, True]


def test_a_shared_node_runs_once() -> None:
    x, calls = leaf(1, 2), []
    shared = x * 2
    shared.register_hook(calls.append)
    (shared * 3 + shared * 4).sum().backward()
    assert [c.tolist() for c in calls] == [[7, 7]] and x.grad.tolist() == [14, 14]


def test_a_long_chain_neither_recurses_in_backward_nor_when_it_dies() -> None:
    x = leaf(1)
    y = x
    for _ in range(100_000):
        y = y * 1.0
    y.backward()
    assert x.grad.tolist() == [1]
    del y


def test_a_graph_is_gone_with_its_last_tensor() -> None:
    gc.disable()
    try:
        x = leaf(1, 2)
        y = (x.exp() * x).sum()
        node = weakref.ref(y.grad_fn)
        tensor = weakref.ref(x)
        y.backward()
        del y
        assert node() is None
        del x
        assert tensor() is None
    finally:
        gc.enable()


@pytest.mark.parametrize(
    ("expression", "words"),
    [
        (lambda x: x.backward(), "grad can be implicitly created only for scalar outputs"),
        (
            lambda x: x.detach().sum().backward(),
            "element 0 of tensors does not require grad and does not have a grad_fn",
        ),
        (lambda x: torch.autograd.grad(x.sum(), leaf(1)), "appears to not have been used in the graph"),
        (lambda x: (x * 2).backward(torch.ones(3)), "Mismatch in shape"),
    ],
)
def test_words_when_backward_cannot_start(expression, words: str) -> None:
    with pytest.raises(RuntimeError, match=words):
        expression(leaf(1, 2))


def test_second_backward_fails_only_where_something_was_saved() -> None:
    x = leaf(1, 2)
    y = (x + 1).sum()
    y.backward()
    y.backward()
    assert x.grad.tolist() == [2, 2]
    z = (x * x).sum()
    z.backward(retain_graph=True)
    z.backward()
    with pytest.raises(RuntimeError, match="Trying to backward through the graph a second time"):
        z.backward()


def test_grad_leaves_grad_alone_and_works_inside_the_graph() -> None:
    x = leaf(1, 2)
    y = x * 3
    gx, gy = torch.autograd.grad((y * y).sum(), [x, y])
    assert x.grad is None and gx.tolist() == [18, 36] and gy.tolist() == [6, 12]
    assert torch.autograd.grad(x.sum(), leaf(1), allow_unused=True) == (None,)


def test_backward_to_chosen_inputs() -> None:
    x, y = leaf(1, 2), leaf(3, 4)
    (x * y).sum().backward(inputs=[x])
    assert x.grad.tolist() == [3, 4] and y.grad is None


def test_several_roots() -> None:
    x = leaf(1, 2)
    torch.autograd.backward([x.sum(), x * x], [None, torch.ones(2)])
    assert x.grad.tolist() == [3, 5]


def test_higher_derivatives() -> None:
    x = leaf(2)
    (first,) = torch.autograd.grad((x**4).sum(), x, create_graph=True)
    (second,) = torch.autograd.grad(first.sum(), x, create_graph=True)
    (third,) = torch.autograd.grad(second.sum(), x)
    assert (first.item(), second.item(), third.item()) == (32, 48, 48)


def test_unused_outputs_count_as_zero() -> None:
    x = torch.ones(4, requires_grad=True)
    x.split(2)[1].sum().backward()
    assert x.grad.tolist() == [0, 0, 1, 1]


def test_gradients_have_the_dtype_of_what_they_belong_to() -> None:
    x = torch.ones(2, dtype=torch.float16, requires_grad=True)
    (x.float() * torch.ones(3, 2)).sum().backward()
    assert x.grad.dtype is torch.float16 and x.grad.tolist() == [3, 3]


def test_a_leaf_may_change_its_dtype_while_an_old_graph_lives() -> None:
    x = leaf(1, 2)
    old = x * 2
    x.data = x.data.double()
    (x * 2).sum().backward()
    assert old.requires_grad and x.grad.dtype is torch.float64


def test_grad_of_a_tensor_inside_the_graph() -> None:
    x = leaf(1, 2)
    y, z = x * 2, x * 3
    y.retain_grad()
    (y * z).sum().backward()
    assert y.grad.tolist() == [3, 6] and y.retains_grad
    with pytest.warns(UserWarning, match="not a leaf Tensor is being accessed"):
        assert z.grad is None


@pytest.mark.parametrize(
    ("value", "error"),
    [(3, TypeError), (torch.ones(3), RuntimeError), (torch.ones(2, dtype=torch.float64), RuntimeError)],
)
def test_assigned_grad_must_fit(value, error) -> None:
    x = leaf(1, 2)
    with pytest.raises(error, match="grad"):
        x.grad = value


# -- custom functions -----------------------------------------------------------------------------------


class Cube(torch.autograd.Function):
    @staticmethod
    def forward(ctx, x, scale):
        ctx.save_for_backward(x)
        ctx.scale = scale
        assert not torch.is_grad_enabled()
        return scale * x**3

    @staticmethod
    def backward(ctx, g):
        (x,) = ctx.saved_tensors
        return g * 3 * ctx.scale * x**2, None


def test_custom_function() -> None:
    x = leaf(2)
    y = Cube.apply(x, 5)
    assert y.grad_fn.name() == "CubeBackward"
    y.backward()
    assert x.grad.item() == 60
    with pytest.raises(RuntimeError, match="second time"):
        y.backward()


def test_custom_function_twice_differentiated() -> None:
    x = leaf(2)
    (g,) = torch.autograd.grad(Cube.apply(x, 1), x, create_graph=True)
    assert torch.autograd.grad(g, x)[0].item() == 12


def test_custom_function_with_setup_context_several_outputs_and_one_without_gradient() -> None:
    class SignAndSquare(torch.autograd.Function):
        @staticmethod
        def forward(x):
            return x.sign(), x * x

        @staticmethod
        def setup_context(ctx, inputs, output):
            ctx.mark_non_differentiable(output[0])
            ctx.save_for_backward(*inputs)

        @staticmethod
        def backward(ctx, g_sign, g_square):
            assert ctx.needs_input_grad == (True,)
            return 2 * ctx.saved_tensors[0] * g_square

    x = leaf(-3)
    sign, square = SignAndSquare.apply(x)
    assert not sign.requires_grad
    square.backward()
    assert x.grad.item() == -6


def test_custom_function_with_a_wrong_number_of_gradients() -> None:
    class Wrong(torch.autograd.Function):
        @staticmethod
        def forward(ctx, x):
            return x * 2

        @staticmethod
        def backward(ctx, g):
            return g, g

    words = r"function WrongBackward returned an incorrect number of gradients \(expected 1, got 2\)"
    with pytest.raises(RuntimeError, match=words):
        Wrong.apply(leaf(1)).backward()


def test_custom_function_that_saves_its_output_is_no_reference_cycle() -> None:
    class Exp(torch.autograd.Function):
        @staticmethod
        def forward(ctx, x):
            out = x.exp()
            ctx.save_for_backward(out)
            return out

        @staticmethod
        def backward(ctx, g):
            return g * ctx.saved_tensors[0]

    gc.disable()
    try:
        x = leaf(0)
        y = Exp.apply(x)
        node = weakref.ref(y.grad_fn)
        y.backward(retain_graph=True)
        assert x.grad.item() == 1
        del y
        assert node() is None
    finally:
        gc.enable()


# -- checks ---------------------------------------------------------------------------------------------


def test_gradcheck_finds_a_wrong_backward() -> None:
    class Wrong(torch.autograd.Function):
        @staticmethod
        def forward(ctx, x):
            return x * x

        @staticmethod
        def backward(ctx, g):
            return g

    x = torch.tensor([1.0, 2.0], dtype=torch.float64, requires_grad=True)
    assert torch.autograd.gradcheck(torch.sin, x)
    assert torch.autograd.gradgradcheck(torch.sin, x)
    with pytest.raises(RuntimeError, match="Jacobian mismatch for output 0 with respect to input 0"):
        torch.autograd.gradcheck(Wrong.apply, x)
    assert not torch.autograd.gradcheck(Wrong.apply, x, raise_exception=False)


def test_anomaly_mode_names_the_forward_line_the_shapes_and_the_first_nan() -> None:
    x = leaf(1, -1, -4)
    with torch.autograd.set_detect_anomaly(True), pytest.raises(RuntimeError) as raised:
        y = torch.sqrt(x)
        y.sum().backward()
    torch_says, *more = str(raised.value).splitlines()
    assert torch_says == "Function 'SqrtBackward0' returned nan values in its 0th output."
    assert "of shape [3], holds 2 nan of 3 values, the first at index [1], where out is nan" in more[0]
    assert "called as sqrt([3]) -> [3] in" in more[0]
    assert __file__ in more[1] and more[2].strip() == "y = torch.sqrt(x)"


def test_anomaly_mode_ends_with_its_block() -> None:
    x = leaf(-1)
    with pytest.warns(UserWarning, match="should only be enabled for debugging"):
        anomaly_mode = torch.autograd.detect_anomaly()
    with anomaly_mode:
        assert torch.is_anomaly_enabled()
    x.sqrt().backward()
    assert not torch.is_anomaly_enabled()


def test_no_arithmetic_warnings_reach_the_user() -> None:
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        assert torch.tensor([0.0]).log().item() == -np.inf
        assert (torch.tensor([1.0]) / 0).item() == np.inf


@pytest.mark.parametrize(
    ("compute", "name", "inputs"),
    [
        (lambda x: x + 1, "AddBackward0", 2),
        (lambda x: 1 - x, "RsubBackward1", 1),
        (lambda x: x**2, "PowBackward0", 1),
        (lambda x: 2**x, "PowBackward2", 1),
        (lambda x: x**x, "PowBackward1", 2),
        (lambda x: x.clamp(0, 1), "ClampBackward1", 1),
        (lambda x: x.clamp(x, None), "ClampBackward0", 3),
    ],
)
def test_a_number_that_torch_takes_for_a_setting_is_no_input(compute, name, inputs):
    node = compute(leaf(1.0, 2.0)).grad_fn
    assert (node.name(), len(node.next_functions)) == (name, inputs)


def test_hooks_of_nodes_that_a_gradient_does_not_pass_are_not_called():
    """Neither beside the way to the inputs asked for, nor at its end, where tensors alone hear it."""
    heard = []
    x, w = leaf(1.0), leaf(2.0)
    y, beside = x * 2, w * 5
    for name, tensor in [("y", y), ("beside", beside)]:
        tensor.register_hook(lambda g, name=name: heard.append(name))
        tensor.grad_fn.register_prehook(lambda grads, name=name: heard.append(f"node of {name}"))
    total = y * 3 + beside
    assert torch.autograd.grad(total, y, retain_graph=True)[0].item() == 3 and heard == ["y"]
    heard.clear()
    torch.autograd.grad(total, x)
    assert heard == ["y", "node of y"]
