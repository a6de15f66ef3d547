"""torch's random stream on the CPU, reproduced with NumPy.

The same seed gives the numbers that torch gives on the CPU: integers, permutations, uniform numbers and
Bernoulli masks bit for bit (a scaled float64 to its last bit), normal and exponential numbers to 3e-7, since
torch takes its logarithms and cosines from another library. Every function returns a NumPy array and draws
from `generator`, or from `default_generator` if None.

Source: the Mersenne Twister of torch's CPU generator, checked against torch 2.13
(https://docs.pytorch.org/docs/stable/random.html).
"""

from __future__ import annotations

import math
import secrets
from collections.abc import Iterator
from contextlib import contextmanager

import numpy as np
from numpy.typing import DTypeLike

from gradviz.engine.tensor import Tensor, wrap

Shape = int | tuple[int, ...]

_DEFAULT_SEED = 67280421310721  # torch's seed of a generator that nobody seeded
_WIDE_RANGE = 1 << 28  # from this many values on, an integer takes 64 random bits instead of 32
_BLOCK = 624  # words that the Mersenne Twister makes at once
_PART = 1 << 14  # numbers that are drawn at once, where they are many

# torch.get_rng_state() is this record as bytes; keeping its layout makes states exchangeable with torch.
_STATE = np.dtype(
    [
        ("seed", "<u8"),
        ("left", "<i4"),
        ("seeded", "<i4"),
        ("next", "<u8"),
        ("words", "<u8", _BLOCK),
        ("normal_x", "<f8"),
        ("normal", "<f8"),
        ("normal_rho", "<f8"),
        ("has_normal", "<i8"),
        ("float_normal", "<f4"),
        ("has_float_normal", "<i4"),
    ]
)


class Generator:
    """A stream of random numbers (torch.Generator): same seed, same numbers."""

    def __init__(self, device: object = "cpu") -> None:
        self.device = device
        self._twister = np.random.RandomState(0)
        self.manual_seed(_DEFAULT_SEED)

    def manual_seed(self, seed: int) -> Generator:
        """Start the stream of `seed`, any integer in [-2**63, 2**64 - 1], and return the generator."""
        try:
            seed = int(seed)
        except (TypeError, ValueError):
            raise RuntimeError(f"manual_seed expected a long, but got {type(seed).__name__}") from None
        if not -(2**63) <= seed < 2**64:
            raise ValueError(
                f"manual_seed: the seed {seed} does not fit in 64 bits; use one in [-2**63, 2**64 - 1]"
            )
        self._seed = seed % 2**64
        self._twister.seed(self._seed & 0xFFFFFFFF)
        self.spare_normal: float | None = None
        return self

    def seed(self) -> int:
        """Start a stream that nobody can foresee; return its seed."""
        self.manual_seed(secrets.randbits(63))
        return self._seed

    def initial_seed(self) -> int:
        """The seed that the stream began with."""
        return self._seed

    def get_state(self) -> Tensor:
        """The state as bytes, (5056,) uint8, in torch's own layout."""
        twister = self._twister.get_state(legacy=False)["state"]
        state = np.zeros((), _STATE)
        state["seed"], state["seeded"], state["words"] = self._seed, 1, twister["key"]
        state["next"], state["left"] = twister["pos"], _BLOCK + 1 - twister["pos"]
        if self.spare_normal is not None:
            state["normal"], state["has_normal"] = self.spare_normal, 1
        return wrap(np.frombuffer(state.tobytes(), np.uint8).copy())

    def set_state(self, new_state: Tensor) -> None:
        """Go on from a state that `get_state` (or torch) gave: (5056,) uint8."""
        data = np.asarray(new_state, np.uint8).tobytes()
        if len(data) != _STATE.itemsize:
            raise ValueError(f"set_state: expected {_STATE.itemsize} bytes from get_state(), got {len(data)}")
        state = np.frombuffer(data, _STATE)[0]
        position = _BLOCK if state["left"] == 1 else int(state["next"])
        self._twister.set_state(("MT19937", state["words"].astype(np.uint32), position, 0, 0.0))
        self._seed = int(state["seed"])
        self.spare_normal = float(state["normal"]) if state["has_normal"] else None

    def words32(self, count: int) -> np.ndarray:
        """The next `count` 32-bit words, uint32."""
        return np.frombuffer(self._twister.bytes(4 * count), "<u4")

    def words64(self, count: int) -> np.ndarray:
        """The next `count` 64-bit words, uint64: each two 32-bit words, the high one first."""
        pairs = self.words32(2 * count).astype(np.uint64)
        return (pairs[0::2] << np.uint64(32)) | pairs[1::2]


