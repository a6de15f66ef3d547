"""Connectionist temporal classification: the probability of a text under frames of label probabilities.

Source: Graves et al. (2006); https://docs.pytorch.org/docs/stable/generated/torch.nn.functional.ctc_loss.html
"""

from __future__ import annotations

from collections.abc import Sequence

from gradviz.engine.backend import Array, xp
from gradviz.engine.explain.decomposition import Decomposition, Part, elements
from gradviz.engine.ops.loss import check_reduction
from gradviz.engine.registry import torch_function
from gradviz.engine.tape import Op
from gradviz.engine.tensor import Tensor, wrap


class CtcLoss(Op):
    """Minus the logarithm of the sum over all ways to read the target, (N,), from log_probs (T, N, C).

    A way gives every frame a label of the target, or the blank; repeated labels count once, blanks never.
    """

    args = ("log_probs",)
    saves = ("posteriors",)
    formula = r"-\ln \textstyle\sum_{\mathrm{ways}} \prod_{t} p_{t}"
    vjp = (r"g \odot (p - \mathrm{posterior})",)

    def __init__(self, targets: list[Array], lengths: list[int], blank: int, zero_infinity: bool) -> None:
        self.targets, self.lengths, self.blank = targets, lengths, blank
        self.zero_infinity = zero_infinity

    def forward(self, log_probs):
        losses = xp.zeros(len(self.targets), log_probs.dtype, like=log_probs)
        self.posteriors = xp.zeros_like(log_probs)
        for n, (target, frames) in enumerate(zip(self.targets, self.lengths, strict=True)):
            loss, shares = alignment(log_probs[:frames, n], target, self.blank)
            impossible = self.zero_infinity and xp.isinf(loss)
            losses[n] = 0 if impossible else loss
            slopes = xp.exp(log_probs[:frames, n], dtype=xp.float64) - shares
            self.posteriors[:frames, n] = 0 if impossible else slopes
        return losses

    def backward(self, g, posteriors):
        if isinstance(g, Tensor) and g.requires_grad:
            raise RuntimeError("derivative for aten::_ctc_loss_backward is not implemented")
        slopes = wrap(posteriors) if isinstance(g, Tensor) else posteriors
        return g.reshape(1, -1, 1) * slopes

    def decompose(self, nr, index, log_probs):
        n = index[0]
        used = sorted({self.blank, *self.targets[n].tolist()})
        at = elements(log_probs).reshape(log_probs.shape)[: self.lengths[n], n][:, used].reshape(-1)
        loss = alignment(log_probs[: self.lengths[n], n], self.targets[n], self.blank)[0]
        value = xp.where(xp.isinf(loss) & self.zero_infinity, 0, loss).reshape(1)
        factors = tuple(("log_probs", at[i : i + 1]) for i in range(len(at)))
        return Decomposition((Part(value, type(self).formula, factors),))


def alignment(log_probs: Array, target: Array, blank: int) -> tuple[Array, Array]:
    """The loss of one sample, and for every frame and label the share of the ways that go through it."""
    frames, labels = log_probs.shape
    log_probs = log_probs.astype(xp.float64)  # sums of many frames, in which small shares must not drown
    states = xp.full(2 * len(target) + 1, blank, xp.int64, like=target)  # blanks around every label
    states[1::2] = target
    may_skip = xp.zeros(len(states), bool, like=target)  # from the label before over the blank
    may_skip[3::2] = states[3::2] != states[1:-2:2]
    emitted = log_probs[:, states]
    forwards = running(emitted, may_skip)
    # A way backwards through the frames skips where it would forwards, two states further on.
    backwards = running(emitted[::-1, ::-1], xp.concatenate([may_skip[2:], may_skip[:2]])[::-1])[::-1, ::-1]
    if not frames:
        loss = xp.zeros((), log_probs.dtype) if not len(target) else xp.asarray(xp.inf, log_probs.dtype)
        return loss, xp.zeros_like(log_probs)
    total = xp.logaddexp.reduce(forwards[-1, -2:])
    through = xp.exp(forwards + backwards - emitted - total)
    shares = xp.zeros((frames, labels), log_probs.dtype, like=log_probs)
    for state, label in enumerate(states.tolist()):
        shares[:, label] += through[:, state]
    return -total, shares


def running(emitted: Array, may_skip: Array) -> Array:
    """The logarithm of the sum of all ways from the first frame to each state of each frame."""
    sums = xp.full_like(emitted, -xp.inf)
    if not len(emitted):
        return sums
    sums[0, :2] = emitted[0, :2]
    for t in range(1, len(emitted)):
        reached = sums[t - 1].copy()
        reached[1:] = xp.logaddexp(reached[1:], sums[t - 1, :-1])
        skipped = xp.where(may_skip[2:], sums[t - 1, :-2], -xp.inf)
        reached[2:] = xp.logaddexp(reached[2:], skipped)
        sums[t] = reached + emitted[t]
    return sums


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
    split = [target.astype(xp.int64) for target in _split(targets, lengths)]
    losses = CtcLoss(split, inputs, blank, zero_infinity)(log_probs)
    if reduction == "mean":
        return (losses / wrap(xp.asarray([max(n, 1) for n in lengths], losses.array.dtype))).mean()
    return losses.sum() if reduction == "sum" else losses
