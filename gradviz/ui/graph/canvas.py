"""The drawing surface: paints the diagram, and turns mouse and keys into looking around and selecting.

One widget paints everything. Items of a QGraphicsScene cost more than the drawing itself beyond a few
thousand nodes (220 ms a frame for 10,000), and nothing here needs them: what is hit is one comparison over
all rectangles at once, and what changed is repainted alone.
"""

from __future__ import annotations

from itertools import pairwise

import numpy as np
from PySide6.QtCore import QEvent, QLineF, QPoint, QPointF, QRect, QRectF, Qt, Signal
from PySide6.QtGui import (
    QColor,
    QKeyEvent,
    QMouseEvent,
    QNativeGestureEvent,
    QPainter,
    QPaintEvent,
    QPen,
    QPixmap,
    QResizeEvent,
    QWheelEvent,
)
from PySide6.QtWidgets import QApplication, QWidget

from gradviz.ui.graph.camera import Camera
from gradviz.ui.graph.cards import NAMED, paint_box, paint_card
from gradviz.ui.graph.diagram import Diagram, Link, box_key
from gradviz.ui.graph.edges import EdgePaths, paint_edge
from gradviz.ui.graph.faces import Faces
from gradviz.ui.graph.layout import HEADER, Placement, Rect
from gradviz.ui.graph.travel import Travel
from gradviz.ui.theme import font, theme

DOTS = 24
"""Distance of the background's dots on screen, in pixels."""


