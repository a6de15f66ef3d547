"""Arrays that stay in sight, whatever is selected."""

from __future__ import annotations

from typing import NamedTuple

from PySide6.QtCore import QObject, Signal

from gradviz.trace.values import Role

MAX_PINS = 4
"""As many as have room side by side in a narrow dock."""


class Pin(NamedTuple):
    """An array by its place in the program: it is found again in every step that has the node."""

    key: str
    role: Role
    output: int = 0


class Pins(QObject):
    """`items` are in the order in which they were added."""

    changed = Signal()

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self.items: tuple[Pin, ...] = ()

    @property
    def full(self) -> bool:
        return len(self.items) >= MAX_PINS

    def add(self, pin: Pin) -> None:
        """Keeps it in sight, if there is room."""
        if pin not in self.items and not self.full:
            self.items += (pin,)
            self.changed.emit()

    def remove(self, pin: Pin) -> None:
        self.items = tuple(item for item in self.items if item != pin)
        self.changed.emit()
