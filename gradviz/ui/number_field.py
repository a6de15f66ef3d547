"""A field for one number, as programs write them."""

from __future__ import annotations

from PySide6.QtCore import Signal
from PySide6.QtGui import QPalette
from PySide6.QtWidgets import QLineEdit, QWidget

from gradviz.ui.numbers import compact
from gradviz.ui.theme import font, set_color, theme


class NumberField(QLineEdit):
    """Takes "0.1", "1e-3", "nan" or "-inf", and nothing; what is no number is marked, and said in the tip."""

    number_changed = Signal(object)  # float, or None for an empty field; not while what is typed is no number

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setFont(font(9, mono=True))
        self.setMaxLength(40)
        self.textEdited.connect(self._on_edited)
        theme.changed.connect(self._mark)

    @property
    def number(self) -> float | None:
        """What is in the field; None where that is nothing, or no number."""
        try:
            return float(self.text().replace(",", "."))
        except ValueError:
            return None

    @property
    def valid(self) -> bool:
        return self.number is not None or not self.text().strip()

    def show_number(self, number: float | None) -> None:
        """Puts a number there, or nothing; leaves alone what means the same."""
        if self.number != number:
            self.setText("" if number is None else compact(number, 9))
        self._mark()

    def _on_edited(self) -> None:
        self._mark()
        if self.valid:
            self.number_changed.emit(self.number)

    def _mark(self) -> None:
        set_color(self, "text" if self.valid else "error", QPalette.ColorRole.Text)
        self.setToolTip("" if self.valid else self.tr("This is no number. Write it like 0.1 or 1e-3."))
