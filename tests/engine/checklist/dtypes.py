"""Which dtype comes out, and which element wins a tie."""

import math

import pytest


def numbers_and_0d_tensors_do_not_promote_within_a_category(torch):
    half, single = torch.ones(2, dtype=torch.float16), torch.ones(2)
    assert (half * 2.5).dtype == torch.float16 and (
        single * torch.tensor(2.0).double()
    ).dtype == torch.float32
    assert (torch.ones(2, dtype=torch.uint8) + 1000).dtype == torch.uint8
    assert (torch.ones(2, dtype=torch.int32) * torch.tensor(2)).dtype == torch.int32


def numbers_and_0d_tensors_promote_to_a_higher_category(torch):
    assert (torch.ones(2, dtype=torch.int64) * 1.5).dtype == torch.float32
    assert (torch.ones(2, dtype=torch.bool) + 1).dtype == torch.int64
    assert (torch.ones(2, dtype=torch.int32) + torch.tensor(1.0).double()).dtype == torch.float64


def tensors_with_dimensions_promote_each_other(torch):
    assert (torch.ones(2) + torch.ones(2).double()).dtype == torch.float64
    assert (torch.ones(2, dtype=torch.uint8) + torch.ones(2, dtype=torch.int8)).dtype == torch.int16
    assert (torch.ones(2, dtype=torch.int64) + torch.ones(2, dtype=torch.float16)).dtype == torch.float16


def division_and_functions_of_integers_give_floats(torch):
    x = torch.tensor([1, 2])
    assert (x / x).dtype == x.exp().dtype == x.sqrt().dtype == x.sigmoid().dtype == torch.float32
    assert (x // 2).dtype == (x**2).dtype == x.abs().dtype == torch.int64


def sums_of_integers_are_int64(torch):
    for dtype in [torch.bool, torch.uint8, torch.int32]:
        x = torch.ones(3, dtype=dtype)
        assert x.sum().dtype == x.prod().dtype == x.cumsum(0).dtype == torch.int64


def integers_have_no_mean(torch):
    with pytest.raises(RuntimeError, match=r"mean\(\): could not infer output dtype"):
        torch.tensor([1, 2]).mean()


def std_is_unbiased(torch):
    x = torch.tensor([1.0, 2.0, 3.0])
    assert x.var().item() == 1 and x.var(unbiased=False).item() == pytest.approx(2 / 3)


def integers_wrap_around(torch):
    assert (torch.tensor([255], dtype=torch.uint8) + 1).item() == 0
    assert (-torch.tensor([-128], dtype=torch.int8)).item() == -128


def floor_division_and_remainder_take_the_sign_of_the_divisor(torch):
    x, y = torch.tensor([7, -7, 7, -7]), torch.tensor([2, 2, -2, -2])
    assert (x // y).tolist() == [3, -4, -4, 3] and (x % y).tolist() == [1, 1, -1, -1]
    assert torch.fmod(x, y).tolist() == [1, -1, 1, -1]


def reductions_stay_0d_tensors(torch):
    x = torch.ones(2, 3)
    for result in [
        x.sum(),
        x.max(),
        x.mean(),
        x.argmax(),
        x[0, 0],
        x.norm(),
        x @ x.t() @ torch.ones(2) @ x[:, 0],
    ]:
        assert isinstance(result, torch.Tensor) and result.shape == ()


def max_and_amax_share_the_gradient_among_ties(torch):
    for largest in [lambda t: t.max(), lambda t: t.amax(0), lambda t: t.amax()]:
        x = torch.tensor([2.0, 1.0, 2.0], requires_grad=True)
        largest(x).backward()
        assert x.grad.tolist() == [0.5, 0, 0.5]


def maximum_of_two_shares_the_gradient_too(torch):
    x, y = torch.ones(1, requires_grad=True), torch.ones(1, requires_grad=True)
    torch.maximum(x, y).backward()
    assert x.grad.item() == y.grad.item() == 0.5


def max_along_a_dimension_picks_one(torch):
    x = torch.tensor([2.0, 1.0, 2.0], requires_grad=True)
    values, indices = x.max(0)
    values.backward()
    assert indices.item() == 0 and x.grad.tolist() == [1, 0, 0]


def slopes_at_zero(torch):
    def slope(function, at=0.0):
        x = torch.tensor([at], requires_grad=True)
        function(x).sum().backward()
        return x.grad.item()

    assert slope(torch.relu) == slope(torch.abs) == slope(torch.sign) == slope(lambda t: t.norm()) == 0
    assert slope(torch.sqrt) == math.inf
    assert slope(lambda t: t.clamp(0, 1)) == slope(lambda t: t.clamp(0, 1), 1.0) == 1
    assert slope(lambda t: t**0) == 0 and slope(lambda t: torch.nn.functional.leaky_relu(t, 0.1)) == (
        pytest.approx(0.1)
    )


def default_dtype_is_what_floats_become(torch):
    torch.set_default_dtype(torch.float64)
    try:
        made = [
            torch.tensor(1.5),
            torch.zeros(2),
            torch.rand(2),
            torch.tensor([1]) / 2,
            torch.arange(0.0, 1.0),
        ]
        assert {t.dtype for t in made} == {torch.float64} and torch.nn.Linear(
            1, 1
        ).weight.dtype == torch.float64
    finally:
        torch.set_default_dtype(torch.float32)
    with pytest.raises(TypeError, match="only floating-point types are supported as the default type"):
        torch.set_default_dtype(torch.int64)


def limits_of_dtypes(torch):
    assert torch.finfo(torch.float32).eps == 2**-23 and torch.finfo(torch.float16).max == 65504
    assert torch.iinfo(torch.int8).min == -128 and torch.iinfo(torch.uint8).max == 255
    with pytest.raises(TypeError, match="requires a floating point input type"):
        torch.finfo(torch.int32)


def quotients_are_computed_in_floats_from_the_start(torch):
    x = torch.tensor([6, 9], dtype=torch.uint8)
    assert (x / -3).tolist() == [-2, -3] and (torch.tensor(300) / x).tolist() == [50, pytest.approx(100 / 3)]
    assert (x / torch.tensor(-3.0).double()).dtype == torch.float64


def booleans_have_no_arithmetic_of_their_own(torch):
    yes = torch.tensor([True])
    for wrong, error, words in [
        (
            lambda: yes - yes,
            RuntimeError,
            "Subtraction, the `-` operator, with two bool tensors is not supported",
        ),
        (lambda: -yes, RuntimeError, "Negation, the `-` operator, on a bool tensor is not supported"),
        (lambda: yes**yes, NotImplementedError, "\"pow\" not implemented for 'Bool'"),
        (lambda: yes.floor(), NotImplementedError, "\"floor_vml_cpu\" not implemented for 'Bool'"),
        (lambda: yes.argmax(), RuntimeError, r"argmax\(\): does not support bool input"),
    ]:
        with pytest.raises(error, match=words):
            wrong()


def bits_are_those_of_integers(torch):
    with pytest.raises(
        TypeError, match=r"~ \(operator.invert\) is only implemented on integer and Boolean-type"
    ):
        _ = ~torch.ones(1)
    with pytest.raises(NotImplementedError, match="\"bitwise_and_cpu\" not implemented for 'Float'"):
        torch.ones(1) & torch.ones(1)
    assert (torch.tensor([5]) << 2).item() == 20 and (1 << torch.tensor([3])).item() == 8
