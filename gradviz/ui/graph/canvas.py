"""The drawing surface: paints the diagram, and turns mouse and keys into looking around and selecting.

One widget paints everything. Items of a QGraphicsScene cost more than the drawing itself beyond a few
thousand nodes (220 ms a frame for 10,000), and nothing here needs them: what is hit is one comparison over
all rectangles at once, and what changed is repainted alone.
"""

from __future__ import annotations

from PySide6.QtCore import QEvent, QPoint, QPointF, QRect, QRectF, Qt, QTimer, Signal
from PySide6.QtGui import (
    QContextMenuEvent,
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

from gradviz.trace.backward_graph import forward_key
from gradviz.ui.graph.camera import Camera
from gradviz.ui.graph.cards import NAMED
from gradviz.ui.graph.diagram import Diagram, Link
from gradviz.ui.graph.drag import Drag
from gradviz.ui.graph.drawing import Drawing
from gradviz.ui.graph.faces import Faces
from gradviz.ui.graph.layout import HEADER, Placement
from gradviz.ui.graph.tiles import Tiles
from gradviz.ui.graph.transition import Transition
from gradviz.ui.graph.travel import Travel
from gradviz.ui.theme import font, theme

MANY_PARTS = 16
"""Changed rectangles up to which each is painted for itself."""
DOTS = 24
"""Distance of the background's dots on screen, in pixels."""


class Canvas(QWidget):
    """Shows a placed diagram. Knows nothing of the model: what is selected or hidden is told from outside."""

    clicked = Signal(str)  # key of a card or box; "" for empty ground
    menu_wanted = Signal(str, QPoint)  # the same, for its context menu; the place on screen
    toggled = Signal(str)  # key of a box or closed card that shall close or open
    all_wanted = Signal(str)  # key of one that shall open with all that is in it
    dragged = Signal(str, QPointF)  # key of a card or box, and how far, in pixels at 100 %
    looked_around = Signal()  # the person panned or zoomed
    view_changed = Signal()  # another part is seen, for whatever reason

    def __init__(self, faces: Faces, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.drawing = Drawing(faces)
        self.camera = Camera()
        self.hint = ""
        """What to say while there is nothing to show."""
        self.notice = ""
        """What to say on top of the picture."""
        self.margins = (24, 24, 24, 24)
        """Left, top, right, bottom: kept free for what lies on top of the canvas."""
        self.travel = Travel(self)
        self.travel.moved.connect(self._update_drawing)
        self.transition = Transition(self)
        """From what was shown before; begun by who knows that it is to be seen."""
        self.transition.advanced.connect(self.update)
        self._tiles = Tiles(self._paint_tile)
        self._soon = QTimer(self, singleShot=True, interval=0)
        self._soon.timeout.connect(self.update)
        self._dots: QPixmap | None = None
        self._pressed_at: QPoint | None = None
        self._pressed_key = ""  # what would be dragged from there; "" is the ground
        self._panning = False
        self._drag: Drag | None = None  # under way, or let go and not yet heard of by the layout
        self.setMouseTracking(True)
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.setAttribute(Qt.WidgetAttribute.WA_OpaquePaintEvent)

    # ── what is shown ─────────────────────────────────────────────────────────────────────────────────────

    def show_diagram(self, diagram: Diagram, placement: Placement) -> None:
        """Shows a diagram at these places."""
        self.travel.stop()
        if placement is not self.drawing.placement:
            self._tiles.forget()
        if self._drag is None or (self._pressed_at is None and placement is not self._drag.before):
            self._drag = None
            self.drawing.show(diagram, placement)
        else:
            self.drawing.diagram = diagram
            if not self._drag.take(placement):
                self._end_drag()
                self.drawing.show(diagram, placement)
        self.redraw()

    def redraw(self) -> None:
        """Anything may look different now."""
        self._tiles.touch_all()
        self.update()

    @property
    def bounds(self) -> QRectF:
        """Around the whole drawing."""
        return self.drawing.bounds

    @property
    def room(self) -> QRectF:
        """The part of the canvas that nothing lies on."""
        left, top, right, bottom = self.margins
        return QRectF(self.rect()).adjusted(left, top, -right, -bottom)

    def update_cards(self, keys: set[str], links: list[Link]) -> None:
        """Draws these cards and edges again, and nothing else."""
        around = {box for key in keys for box in self.drawing.diagram.boxes_around(key)}
        rects = [self.drawing.changing_part(key).adjusted(-12, -12, 12, 12) for key in keys | around]
        paths = [self.drawing.path_of(link) for link in links]
        for rect in (*rects, *(path.bounds for path in paths if path is not None)):
            self._tiles.touch(rect)
            self._update_drawing(rect)

    def update_outlines(self, keys: set[str]) -> None:
        """What marks these cards as selected or hovered has changed."""
        reach = 12 / min(self.camera.scale, 1.0)
        for key in keys:
            self._update_drawing(self.drawing.rect_of(key).adjusted(-reach, -reach, reach, reach))

    # ── looking around ────────────────────────────────────────────────────────────────────────────────────

    def fit(self) -> None:
        self.camera.fit(self.bounds, self.room)
        self._view_moved()

    def actual_size(self) -> None:
        """100 %, around the selection or the middle of what is seen."""
        middle = (
            self.drawing.rect_of(self.drawing.selected).center()
            if self.drawing.selected in self.drawing
            else None
        )
        if middle is None:
            middle = self.camera.to_drawing(self.room.center())
        self.camera.scale = 1.0
        self.camera.center_on(middle, self.room)
        self._view_moved()

    def reveal(self, key: str) -> None:
        """Pans so that a card can be seen, if it cannot."""
        if key in self.drawing and self.camera.reveal(self.drawing.rect_of(key), self.room):
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
        self.transition.stop()
        self.update()
        self.view_changed.emit()

    # ── painting ──────────────────────────────────────────────────────────────────────────────────────────

    def paintEvent(self, event: QPaintEvent) -> None:
        painter = QPainter(self)
        self._paint_ground(painter, event.rect(), self.camera)
        if self.bounds.isEmpty():
            self._paint_hint(painter)
        else:
            self._paint_drawing(painter, event)
        if self.notice:
            self._paint_notice(painter)
        if self.hasFocus():
            painter.setPen(QPen(theme.color("selection", 0.4), 1))
            painter.setBrush(Qt.BrushStyle.NoBrush)
            painter.drawRect(self.rect().adjusted(0, 0, -1, -1))

    def _paint_drawing(self, painter: QPainter, event: QPaintEvent) -> None:
        """Directly, or, where that takes too long for a frame, by means of tiles."""
        painter.save()
        if self.transition.active:
            placement, camera = self.transition.now(self.drawing.placement, self.camera)
            self._look_through(painter, camera)
            area = camera.area(QRectF(self.rect()))
            self.drawing.at(placement).paint(painter, [area], camera.scale)
            painter.restore()
            return
        if self.drawing.crowded(self.camera.area(QRectF(self.rect()))):
            if not self._tiles.paint(painter, self.rect(), self.camera, self.devicePixelRatioF()):
                self._soon.start()
            self._look_through(painter, self.camera)
        else:
            region = event.region()
            parts = [event.rect()] if region.rectCount() > MANY_PARTS else list(region)  # type: ignore[call-overload]
            self._look_through(painter, self.camera)
            areas = [self.camera.area(QRectF(part.adjusted(-1, -1, 1, 1))) for part in parts]
            self.drawing.paint(painter, areas, self.camera.scale)
        self.drawing.paint_outlines(painter, self.camera.scale)
        self.travel.paint(painter)
        painter.restore()

    def _paint_tile(self, painter: QPainter, camera: Camera, area: QRect) -> None:
        self._paint_ground(painter, area, camera)
        self._look_through(painter, camera)
        self.drawing.paint(painter, [camera.area(QRectF(area))], camera.scale, crowded=True)

    def paint_drawing(self, painter: QPainter, area: QRectF, camera: Camera) -> None:
        """Paints a part of the drawing as another camera sees it, for pictures."""
        self._look_through(painter, camera)
        self.drawing.paint(painter, [area], camera.scale, crowded=self.drawing.crowded(area))
        self.drawing.paint_outlines(painter, camera.scale)

    def _look_through(self, painter: QPainter, camera: Camera) -> None:
        painter.setRenderHint(QPainter.RenderHint.Antialiasing, camera.scale >= NAMED)
        painter.translate(camera.x, camera.y)
        painter.scale(camera.scale, camera.scale)

    def _paint_ground(self, painter: QPainter, rect: QRect, camera: Camera) -> None:
        painter.fillRect(rect, theme.color("background"))
        if self._dots is None:
            self._dots = QPixmap(DOTS, DOTS)
            self._dots.fill(theme.color("background"))
            dots = QPainter(self._dots)
            dots.fillRect(0, 0, 1, 1, theme.color("line", 0.55))
            dots.end()
        shift = QPoint(round(camera.x) % DOTS, round(camera.y) % DOTS)
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

    def _paint_notice(self, painter: QPainter) -> None:
        painter.setFont(font(10))
        flags = Qt.AlignmentFlag.AlignCenter | Qt.TextFlag.TextWordWrap
        room = self.room.toRect().adjusted(24, 24, -24, -24)
        words = painter.boundingRect(
            room, Qt.AlignmentFlag.AlignHCenter | Qt.TextFlag.TextWordWrap, self.notice
        )
        painter.setPen(QPen(theme.color("warning"), 1))
        painter.setBrush(theme.color("panel"))
        painter.drawRoundedRect(words.adjusted(-12, -8, 12, 8), 6, 6)
        painter.setPen(theme.color("text"))
        painter.drawText(words, flags, self.notice)

    def theme_changed(self) -> None:
        self._dots = None
        self.redraw()

    def _update_drawing(self, rect: QRectF) -> None:
        """Paints a part of the drawing again, if it is seen."""
        seen = self.camera.to_screen(rect).toAlignedRect().adjusted(-2, -2, 2, 2)
        if seen.intersects(self.rect()):
            self.update(seen)

    # ── mouse ─────────────────────────────────────────────────────────────────────────────────────────────

    def key_at(self, position: QPointF) -> str:
        """The card there, or the box whose title is there, or ""."""
        point = self.camera.to_drawing(position)
        card = self.drawing.card_at(point)
        if card:
            return card
        header = max(HEADER, 24 / self.camera.scale)
        for key in reversed(self.drawing.boxes_at(point)):
            rect = QRectF(self.drawing.rect_of(key))
            rect.setHeight(min(header, rect.height()))
            if rect.contains(point):
                return key
        return ""

    def _on_toggle(self, key: str, position: QPointF) -> bool:
        """Whether a position is on the + or − of a closed card or a box."""
        rect = self.camera.to_screen(self.drawing.rect_of(key))
        reach = max(HEADER * self.camera.scale, 24)
        corner = QRectF(rect.right() - reach, rect.top(), reach, reach)
        return key.endswith("/") and corner.contains(position)

    def mousePressEvent(self, event: QMouseEvent) -> None:
        self.setFocus(Qt.FocusReason.MouseFocusReason)
        if event.button() in (Qt.MouseButton.LeftButton, Qt.MouseButton.MiddleButton):
            self._pressed_at = event.position().toPoint()
            self._panning = event.button() == Qt.MouseButton.MiddleButton
            can_be_dragged = not self._panning and self.camera.scale >= NAMED
            self._pressed_key = forward_key(self.key_at(event.position())) if can_be_dragged else ""
        event.accept()

    def mouseMoveEvent(self, event: QMouseEvent) -> None:
        position = event.position().toPoint()
        if self._pressed_at is None:
            self._hover(self.key_at(event.position()))
            return
        moved = position - self._pressed_at
        under_way = self._panning or self._drag is not None
        if not under_way and moved.manhattanLength() < QApplication.startDragDistance():
            return
        if self._pressed_key:
            self._drag_to(event.position())
            return
        self._panning = True
        self.setCursor(Qt.CursorShape.ClosedHandCursor)
        self._pressed_at = position
        self.camera.pan(moved.x(), moved.y())
        self._view_moved()
        self.looked_around.emit()

    def mouseReleaseEvent(self, event: QMouseEvent) -> None:
        pressed, self._pressed_at = self._pressed_at, None
        self.unsetCursor()
        if pressed is not None and self._drag is not None:
            self.dragged.emit(self._drag.key, self._drag.moved)
            return
        if pressed is None or self._panning or event.button() != Qt.MouseButton.LeftButton:
            return
        key = self.key_at(event.position())
        if key and self._on_toggle(key, event.position()):
            self.toggled.emit(key)
        else:
            self.clicked.emit(key)

    def _drag_to(self, position: QPointF) -> None:
        if self._drag is None:
            assert self._pressed_at is not None
            self.travel.stop()
            self._drag = Drag(
                self.drawing, self._pressed_key, self.camera.to_drawing(QPointF(self._pressed_at))
            )
            self.setCursor(Qt.CursorShape.SizeAllCursor)
        self._drag.move_to(self.camera.to_drawing(position))
        self.redraw()

    @property
    def dragging(self) -> bool:
        """Whether a card or box follows the mouse."""
        return self._drag is not None and self._pressed_at is not None

    def cancel_drag(self) -> None:
        """What follows the mouse goes back."""
        if self._drag is not None:
            self._drag.cancel()
            self._end_drag()
            self.redraw()

    def _end_drag(self) -> None:
        self._drag = self._pressed_at = None
        self.unsetCursor()

    def mouseDoubleClickEvent(self, event: QMouseEvent) -> None:
        key = forward_key(self.key_at(event.position()))
        if event.button() == Qt.MouseButton.LeftButton and key.endswith("/"):
            self._pressed_at = None
            whole = event.modifiers() & Qt.KeyboardModifier.AltModifier
            (self.all_wanted if whole else self.toggled).emit(key)

    def contextMenuEvent(self, event: QContextMenuEvent) -> None:
        by_mouse = event.reason() == QContextMenuEvent.Reason.Mouse
        key = self.key_at(event.pos().toPointF()) if by_mouse else self.drawing.selected
        corner = self.camera.to_screen(self.drawing.rect_of(key)).bottomLeft().toPoint()
        self.menu_wanted.emit(key, event.globalPos() if by_mouse else self.mapToGlobal(corner))

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
        if key == self.drawing.hovered:
            return
        before, self.drawing.hovered = self.drawing.hovered, key
        partner = self.drawing.diagram.partner
        self.update_outlines({before, key, partner(before), partner(key)})

    # ── keys ──────────────────────────────────────────────────────────────────────────────────────────────

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Only zooming is done here; what is not ours (Space, arrows) goes on to the window."""
        if event.key() in (Qt.Key.Key_Plus, Qt.Key.Key_Equal):
            self.zoom(1.2)
        elif event.key() == Qt.Key.Key_Minus:
            self.zoom(1 / 1.2)
        elif event.key() == Qt.Key.Key_Escape and self.dragging:
            self.cancel_drag()
        else:
            event.ignore()

    def focusInEvent(self, event: QEvent) -> None:
        self.update()

    def focusOutEvent(self, event: QEvent) -> None:
        self.update()

    def resizeEvent(self, event: QResizeEvent) -> None:
        self.view_changed.emit()
