"""The heat map itself: crisp cells, numbers in them where there is room, the cell under the mouse."""

from __future__ import annotations

from PySide6.QtCore import QPoint, QRectF, QSize, Qt, Signal
from PySide6.QtGui import QColor, QFocusEvent, QImage, QKeyEvent, QMouseEvent, QPainter, QPaintEvent, QPen
from PySide6.QtWidgets import QSizePolicy, QWidget

from gradviz.trace.tiles import Tiles
from gradviz.ui.heatmap import Scale, colorize, rgb_image
from gradviz.ui.inspector.cells import Cells
from gradviz.ui.inspector.keys import keep_arrow_keys
from gradviz.ui.numbers import compact
from gradviz.ui.theme import font, theme

MAX_CELL = 48
SCALAR = (112, 40)
MAX_ASPECT = 3.0  # a cell is at most this many times as wide as high, or as high as wide
MARGIN = 4
HATCH_STEP = 8
MIN_TILE = 6  # pixels of a mosaic's picture that has lines around it
ARROWS: dict[int, tuple[int, int]] = {
    Qt.Key.Key_Left: (0, -1),
    Qt.Key.Key_Right: (0, 1),
    Qt.Key.Key_Up: (-1, 0),
    Qt.Key.Key_Down: (1, 0),
}


