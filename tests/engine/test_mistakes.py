"""Mistakes that people make, answered in torch's words."""

from __future__ import annotations

import pytest

import gradviz.engine as torch
from gradviz.engine import nn
from tests.engine.mistakes import MISTAKES, answer_to

a = torch.ones(2, 2)
leaf = torch.ones(2, 2, requires_grad=True)
doubles, longs, mask = a.double(), a.long(), a > 0
linear, cross_entropy = nn.Linear(2, 2), nn.CrossEntropyLoss()

OTHERS = {
    # dtypes that differ
    "mat1 and mat2 must have the same dtype, but got Double and Float": lambda: linear(doubles),
    "mat1 and mat2 must have the same dtype, but got Long and Float": lambda: linear(longs),
    "self and mat2 must have the same dtype, but got Double and Float": lambda: torch.addmm(doubles, a, a),
    "expected m1 and m2 to have the same dtype, but got: float != double": lambda: a @ doubles,
    "expected scalar type Float but found Double": lambda: torch.bmm(a[None], doubles[None]),
    "dot : expected both vectors to have same dtype, but found Float and Double": lambda: a[0] @ doubles[0],
    "Input type (double) and bias type (float) should be the same": lambda: nn.Conv2d(1, 1, 1)(doubles[None]),
    "std and var only support floating point": lambda: longs.std(),
    "not implemented for 'Long'": lambda: torch.softmax(longs, 1),
    "Subtraction, the `-` operator, with a bool tensor is not supported": lambda: 1 - mask,
    # labels
    "expected target dtype to be Long or Byte, but got Int": lambda: cross_entropy(a, torch.zeros(2).int()),
    "0D or 1D target tensor expected, multi-target": lambda: cross_entropy(a, longs[:, :1]),
    "Expected floating point type for target with class probabilities": lambda: cross_entropy(a, longs),
    "argument 'target' (position 2) must be Tensor, not list": lambda: cross_entropy(a, [0, 1]),
    "can't be cast to the desired output type Long": lambda: nn.BCEWithLogitsLoss()(a, longs),
    "Found dtype Long but expected Float": lambda: nn.BCELoss()(a, longs),
    # sizes
    "running_mean should contain 2 elements not 3": lambda: nn.BatchNorm1d(3)(a),
    "The expanded size of the tensor (3) must match the existing size (2) at non-singleton dimension 1":
        lambda: a.expand(3, 3),
    "subscript j has size 3 for operand 1": lambda: torch.einsum("ij,jk->ik", a, torch.ones(3, 2)),
    "The size of tensor a (3) must match the size of tensor b (2)":
        lambda: torch.where(torch.ones(3) > 0, a, 0.0),
    "Given input size: (1x1x1). Calculated output size: (1x0x0)":
        lambda: nn.MaxPool2d(2)(torch.ones(1, 1, 1, 1)),
    "expand(torch.FloatTensor{[2, 2]}, size=[1]): the number of sizes provided (1) must be greater":
        lambda: torch.zeros(2).__setitem__(slice(0, 1), a),
    "invalid index of a 0-dim tensor. Use `tensor.item()`": lambda: a.sum()[0],
    # values that are no tensors
    "Boolean value of Tensor with more than one value": lambda: nn.MSELoss(a, a),
    "linear(): argument 'input' (position 1) must be Tensor, not list": lambda: linear([1.0, 2.0]),
    "expected Tensor as element 1 in argument 0, but got int": lambda: torch.cat([a, 1]),
    "only one element tensors can be converted to Python scalars": lambda: float(a),
    "new(): invalid data type 'str'": lambda: torch.tensor("abc"),
    "too many dimensions 'str'": lambda: torch.tensor(["abc"]),
    "zeros(): argument 'size' (position 1) must be tuple of ints, not float": lambda: torch.zeros(2.5),
    "ModuleList.extend should be called with an iterable": lambda: nn.ModuleList(linear),
    # gradients and results
    "Only Tensors of floating point and complex dtype can require gradients": lambda: nn.Parameter(longs),
    "add(): functions with out=... arguments don't support automatic": lambda: torch.add(leaf, a, out=a),
    "result type Float can't be cast to the desired output type Long": lambda: torch.mul(a, a, out=longs),
}  # fmt: skip


@pytest.mark.filterwarnings("ignore")
@pytest.mark.parametrize(
    "mistake", [pytest.param(m, marks=pytest.mark.cpu) if "cuda" in m else m for m in MISTAKES]
)
def test_a_mistake_is_answered_in_torchs_words(mistake: str) -> None:
    assert answer_to(mistake, torch).startswith(MISTAKES[mistake])


@pytest.mark.parametrize("words", OTHERS, ids=lambda words: words[:60])
def test_another_mistake_is_answered_in_torchs_words(words: str) -> None:
    with pytest.raises((IndexError, RuntimeError, TypeError, ValueError)) as raised:
        OTHERS[words]()
    assert words in str(raised.value)


def test_a_list_of_tensors_with_several_elements_is_no_tensor() -> None:
    with pytest.raises(ValueError, match="only one element tensors"):
        torch.tensor([a, a])
    assert torch.tensor([a[0, 0], a[1, 1]]).tolist() == [1, 1]


def test_a_weight_changed_between_two_backwards_is_named_as_torch_does() -> None:
    net = nn.Sequential(nn.Linear(2, 2), nn.Linear(2, 1))
    loss = net(a).sum()
    loss.backward(retain_graph=True)
    torch.optim.SGD(net.parameters(), lr=0.1).step()
    with pytest.raises(
        RuntimeError, match=r"FloatTensor \[2, 1\]\], which is output 0 of AsStrided, is at version"
    ):
        loss.backward()
