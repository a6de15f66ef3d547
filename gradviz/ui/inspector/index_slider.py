"""Choosing an index along one axis of an array: a slider and the number itself."""

from __future__ import annotations

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QHBoxLayout, QLabel, QSlider, QSpinBox, QVBoxLayout, QWidget

from gradviz.ui.inspector.keys import keep_arrow_keys
from gradviz.ui.theme import font


class IndexSlider(QWidget):
    """`name ───●─── [3]`; indices count from 0."""

    value_changed = Signal(int)

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._name = QLabel()
        self._slider = QSlider(Qt.Orientation.Horizontal)
        self._slider.setMinimumWidth(48)
        self._number = QSpinBox()
        for widget in (self._name, self._number):
            widget.setFont(font(9))
        layout = QHBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setSpacing(8)
        layout.addWidget(self._name)
        layout.addWidget(self._slider, 1)
        layout.addWidget(self._number)
        keep_arrow_keys(self._slider)
        self._slider.valueChanged.connect(self._number.setValue)
        self._number.valueChanged.connect(self._slider.setValue)
        self._slider.valueChanged.connect(self.value_changed)

    @property
    def value(self) -> int:
        return self._slider.value()

    def set_value(self, value: int) -> None:
        """Clipped into the axis."""
        self._slider.setValue(value)

    def set_axis(self, name: str, length: int) -> None:
        """Names the axis and sets its length; an index that is too large is clipped."""
        self._name.setText(name)
        self._slider.setAccessibleName(name)
        self._number.setAccessibleName(name)
        last = min(max(length - 1, 0), (1 << 31) - 1)  # Qt counts in 32 bits
        self._slider.setMaximum(last)
        self._number.setMaximum(last)
        self._number.setSuffix(f" / {length}")


class AxisSliders(QWidget):
    """An `IndexSlider` for every axis before the last two, which are the ones that a heat map shows."""

    index_changed = Signal()

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._sliders: list[IndexSlider] = []
        self._layout = QVBoxLayout(self)
        self._layout.setContentsMargins(0, 0, 0, 0)
        self._layout.setSpacing(4)
        self.hide()

    @property
    def index(self) -> tuple[int, ...]:
        """The index on the leading axes."""
        return tuple(slider.value for slider in self._sliders)

    def set_shape(self, shape: tuple[int, ...], fixed: int = 0) -> None:
        """Offers the leading axes of an array but the `fixed` last of them; indices that are too large for it
        are clipped."""
        leading = shape[:-2]
        while len(self._sliders) > len(leading):
            slider = self._sliders.pop()
            self._layout.removeWidget(slider)
            slider.hide()
            slider.deleteLater()
        while len(self._sliders) < len(leading):
            slider = IndexSlider(self)
            slider.value_changed.connect(self.index_changed)
            self._sliders.append(slider)
            self._layout.addWidget(slider)
        for axis, (slider, length) in enumerate(zip(self._sliders, leading, strict=True)):
            slider.set_axis(self.tr("axis {0}").format(axis), length)
            slider.setVisible(length > 1 and axis < len(leading) - fixed)
        self.setVisible(any(length > 1 for length in leading[: len(leading) - fixed]))
