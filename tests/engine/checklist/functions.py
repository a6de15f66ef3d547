"""Custom functions, and what checks gradients."""

import warnings

import pytest


def make_scale(torch, backward):
    class Scale(torch.autograd.Function):
        @staticmethod
        def forward(ctx, x, factor):
            ctx.save_for_backward(x)
            ctx.factor = factor
            return x * factor

    Scale.backward = staticmethod(backward)
    return Scale


def forward_and_backward_run_without_recording(torch):
    modes = []

    class Watch(torch.autograd.Function):
        @staticmethod
        def forward(ctx, x):
            modes.append(torch.is_grad_enabled())
            return x.clone()

        @staticmethod
        def backward(ctx, g):
            modes.append(torch.is_grad_enabled())
            return g

    x = torch.ones(1, requires_grad=True)
    Watch.apply(x).backward()
    torch.autograd.grad(Watch.apply(x), x, create_graph=True)
    assert modes == [False, False, False, True]


def inputs_that_are_no_tensors_get_none(torch):
    scale = make_scale(torch, lambda ctx, g: (g * ctx.factor, None))
    x = torch.ones(2, requires_grad=True)
    scale.apply(x, 3).sum().backward()
    assert x.grad.tolist() == [3, 3]


def needs_input_grad_tells_which_gradients_are_wanted(torch):
    seen = []
    scale = make_scale(torch, lambda ctx, g: (seen.append(ctx.needs_input_grad), (g * 2, None))[1])
    scale.apply(torch.ones(1, requires_grad=True), torch.ones(1)).backward()
    assert seen == [(True, False)]


def the_number_of_gradients_must_be_that_of_the_inputs(torch):
    scale = make_scale(torch, lambda ctx, g: g)
    words = r"function ScaleBackward returned an incorrect number of gradients \(expected 2, got 1\)"
    with pytest.raises(RuntimeError, match=words):
        scale.apply(torch.ones(1, requires_grad=True), 2).backward()


def saved_tensors_are_gone_after_backward(torch):
    scale = make_scale(torch, lambda ctx, g: (g * ctx.saved_tensors[0], None))
    y = scale.apply(torch.ones(1, requires_grad=True), 2)
    y.backward()
    with pytest.raises(RuntimeError, match="second time"):
        y.backward()


def a_change_of_a_saved_tensor_is_noticed(torch):
    scale = make_scale(torch, lambda ctx, g: (g * ctx.saved_tensors[0], None))
    x = torch.ones(1, requires_grad=True) * 1
    y = scale.apply(x, 2)
    x += 1
    with pytest.raises(RuntimeError, match="modified by an inplace operation"):
        y.backward()


def outputs_may_be_marked_as_not_differentiable(torch):
    class MaxAndIndex(torch.autograd.Function):
        @staticmethod
        def forward(ctx, x):
            value, index = x.max(0)
            ctx.mark_non_differentiable(index)
            ctx.save_for_backward(x, index)
            return value, index

        @staticmethod
        def backward(ctx, g, g_index):
            x, index = ctx.saved_tensors
            return torch.zeros_like(x).index_fill(0, index.reshape(1), 1.0) * g

    x = torch.tensor([1.0, 3.0], requires_grad=True)
    value, index = MaxAndIndex.apply(x)
    assert value.requires_grad and not index.requires_grad
    value.backward()
    assert x.grad.tolist() == [0, 1]


def missing_gradients_are_zeros_or_none(torch):
    class Both(torch.autograd.Function):
        materialize = True

        @staticmethod
        def forward(ctx, x):
            ctx.set_materialize_grads(Both.materialize)
            return x * 1, x * 2

        @staticmethod
        def backward(ctx, first, second):
            Both.seen = first
            return second * 2

    x = torch.ones(2, requires_grad=True)
    Both.apply(x)[1].sum().backward()
    assert Both.seen.tolist() == [0, 0]
    Both.materialize = False
    Both.apply(x)[1].sum().backward()
    assert Both.seen is None


def setup_context_saves_what_forward_without_ctx_leaves(torch):
    class Multiply(torch.autograd.Function):
        @staticmethod
        def forward(x, y):
            return x * y

        @staticmethod
        def setup_context(ctx, inputs, output):
            ctx.save_for_backward(*inputs)

        @staticmethod
        def backward(ctx, g):
            x, y = ctx.saved_tensors
            return g * y, g * x

    x, y = torch.tensor(2.0, requires_grad=True), torch.tensor(3.0, requires_grad=True)
    Multiply.apply(x, y).backward()
    assert (x.grad.item(), y.grad.item()) == (3, 2)


