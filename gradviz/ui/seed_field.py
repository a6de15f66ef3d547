"""The seed of the run: shown, typed, or drawn anew."""

from __future__ import annotations

from PySide6.QtCore import QEvent, QObject, Qt, Signal
from PySide6.QtGui import QKeyEvent, QPalette
from PySide6.QtWidgets import QHBoxLayout, QLabel, QLineEdit, QWidget

from gradviz.ui.actions import Actions
from gradviz.ui.bar_button import BarButton
from gradviz.ui.theme import font, set_color, theme

MAX_SEED = 2**63 - 1
_WIDTH = 76  # pixels: six digits; longer ones can be scrolled


class SeedField(QWidget):
    """Enter runs with what is typed; Escape, or leaving the field, brings back the seed of the run."""

    chosen = Signal(object)  # int: run with this seed

    def __init__(self, actions: Actions, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._seed = 0
        self._caption = QLabel()
        self.line = QLineEdit(frame=False)
        self.line.setFixedWidth(_WIDTH)
        self.line.setMaxLength(20)
        self.another = BarButton(actions["another_seed"])
        row = QHBoxLayout(self)
        row.setContentsMargins(0, 0, 0, 0)
        row.setSpacing(4)
        for widget in (self._caption, self.line, self.another):
            row.addWidget(widget)
        self._caption.setFont(font(9))
        self._caption.setBuddy(self.line)
        self.line.setFont(font(9, mono=True))
        self.line.textEdited.connect(self._mark)
        self.line.returnPressed.connect(self._choose)
        self.line.installEventFilter(self)
        theme.changed.connect(self._mark)
        self._retranslate()

    def show_seed(self, seed: int) -> None:
        """The seed of the run, or of the first one to come."""
        self._seed = seed
        if not self.line.hasFocus() or not self.line.isModified():
            self._reset()

    @property
    def typed(self) -> int | None:
        """The seed in the field, or None where there is none."""
        text = self.line.text().strip()
        return int(text) if text.isascii() and text.isdigit() and int(text) <= MAX_SEED else None

    def _choose(self) -> None:
        if self.typed is not None:
            seed = self.typed
            self.line.setModified(False)
            self.chosen.emit(seed)

    def _reset(self) -> None:
        self.line.setText(str(self._seed))
        self.line.setCursorPosition(0)
        self._mark()

    def _mark(self) -> None:
        """What is no seed is marked, and the tip says what would be one."""
        valid = self.typed is not None
        set_color(self.line, "text" if valid else "error", QPalette.ColorRole.Text)
        self.line.setToolTip(
            self.tr("Random numbers begin from this seed: the same seed is the same run. Enter runs.")
            if valid
            else self.tr("A seed is a whole number from 0 to {0}").format(f"{MAX_SEED:,}")
        )

    def eventFilter(self, _line: QObject, event: QEvent) -> bool:
        if event.type() == QEvent.Type.FocusOut:
            self._reset()
        escape = isinstance(event, QKeyEvent) and event.key() == Qt.Key.Key_Escape
        if escape and event.type() == QEvent.Type.KeyPress:
            self._reset()
            return True
        return False

    def changeEvent(self, event: QEvent) -> None:
        if event.type() == QEvent.Type.LanguageChange:
            self._retranslate()
        super().changeEvent(event)

    def _retranslate(self) -> None:
        self._caption.setText(self.tr("seed"))
        self.line.setAccessibleName(self.tr("Seed of the run"))
        self._mark()
