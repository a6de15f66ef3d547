"""What a loss is given when it is checked: SimpleNet's outputs and the labels of a batch, or what fits it.

A snippet that takes something else says so itself: `example_inputs`, a tuple of tensors, or a function that
returns one. Else the kinds of inputs in `KINDS` are tried in their order, by how many the loss takes.
"""

from __future__ import annotations

import inspect
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np

from gradviz import engine
from gradviz.engine import Tensor, nn
from gradviz.engine.backend import Array
from gradviz.session.mnist import Mnist

MANY = 256
OWN = "its example_inputs"
LARGE = "where the outputs are large"
TIED = "where many of the outputs are equal, or 0"
BATCH = "for a batch of 256"


@dataclass(frozen=True)
class Raw:
    """A batch: scores [N, 10] that a network might have put out, and labels [N]."""

    scores: Array
    labels: Array


@dataclass(frozen=True)
class Kind:
    """Inputs for a loss: what they are in words, and how they are made. The first `learned` of them need
    gradients."""

    words: str
    make: Callable[[Raw], tuple[Array, ...]]
    learned: int = 1

    def tensors(self, raw: Raw, dtype: Any) -> list[Tensor]:
        found = []
        for position, array in enumerate(self.make(raw)):
            array = np.array(array, dtype if array.dtype.kind == "f" else array.dtype)
            tensor = engine.from_numpy(array)
            found.append(tensor.requires_grad_() if position < self.learned else tensor)
        return found


def _one_hot(raw: Raw) -> Array:
    return np.eye(raw.scores.shape[1])[raw.labels]


def _even(raw: Raw) -> Array:
    return (raw.labels % 2).astype(np.float64)


def _sigmoid(x: Array) -> Array:
    return 1 / (1 + np.exp(-x))


def _others(raw: Raw, shift: int) -> Array:
    """Scores of the same batch in another order."""
    return np.roll(raw.scores, shift, 0) + 0.01 * shift


KINDS: dict[int, tuple[Kind, ...]] = {
    1: (Kind("scores [N, 10]", lambda r: (r.scores,)), Kind("numbers [N]", lambda r: (r.scores[:, 0],))),
    2: (
        Kind("SimpleNet's outputs [N, 10] and the labels [N]", lambda r: (r.scores, r.labels)),
        Kind("outputs [N, 10] and one-hot targets [N, 10]", lambda r: (r.scores, _one_hot(r))),
        Kind("outputs [N, 1] and targets [N, 1]", lambda r: (r.scores[:, :1], _even(r)[:, None])),
        Kind("outputs [N] and targets [N]", lambda r: (r.scores[:, 0], _even(r))),
        Kind("probabilities [N, 10] and one-hot targets", lambda r: (_sigmoid(r.scores), _one_hot(r))),
        Kind("probabilities [N] and targets [N]", lambda r: (_sigmoid(r.scores[:, 0]), _even(r))),
        Kind("embeddings [N, 10], twice", lambda r: (r.scores, _others(r, 1)), 2),
    ),
    3: (
        Kind(
            "embeddings [N, 10]: anchors, positives, negatives",
            lambda r: (r.scores, _others(r, 1), _others(r, 2)),
            3,
        ),
        Kind(
            "embeddings [N, 10], twice, and 1 or -1 [N]",
            lambda r: (r.scores, _others(r, 1), 2 * _even(r) - 1),
            2,
        ),
        Kind("outputs, other outputs and labels", lambda r: (r.scores, _others(r, 1), r.labels)),
        Kind("embeddings [N, 10], twice, and 1 or 0 [N]", lambda r: (r.scores, _others(r, 1), _even(r)), 2),
        Kind("means, log variances and targets", lambda r: (r.scores, _others(r, 1), _one_hot(r)), 2),
    ),
    4: (
        Kind(
            "outputs, targets, means, log variances",
            lambda r: (_sigmoid(r.scores), _one_hot(r), r.scores, _others(r, 1)),
        ),
    ),
}

WORDS = (OWN, LARGE, TIED, BATCH, *(kind.words for kinds in KINDS.values() for kind in kinds))


def kinds_for(loss: Callable, namespace: Mapping[str, object]) -> list[Kind]:
    """The inputs to try, in this order. Raises what the snippet's own example raises."""
    own = namespace.get("example_inputs")
    if own is not None:
        given = own() if callable(own) else own
        given = tuple(given) if isinstance(given, (tuple, list)) else (given,)
        return [_own(given)]
    return [kind for count in _counts(loss) for kind in KINDS.get(count, ())]


def _own(given: tuple[object, ...]) -> Kind:
    """The author's. The first needs a gradient, and all up to the last one that says so."""
    arrays = tuple(x.detach().numpy() if isinstance(x, Tensor) else np.asarray(x) for x in given)
    marked = [i for i, x in enumerate(given) if isinstance(x, Tensor) and x.requires_grad]
    return Kind(OWN, lambda _raw: arrays, max(marked, default=0) + 1)


def _counts(loss: Callable) -> list[int]:
    """How many inputs it takes: those that it must have first, then with optional ones."""
    called = loss.forward if isinstance(loss, nn.Module) else loss
    try:
        parameters = list(inspect.signature(called).parameters.values())
    except (TypeError, ValueError):  # something of C
        return [2]
    positional = [p for p in parameters if p.kind in (p.POSITIONAL_ONLY, p.POSITIONAL_OR_KEYWORD)]
    needed = sum(p.default is p.empty for p in positional)
    if any(p.kind is p.VAR_POSITIONAL for p in parameters):
        return [2, 3, 1]
    return list(dict.fromkeys([max(needed, min(2, len(positional))), *range(needed, len(positional) + 1)]))


def batch(mnist: Mnist, size: int, seed: int) -> Raw:
    """Outputs that SimpleNet has before it has learned anything, for the first images."""
    engine.manual_seed(seed)
    net = nn.Sequential(nn.Flatten(), nn.Linear(784, 128), nn.ReLU(), nn.Linear(128, 10))
    with engine.no_grad():
        scores = net(engine.from_numpy(mnist.train_images[:size]))
    labels = mnist.train_labels[:size]
    return Raw(scores.numpy().astype(np.float64), np.asarray(labels, np.int64))


def variations(mnist: Mnist, size: int, seed: int) -> Iterator[tuple[str, Raw]]:
    """Other outputs that a network may come to, each in words: a mistake may show in them only."""
    raw = batch(mnist, size, seed)
    spread = float(raw.scores.std()) or 1.0
    yield LARGE, Raw(raw.scores * (2.0 / spread), raw.labels)
    yield TIED, Raw(np.round(raw.scores / spread), raw.labels)
    yield BATCH, batch(mnist, MANY, seed)
