"""torch.autograd.set_detect_anomaly: stop at the first operation whose gradient is not a number."""

from __future__ import annotations

import linecache
import sys
import warnings
from pathlib import Path
from typing import Any

from gradviz.engine.backend import xp
from gradviz.engine.tape import recording_witnesses

_ENGINE = str(Path(__file__).parent)

checking = False  # whether gradients are looked at; what backward asks


class set_detect_anomaly:
    """Switches the check on or off at once; as a context manager, back again at the end.

    https://pytorch.org/docs/stable/autograd.html#torch.autograd.set_detect_anomaly
    """

    def __init__(self, mode: bool, check_nan: bool = True) -> None:
        self.previous = (is_enabled(), checking)
        _switch(mode, mode and check_nan)

    def __enter__(self) -> None:
        pass

    def __exit__(self, *exception: object) -> None:
        _switch(*self.previous)


class detect_anomaly(set_detect_anomaly):
    """`with torch.autograd.detect_anomaly():`"""

    def __init__(self, check_nan: bool = True) -> None:
        self.check_nan = check_nan
        warnings.warn(
            "Anomaly Detection has been enabled. This mode will increase the runtime and should only be "
            "enabled for debugging.",
            UserWarning,
            stacklevel=2,
        )

    def __enter__(self) -> None:
        super().__init__(True, self.check_nan)


def is_enabled() -> bool:
    return _note_origin in recording_witnesses


def _switch(enabled: bool, check: bool) -> None:
    global checking
    if enabled != is_enabled():
        (recording_witnesses.append if enabled else recording_witnesses.remove)(_note_origin)
    checking = check


def _note_origin(node: Any, inputs: tuple, outputs: tuple) -> None:
    """Notes on the node at which line of the user's program it was made, and from which shapes."""
    frame = sys._getframe(1)
    while frame.f_back is not None and frame.f_code.co_filename.startswith(_ENGINE):
        frame = frame.f_back
    path, number = frame.f_code.co_filename, frame.f_lineno
    line = linecache.getline(path, number, frame.f_globals).strip()
    shapes = ", ".join(str(list(x.shape)) for x in inputs if hasattr(x, "shape"))
    results = ", ".join(str(list(t.shape)) for t in outputs)
    node.origin = (
        f"It was called as {node.op_name}({shapes}) -> {results} in\n"
        f'  File "{path}", line {number}, in {frame.f_code.co_name}\n    {line}'
    )


def check(node: Any, grads: list) -> None:
    """Raises RuntimeError when a gradient that `node` returned holds a NaN: where it is, who made it."""
    for nr, g in enumerate(grads):
        if g is None:
            continue
        array = getattr(g, "array", g)
        bad = xp.argwhere(xp.isnan(array))
        if not len(bad):
            continue
        first = tuple(bad[0].tolist())
        saved = [(n, v) for n, v in (node.saved or {}).items() if getattr(v, "shape", None) == array.shape]
        place = "".join(f", where {n} is {v[first]}" for n, v in saved)
        place = f"at index {list(first)}{place}" if array.ndim else f"there{place}"
        name = node.args[min(nr, len(node.args) - 1)] if node.args else "its input"
        raise RuntimeError(
            f"Function '{node.name()}' returned nan values in its {nr}th output.\n"
            f"The gradient of {name}, of shape {list(array.shape)}, holds {len(bad)} nan of {array.size} "
            f"values, the first {place}. {getattr(node, 'origin', '')}".rstrip()
        )