class HeatmapView(QWidget):
    """Draws `Cells`, or a hatched place with words where there are no numbers."""

    cell_hovered = Signal(object)  # (row, col) of the cells that are drawn, or None
    cell_chosen = Signal(int, int)  # row, column: it was clicked, or Enter pressed on it

    def __init__(self, parent: QWidget | None = None, *, minimum_height: int = 112) -> None:
        super().__init__(parent)
        self._cells: Cells | None = None
        self._scale = Scale("sequential", 0.0, 0.0)
        self._image = QImage()
        self._words = ""
        self._hovered: tuple[int, int] | None = None
        self.setMouseTracking(True)
        self.setFocusPolicy(Qt.FocusPolicy.TabFocus)  # a click would take the arrow keys from the timeline
        keep_arrow_keys(self)
        self.setMinimumSize(72, minimum_height)
        self.setSizePolicy(QSizePolicy.Policy.Ignored, QSizePolicy.Policy.Expanding)
        theme.changed.connect(self._recolor)

    def sizeHint(self) -> QSize:
        return QSize(300, self.minimumHeight())

    def show_cells(self, cells: Cells, scale: Scale) -> None:
        """Draws the cells in the colours of `scale`."""
        if self._cells is None or self._cells.values.shape != cells.values.shape:
            self._set_hovered(None)
        self._cells, self._scale, self._words = cells, scale, ""
        self._recolor()

    def show_words(self, words: str) -> None:
        """Draws a hatched place that says why there are no numbers."""
        if self._cells is None and self._words == words:
            return
        self._cells, self._words = None, words
        self._set_hovered(None)
        self.update()

    @property
    def words(self) -> str:
        """What is said in place of numbers; "" while there are numbers."""
        return self._words

    # ── geometry ──────────────────────────────────────────────────────────────────────────────────────────

    def _cell_size(self, cells: Cells) -> tuple[float, float]:
        """Width and height of a cell: as large as fits, not stretched too far, whole pixels when large."""
        if cells.values.size == 1:
            return min(self.width(), SCALAR[0]), min(self.height(), SCALAR[1])
        width = min((self.width() - 2 * MARGIN) / cells.cols, MAX_CELL)
        height = min((self.height() - 2 * MARGIN) / cells.rows, MAX_CELL)
        aspect = 1.0 if self._is_picture(cells) else MAX_ASPECT
        width, height = min(width, height * aspect), min(height, width * aspect)
        return (int(width) if width >= 3 else width), (int(height) if height >= 3 else height)

    def _is_picture(self, cells: Cells) -> bool:
        return self._scale.kind == "grey" or cells.tiles is not None or cells.rgb is not None

    def _target(self, cells: Cells) -> QRectF:
        width, height = self._cell_size(cells)
        width, height = width * cells.cols, height * cells.rows
        return QRectF(int((self.width() - width) / 2), int((self.height() - height) / 2), width, height)

    def _cell_at(self, position: QPoint) -> tuple[int, int] | None:
        if self._cells is None or not self._cells.values.size:
            return None
        target = self._target(self._cells)
        if not target.contains(position):
            return None
        row = int((position.y() - target.y()) / target.height() * self._cells.rows)
        col = int((position.x() - target.x()) / target.width() * self._cells.cols)
        return (row, col) if self._cells.contains(row, col) else None

    # ── events ────────────────────────────────────────────────────────────────────────────────────────────

    def mouseMoveEvent(self, event: QMouseEvent) -> None:
        self._set_hovered(self._cell_at(event.position().toPoint()))

    def mousePressEvent(self, event: QMouseEvent) -> None:
        cell = self._cell_at(event.position().toPoint())
        if event.button() == Qt.MouseButton.LeftButton and cell is not None:
            self.cell_chosen.emit(*cell)

    def leaveEvent(self, _event: object) -> None:
        self._set_hovered(None)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Arrow keys move the cell that is read out, as the mouse does; Enter chooses it."""
        if event.key() in (Qt.Key.Key_Return, Qt.Key.Key_Enter) and self._hovered is not None:
            self.cell_chosen.emit(*self._hovered)
            return
        if self._cells is None or event.key() not in ARROWS:
            super().keyPressEvent(event)
            return
        row, col = self._hovered or (0, 0)
        down, right = ARROWS[event.key()] if self._hovered else (0, 0)
        if self._cells.contains(row + down, col + right):
            self._set_hovered((row + down, col + right))

    def focusOutEvent(self, event: QFocusEvent) -> None:
        self._set_hovered(None)
        super().focusOutEvent(event)

    def focusInEvent(self, event: QFocusEvent) -> None:
        super().focusInEvent(event)
        self.update()

    def _set_hovered(self, cell: tuple[int, int] | None) -> None:
        if cell != self._hovered:
            self._hovered = cell
            self.cell_hovered.emit(cell)
            self.update()

    def _recolor(self) -> None:
        if self._cells is not None:
            cells = self._cells
            self._image = colorize(cells.values, self._scale) if cells.rgb is None else rgb_image(cells.rgb)
            clear = QColor(theme.color("background"))
            for place in range(cells.values.size - cells.padding, cells.values.size):
                self._image.setPixelColor(place % cells.cols, place // cells.cols, clear)
        self.update()

    def paintEvent(self, _event: QPaintEvent) -> None:
        painter = QPainter(self)
        painter.fillRect(self.rect(), theme.color("background"))
        if self._cells is None:
            self._paint_words(painter)
        elif not self._image.isNull():
            target = self._target(self._cells)
            self._paint_image(painter, target)
            if self._cells.tiles is not None:
                self._paint_gaps(painter, target, self._cells.tiles)
            self._paint_numbers(painter, target, self._cells)
            if self._hovered is not None:
                self._paint_hovered(painter, target, self._cells, *self._hovered)
        if self.hasFocus():
            painter.setPen(QPen(theme.color("selection"), 1, Qt.PenStyle.DotLine))
            painter.drawRect(self.rect().adjusted(0, 0, -1, -1))

    def _paint_image(self, painter: QPainter, target: QRectF) -> None:
        """Crisp cells; where there are more cells than pixels, their mean instead of some of them."""
        pixels = (target.size() * self.devicePixelRatioF()).toSize()
        if pixels.width() >= self._image.width() and pixels.height() >= self._image.height():
            painter.drawImage(target, self._image)
            return
        smooth = Qt.TransformationMode.SmoothTransformation
        painter.drawImage(target, self._image.scaled(pixels, mode=smooth))

    def _paint_gaps(self, painter: QPainter, target: QRectF, tiles: Tiles) -> None:
        """Lines between the pictures of a mosaic where there is room, and nothing where it is filled up."""
        width, height = target.width() / tiles.columns, target.height() / tiles.rows
        empty = tiles.rows * tiles.columns - tiles.count
        left, top = target.right() - empty * width, target.bottom() - height
        painter.fillRect(QRectF(left, top, empty * width, height), theme.color("background"))
        if min(width, height) < MIN_TILE:
            return
        painter.setPen(QPen(theme.color("background"), 2 if min(width, height) > 4 * MIN_TILE else 1))
        for column in range(1, tiles.columns):
            x = int(target.x() + column * width)
            painter.drawLine(x, int(target.top()), x, int(target.bottom()))
        for row in range(1, tiles.rows):
            y = int(target.y() + row * height)
            painter.drawLine(int(target.left()), y, int(target.right()), y)

    def _paint_words(self, painter: QPainter) -> None:
        if not self._words:
            return
        painter.setPen(QPen(theme.color("line"), 1))
        for x in range(-self.height(), self.width(), HATCH_STEP):
            painter.drawLine(x, self.height(), x + self.height(), 0)
        painter.setFont(font(9))
        area = self.rect().adjusted(16, 8, -16, -8)
        flags = Qt.AlignmentFlag.AlignCenter | Qt.TextFlag.TextWordWrap
        box = painter.boundingRect(area, flags, self._words)
        painter.fillRect(box.adjusted(-8, -4, 8, 4), theme.color("background"))
        painter.setPen(theme.color("dim"))
        painter.drawText(area, flags, self._words)

    def _paint_numbers(self, painter: QPainter, target: QRectF, cells: Cells) -> None:
        """Writes the values into the cells if all of them fit."""
        width, height = target.width() / cells.cols, target.height() / cells.rows
        if height < 14 or width < 14 or self._is_picture(cells):
            return
        alone = cells.values.size == 1
        painter.setFont(font(11 if alone else 7.5, bold=alone))
        values = cells.values.reshape(-1)[: cells.values.size - cells.padding]
        texts = [compact(float(value), 4 if alone else 2) for value in values]
        if not alone and max(map(painter.fontMetrics().horizontalAdvance, texts)) > width - 2:
            return
        for place, text in enumerate(texts):
            row, col = divmod(place, cells.cols)
            box = QRectF(target.x() + col * width, target.y() + row * height, width, height)
            painter.setPen(_readable_on(self._image.pixelColor(col, row)))
            painter.drawText(box, Qt.AlignmentFlag.AlignCenter, text)

    def _paint_hovered(self, painter: QPainter, target: QRectF, cells: Cells, row: int, col: int) -> None:
        width, height = target.width() / cells.cols, target.height() / cells.rows
        box = QRectF(target.x() + col * width, target.y() + row * height, width, height)
        grow = max(0.0, (5 - min(width, height)) / 2)  # small cells get a frame that can still be seen
        painter.setPen(QPen(theme.color("selection"), 2))
        painter.drawRect(box.adjusted(-grow, -grow, grow, grow))


def _readable_on(color: QColor) -> QColor:
    """The one of the theme's two text colours that stands out from a cell."""
    dark, light = sorted((theme.color("text"), theme.color("on_accent")), key=QColor.lightness)
    return dark if color.red() * 0.3 + color.green() * 0.59 + color.blue() * 0.11 > 110 else light