def make_double_in_place(torch):
    class DoubleInPlace(torch.autograd.Function):
        @staticmethod
        def forward(ctx, x):
            ctx.mark_dirty(x)
            return x.mul_(2)

        @staticmethod
        def backward(ctx, g):
            return g * 2

    return DoubleInPlace


def mark_dirty_records_a_change_of_an_input(torch):
    x = torch.ones(2, requires_grad=True)
    y = x * 1
    result = make_double_in_place(torch).apply(y)
    assert result is y and y.tolist() == [2, 2] and y.grad_fn.name() == "DoubleInPlaceBackward"
    y.sum().backward()
    assert x.grad.tolist() == [2, 2]


def mark_dirty_of_a_view_changes_its_base(torch):
    x = torch.ones(3, requires_grad=True)
    base = x * 1
    make_double_in_place(torch).apply(base[:2])
    base.sum().backward()
    assert base.tolist() == [2, 2, 1] and x.grad.tolist() == [2, 2, 1]


def mark_dirty_keeps_the_rules_for_changes_in_place(torch):
    double = make_double_in_place(torch)
    with pytest.raises(RuntimeError, match="a leaf Variable that requires grad has been used in an in-place"):
        double.apply(torch.ones(2, requires_grad=True))
    double.forward = staticmethod(lambda ctx, x: (ctx.mark_dirty(x), x.mul_(2) * 1)[1])
    with pytest.raises(
        RuntimeError, match="Some elements marked as dirty during the forward method were not"
    ):
        double.apply(torch.ones(2, requires_grad=True) * 1)


def a_backward_may_be_differentiable_once(torch):
    once_differentiable = torch.autograd.function.once_differentiable
    scale = make_scale(torch, once_differentiable(lambda ctx, g: (g * ctx.factor, None)))
    x = torch.ones(1, requires_grad=True)
    (g,) = torch.autograd.grad(scale.apply(x, 3) ** 2, x, create_graph=True)
    with pytest.raises(RuntimeError, match="trying to differentiate twice a function that was marked"):
        g.backward()


def a_backward_is_differentiated_like_any_computation(torch):
    class Cube(torch.autograd.Function):
        @staticmethod
        def forward(ctx, x):
            ctx.save_for_backward(x)
            return x**3

        @staticmethod
        def backward(ctx, g):
            return 3 * ctx.saved_tensors[0] ** 2 * g

    x = torch.tensor([1.0, -2.0], dtype=torch.float64, requires_grad=True)
    assert torch.autograd.gradcheck(Cube.apply, x) and torch.autograd.gradgradcheck(Cube.apply, x)
    (first,) = torch.autograd.grad(Cube.apply(x).sum(), x, create_graph=True)
    (second,) = torch.autograd.grad(first.sum(), x)
    assert second.tolist() == [6, -12]


def gradcheck_finds_a_wrong_gradient(torch):
    scale = make_scale(torch, lambda ctx, g: (g, None))
    x = torch.ones(2, dtype=torch.float64, requires_grad=True)
    with pytest.raises(RuntimeError, match="Jacobian mismatch for output 0 with respect to input 0"):
        torch.autograd.gradcheck(lambda t: scale.apply(t, 2), x)
    assert not torch.autograd.gradcheck(lambda t: scale.apply(t, 2), x, raise_exception=False)


def anomaly_mode_names_the_function_that_returned_nan(torch):
    x = torch.tensor([1.0, -1.0], requires_grad=True)
    with warnings.catch_warnings(), torch.autograd.set_detect_anomaly(True):
        warnings.simplefilter("ignore")
        with pytest.raises(
            RuntimeError, match="Function 'SqrtBackward0' returned nan values in its 0th output"
        ):
            x.sqrt().sum().backward()
    x.sqrt().sum().backward()


def jacobians_and_hessians(torch):
    functional = torch.autograd.functional
    x = torch.tensor([1.0, 2.0])
    assert functional.jacobian(lambda t: t**2, x).tolist() == [[2, 0], [0, 4]]
    assert functional.hessian(lambda t: (t**3).sum(), x).tolist() == [[6, 0], [0, 12]]
    assert functional.vjp(lambda t: t * 3, x, torch.ones(2))[1].tolist() == [3, 3]
    assert functional.jvp(lambda t: t * 3, x, torch.ones(2))[1].tolist() == [3, 3]
    assert functional.hvp(lambda t: (t**3).sum(), x, torch.ones(2))[1].tolist() == [6, 12]
