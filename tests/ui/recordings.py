"""Recorded iterations made by hand, so that the window's tests need neither engine nor worker.

`simple_net` is the first example's program, computed here in plain NumPy: all numbers belong together, and
the arrays can be asked for by the references that views make.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from pathlib import Path

import numpy as np

from gradviz.trace import ArrayRef, Event, Input, Iteration, Node, Saved, Scope, Source, TensorInfo

FILE = "simplenet.py"
# Lines of the first example (assets/examples): which statement makes which operation.
LINES = {
    "flatten": 14,
    "fc1": 15,
    "relu": 16,
    "fc2": 17,
    "net": 29,
    "criterion": 30,
    "backward": 34,
    "step": 35,
}


def source(place: str) -> Source:
    return Source(FILE, LINES[place])


@dataclass
class Recording:
    """An iteration and its arrays by (node, role); "updated" is the value after the node's update event,
    ("saved", name) what the node keeps for backward."""

    iteration: Iteration
    arrays: dict[tuple[int, str], np.ndarray] = field(default_factory=dict)

    def node(self, key: str) -> Node:
        return next(node for node in self.iteration.nodes if node.key == key)

    def event_of(self, key: str, kind: str) -> int:
        """Index of the first event of that kind that happens to the node."""
        node = self.node(key).id
        return next(
            index
            for index, event in enumerate(self.iteration.events)
            if event.node == node and event.kind == kind
        )

    def find(self, ref: ArrayRef) -> np.ndarray | None:
        """The array as of the reference's event, or None where there is none."""
        if ref.iteration != self.iteration.index:
            return None
        if ref.role == "saved":
            return self.arrays.get((ref.node, f"saved/{ref.name}"))
        if ref.role == "value":
            done = self.iteration.events[: ref.event + 1]
            if any(event.kind == "update" and event.node == ref.node for event in done):
                return self.arrays.get((ref.node, "updated"))
        return self.arrays.get((ref.node, ref.role))


class _Recorder:
    """Collects nodes and events in the order in which the program runs."""

    def __init__(self, index: int) -> None:
        self.recording = Recording(Iteration(index, batch=index, batches=157, complete=True))
        self._ids: dict[str, int] = {}

    def leaf(self, kind: str, scope: str, name: str, value: np.ndarray, *, needs_grad: bool = False) -> str:
        key = f"{scope}.{name}" if scope else name
        self._add(
            Node(
                id=len(self._ids),
                key=key,
                kind=kind,  # type: ignore[arg-type]
                name=name,
                scope=scope,
                outputs=(TensorInfo(value.shape, str(value.dtype), needs_grad),),
            ),
            value,
        )
        return key

    def operation(
        self,
        scope: str,
        name: str,
        inputs: dict[str, str],
        value: np.ndarray,
        line: str,
        *,
        saved: dict[str, np.ndarray] | None = None,
        is_view: bool = False,
        grad_fn: str = "",
        formula: str = "",
        vjp: tuple[str, ...] = (),
    ) -> str:
        key = f"{scope}/{name}"
        saved = saved or {}
        node = Node(
            id=len(self._ids),
            key=key,
            kind="operation",
            name=name,
            scope=scope,
            inputs=tuple(Input(self._ids[key], 0, argument) for argument, key in inputs.items()),
            outputs=(TensorInfo(value.shape, str(value.dtype), bool(grad_fn)),),
            source=source(line),
            grad_fn=grad_fn,
            saved=tuple(Saved(n, a.shape, str(a.dtype), a.nbytes) for n, a in saved.items()),
            is_view=is_view,
            formula=formula,
            vjp=vjp,
            arguments=tuple(inputs),
        )
        self._add(node, value)
        for saved_name, array in saved.items():
            self.recording.arrays[node.id, f"saved/{saved_name}"] = array
        self._event("forward", key, line)
        return key

    def gradient(self, key: str, gradient: np.ndarray) -> None:
        self.recording.arrays[self._ids[key], "grad"] = gradient
        leaf = self.recording.node(key).kind != "operation"
        self._event("accumulate" if leaf else "backward", key, "backward")

    def update(self, key: str, value: np.ndarray) -> None:
        self.recording.arrays[self._ids[key], "updated"] = value
        self._event("update", key, "step")

    def _add(self, node: Node, value: np.ndarray) -> None:
        self._ids[node.key] = node.id
        self.recording.iteration.nodes.append(node)
        self.recording.arrays[node.id, "value"] = value

    def _event(self, kind: str, key: str, line: str) -> None:
        event = Event(kind, self._ids[key], source(line))  # type: ignore[arg-type]
        self.recording.iteration.events.append(event)


