"""What an observer hears, and in which order."""

from __future__ import annotations

import pytest

import gradviz.engine as torch
from gradviz.engine.backend import is_array
from tests.engine.tensors import leaf


class Recorder(torch.Observer):
    """Writes down everything it hears."""

    def __init__(self) -> None:
        self.heard: list[tuple] = []

    def forward(self, node, inputs, outputs) -> None:
        self.heard.append(("forward", node.op_name, node.input_names, inputs, outputs, node))

    def backward_begin(self, roots) -> None:
        self.heard.append(("begin", roots))

    def backward_node(self, node, grads_out, grads_in) -> None:
        self.heard.append(("backward", node.op_name, grads_out, grads_in))

    def backward_end(self) -> None:
        self.heard.append(("end",))

    def accumulate(self, tensor, grad) -> None:
        self.heard.append(("accumulate", tensor, grad.tolist(), tensor.grad.tolist()))

    def will_change(self, tensor) -> None:
        self.heard.append(("will change", tensor, tensor.tolist()))

    def changed(self, tensor) -> None:
        self.heard.append(("changed", tensor, tensor.tolist()))

    def freed(self, node) -> None:
        self.heard.append(("freed", node.op_name))

    def of(self, kind: str) -> list[tuple]:
        return [h[1:] for h in self.heard if h[0] == kind]


@pytest.fixture
def recorder():
    recorder = Recorder()
    previous = torch.observe(recorder)
    yield recorder
    torch.observe(previous)


def test_observe_returns_the_observer_before(recorder: Recorder) -> None:
    other = torch.Observer()
    assert torch.observe(other) is recorder and torch.observe(recorder) is other


def test_forward_tells_operation_inputs_and_outputs(recorder: Recorder) -> None:
    w, x = leaf(1, 2), torch.ones(2)
    y = w * x + 3
    (name, names, inputs, outputs, node), (name2, names2, inputs2, outputs2, node2) = recorder.of("forward")
    assert (name, names) == ("mul", ("x", "y")) and inputs[0] is w and inputs[1] is x
    assert outputs[0].grad_fn is node and outputs2[0] is y
    # The gradient of w needs the other factor; w itself is needed by nobody.
    assert node.saved["x"] is None and node.saved["y"] is x.array
    assert (name2, names2, node2.constants) == ("add", ("x",), {"y": 3}) and inputs2[0] is outputs[0]


def test_operations_without_gradient_are_told_too(recorder: Recorder) -> None:
    x = torch.ones(2, 3)
    torch.flatten(x)
    with torch.no_grad():
        leaf(1).exp()
    x.detach()
    _ = x > 0
    told = recorder.of("forward")
    assert [t[0] for t in told] == ["flatten", "exp", "detach", "gt"]
    assert all(t[4].saved is None for t in told)
    x.data  # noqa: B018
    assert len(recorder.of("forward")) == 4


def test_labels_and_masks_are_inputs_by_name(recorder: Recorder) -> None:
    labels, mask = torch.tensor([1]), torch.tensor([True, False])
    torch.nll_loss(leaf(1, 2).reshape(1, 2), labels)
    leaf(1, 2).masked_fill(mask, 0.0)
    loss, fill = recorder.of("forward")[-2:]
    assert loss[1] == ("input", "target") and loss[2][1] is labels
    assert fill[1] == ("x", "mask") and fill[2][1] is mask


def test_backward_is_told_node_by_node(recorder: Recorder) -> None:
    x, y = leaf(1, 2), leaf(3, 4)
    total = (x * y).sum()
    recorder.heard.clear()
    total.backward()
    kinds = [h[0] for h in recorder.heard]
    assert kinds == ["begin", "backward", "backward", "freed", "accumulate", "accumulate", "end"]
    assert recorder.of("begin") == [((total,),)]
    (sum_name, sum_out, sum_in), (mul_name, _, mul_in) = recorder.of("backward")
    assert (sum_name, mul_name) == ("sum", "mul")
    assert sum_out[0].shape == () and is_array(sum_in[0]) and sum_in[0].shape == (2,)
    assert [g.tolist() for g in mul_in] == [[3, 4], [1, 2]]
    assert {id(t): g for t, g, _ in recorder.of("accumulate")} == {id(x): [3, 4], id(y): [1, 2]}


def test_accumulation_tells_contribution_and_sum(recorder: Recorder) -> None:
    x = leaf(1)
    (x * 2).backward()
    (x * 3).backward()
    assert [told[1:] for told in recorder.of("accumulate")] == [([2], [2]), ([3], [5])]
    ((changing, before),) = recorder.of("will change")
    assert changing is x.grad and before == [2]


def test_changes_in_place_are_told_before_and_after(recorder: Recorder) -> None:
    x = torch.zeros(2)
    x.add_(1)
    x[0] = 5
    x.data = torch.ones(2)
    told = [(kind, values) for kind, tensor, values in (h for h in recorder.heard if h[0] != "forward")]
    assert told == [
        ("will change", [0, 0]), ("changed", [1, 1]),
        ("will change", [1, 1]), ("changed", [5, 1]),
        ("will change", [5, 1]), ("changed", [1, 1]),
    ]  # fmt: skip
    order = [h[0] for h in recorder.heard[:3]]
    assert order == ["will change", "changed", "forward"]
    assert recorder.of("forward")[0][3][0] is x


def test_a_change_through_a_view_tells_the_base_too(recorder: Recorder) -> None:
    x = torch.zeros(2, 2)
    row = x[0]
    recorder.heard.clear()
    row.fill_(1)
    for kind in ("will change", "changed"):
        assert [id(t) for t, _ in recorder.of(kind)] == [id(x), id(row)]


def test_a_custom_function_is_one_operation(recorder: Recorder) -> None:
    class Double(torch.autograd.Function):
        @staticmethod
        def forward(ctx, x):
            return x + x

        @staticmethod
        def backward(ctx, g):
            return g + g

    Double.apply(leaf(1)).backward()
    assert [t[0] for t in recorder.of("forward")] == ["Double"]
    assert [t[0] for t in recorder.of("backward")] == ["Double"]


def test_an_observers_exception_reaches_the_program() -> None:
    class Stop(torch.Observer):
        def forward(self, node, inputs, outputs) -> None:
            raise KeyboardInterrupt

    previous = torch.observe(Stop())
    try:
        with pytest.raises(KeyboardInterrupt):
            leaf(1).exp()
    finally:
        torch.observe(previous)