default_generator = Generator()


# -- the state of the default generator ------------------------------------------------------------


def manual_seed(seed: int) -> Generator:
    """Seed the default generator (torch.manual_seed) and return it."""
    return default_generator.manual_seed(int(seed))


def seed() -> int:
    """Seed the default generator unpredictably; return the seed."""
    return default_generator.seed()


def initial_seed() -> int:
    """The seed of the default generator."""
    return default_generator.initial_seed()


def get_rng_state() -> Tensor:
    """The default generator's state, (5056,) uint8."""
    return default_generator.get_state()


def set_rng_state(new_state: Tensor) -> None:
    """Put the default generator into a state from `get_rng_state`."""
    default_generator.set_state(new_state)


@contextmanager
def fork_rng(devices: object = None, enabled: bool = True) -> Iterator[None]:
    """Whatever the block draws, the default generator goes on afterwards as if nothing had been drawn."""
    state = get_rng_state() if enabled else None
    try:
        yield
    finally:
        if state is not None:
            set_rng_state(state)


# -- draws -----------------------------------------------------------------------------------------


def _count(shape: Shape) -> int:
    return shape if isinstance(shape, int) else math.prod(shape)


def _unit(count: int, double: bool, generator: Generator | None) -> np.ndarray:
    """`count` numbers in [0, 1): 24 random bits each as float32, or 53 as float64."""
    source = generator or default_generator
    if double:
        return (source.words64(count) & np.uint64((1 << 53) - 1)).astype(np.float64) * 2.0**-53
    return (source.words32(count) & np.uint32((1 << 24) - 1)).astype(np.float32) * np.float32(2.0**-24)


def rand(shape: Shape, dtype: DTypeLike = np.float32, generator: Generator | None = None) -> np.ndarray:
    """Uniform numbers in [0, 1)."""
    return uniform(shape, 0.0, 1.0, dtype, generator)


def uniform(
    shape: Shape,
    low: float = 0.0,
    high: float = 1.0,
    dtype: DTypeLike = np.float32,
    generator: Generator | None = None,
) -> np.ndarray:
    """Uniform numbers in [low, high)."""
    if low > high:
        raise RuntimeError(f"uniform_ expects to return a [from, to) range, but found from={low} > to={high}")
    kind = np.float64 if np.dtype(dtype) == np.float64 else np.float32
    numbers = np.empty(_count(shape), dtype)
    for start in range(0, numbers.size, _PART):  # so that little memory is needed on the way
        part = numbers[start : start + _PART]
        values = _unit(part.size, kind is np.float64, generator)
        if (low, high) != (0.0, 1.0):
            # torch multiplies and adds with one rounding at the end, which float64 does for float32
            values = values * np.float64(kind(high) - kind(low)) + kind(low)
        part[...] = values
    return numbers.reshape(shape)


def randn(shape: Shape, dtype: DTypeLike = np.float32, generator: Generator | None = None) -> np.ndarray:
    """Numbers of the standard normal distribution."""
    return normal(shape, 0.0, 1.0, dtype, generator)


def normal(
    shape: Shape,
    mean: float = 0.0,
    std: float = 1.0,
    dtype: DTypeLike = np.float32,
    generator: Generator | None = None,
) -> np.ndarray:
    """Normal numbers with the given mean and standard deviation."""
    if std < 0:
        raise RuntimeError(f"normal expects std >= 0.0, but found std {std}")
    count = _count(shape)
    if count < 16:
        draws = [normal_number(generator) for _ in range(count)]
        return (np.array(draws) * std + mean).astype(dtype).reshape(shape)
    values = _normals_by_sixteen(count, np.dtype(dtype) == np.float64, generator)
    if (mean, std) != (0.0, 1.0):
        values = values * values.dtype.type(std) + values.dtype.type(mean)
    return values.astype(dtype, copy=False).reshape(shape)


