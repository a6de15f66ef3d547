"""The array library's errors in torch's words."""

from __future__ import annotations

from gradviz.engine.backend import Array


def in_torchs_words(error: ValueError, arrays: list) -> Exception:
    """What to raise for the array library's ValueError: torch's, when shapes do not broadcast."""
    shapes = [a.shape for a in arrays if isinstance(a, Array)]
    if "broadcast" not in str(error) or len(shapes) < 2:
        return error
    a, b = shapes[0], shapes[1]
    for i in range(1, min(len(a), len(b)) + 1):
        if a[-i] != b[-i] and 1 not in (a[-i], b[-i]):
            return RuntimeError(
                f"The size of tensor a ({a[-i]}) must match the size of tensor b ({b[-i]}) at non-singleton "
                f"dimension {max(len(a), len(b)) - i}"
            )
    return RuntimeError(str(error))
