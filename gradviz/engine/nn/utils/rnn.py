"""Batches of sequences of different lengths: padded to one length, or packed without padding.

Source: https://docs.pytorch.org/docs/stable/generated/torch.nn.utils.rnn.pack_padded_sequence.html, and its
neighbours
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, NamedTuple

from gradviz.engine.backend import xp
from gradviz.engine.creation import as_tensor
from gradviz.engine.dtypes import int64
from gradviz.engine.tensor import Tensor, wrap


class PackedSequence(NamedTuple):
    """Sequences in the order of their lengths, the longest first: all first elements, all second ones …

    `data` (sum of lengths, …), `batch_sizes` int64 on the CPU the number of sequences that reach each time
    step; `sorted_indices` and `unsorted_indices` lead from the given order to this one and back, if not None.
    """

    data: Tensor
    batch_sizes: Tensor
    sorted_indices: Tensor | None = None
    unsorted_indices: Tensor | None = None

    def to(self, *args: Any, **kwargs: Any) -> PackedSequence:
        data = self.data.to(*args, **kwargs)
        orders = [i if i is None else i.to(data.device) for i in (self.sorted_indices, self.unsorted_indices)]
        return PackedSequence(data, self.batch_sizes, *orders)

    def cpu(self) -> PackedSequence:
        return self.to("cpu")

    def cuda(self) -> PackedSequence:
        return self.to("cuda")

    def float(self) -> PackedSequence:
        return self._replace(data=self.data.float())

    def double(self) -> PackedSequence:
        return self._replace(data=self.data.double())

    @property
    def is_cuda(self) -> bool:
        return self.data.is_cuda


def _positions(lengths: list[int]) -> tuple[Tensor, Tensor, list[int]]:
    """Time step and row of every element of packed sequences, and how many rows reach each time step."""
    sizes = [sum(length > time for length in lengths) for time in range(max(lengths))]
    times = xp.repeat(xp.arange(len(sizes)), sizes)
    rows = xp.concatenate([xp.arange(size) for size in sizes])
    return wrap(times), wrap(rows), sizes


def _lengths_of(batch_sizes: Tensor) -> list[int]:
    sizes = batch_sizes.tolist()
    return [sum(size > row for size in sizes) for row in range(sizes[0])]


def pack_padded_sequence(
    input: Tensor, lengths: Tensor | list[int], batch_first: bool = False, enforce_sorted: bool = True
) -> PackedSequence:
    """Packs sequences padded to (T, N, …), or (N, T, …) with `batch_first`, of the given lengths.

    Raises RuntimeError for lengths that do not fall, unless `enforce_sorted` is False.
    """
    lengths = as_tensor(lengths, dtype=int64).cpu()
    sorted_indices = unsorted_indices = None
    if not enforce_sorted:
        lengths, sorted_indices = lengths.sort(descending=True)
        sorted_indices = sorted_indices.to(input.device)
        unsorted_indices = sorted_indices.argsort()
        input = input.index_select(0 if batch_first else 1, sorted_indices)
    counts = lengths.tolist()
    if batch_first:
        input = input.transpose(0, 1)
    if len(counts) != input.shape[1]:
        raise RuntimeError(
            f"Expected `len(lengths)` to be equal to batch_size, but got {len(counts)} "
            f"(batch_size={input.shape[1]})"
        )
    if sorted(counts, reverse=True) != counts:
        raise RuntimeError(
            "`lengths` array must be sorted in decreasing order when `enforce_sorted` is True. You can pass "
            "`enforce_sorted=False` to pack_padded_sequence and/or pack_sequence to sidestep this "
            "requirement if you do not need ONNX exportability."
        )
    if not counts or counts[-1] <= 0:
        raise RuntimeError(
            "Length of all samples has to be greater than 0, but found an element in 'lengths' that is <= 0"
        )
    if counts[0] > input.shape[0]:
        raise RuntimeError(f"Expected lengths up to {input.shape[0]}, the padded one, but got {counts[0]}")
    times, rows, sizes = _positions(counts)
    return PackedSequence(
        input[times, rows], as_tensor(sizes, device="cpu"), sorted_indices, unsorted_indices
    )


def pad_packed_sequence(
    sequence: PackedSequence,
    batch_first: bool = False,
    padding_value: float = 0.0,
    total_length: int | None = None,
) -> tuple[Tensor, Tensor]:
    """The sequences padded to (T, N, …), or (N, T, …) with `batch_first`, and their lengths."""
    data, batch_sizes, _, unsorted_indices = sequence
    longest, batch = len(batch_sizes), int(batch_sizes[0])
    if total_length is not None and total_length < longest:
        raise ValueError(
            "Expected total_length to be at least the length of the longest sequence in input, but got "
            f"total_length={total_length} and max sequence length being {longest}"
        )
    counts = _lengths_of(batch_sizes)
    times, rows, _ = _positions(counts)
    padded = data.new_full((total_length or longest, batch, *data.shape[1:]), padding_value)
    padded[times, rows] = data
    lengths = as_tensor(counts, device="cpu")
    if batch_first:
        padded = padded.transpose(0, 1)
    if unsorted_indices is not None:
        padded = padded.index_select(0 if batch_first else 1, unsorted_indices)
        lengths = lengths[unsorted_indices.cpu()]
    return padded, lengths


def pad_sequence(
    sequences: Sequence[Tensor],
    batch_first: bool = False,
    padding_value: float = 0.0,
    padding_side: str = "right",
) -> Tensor:
    """Sequences (L, …) padded to the longest: (T, N, …), or (N, T, …) with `batch_first`."""
    if padding_side not in ("left", "right"):
        raise RuntimeError(f"Expected padding_side to be left or right, but got {padding_side}")
    longest = max(len(sequence) for sequence in sequences)
    first = sequences[0]
    padded = first.new_full((len(sequences), longest, *first.shape[1:]), padding_value)
    for row, sequence in enumerate(sequences):
        start = 0 if padding_side == "right" else longest - len(sequence)
        padded[row, start : start + len(sequence)] = sequence
    return padded if batch_first else padded.transpose(0, 1)


def unpad_sequence(padded_sequences: Tensor, lengths: Tensor, batch_first: bool = False) -> list[Tensor]:
    """The sequences without their padding."""
    if not batch_first:
        padded_sequences = padded_sequences.transpose(0, 1)
    return [sequence[:length] for sequence, length in zip(padded_sequences, lengths.tolist(), strict=True)]


def pack_sequence(sequences: Sequence[Tensor], enforce_sorted: bool = True) -> PackedSequence:
    """Packs sequences (L, …)."""
    lengths = [len(sequence) for sequence in sequences]
    return pack_padded_sequence(pad_sequence(sequences), lengths, enforce_sorted=enforce_sorted)


def unpack_sequence(packed_sequences: PackedSequence) -> list[Tensor]:
    """The packed sequences, one tensor each."""
    padded, lengths = pad_packed_sequence(packed_sequences, batch_first=True)
    return unpad_sequence(padded, lengths, batch_first=True)