class Canvas(QWidget):
    """Shows a placed diagram. Knows nothing of the model: what is selected or hidden is told from outside."""

    clicked = Signal(str)  # key of a card or box; "" for empty ground
    toggled = Signal(str)  # key of a box or closed card that shall close or open
    looked_around = Signal()  # the person panned or zoomed
    view_changed = Signal()  # another part is seen, for whatever reason

    def __init__(self, faces: Faces, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.faces = faces
        self.diagram = Diagram(None)
        self.placement = Placement()
        self.camera = Camera()
        self.selected = ""
        self.hits: set[str] = set()
        """Cards that match what is searched for; the others step back."""
        self.hint = ""
        """What to say while there is nothing to show."""
        self.words: dict[str, str] = {}
        self.margins = (24, 24, 24, 24)
        """Left, top, right, bottom: kept free for what lies on top of the canvas."""
        self.travel = Travel(self)
        self.travel.moved.connect(self._update_drawing)
        self._rects: dict[str, QRectF] = {}
        self._paths: dict[tuple[str, str], EdgePaths] = {}
        self._bounds = QRectF()
        self._card_keys: list[str] = []
        self._card_table = np.zeros((0, 4))
        self._edge_table = np.zeros((0, 4))
        self._far_lines: list[QLineF] = []
        self._dots: QPixmap | None = None
        self._hovered = ""
        self._pressed_at: QPoint | None = None
        self._dragging = False
        self.setMouseTracking(True)
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.setAttribute(Qt.WidgetAttribute.WA_OpaquePaintEvent)

    # ── what is shown ─────────────────────────────────────────────────────────────────────────────────────

    def show_diagram(self, diagram: Diagram, placement: Placement) -> None:
        """Shows a diagram at these places."""
        self.travel.stop()
        self.diagram = diagram
        if placement is not self.placement:
            self.placement = placement
            self._take_places(placement)
        self.update()

    def _take_places(self, placement: Placement) -> None:
        places = {**placement.scopes, **placement.cards}
        self._rects = {key: QRectF(*rect) for key, rect in places.items()}
        self._paths = {edge: EdgePaths(points) for edge, points in placement.edges.items()}
        self._bounds = QRectF(*placement.bounds)
        self._card_keys = list(placement.cards)
        self._card_table = _table(placement.cards.values())
        bounds = [path.bounds.getRect() for path in self._paths.values()]
        self._edge_table = _table(Rect(*rect) for rect in bounds)
        self._far_lines = [
            QLineF(*start, *end) for points in placement.edges.values() for start, end in pairwise(points)
        ]
        self._hovered = ""

    def rect_of(self, key: str) -> QRectF:
        """Where a card or box is drawn; empty when it is not."""
        return self._rects.get(key, QRectF())

    def path_of(self, link: Link) -> EdgePaths | None:
        return self._paths.get((link.source, link.target))

    @property
    def bounds(self) -> QRectF:
        """Around the whole drawing."""
        return self._bounds

    @property
    def room(self) -> QRectF:
        """The part of the canvas that nothing lies on."""
        left, top, right, bottom = self.margins
        return QRectF(self.rect()).adjusted(left, top, -right, -bottom)

    def update_cards(self, keys: set[str], links: list[Link]) -> None:
        """Draws these cards and edges again, and nothing else."""
        for key in keys:
            self._update_drawing(self.rect_of(key).adjusted(-12, -12, 12, 12))
        for link in links:
            paths = self.path_of(link)
            if paths is not None:
                self._update_drawing(paths.bounds)

    # ── looking around ────────────────────────────────────────────────────────────────────────────────────

    def fit(self) -> None:
        self.camera.fit(self._bounds, self.room)
        self._view_moved()

    def actual_size(self) -> None:
        """100 %, around the selection or the middle of what is seen."""
        middle = self.rect_of(self.selected).center() if self.selected in self._rects else None
        if middle is None:
            middle = self.camera.to_drawing(self.room.center())
        self.camera.scale = 1.0
        self.camera.center_on(middle, self.room)
        self._view_moved()

    def reveal(self, key: str) -> None:
        """Pans so that a card can be seen, if it cannot."""
        if key in self._rects and self.camera.reveal(self._rects[key], self.room):
            self._view_moved()

    def center_on(self, point: QPointF) -> None:
        self.camera.center_on(point, QRectF(self.rect()))
        self._view_moved()
        self.looked_around.emit()

    def zoom(self, factor: float, at: QPointF | None = None) -> None:
        self.camera.zoom(factor, at or self.room.center())
        self._view_moved()
        self.looked_around.emit()

    def _view_moved(self) -> None:
        self.update()
        self.view_changed.emit()

    # ── painting ──────────────────────────────────────────────────────────────────────────────────────────

    def paintEvent(self, event: QPaintEvent) -> None:
        painter = QPainter(self)
        self._paint_ground(painter, event.rect())
        if not self._rects:
            self._paint_hint(painter)
            return
        area = self.camera.area(QRectF(event.rect().adjusted(-1, -1, 1, 1)))
        self.paint_drawing(painter, area)
        if self.hasFocus():
            painter.resetTransform()
            painter.setPen(QPen(theme.color("selection", 0.4), 1))
            painter.setBrush(Qt.BrushStyle.NoBrush)
            painter.drawRect(self.rect().adjusted(0, 0, -1, -1))

    def paint_drawing(self, painter: QPainter, area: QRectF, camera: Camera | None = None) -> None:
        """Paints what lies in `area` of the drawing, through this or another camera (for pictures)."""
        camera = camera or self.camera
        scale = camera.scale
        painter.setRenderHint(QPainter.RenderHint.Antialiasing, scale >= NAMED)
        painter.translate(camera.x, camera.y)
        painter.scale(scale, scale)
        for key, title, detail, depth in self._boxes():
            rect = self._rects.get(key)
            if rect is not None and rect.intersects(area):
                paint_box(painter, title, detail, rect, depth, scale)
        self._paint_edges(painter, area, scale)
        self._paint_cards(painter, area, scale)
        if self.selected in self._rects:
            _paint_outline(painter, self._rects[self.selected], theme.color("selection"), scale)
        self.travel.paint(painter)

    def _boxes(self) -> list[tuple[str, str, str, int]]:
        """(key, title, detail, depth) of the open boxes, outer ones first."""
        return [
            (
                box_key(path),
                scope.name,
                f"{scope.module}({scope.detail})" if scope.detail else scope.module,
                path.count("."),
            )
            for path, scope in self.diagram.scopes.items()
            if path in self.diagram.open_scopes
        ]

    def _paint_edges(self, painter: QPainter, area: QRectF, scale: float) -> None:
        if scale < NAMED and len(self._far_lines) > 1000:
            painter.setPen(QPen(theme.color("line"), 0))
            painter.drawLines(self._far_lines)
            return
        links = self.diagram.links
        for index in _inside(self._edge_table, area):
            link = links[index]
            flow = self.faces.flow(link, detailed=scale >= NAMED)
            paint_edge(painter, self._paths[link.source, link.target], flow, scale)

    def _paint_cards(self, painter: QPainter, area: QRectF, scale: float) -> None:
        detailed = scale >= NAMED
        for index in _inside(self._card_table, area):
            key = self._card_keys[index]
            card, rect = self.diagram.cards[key], self._rects[key]
            face = self.faces.face(card, detailed=detailed)
            painter.setOpacity(0.3 if self.hits and key not in self.hits else 1.0)
            paint_card(painter, card, face, rect, scale, self.words)
            if key == self._hovered:
                _paint_outline(painter, rect, theme.color("text", 0.35), scale, 1.0)
            elif key in self.hits:
                _paint_outline(painter, rect, theme.color("selection", 0.6), scale, 1.0)
        painter.setOpacity(1.0)

    def _paint_ground(self, painter: QPainter, rect: QRect) -> None:
        painter.fillRect(rect, theme.color("background"))
        if self._dots is None:
            self._dots = QPixmap(DOTS, DOTS)
            self._dots.fill(theme.color("background"))
            dots = QPainter(self._dots)
            dots.fillRect(0, 0, 1, 1, theme.color("line", 0.55))
            dots.end()
        shift = QPoint(int(self.camera.x) % DOTS, int(self.camera.y) % DOTS)
        painter.drawTiledPixmap(rect, self._dots, rect.topLeft() - shift)

    def _paint_hint(self, painter: QPainter) -> None:
        headline, _, detail = self.hint.partition("\n")
        middle = self.rect().center().y()
        for text, points, color, top in ((headline, 13, "text", middle - 34), (detail, 10, "dim", middle)):
            painter.setFont(font(points))
            painter.setPen(theme.color(color))
            place = QRect(24, top, self.width() - 48, 60)
            flags = Qt.AlignmentFlag.AlignHCenter | Qt.AlignmentFlag.AlignTop | Qt.TextFlag.TextWordWrap
            painter.drawText(place, flags, text)

    def theme_changed(self) -> None:
        self._dots = None
        self.update()

    def _update_drawing(self, rect: QRectF) -> None:
        """Paints a part of the drawing again, if it is seen."""
        seen = self.camera.to_screen(rect).toAlignedRect().adjusted(-2, -2, 2, 2)
        if seen.intersects(self.rect()):
            self.update(seen)

    # ── mouse ─────────────────────────────────────────────────────────────────────────────────────────────

    def key_at(self, position: QPointF) -> str:
        """The card there, or the box whose title is there, or ""."""
        point = self.camera.to_drawing(position)
        hit = _inside(self._card_table, QRectF(point.x(), point.y(), 0, 0))
        if len(hit):
            return self._card_keys[hit[-1]]
        header = max(HEADER, 24 / self.camera.scale)
        boxes = [key for key, *_ in self._boxes() if key in self._rects]
        for key in reversed(boxes):
            rect = QRectF(self._rects[key])
            rect.setHeight(min(header, rect.height()))
            if rect.contains(point):
                return key
        return ""

    def _on_toggle(self, key: str, position: QPointF) -> bool:
        """Whether a position is on the + or − of a closed card or a box."""
        rect = self.camera.to_screen(self.rect_of(key))
        reach = max(HEADER * self.camera.scale, 24)
        corner = QRectF(rect.right() - reach, rect.top(), reach, reach)
        return key.endswith("/") and corner.contains(position)

    def mousePressEvent(self, event: QMouseEvent) -> None:
        self.setFocus(Qt.FocusReason.MouseFocusReason)
        if event.button() in (Qt.MouseButton.LeftButton, Qt.MouseButton.MiddleButton):
            self._pressed_at = event.position().toPoint()
            self._dragging = event.button() == Qt.MouseButton.MiddleButton
        event.accept()

    def mouseMoveEvent(self, event: QMouseEvent) -> None:
        position = event.position().toPoint()
        if self._pressed_at is None:
            self._hover(self.key_at(event.position()))
            return
        moved = position - self._pressed_at
        if not self._dragging and moved.manhattanLength() < QApplication.startDragDistance():
            return
        self._dragging = True
        self.setCursor(Qt.CursorShape.ClosedHandCursor)
        self._pressed_at = position
        self.camera.pan(moved.x(), moved.y())
        self._view_moved()
        self.looked_around.emit()

    def mouseReleaseEvent(self, event: QMouseEvent) -> None:
        pressed, self._pressed_at = self._pressed_at, None
        self.unsetCursor()
        if pressed is None or self._dragging or event.button() != Qt.MouseButton.LeftButton:
            return
        key = self.key_at(event.position())
        if key and self._on_toggle(key, event.position()):
            self.toggled.emit(key)
        else:
            self.clicked.emit(key)

    def mouseDoubleClickEvent(self, event: QMouseEvent) -> None:
        key = self.key_at(event.position())
        if event.button() == Qt.MouseButton.LeftButton and key.endswith("/"):
            self._pressed_at = None
            self.toggled.emit(key)

    def leaveEvent(self, event: QEvent) -> None:
        self._hover("")

    def wheelEvent(self, event: QWheelEvent) -> None:
        """The wheel zooms at the cursor; with Shift, or sideways, it pans."""
        angle = event.angleDelta()
        if event.modifiers() & Qt.KeyboardModifier.ShiftModifier or abs(angle.x()) > abs(angle.y()):
            self.camera.pan(angle.x() or angle.y(), 0)
            self._view_moved()
            self.looked_around.emit()
        elif angle.y():
            self.zoom(1.2 ** (angle.y() / 120), event.position())
        event.accept()

    def event(self, event: QEvent) -> bool:
        if (
            isinstance(event, QNativeGestureEvent)
            and event.gestureType() == Qt.NativeGestureType.ZoomNativeGesture
        ):
            self.zoom(1 + event.value(), event.position())
            return True
        return super().event(event)

    def _hover(self, key: str) -> None:
        if key == self._hovered:
            return
        before, self._hovered = self._hovered, key
        self.update_cards({before, key} & self._rects.keys(), [])

    # ── keys ──────────────────────────────────────────────────────────────────────────────────────────────

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Only zooming is done here; what is not ours (Space, arrows) goes on to the window."""
        if event.key() in (Qt.Key.Key_Plus, Qt.Key.Key_Equal):
            self.zoom(1.2)
        elif event.key() == Qt.Key.Key_Minus:
            self.zoom(1 / 1.2)
        else:
            event.ignore()

    def focusInEvent(self, event: QEvent) -> None:
        self.update()

    def focusOutEvent(self, event: QEvent) -> None:
        self.update()

    def resizeEvent(self, event: QResizeEvent) -> None:
        self.view_changed.emit()


def _table(rects: object) -> np.ndarray:
    """float [n, 4]: left, top, right, bottom."""
    rows = [(x, y, x + width, y + height) for x, y, width, height in rects]  # type: ignore[attr-defined]
    return np.array(rows, dtype=float).reshape(-1, 4)


def _inside(table: np.ndarray, area: QRectF) -> np.ndarray:
    """Indices of the rectangles that touch the area."""
    left, top, right, bottom = table.T
    return np.flatnonzero(
        (left <= area.right()) & (right >= area.left()) & (top <= area.bottom()) & (bottom >= area.top())
    )


def _paint_outline(painter: QPainter, rect: QRectF, color: QColor, scale: float, width: float = 2.0) -> None:
    reach = 3.5 / min(scale, 1.0)
    painter.setBrush(Qt.BrushStyle.NoBrush)
    painter.setPen(QPen(color, width / min(scale, 1.0)))
    painter.drawRoundedRect(rect.adjusted(-reach, -reach, reach, reach), 8, 8)
