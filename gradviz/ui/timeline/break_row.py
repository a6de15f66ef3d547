"""The row of breakpoints under the run: "break when" this or that."""

from __future__ import annotations

from PySide6.QtCore import QEvent, QObject, QSize, Qt, QTimer, Signal
from PySide6.QtGui import QResizeEvent
from PySide6.QtWidgets import QHBoxLayout, QLabel, QScrollArea, QSizePolicy, QWidget

from gradviz.ui.bar_button import BarButton
from gradviz.ui.breakpoints import Breakpoints
from gradviz.ui.flow_layout import FlowRow
from gradviz.ui.scroll_bar import use_slim_scroll_bars
from gradviz.ui.theme import font, set_color, theme
from gradviz.ui.timeline.chips import HEIGHT, Chip

SPACING = 6


class BreakRow(QWidget):
    """A chip for every breakpoint, and a button for another one. They stand in lines, like words."""

    condition_wanted = Signal(object, QWidget)  # Breakpoint to change, None for a new one; where it is wanted

    def __init__(self, breakpoints: Breakpoints, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._breakpoints = breakpoints
        self._chips: dict[int, Chip] = {}
        self._caption = QLabel()
        self._caption.setFont(font(9))
        self._caption.setFixedHeight(HEIGHT)
        self.add = BarButton(text=True)
        self.add.setFont(font(9))
        self.add.glyph = "plus"
        self.add.setFixedHeight(HEIGHT)
        self.add.clicked.connect(lambda: self.condition_wanted.emit(None, self.add))
        self._room = _ChipLines()
        row = QHBoxLayout(self)
        row.setContentsMargins(6, 0, 0, 0)
        row.setSpacing(SPACING)
        for widget in (self._caption, self._room, self.add):
            row.addWidget(widget, alignment=Qt.AlignmentFlag.AlignTop)
        row.addStretch(1)
        breakpoints.changed.connect(self._show)
        theme.changed.connect(self._recolor)
        self._recolor()
        self._retranslate()
        self._show()

    @property
    def chips(self) -> list[Chip]:
        """In the order of the breakpoints."""
        return [self._chips[item.id] for item in self._breakpoints]

    def show_stopped(self, breakpoint_ids: set[int]) -> None:
        """Marks the breakpoints that have just hit."""
        for number, chip in self._chips.items():
            if chip.show_stopped(number in breakpoint_ids):
                self._room.show_whole_soon(chip.toggle)

    def _show(self) -> None:
        """Brings the chips to the list. The keyboard stays where it was, or goes to the neighbour."""
        present = {item.id for item in self._breakpoints}
        focused = [chip for chip in self._chips.values() if chip.isAncestorOf(self.focusWidget() or self)]
        place = self._room.flow.indexOf(focused[0]) if focused else -1
        for number in self._chips.keys() - present:
            gone = self._chips.pop(number)
            self._room.flow.removeWidget(gone)
            gone.hide()
            gone.deleteLater()
        for position, item in enumerate(self._breakpoints):
            known = self._chips.get(item.id)
            chip = known or self._new_chip(item.id, Chip(item))
            chip.show_breakpoint(item)
            self._room.flow.insertWidget(position, chip)
            if known is None and self.isVisible():
                self._room.show_whole_soon(chip.toggle)
        if focused and focused[0].breakpoint.id not in present:
            chips = self.chips
            neighbour = chips[min(place, len(chips) - 1)].toggle if chips else self.add
            neighbour.setFocus(Qt.FocusReason.OtherFocusReason)

    def _new_chip(self, number: int, chip: Chip) -> Chip:
        self._chips[number] = chip
        chip.enabled_wanted.connect(self._breakpoints.set_enabled)
        chip.condition_wanted.connect(self._breakpoints.set_condition)
        chip.removal_wanted.connect(self._breakpoints.remove)
        chip.editing_wanted.connect(lambda item: self.condition_wanted.emit(item, chip))
        for part in (chip.toggle, chip.number, chip.remove):
            part.installEventFilter(self)
        return chip

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        if event.type() == QEvent.Type.FocusIn and isinstance(watched, QWidget):
            self._room.show_whole(watched)
        return False

    def changeEvent(self, event: QEvent) -> None:
        if event.type() == QEvent.Type.LanguageChange:
            self._retranslate()
        super().changeEvent(event)

    def _recolor(self) -> None:
        set_color(self._caption, "dim")

    def _retranslate(self) -> None:
        self._caption.setText(self.tr("Break when"))
        self.add.set_text(
            self.tr("condition"), self.tr("Choose or write a condition that stops the run (Ctrl+F9)")
        )


class _ChipLines(QScrollArea):
    """Chips in as many lines as the width asks for; they scroll where the dock is too low for them."""

    def __init__(self) -> None:
        super().__init__()
        content = FlowRow(spacing=SPACING)
        content.setAutoFillBackground(False)
        self.flow = content.flow
        self.setWidget(content)
        self.setWidgetResizable(True)
        self.viewport().setAutoFillBackground(False)
        self.setFrameShape(QScrollArea.Shape.NoFrame)
        self.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        self.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        use_slim_scroll_bars(self)
        self.verticalScrollBar().setSingleStep(HEIGHT + SPACING)
        self.setSizePolicy(QSizePolicy.Policy.Maximum, QSizePolicy.Policy.Maximum)

    def sizeHint(self) -> QSize:
        return QSize(self.flow.widthInOneLine(), max(self.flow.heightForWidth(self.width()), HEIGHT))

    def minimumSizeHint(self) -> QSize:
        return QSize(40, HEIGHT)

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        if event.size().width() != event.oldSize().width():
            self.updateGeometry()  # the chips may want another number of lines

    def event(self, event: QEvent) -> bool:
        if event.type() == QEvent.Type.LayoutRequest:
            self.updateGeometry()
        return super().event(event)

    def show_whole(self, part: QWidget) -> None:
        """Scrolls to the chip that has the part."""
        chip = part.parentWidget()
        if chip is not None:
            self.flow.activate()  # the layout may be due
            self.ensureWidgetVisible(chip, 0, 0)

    def show_whole_soon(self, part: QWidget) -> None:
        """Does so once the chips have their places."""
        QTimer.singleShot(0, part, lambda: self.show_whole(part))
