"""The hand-made recording must hold together, or the tests that stand on it mean nothing."""

import numpy as np

from tests.ui.fake_client import FakeClient
from tests.ui.recordings import initial_weights, simple_net


def loss_of(weights, images, labels):
    hidden = np.maximum(
        images.reshape(len(images), -1) @ weights["net.fc1.weight"].T + weights["net.fc1.bias"], 0
    )
    scores = hidden @ weights["net.fc2.weight"].T + weights["net.fc2.bias"]
    scores = scores - scores.max(1, keepdims=True)
    log_probs = scores - np.log(np.exp(scores).sum(1, keepdims=True))
    return -log_probs[np.arange(len(labels)), labels].mean()


def test_gradients_agree_with_finite_differences():
    weights = {name: value.astype(np.float64) for name, value in initial_weights().items()}
    recording = simple_net(weights=weights, batch=4)
    images = recording.arrays[recording.node("images").id, "value"].astype(np.float64)
    labels = recording.arrays[recording.node("labels").id, "value"]
    assert np.isclose(recording.iteration.loss, loss_of(weights, images, labels))
    for key, place in [("net.fc1.weight", (5, 400)), ("net.fc1.bias", (7,)), ("net.fc2.weight", (3, 9))]:
        gradient = recording.arrays[recording.node(key).id, "grad"][place]
        nudged = {}
        for sign in (1, -1):
            changed = {name: value.copy() for name, value in weights.items()}
            changed[key][place] += sign * 1e-5
            nudged[sign] = loss_of(changed, images, labels)
        assert np.isclose(gradient, (nudged[1] - nudged[-1]) / 2e-5, rtol=1e-3, atol=1e-8)


def test_every_operation_runs_forward_before_it_runs_backward():
    recording = simple_net()
    for node in recording.iteration.nodes:
        kinds = [event.kind for event in recording.iteration.events if event.node == node.id]
        expected = {
            "operation": ["forward", "backward"] if node.grad_fn else ["forward"],
            "parameter": ["accumulate", "update"],
            "input": [],
        }[node.kind]
        assert kinds == expected, node.key


def test_the_model_walks_through_it(started, client: FakeClient):
    node = started.node("net.fc1.weight")
    assert started.has_value(node) and not started.has_gradient(node)
    started.last()
    assert started.has_gradient(node)
    started.summary(started.ref(node, "grad"))
    started.shown.asked.look()
    summary = started.summary(started.ref(node, "grad"))
    assert summary.shape == (128, 784)
    assert summary.norm > 0