def unit_number(generator: Generator | None = None) -> float:
    """One number in [0, 1) with 53 random bits."""
    return _unit(1, True, generator).item()


def normal_number(generator: Generator | None = None) -> float:
    """One normal number. Box-Muller makes them in pairs: every other one was kept from the call before."""
    source = generator or default_generator
    if source.spare_normal is not None:
        spare, source.spare_normal = source.spare_normal, None
        return spare
    turn, length = _unit(2, True, source).tolist()
    radius = math.sqrt(-2.0 * math.log1p(-length))
    source.spare_normal = radius * math.sin(2.0 * math.pi * turn)
    return radius * math.cos(2.0 * math.pi * turn)


def _normals_by_sixteen(count: int, double: bool, generator: Generator | None) -> np.ndarray:
    """`count` ≥ 16 normal numbers. torch turns 16 uniform numbers at a time into normal ones, the first eight
    lengths, the last eight angles; a rest of fewer than 16 is made by drawing the last 16 afresh."""

    def box_muller(uniforms: np.ndarray) -> np.ndarray:
        kind = uniforms.dtype.type
        radius = np.sqrt(kind(-2.0) * np.log(kind(1.0) - uniforms[:, :8]))
        angle = kind(2.0 * math.pi) * uniforms[:, 8:]
        return np.concatenate([radius * np.cos(angle), radius * np.sin(angle)], axis=1)

    values = _unit(count, double, generator)
    whole = count - count % 16
    values[:whole] = box_muller(values[:whole].reshape(-1, 16)).reshape(-1)
    if count % 16:
        values[-16:] = box_muller(_unit(16, double, generator).reshape(1, 16)).reshape(-1)
    return values


def exponential(
    shape: Shape, rate: float = 1.0, dtype: DTypeLike = np.float32, generator: Generator | None = None
) -> np.ndarray:
    """Numbers of the exponential distribution with `rate` > 0."""
    if rate <= 0:
        raise RuntimeError(f"exponential_ expects lambda > 0.0, but found lambda={rate}")
    values = -np.log1p(-_unit(_count(shape), True, generator)) / rate
    return values.astype(dtype, copy=False).reshape(shape)


def cauchy(
    shape: Shape, median: float = 0.0, sigma: float = 1.0, generator: Generator | None = None
) -> np.ndarray:
    """Numbers of the Cauchy distribution, float64."""
    if sigma <= 0:
        raise RuntimeError(f"cauchy_ expects sigma > 0.0, but found sigma={sigma:g}")
    return (median + sigma * np.tan(np.pi * (_unit(_count(shape), True, generator) - 0.5))).reshape(shape)


def log_normal(
    shape: Shape, mean: float = 1.0, std: float = 2.0, generator: Generator | None = None
) -> np.ndarray:
    """Numbers whose logarithm is normal, float64."""
    if std <= 0:
        raise RuntimeError(f"log_normal_ expects std > 0.0, but found std={std:g}")
    draws = [normal_number(generator) for _ in range(_count(shape))]
    return np.exp(np.array(draws) * std + mean).reshape(shape)


def geometric(shape: Shape, p: float, generator: Generator | None = None) -> np.ndarray:
    """Trials up to the first success of probability 0 < `p` < 1, float64."""
    if not 0 < p < 1:
        raise RuntimeError(f"geometric_ expects p to be in (0, 1), but got p={p}")
    u = _unit(_count(shape), True, generator)
    return np.ceil(np.log(u) / np.log1p(-p)).reshape(shape)


def bernoulli(
    probability: float | np.ndarray,
    shape: Shape | None = None,
    dtype: DTypeLike = np.float32,
    generator: Generator | None = None,
) -> np.ndarray:
    """Ones with `probability`, zeros otherwise. An array of probabilities gives the shape itself."""
    if shape is None:
        probability = np.asarray(probability)
        shape, double = probability.shape, probability.dtype == np.float64
    else:
        double = True  # torch compares a plain number with a float64 draw
    if np.any(np.less(probability, 0)) or np.any(np.greater(probability, 1)):
        raise RuntimeError(f"bernoulli_ expects p to be in [0, 1], but got p={probability}")
    return (_unit(_count(shape), double, generator).reshape(shape) < probability).astype(dtype)


