"""A slider for one number of any size: what it was is in the middle."""

from __future__ import annotations

import math

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QSlider, QWidget

from gradviz.ui.inspector.keys import keep_arrow_keys

STEPS = 200


class NumberSlider(QSlider):
    """From `low` to `high`; whole numbers one by one."""

    number_changed = Signal(float)  # a person has moved it

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(Qt.Orientation.Horizontal, parent)
        self.setFocusPolicy(Qt.FocusPolicy.TabFocus)
        self.setMinimumWidth(48)
        keep_arrow_keys(self)
        self._low, self._step = 0.0, 1.0
        self.valueChanged.connect(lambda place: self.number_changed.emit(self._low + place * self._step))

    def set_range(self, low: float, high: float, *, whole: bool) -> None:
        """Moves nothing that a person would hear of."""
        self._low = low
        self._step = max(1.0, math.ceil((high - low) / STEPS)) if whole else (high - low) / STEPS
        self.blockSignals(True)
        self.setMaximum(round((high - low) / self._step))
        self.blockSignals(False)

    def show_number(self, number: float) -> None:
        """Goes to the number, or to the end that is nearer to it."""
        place = (number - self._low) / self._step
        if not math.isnan(place):
            self.blockSignals(True)
            self.setValue(round(min(max(place, 0), self.maximum())))
            self.blockSignals(False)


def reach(number: float, others: float) -> float:
    """How far a slider goes to either side of a number among `others` of about that size."""
    sizes = [abs(size) for size in (number, others) if math.isfinite(size)]
    return 3 * (max(sizes, default=0.0) or 1.0)