def initial_weights(seed: int = 0) -> dict[str, np.ndarray]:
    """float32 weights as nn.Linear draws them: uniform within 1/sqrt(in_features)."""
    random = np.random.default_rng(seed)

    def uniform(bound: float, *shape: int) -> np.ndarray:
        return random.uniform(-bound, bound, shape).astype(np.float32)

    first, second = 1 / np.sqrt(784), 1 / np.sqrt(128)
    return {
        "net.fc1.weight": uniform(first, 128, 784),
        "net.fc1.bias": uniform(first, 128),
        "net.fc2.weight": uniform(second, 10, 128),
        "net.fc2.bias": uniform(second, 10),
    }


def digits(batch: int = 64, seed: int = 0) -> tuple[np.ndarray, np.ndarray]:
    """(images float32 [batch, 1, 28, 28] in 0..1, labels int64 [batch]): rings and strokes, digit-like."""
    random = np.random.default_rng(seed)
    y, x = np.mgrid[0:28, 0:28].astype(np.float32)
    images = np.zeros((batch, 1, 28, 28), np.float32)
    labels = random.integers(0, 10, batch)
    for image, label in zip(images, labels, strict=True):
        center_x, center_y = random.uniform(12, 15, 2)
        radius = 4 + label / 3
        ring = np.hypot((x - center_x) * 1.3, y - center_y) - radius
        stroke = np.abs(x - center_x + (y - center_y) * (label - 5) / 12)
        distance = np.abs(ring) if label % 2 else np.where(np.abs(y - center_y) < 9, stroke, 9)
        image[0] = np.clip(2.2 - distance, 0, 1)
    return images, labels


