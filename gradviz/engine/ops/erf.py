"""The error function, which NumPy lacks: the rational approximations of W. J. Cody,
"Rational Chebyshev Approximations for the Error Function", Math. Comp. 23 (1969), good to 1e-16."""

from __future__ import annotations

from gradviz.engine.backend import Array, xp

# Numerators and denominators, highest power first, for |x| <= 0.5, |x| <= 4 and beyond.
_P_SMALL = (
    1.85777706184603153e-1,
    3.16112374387056560,
    1.13864154151050156e2,
    3.77485237685302021e2,
    3.20937758913846947e3,
)
_Q_SMALL = (1.0, 2.36012909523441209e1, 2.44024637934444173e2, 1.28261652607737228e3, 2.84423683343917062e3)
_P_MIDDLE = (
    2.15311535474403846e-8, 5.64188496988670089e-1, 8.88314979438837594, 6.61191906371416295e1,
    2.98635138197400131e2, 8.81952221241769090e2, 1.71204761263407058e3, 2.05107837782607147e3,
    1.23033935479799725e3,
)  # fmt: skip
_Q_MIDDLE = (
    1.0, 1.57449261107098347e1, 1.17693950891312499e2, 5.37181101862009858e2, 1.62138957456669019e3,
    3.29079923573345963e3, 4.36261909014324716e3, 3.43936767414372164e3, 1.23033935480374942e3,
)  # fmt: skip
_P_LARGE = (
    1.63153871373020978e-2, 3.05326634961232344e-1, 3.60344899949804439e-1, 1.25781726111229246e-1,
    1.60837851487422766e-2, 6.58749161529837803e-4,
)  # fmt: skip
_Q_LARGE = (
    1.0, 2.56852019228982242, 1.87295284992346725, 5.27905102951428412e-1, 6.05183413124413191e-2,
    2.33520497626869185e-3,
)  # fmt: skip
_ONE_OVER_SQRT_PI = 0.5641895835477563

# erf(x) / x in powers of x^2, lowest first, fitted to |x| <= 3.92 with a relative error below 3e-9: enough
# for single precision, where erf is 1 beyond.
_P_SINGLE = (1.12837917, 0.19242452, 0.0555682124, 0.00419185556, 0.000405264532, 6.57104907e-06)
_Q_SINGLE = (1.0, 0.503865211, 0.117200549, 0.0162062439, 0.00140637257, 7.09855706e-05, 2.48001876e-07)
_ONE_IN_SINGLE = 3.92


def erf_of(x: Array) -> Array:
    """erf of every element, in the dtype of `x`."""
    if x.dtype.itemsize <= 4:
        return _erf_single(x.astype(xp.float32)).astype(x.dtype, copy=False)
    wide = x.astype(xp.float64)
    return xp.where(xp.abs(wide) <= 0.5, _erf_near_zero(wide), _sign_and_tail(wide)).astype(x.dtype)


def erfc_of(x: Array) -> Array:
    """1 - erf of every element, without cancellation, in the dtype of `x`."""
    wide = x.astype(xp.float64)
    tail = xp.exp(-wide * wide) * _scaled_tail(xp.abs(wide))
    beyond = xp.where(wide > 0, tail, 2 - tail)
    return xp.where(xp.abs(wide) <= 0.5, 1 - _erf_near_zero(wide), beyond).astype(x.dtype)


def erfcx_of(x: Array) -> Array:
    """exp(x^2) * erfc of every element, in the dtype of `x`."""
    wide = x.astype(xp.float64)
    tail = _scaled_tail(xp.abs(wide))
    growth = xp.exp(wide * wide)
    beyond = xp.where(wide > 0, tail, 2 * growth - tail)
    near = growth * (1 - _erf_near_zero(wide))
    return xp.where(xp.abs(wide) <= 0.5, near, beyond).astype(x.dtype)


def erfinv_of(y: Array) -> Array:
    """The x with erf(x) = y, in the dtype of `y`: Winitzki's formula, then Halley's steps."""
    wide = y.astype(xp.float64)
    logarithm = xp.log1p(-wide * wide)
    middle = 2 / (0.147 * xp.pi) + logarithm / 2
    x = xp.copysign(xp.sqrt(xp.sqrt(middle * middle - logarithm / 0.147) - middle), wide)
    for _ in range(3):
        step = (erf_of(x) - wide) / (2 * _ONE_OVER_SQRT_PI * xp.exp(-x * x))
        x = xp.where(xp.isfinite(step), x - step / (1 + x * step), x)
    return xp.where(xp.abs(wide) == 1, xp.copysign(xp.inf, wide), x).astype(y.dtype)


def _erf_single(x: Array) -> Array:
    """erf in single precision, to three units in the last place and many times as fast."""
    x = xp.clip(x, -_ONE_IN_SINGLE, _ONE_IN_SINGLE)
    square = x * x
    return xp.clip(x * _horner(_P_SINGLE, square) / _horner(_Q_SINGLE, square), -1, 1)


def _horner(coefficients: tuple[float, ...], x: Array) -> Array:
    """The polynomial with these coefficients, lowest first, computed in one array."""
    *rest, last = coefficients
    total = x * last
    for coefficient in reversed(rest[1:]):
        total += coefficient
        total *= x
    total += rest[0]
    return total


def _erf_near_zero(x: Array) -> Array:
    return x * _ratio(_P_SMALL, _Q_SMALL, xp.minimum(x * x, 0.25))


def _sign_and_tail(x: Array) -> Array:
    beyond = xp.copysign(1 - xp.exp(-x * x) * _scaled_tail(xp.abs(x)), x)
    return xp.where(xp.isnan(x), x, beyond)


def _scaled_tail(size: Array) -> Array:
    """exp(x^2) * erfc(x) for x > 0.4."""
    middle = _ratio(_P_MIDDLE, _Q_MIDDLE, xp.clip(size, 0.4, 4.0))
    inverse = 1 / xp.maximum(size * size, 16.0)
    large = _ONE_OVER_SQRT_PI - inverse * _ratio(_P_LARGE, _Q_LARGE, inverse)
    return xp.where(size <= 4.0, middle, large / xp.maximum(size, 4.0))


def _ratio(numerator: tuple[float, ...], denominator: tuple[float, ...], x: Array) -> Array:
    return _polynomial(numerator, x) / _polynomial(denominator, x)


def _polynomial(coefficients: tuple[float, ...], x: Array) -> Array:
    value = x * coefficients[0]
    for coefficient in coefficients[1:-1]:
        value += coefficient
        value *= x
    return value + coefficients[-1]
