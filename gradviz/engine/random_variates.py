"""Numbers of the gamma, Dirichlet, Poisson and binomial distributions from torch's random stream.

All are rejection methods that draw float64 numbers one after the other, so that the stream is torch's.
Functions take NumPy arrays of parameters and return an array of their shape and dtype.
"""

from __future__ import annotations

import math
from collections.abc import Callable

import numpy as np

from gradviz.engine import random
from gradviz.engine.random import Generator


def _each(draw: Callable[..., float], *parameters: np.ndarray) -> np.ndarray:
    """`draw(*numbers)` for the elements of arrays of one shape, in their order."""
    first = parameters[0]
    values = [draw(*numbers) for numbers in zip(*[p.ravel().tolist() for p in parameters], strict=True)]
    return np.array(values, np.float64).reshape(first.shape)


def gamma(alpha: np.ndarray, generator: Generator | None = None) -> np.ndarray:
    """Numbers of the gamma distributions with shapes `alpha` and rate 1, never quite 0."""
    drawn = _each(lambda a: _one_gamma(a, generator), alpha)
    return np.maximum(drawn, np.finfo(alpha.dtype).tiny).astype(alpha.dtype)


def _one_gamma(alpha: float, generator: Generator | None) -> float:
    """Marsaglia and Tsang, "A simple method for generating gamma variables", 2000."""
    scale = 1.0
    if alpha < 1:
        if alpha == 0:
            return 0.0
        scale = (1 - random.unit_number(generator)) ** (1 / alpha)
        alpha += 1
    d = alpha - 1 / 3
    c = 1 / math.sqrt(9 * d)
    while True:
        x = random.normal_number(generator)
        while 1 + c * x <= 0:
            x = random.normal_number(generator)
        v = (1 + c * x) ** 3
        u = 1 - random.unit_number(generator)
        if u < 1 - 0.0331 * x**4 or math.log(u) < 0.5 * x * x + d * (1 - v + math.log(v)):
            return scale * d * v


def dirichlet(alpha: np.ndarray, generator: Generator | None = None) -> np.ndarray:
    """Points of the simplex with weights `alpha` along the last axis."""
    drawn = _each(lambda a: _one_gamma(a, generator), alpha)
    tiny = np.finfo(alpha.dtype).tiny
    return np.maximum(drawn / drawn.sum(-1, keepdims=True), tiny).astype(alpha.dtype)


def poisson(rate: np.ndarray, generator: Generator | None = None) -> np.ndarray:
    """Counts with the means `rate`."""
    return _each(lambda r: _one_poisson(r, generator), rate).astype(rate.dtype)


def _one_poisson(rate: float, generator: Generator | None) -> float:
    if rate < 0:
        raise RuntimeError("invalid Poisson rate, expected rate to be non-negative")
    if rate >= 10:
        return _large_poisson(rate, generator)
    if rate == 0:
        return 0
    count, product, limit = 0, random.unit_number(generator), math.exp(-rate)
    while product > limit:
        count += 1
        product *= random.unit_number(generator)
    return count


def _large_poisson(rate: float, generator: Generator | None) -> float:
    """Hörmann, "The transformed rejection method for generating Poisson random variables", 1993 (PTRS)."""
    b = 0.931 + 2.53 * math.sqrt(rate)
    a = -0.059 + 0.02483 * b
    inverse_alpha = 1.1239 + 1.1328 / (b - 3.4)
    sure = 0.9277 - 3.6224 / (b - 2)
    while True:
        u, v = random.unit_number(generator) - 0.5, random.unit_number(generator)
        us = 0.5 - abs(u)
        k = math.floor((2 * a / us + b) * u + rate + 0.43)
        if us >= 0.07 and v <= sure:
            return k
        if k < 0 or (us < 0.013 and v > us):
            continue
        height = math.log(v) + math.log(inverse_alpha) - math.log(a / (us * us) + b)
        if height <= k * math.log(rate) - rate - math.lgamma(k + 1):
            return k


def binomial(count: np.ndarray, prob: np.ndarray, generator: Generator | None = None) -> np.ndarray:
    """Successes in `count` trials of probability `prob`."""
    return _each(lambda n, p: _one_binomial(n, p, generator), count, prob).astype(count.dtype)


def _one_binomial(count: float, prob: float, generator: Generator | None) -> float:
    if count <= 0 or prob <= 0:
        return 0
    if prob >= 1:
        return count
    if prob > 0.5:
        return count - _one_binomial(count, 1 - prob, generator)
    if count * prob >= 10:
        return _large_binomial(count, prob, generator)
    successes, trials = -1, 0.0
    while trials <= count:  # jumps from one success to the next
        trials += math.ceil(math.log(random.unit_number(generator)) / math.log1p(-prob))
        successes += 1
    return successes


def _large_binomial(count: float, prob: float, generator: Generator | None) -> float:
    """Hörmann, "The generation of binomial random variates", 1993 (BTRS)."""
    deviation = math.sqrt(count * prob * (1 - prob))
    b = 1.15 + 2.53 * deviation
    a = -0.0873 + 0.0248 * b + 0.01 * prob
    center = count * prob + 0.5
    sure = 0.92 - 4.2 / b
    alpha = (2.83 + 5.1 / b) * deviation
    mode = math.floor((count + 1) * prob)
    log_odds = math.log(prob / (1 - prob))
    while True:
        u, v = random.unit_number(generator) - 0.5, random.unit_number(generator)
        us = 0.5 - abs(u)
        k = math.floor((2 * a / us + b) * u + center)
        if us >= 0.07 and v <= sure:
            return k
        if k < 0 or k > count:
            continue
        ways = math.lgamma(mode + 1) + math.lgamma(count - mode + 1)
        ways -= math.lgamma(k + 1) + math.lgamma(count - k + 1)
        if math.log(v * alpha / (a / (us * us) + b)) <= ways + (k - mode) * log_odds:
            return k