def simple_net(
    index: int = 0, weights: dict[str, np.ndarray] | None = None, *, batch: int = 64, lr: float = 0.01
) -> Recording:
    """One SGD step of SimpleNet: every node, event, number and line of the first example's program.

    Pass `updated_weights(previous)` to continue a run.
    """
    w = weights or initial_weights()
    images, labels = digits(batch, seed=index)
    record = _Recorder(index)
    record.recording.iteration.scopes = [
        Scope("net", "SimpleNet"),
        Scope("net.fc1", "Linear", "784 → 128"),
        Scope("net.fc2", "Linear", "128 → 10"),
        Scope("criterion", "CrossEntropyLoss"),
    ]

    # forward
    record.leaf("input", "", "images", images)
    x = images.reshape(batch, -1)
    flat = record.operation("net", "flatten", {"input": "images"}, x, "flatten", is_view=True)
    hidden, first = _linear(record, "net.fc1", flat, x, w, "fc1")
    active = np.maximum(hidden, 0)
    relu = record.operation(
        "net",
        "relu",
        {"input": first},
        active,
        "relu",
        grad_fn="ReluBackward0",
        saved={"result": active},
        formula=r"\max(0, input)",
        vjp=(r"g \odot 1[input > 0]",),
    )
    scores, second = _linear(record, "net.fc2", relu, active, w, "fc2")
    shifted = scores - scores.max(1, keepdims=True)
    log_probs = shifted - np.log(np.exp(shifted).sum(1, keepdims=True))
    log_softmax = record.operation(
        "criterion",
        "log_softmax",
        {"input": second},
        log_probs,
        "criterion",
        grad_fn="LogSoftmaxBackward0",
        saved={"result": log_probs},
        formula=r"input - \log \sum_j e^{input_j}",
        vjp=(r"g - e^{out} \sum_j g_j",),
    )
    record.leaf("input", "", "labels", labels)
    loss_value = np.float32(-log_probs[np.arange(batch), labels].mean())
    loss = record.operation(
        "criterion",
        "nll_loss",
        {"input": log_softmax, "target": "labels"},
        np.asarray(loss_value),
        "criterion",
        grad_fn="NllLossBackward0",
        saved={"input": log_probs, "target": labels},
        formula=r"-\frac{1}{N} \sum_n input_{n, target_n}",
        vjp=(r"-\frac{g}{N} \, onehot(target)", ""),
    )
    record.recording.iteration.loss = float(loss_value)

    # backward, in the order of torch's engine: the latest operation first, gradients kept as they arrive
    one_hot = np.eye(10, dtype=np.float32)[labels]
    d_log_probs = -one_hot / batch
    d_scores = (np.exp(log_probs) - one_hot) / batch
    d_active = d_scores @ w["net.fc2.weight"]
    d_hidden = d_active * (hidden > 0)
    record.gradient(loss, np.asarray(1, np.float32))
    record.gradient(log_softmax, d_log_probs)
    gradients = _linear_backward(record, "net.fc2", d_scores, active)
    record.gradient(relu, d_active)
    gradients |= _linear_backward(record, "net.fc1", d_hidden, x)

    for name in w:
        record.update(name, w[name] - np.float32(lr) * gradients[name])
    return record.recording


def updated_weights(recording: Recording) -> dict[str, np.ndarray]:
    """The parameters at the end of a recorded iteration."""
    return {
        node.key: recording.arrays[node.id, "updated"]
        for node in recording.iteration.nodes
        if node.kind == "parameter"
    }


def _linear(
    record: _Recorder, scope: str, input_key: str, x: np.ndarray, w: dict[str, np.ndarray], line: str
) -> tuple[np.ndarray, str]:
    weight, bias = w[f"{scope}.weight"], w[f"{scope}.bias"]
    weight_key = record.leaf("parameter", scope, "weight", weight, needs_grad=True)
    turned = record.operation(
        scope,
        "t",
        {"input": weight_key},
        weight.T,
        line,
        grad_fn="TBackward0",
        is_view=True,
        formula="input^T",
        vjp=("g^T",),
    )
    bias_key = record.leaf("parameter", scope, "bias", bias, needs_grad=True)
    out = bias + x @ weight.T
    key = record.operation(
        scope,
        "addmm",
        {"input": bias_key, "mat1": input_key, "mat2": turned},
        out,
        line,
        grad_fn="AddmmBackward0",
        saved={"mat1": x, "mat2": weight.T},
        formula=r"input + mat1 \cdot mat2",
        vjp=(r"\sum_n g_n", r"g \cdot mat2^T", r"mat1^T \cdot g"),
    )
    return out, key


def _linear_backward(
    record: _Recorder, scope: str, d_out: np.ndarray, x: np.ndarray
) -> dict[str, np.ndarray]:
    d_weight, d_bias = d_out.T @ x, d_out.sum(0)
    record.gradient(f"{scope}/addmm", d_out)
    record.gradient(f"{scope}.bias", d_bias)
    record.gradient(f"{scope}/t", d_weight.T)
    record.gradient(f"{scope}.weight", d_weight)
    return {f"{scope}.weight": d_weight, f"{scope}.bias": d_bias}


def program() -> str:
    """The text that the recorded lines belong to."""
    return (Path(__file__).parents[2] / "assets" / "examples" / FILE).read_text(encoding="utf-8")