def randint(
    low: int, high: int, shape: Shape, dtype: DTypeLike = np.int64, generator: Generator | None = None
) -> np.ndarray:
    """Integers in [low, high)."""
    if low >= high:
        raise RuntimeError(f"random_ expects 'from' to be less than 'to', but got from={low} >= to={high}")
    source, count, span = generator or default_generator, _count(shape), high - low
    words = source.words64(count) if span >= _WIDE_RANGE else source.words32(count).astype(np.uint64)
    return ((words % np.uint64(span)).astype(np.int64) + low).astype(dtype, copy=False).reshape(shape)


def random(shape: Shape, dtype: DTypeLike = np.int64, generator: Generator | None = None) -> np.ndarray:
    """What Tensor.random_() fills in: every integer that the dtype holds from 0 on (a float: exactly)."""
    kind, source, count = np.dtype(dtype), generator or default_generator, _count(shape)
    if kind.kind == "f":
        values = 2 ** (np.finfo(kind).nmant + 1) + 1
    else:
        values = 2 if kind.kind == "b" else int(np.iinfo(kind).max) + 1
    words = source.words64(count) if kind.itemsize == 8 else source.words32(count).astype(np.uint64)
    return (words % np.uint64(values)).astype(kind).reshape(shape)


def randperm(n: int, dtype: DTypeLike = np.int64, generator: Generator | None = None) -> np.ndarray:
    """The numbers 0 … n-1 in random order."""
    if n < 0:
        raise RuntimeError(f"n must be non-negative, got {n}")
    order = list(range(n))
    if n > 1:
        offsets = (generator or default_generator).words32(n - 1) % np.arange(n, 1, -1, dtype=np.uint32)
        for i, offset in enumerate(offsets.tolist()):  # Fisher-Yates; a list swaps faster than an array
            order[i], order[i + offset] = order[i + offset], order[i]
    return np.array(order, dtype)


def multinomial(
    weights: np.ndarray, num_samples: int, replacement: bool = False, generator: Generator | None = None
) -> np.ndarray:
    """Indices drawn by non-negative weights: (n,) gives (num_samples,), (rows, n) (rows, num_samples)."""
    weights = np.asarray(weights)
    if weights.ndim not in (1, 2):
        raise RuntimeError("prob_dist must be 1 or 2 dim")
    if num_samples <= 0:
        raise RuntimeError("cannot sample n_sample <= 0 samples")
    if not replacement and num_samples > weights.shape[-1]:
        raise RuntimeError("cannot sample n_sample > prob_dist.size(-1) samples without replacement")
    if weights.shape[-1] > 1 << 24:
        raise RuntimeError("number of categories cannot exceed 2^24")
    if replacement and num_samples > 1:
        if not np.all(weights >= 0):
            raise RuntimeError("invalid multinomial distribution (encountering probability entry < 0)")
        if np.any(np.isinf(weights)):
            raise RuntimeError(
                "invalid multinomial distribution (encountering probability entry = infinity or NaN)"
            )
    elif np.any(weights < 0) or not np.all(np.isfinite(weights)):
        raise RuntimeError("probability tensor contains either `inf`, `nan` or element < 0")
    if np.any(weights.sum(axis=-1) <= 0):
        raise RuntimeError("invalid multinomial distribution (sum of probabilities <= 0)")
    if not replacement or num_samples == 1:
        race = weights / exponential(weights.shape, dtype=weights.dtype, generator=generator)
        return np.argsort(-race, axis=-1, kind="stable")[..., :num_samples]
    rows = weights.reshape(-1, weights.shape[-1])
    drawn = np.empty((len(rows), num_samples), np.int64)
    for row, out in zip(rows, drawn, strict=True):
        share = np.cumsum(row)
        out[:] = np.searchsorted(share / share[-1], _unit(num_samples, True, generator))
    return drawn.reshape(*weights.shape[:-1], num_samples)
