"""Finding nodes: the field at the graph's upper left, and what matches."""

from __future__ import annotations

from PySide6.QtCore import QEvent, QObject, Qt, Signal
from PySide6.QtGui import QKeyEvent, QPalette
from PySide6.QtWidgets import QApplication, QFrame, QHBoxLayout, QLabel, QLineEdit, QWidget

from gradviz.trace import Node
from gradviz.ui.graph.text import scene_font
from gradviz.ui.icons import icon
from gradviz.ui.numbers import shape_text
from gradviz.ui.theme import theme


def matches(node: Node, query: str) -> bool:
    """Whether every word of the query occurs in the node's name, scope, shape, operation or kind."""
    shape = shape_text(node.shape)
    text = " ".join(
        (node.qualified_name, node.key, node.kind, node.grad_fn, node.dtype, shape, shape.replace(" ", ""))
    ).lower()
    return all(word in text for word in query.lower().split())


class FindField(QFrame):
    """A line to type in, and how many nodes match."""

    searched = Signal(str)
    stepped = Signal(int)  # +1: to the next hit, -1: to the one before
    left = Signal()  # Escape: back to the graph

    def __init__(self, parent: QWidget) -> None:
        super().__init__(parent)
        self.setAutoFillBackground(True)
        self.setFrameShape(QFrame.Shape.Box)
        self.line = QLineEdit(frame=False)
        self.line.setClearButtonEnabled(True)
        self.line.textChanged.connect(self.searched)
        self.line.installEventFilter(self)
        self._icon = self.line.addAction(icon("find", "dim"), QLineEdit.ActionPosition.LeadingPosition)
        self._count = QLabel()
        self._count.setFont(scene_font(11))
        row = QHBoxLayout(self)
        row.setContentsMargins(4, 0, 8, 0)
        row.setSpacing(4)
        row.addWidget(self.line, 1)
        row.addWidget(self._count)
        self.setFocusProxy(self.line)
        self.theme_changed()
        self._retranslate()

    def start(self) -> None:
        """Puts the cursor into the field, ready to type over what is there."""
        self.line.setFocus(Qt.FocusReason.ShortcutFocusReason)
        self.line.selectAll()

    def show_count(self, position: int, count: int) -> None:
        """`position` counts from 1; 0 when no hit was gone to yet."""
        text = ""
        if self.line.text().strip():
            text = f"{position}/{count}" if position else f"{count}"
        self._count.setText(text)
        self._count.setStyleSheet(f"color: {theme.color('dim' if count else 'error').name()}")

    def theme_changed(self) -> None:
        self._icon.setIcon(icon("find", "dim"))
        palette = QPalette(QApplication.palette())
        palette.setColor(QPalette.ColorRole.Base, theme.color("panel"))
        palette.setColor(QPalette.ColorRole.WindowText, theme.color("line"))  # the frame
        self.setPalette(palette)

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        if event.type() == QEvent.Type.KeyPress and isinstance(event, QKeyEvent):
            if event.key() in (Qt.Key.Key_Return, Qt.Key.Key_Enter):
                back = event.modifiers() & Qt.KeyboardModifier.ShiftModifier
                self.stepped.emit(-1 if back else 1)
                return True
            if event.key() == Qt.Key.Key_Escape:
                self.line.clear()
                self.left.emit()
                return True
        return super().eventFilter(watched, event)

    def changeEvent(self, event: QEvent) -> None:
        if event.type() == QEvent.Type.LanguageChange:
            self._retranslate()
        super().changeEvent(event)

    def _retranslate(self) -> None:
        self.line.setPlaceholderText(self.tr("Find node…  Ctrl+F"))
        self.line.setAccessibleName(self.tr("Find node"))
        self.line.setToolTip(
            self.tr("Name, module, shape or operation. Enter goes to the next hit, Shift+Enter to the last.")
        )
