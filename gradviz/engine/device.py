"""torch.device: this engine computes on the CPU."""

from __future__ import annotations

from typing import Any


class device:
    """Where a tensor lives. `device("cuda")` can be named, but not used: see `require_cpu`."""

    __module__ = "torch"

    def __init__(self, type: Any = "cpu", index: int | None = None) -> None:
        if isinstance(type, device):
            type, index = type.type, type.index
        kind, _, number = str(type).partition(":")
        if kind not in ("cpu", "cuda", "mps", "meta", "xpu"):
            raise RuntimeError(
                f"Expected one of cpu, cuda, mps, xpu, meta device type at start of device string: {kind}"
            )
        self.type = kind
        self.index = int(number) if number else index

    def __repr__(self) -> str:
        index = "" if self.index is None else f", index={self.index}"
        return f"device(type='{self.type}'{index})"

    def __str__(self) -> str:
        return self.type if self.index is None else f"{self.type}:{self.index}"

    def __eq__(self, other: object) -> bool:
        return isinstance(other, device) and (self.type, self.index) == (other.type, other.index)

    def __hash__(self) -> int:
        return hash((self.type, self.index))


CPU = device("cpu")


def require_cpu(where: Any) -> None:
    """Raises RuntimeError when `where` (a device, a string or None) is not the CPU."""
    if where is not None and device(where).type != "cpu":
        raise RuntimeError(
            f"gradviz computes on the CPU and has no device '{where}'. Use torch.device('cuda' if "
            "torch.cuda.is_available() else 'cpu')."
        )
