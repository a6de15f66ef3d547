"""Connectionist temporal classification: the probability of a text under frames of label probabilities.

Source: Graves et al. (2006); https://docs.pytorch.org/docs/stable/generated/torch.nn.functional.ctc_loss.html
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from gradviz.engine.backend import Array, beside, xp
from gradviz.engine.explain.decomposition import Decomposition, Part, elements
from gradviz.engine.ops.compound import Logaddexp
from gradviz.engine.ops.indexing import Index
from gradviz.engine.ops.joining import cat, stack
from gradviz.engine.ops.loss import check_reduction
from gradviz.engine.ops.padding import ConstantPadNd
from gradviz.engine.polymorphic import exp, plain
from gradviz.engine.registry import torch_function
from gradviz.engine.tape import Op
from gradviz.engine.tensor import Tensor, wrap


class CtcLoss(Op):
    """Minus the logarithm of the sum over all ways to read the target, (N,), from log_probs (T, N, C).

    A way gives every frame a label of the target, or the blank; repeated labels count once, blanks never.
    """

    args = ("log_probs",)
    saves = ("log_probs", "slopes")
    formula = r"-\ln \textstyle\sum_{\mathrm{ways}} \prod_{t} p_{t}"
    vjp = (r"g \odot (p - \mathrm{posterior})",)
    assumption = "the probabilities of every frame add up to 1"

    def __init__(self, targets: list[Array], lengths: list[int], blank: int, zero_infinity: bool) -> None:
        self.targets, self.lengths, self.blank = targets, lengths, blank
        self.zero_infinity = zero_infinity

    def forward(self, log_probs):
        exact = xp.maximum(log_probs.astype(xp.float64), LOWEST)
        found = [self.sample(exact, n) for n in range(len(self.targets))]
        self.slopes = xp.stack([slopes for _, slopes in found], 1).astype(log_probs.dtype)
        return xp.stack([loss for loss, _ in found]).astype(log_probs.dtype)

    def sample(self, log_probs: Any, n: int) -> tuple[Any, Any]:
        """The loss of one sample, and its slopes (T, C) along softmax's outputs."""
        frames = self.lengths[n]
        probs = log_probs[:frames, n]
        loss, shares = alignment(probs, self.targets[n], self.blank)
        if self.zero_infinity and xp.isinf(plain(loss)):
            loss, shares = xp.zeros_like(plain(loss)), exp(probs)
        slopes = ConstantPadNd(((0, log_probs.shape[0] - frames), (0, 0)), 0.0)(exp(probs) - shares)
        return loss, slopes

    def backward(self, g, log_probs, slopes):
        if isinstance(g, Tensor):  # computed anew, as a function that has a gradient itself
            exact = log_probs.double()
            slopes = stack([self.sample(exact, n)[1] for n in range(len(self.targets))], 1).to(g.dtype)
        return g.reshape(1, -1, 1) * slopes

    def decompose(self, nr, index, log_probs):
        n = index[0]
        used = sorted({self.blank, *self.targets[n].tolist()})
        at = elements(log_probs).reshape(log_probs.shape)[: self.lengths[n], n][:, used].reshape(-1)
        value = self.sample(log_probs.astype(xp.float64), n)[0].reshape(1)
        factors = tuple(("log_probs", at[i : i + 1]) for i in range(len(at)))
        return Decomposition((Part(value, type(self).formula, factors),))


LOWEST = -1e300  # the logarithm of no way at all; finite, so that differences of such have a gradient


def alignment(log_probs: Any, target: Array, blank: int) -> tuple[Any, Any]:
    """The loss of one sample, and for every frame and label (T, C) the share of the ways through it."""
    frames, labels = log_probs.shape
    if not frames:
        return xp.full((), xp.inf if len(target) else 0.0, like=target), log_probs
    states = xp.full(2 * len(target) + 1, blank, xp.int64, like=target)  # blanks around every label
    states[1::2] = target
    skips = xp.zeros(len(states), bool, like=target)  # from the label before, over the blank between
    skips[3::2] = states[3::2] != states[1:-2:2]
    emitted = log_probs[:, states]
    forwards = running(emitted, skips)
    # Backwards through frames and states, a way skips where it would forwards, two states further on.
    turned = (xp.arange(frames, like=states)[::-1, None], xp.arange(len(states), like=states)[::-1])
    ways = running(Index(turned)(emitted), xp.concatenate([skips[2:], skips[:2]])[::-1])
    backwards = Index(turned)(ways)
    ends = forwards[-1, -2:]
    total = ends[0] if ends.shape[0] == 1 else Logaddexp()(ends[0], ends[1])
    if plain(total) < LOWEST / 2:
        return total * 0 + xp.inf, log_probs * xp.nan
    shares = exp(forwards + backwards - emitted - total)
    return -total, shares @ (states[:, None] == xp.arange(labels, like=states)).astype(xp.float64)


