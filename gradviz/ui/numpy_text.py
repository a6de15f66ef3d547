"""Arrays as they are written in a Python program."""

from __future__ import annotations

import numpy as np

WIDTH = 100  # characters of a line


def numpy_text(array: np.ndarray) -> str:
    """An expression that makes this very array, bit for bit but for the payload of a NaN, with `np`."""
    dtype = "np.bool_" if array.dtype == bool else f"np.{array.dtype}"
    if not array.size:
        return f"np.empty({array.shape}, dtype={dtype})"
    if not array.ndim:
        return f"np.array({_literal(array.flat[0])}, dtype={dtype})"
    text = np.array2string(
        array,
        separator=", ",
        prefix="np.array(",
        threshold=array.size + 1,
        max_line_width=WIDTH,
        formatter={"int": _literal, "float": _literal, "complexfloat": _literal, "bool": _literal},
    )
    return f"np.array({text}, dtype={dtype})"


def exact(number: object) -> str:
    """As few digits as tell the number from all others of its dtype: "0.1", "nan", "(1+2j)"."""
    return str(number)


def _literal(number: object) -> str:
    if isinstance(number, np.complexfloating):
        return f"complex({_literal(number.real)}, {_literal(number.imag)})"
    text = exact(number)
    return text.replace("nan", "np.nan").replace("inf", "np.inf")
