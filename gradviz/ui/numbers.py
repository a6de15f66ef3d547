"""Numbers as people read them: four significant digits, sizes in binary units, shapes as torch prints them.

Signs and digits are plain ASCII, so that what is copied can be pasted into a program.
"""

from __future__ import annotations

import math


def compact(value: float, digits: int = 4) -> str:
    """ "0.4123", "-1.741e-3", "65536", "NaN", "inf": whole numbers below a million are kept in full."""
    if math.isnan(value):
        return "NaN"
    if math.isinf(value):
        return "inf" if value > 0 else "-inf"
    if value == int(value) and abs(value) < 1e6:
        return str(int(value))
    if 1e-3 <= abs(value) < 1e5:
        return f"{value:.{digits}g}" if abs(value) < 10**digits else f"{value:.0f}"
    mantissa, _, exponent = f"{value:.{digits - 1}e}".partition("e")
    if "." in mantissa:
        mantissa = mantissa.rstrip("0").rstrip(".")
    return f"{mantissa}e{int(exponent)}"


def grouped(number: int) -> str:
    """12345 as "12,345"."""
    return f"{number:,}"


def percent(share: float) -> str:
    """A share of 0..1 as "48.2 %"; never "0 %" or "100 %" for a share that is only nearly so."""
    value = share * 100
    if 0 < value < 0.1:
        return "< 0.1 %"
    if 99.9 < value < 100:
        return "> 99.9 %"
    return f"{value:.1f}".removesuffix(".0") + " %"


def byte_size(count: int, digits: int = 4) -> str:
    """ "512 B", "32 KiB", "1.5 MiB"."""
    size, unit = float(count), "B"
    for larger in ("KiB", "MiB", "GiB", "TiB"):
        if size < 1024:
            break
        size, unit = size / 1024, larger
    few = round(size, digits - 3) < 1000  # else they would be written with an exponent
    return f"{size:.{digits}g} {unit}" if few else f"{size:.0f} {unit}"


def duration(nanoseconds: float) -> str:
    """ "840 ns", "12 µs", "1.25 ms", "3.2 s": three digits."""
    for length, unit in ((1e9, "s"), (1e6, "ms"), (1e3, "µs")):
        if nanoseconds >= 0.9995 * length:
            return (
                f"{nanoseconds / length:.3g} {unit}"
                if nanoseconds < 999.5 * length
                else (f"{nanoseconds / length:.0f} {unit}")
            )
    return f"{nanoseconds:.3g} ns"


def shape_text(shape: tuple[int, ...]) -> str:
    """ "[64, 128]"; "[]" for a scalar."""
    return f"[{', '.join(map(str, shape))}]"