def running(emitted: Any, skips: Array) -> Any:
    """The logarithm of the sum of all ways from the first frame to each state of each frame."""
    together = cat if isinstance(emitted, Tensor) else xp.concatenate
    outside = xp.full(2, LOWEST, plain(emitted).dtype, like=skips)
    outside = wrap(outside) if isinstance(emitted, Tensor) else outside
    first = xp.arange(len(skips), like=skips) < 2
    barred = LOWEST * ~skips
    rows = [emitted[0] * first + LOWEST * ~first]
    for t in range(1, emitted.shape[0]):
        before = together([outside, rows[-1]])
        reached = Logaddexp()(rows[-1], before[1:-1])
        rows.append(Logaddexp()(reached, before[:-2] + barred) + emitted[t])
    return stack(rows) if isinstance(emitted, Tensor) else xp.stack(rows)


Lengths = Tensor | Sequence[int]


def _numbers(lengths: Lengths) -> list[int]:
    listed = lengths.reshape(-1).tolist() if isinstance(lengths, Tensor) else list(lengths)
    return [int(n) for n in listed]


def _split(targets: Tensor, lengths: list[int]) -> list[Array]:
    """The target of every sample, from rows with padding or all in one row."""
    if targets.ndim == 1:
        if targets.numel() != sum(lengths):
            raise RuntimeError(
                f"Expected tensor to have size {sum(lengths)} at dimension 0, but got size {targets.numel()} "
                "for argument #2 'targets' (while checking arguments for ctc_loss_allocate_outputs)"
            )
        ends = [sum(lengths[: i + 1]) for i in range(len(lengths))]
        return [targets.array[end - n : end] for end, n in zip(ends, lengths, strict=True)]
    if targets.shape[1] < max(lengths, default=0):
        raise RuntimeError(
            f"Expected tensor to have size at least {max(lengths)} at dimension 1, but got size "
            f"{targets.shape[1]} for argument #2 'targets' (while checking arguments for "
            "ctc_loss_allocate_outputs)"
        )
    return [row[:n] for row, n in zip(targets.array, lengths, strict=True)]


@torch_function
def ctc_loss(
    log_probs: Tensor,
    targets: Tensor,
    input_lengths: Lengths,
    target_lengths: Lengths,
    blank: int = 0,
    reduction: str = "mean",
    zero_infinity: bool = False,
) -> Tensor:
    """Minus the log-probability of the targets, from log_probs (T, N, C) or (T, C).

    Targets are (N, S), padded, or (sum of target_lengths,). Reduction "mean" divides every loss by the length
    of its target first; `zero_infinity` lets targets that are too long for their frames count nothing.
    """
    check_reduction(reduction)
    if log_probs.ndim == 2:
        one = ctc_loss(
            log_probs.unsqueeze(1), targets, input_lengths, target_lengths, blank, reduction, zero_infinity
        )
        return one.squeeze(0) if reduction == "none" else one
    frames, batch, labels = log_probs.shape
    if not log_probs.is_floating_point():
        raise NotImplementedError(f"\"ctc_loss_cpu\" not implemented for '{log_probs.dtype.scalar_name}'")
    if not 0 <= blank < labels:
        raise RuntimeError("blank must be in label range")
    inputs, lengths = _numbers(input_lengths), _numbers(target_lengths)
    for name, values in (("input_lengths", inputs), ("target_lengths", lengths)):
        if len(values) != batch:
            raise RuntimeError(f"{name} must be of size batch_size")
    if max(inputs, default=0) > frames:
        raise RuntimeError(
            f"Expected input_lengths to have value at most {frames}, but got value {max(inputs)} (while "
            "checking arguments for ctc_loss_allocate_outputs)"
        )
    split = [beside(target.astype(xp.int64), log_probs.array) for target in _split(targets, lengths)]
    losses = CtcLoss(split, inputs, blank, zero_infinity)(log_probs)
    if reduction == "mean":
        return (
            losses / wrap(xp.asarray([max(n, 1) for n in lengths], losses.array.dtype, like=losses.array))
        ).mean()
    return losses.sum() if reduction == "sum" else losses
