"""What the graph's shapes and colours mean, and the scale of what is laid over it, in one small strip."""

from __future__ import annotations

from PySide6.QtCore import QEvent, QLineF, QPointF, QRectF, QSize, Qt, Signal
from PySide6.QtGui import QFontMetricsF, QPainter, QPaintEvent, QPen, QPolygonF
from PySide6.QtWidgets import QWidget

from gradviz.ui.graph.cards import paint_hatching, paint_role
from gradviz.ui.graph.text import scene_font
from gradviz.ui.theme import theme

ROW = 18
MARK = 18
GAP = 11
PADDING = 8
TEXT = 11


Entry = tuple[str, str]
"""A mark ("input", "forward", "bar:saved", "" for none …) and what it means."""


class Legend(QWidget):
    """Role marks, arrows and hatching with their words; wraps into rows where it is narrow. The scale of an
    overlay stands in rows of its own above."""

    words_changed = Signal()  # they take another room now

    def __init__(self, parent: QWidget) -> None:
        super().__init__(parent)
        self.setAttribute(Qt.WidgetAttribute.WA_TransparentForMouseEvents)
        self._words: list[Entry] = []
        self._scale: list[Entry] = []
        self._places: list[QPointF] = []
        self._retranslate()

    def explain(self, scale: list[Entry]) -> None:
        """Shows the scale of what is laid over the graph; none for an empty list."""
        if scale != self._scale:
            self._scale = scale
            self._say()

    @property
    def _entries(self) -> list[Entry]:
        return self._scale + self._words

    def arrange(self, available: int) -> QSize:
        """Wraps into a width, and says which size that takes."""
        metrics = QFontMetricsF(scene_font(TEXT))
        x, y, widest = float(PADDING), PADDING / 2, 0.0
        self._places = []
        for place, (mark, word) in enumerate(self._entries):
            width = (MARK if mark else 0) + metrics.horizontalAdvance(word)
            if x > PADDING and (x + width + PADDING > available or place == len(self._scale)):
                x, y = float(PADDING), y + ROW
            self._places.append(QPointF(x, y))
            x += width + GAP
            widest = max(widest, x - GAP + PADDING)
        return QSize(round(widest) + 1, round(y + ROW + PADDING / 2))

    def paintEvent(self, event: QPaintEvent) -> None:
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.setPen(QPen(theme.color("line", 0.8), 1))
        painter.setBrush(theme.color("panel", 0.92))
        painter.drawRoundedRect(QRectF(self.rect()).adjusted(0.5, 0.5, -0.5, -0.5), 6, 6)
        painter.setFont(scene_font(TEXT))
        for (mark, word), place in zip(self._entries, self._places, strict=True):
            _paint_mark(painter, mark, place)
            painter.setPen(theme.color("dim"))
            text = QRectF(place.x() + (MARK if mark else 0), place.y(), self.width(), ROW)
            painter.drawText(text, Qt.AlignmentFlag.AlignVCenter, word)

    def changeEvent(self, event: QEvent) -> None:
        if event.type() == QEvent.Type.LanguageChange:
            self._retranslate()
        super().changeEvent(event)

    def _retranslate(self) -> None:
        self._words = [
            ("input", self.tr("input")),
            ("parameter", self.tr("parameter")),
            ("operation", self.tr("operation")),
            ("loss", self.tr("loss")),
            ("forward", self.tr("forward")),
            ("backward", self.tr("backward")),
            ("update", self.tr("update")),
            ("pending", self.tr("not computed")),
        ]
        self.setAccessibleName(self.tr("Legend"))
        self._say()

    def _say(self) -> None:
        self.setAccessibleDescription(". ".join(word for _, word in self._scale))
        self.arrange(self.width())
        self.words_changed.emit()
        self.update()


def _paint_mark(painter: QPainter, mark: str, place: QPointF) -> None:
    y = place.y() + ROW / 2
    kind, _, role = mark.partition(":")
    if kind == "bar":
        _paint_bar(painter, role, QRectF(place.x(), y - 3, 13, 6))
    elif kind == "line":
        _paint_arrow(painter, "backward", place.x(), y, role)
    elif mark == "width":
        _paint_widths(painter, QRectF(place.x(), y - 2.5, 13, 5))
    elif mark == "pending":
        paint_hatching(painter, QRectF(place.x(), y - 4, 13, 8))
    elif mark in ("forward", "backward"):
        _paint_arrow(painter, mark, place.x(), y)
    elif mark == "update":
        painter.setBrush(Qt.BrushStyle.NoBrush)
        painter.setPen(QPen(theme.color("update"), 2))
        painter.drawPolyline(
            [QPointF(place.x() + 1, y), QPointF(place.x() + 5, y + 4), QPointF(place.x() + 12, y - 4)]
        )
    elif mark:
        paint_role(painter, mark, QPointF(place.x() + 7, y))


def _paint_bar(painter: QPainter, role: str, frame: QRectF) -> None:
    """Half full, as on a card."""
    painter.setPen(QPen(theme.color("line"), 1))
    painter.setBrush(Qt.BrushStyle.NoBrush)
    painter.drawRect(frame)
    painter.fillRect(QRectF(frame.x(), frame.y(), frame.width() * 0.6, frame.height()), theme.color(role))


def _paint_widths(painter: QPainter, frame: QRectF) -> None:
    """From the thinnest edge to the widest."""
    painter.setPen(Qt.PenStyle.NoPen)
    painter.setBrush(theme.color("backward"))
    thin = [QPointF(frame.left(), frame.center().y() + side * 0.6) for side in (-1, 1)]
    wide = [frame.bottomRight(), frame.topRight()]
    painter.drawPolygon(QPolygonF([*thin, *wide]))


def _paint_arrow(painter: QPainter, role: str, x: float, y: float, color: str = "") -> None:
    """Pointing right for data, left for gradients."""
    color = color or role
    tip, tail = (x + 13, x) if role == "forward" else (x, x + 13)
    back = -5 if role == "forward" else 5
    painter.setPen(QPen(theme.color(color), 1.6 if role == "forward" else 2.6))
    painter.drawLine(QLineF(tail, y, tip + back, y))
    painter.setPen(Qt.PenStyle.NoPen)
    painter.setBrush(theme.color(color))
    painter.drawPolygon(QPolygonF([QPointF(tip, y), QPointF(tip + back, y - 4), QPointF(tip + back, y + 4)]))
