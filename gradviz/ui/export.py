"""Pictures of the graph and of the window, written where a person wants them."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

from PySide6.QtCore import QMarginsF, QRectF, QSize, QSizeF, Qt
from PySide6.QtGui import QImage, QPageSize, QPainter, QPdfWriter, QPixmap
from PySide6.QtSvg import QSvgGenerator
from PySide6.QtWidgets import QFileDialog, QGraphicsScene, QWidget

from gradviz.ui.theme import theme

_MARGIN = 24  # logical pixels around the graph
_RATIO = 2  # pixels of a PNG for one logical pixel


def write_scene(scene: QGraphicsScene, path: Path) -> None:
    """Draws a whole scene into an SVG, PDF or PNG file, as its name ends. Raises OSError, ValueError."""
    area = scene.itemsBoundingRect().adjusted(-_MARGIN, -_MARGIN, _MARGIN, _MARGIN)
    path.open("wb").close()  # Qt's writers are silent about a place where nothing can be written
    match path.suffix.lower():
        case ".svg":
            _write_svg(scene, area, path)
        case ".pdf":
            _write_pdf(scene, area, path)
        case ".png":
            _write_png(scene, area, path)
        case other:
            raise ValueError(f"{path}: a picture ends in .svg, .pdf or .png, not {other!r}")


def write_image(image: QImage | QPixmap, path: Path) -> None:
    """Writes a PNG. Raises OSError."""
    if not image.save(str(path), "PNG"):
        raise OSError(0, f"{path} cannot be written")


def ask_where(parent: QWidget, name: str, filters: str, write: Callable[[Path], None]) -> None:
    """Lets a person choose a file for `write`; returns at once."""
    dialog = QFileDialog(parent, "", str(Path.home() / name), filters)
    dialog.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
    dialog.setAcceptMode(QFileDialog.AcceptMode.AcceptSave)
    dialog.setDefaultSuffix(name.rpartition(".")[2])
    dialog.fileSelected.connect(lambda chosen: write(Path(chosen)))
    dialog.open()


def _write_svg(scene: QGraphicsScene, area: QRectF, path: Path) -> None:
    drawing = QSvgGenerator()
    drawing.setFileName(str(path))
    drawing.setSize(area.size().toSize())
    drawing.setViewBox(QRectF(0, 0, area.width(), area.height()))
    drawing.setTitle("gradviz")
    _render(scene, area, drawing, area.size())


def _write_pdf(scene: QGraphicsScene, area: QRectF, path: Path) -> None:
    document = QPdfWriter(str(path))
    document.setResolution(96)
    document.setPageSize(QPageSize(area.size() * 72 / 96, QPageSize.Unit.Point))
    document.setPageMargins(QMarginsF())
    _render(scene, area, document, area.size())


def _write_png(scene: QGraphicsScene, area: QRectF, path: Path) -> None:
    size: QSize = (area.size() * _RATIO).toSize()
    image = QImage(size, QImage.Format.Format_ARGB32_Premultiplied)
    _render(scene, area, image, QSizeF(size))
    write_image(image, path)


def _render(scene: QGraphicsScene, area: QRectF, device: object, size: QSizeF) -> None:
    painter = QPainter(device)  # type: ignore[call-overload]
    painter.setRenderHints(QPainter.RenderHint.Antialiasing | QPainter.RenderHint.SmoothPixmapTransform)
    target = QRectF(0, 0, size.width(), size.height())
    painter.fillRect(target, theme.color("background"))
    scene.render(painter, target, area)
    painter.end()
