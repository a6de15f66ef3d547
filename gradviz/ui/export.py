"""Pictures of the graph and of the window, written where a person wants them."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING

from PySide6.QtCore import QCoreApplication, QMarginsF, QRectF
from PySide6.QtGui import (
    QImage,
    QImageWriter,
    QPagedPaintDevice,
    QPageSize,
    QPaintDevice,
    QPainter,
    QPdfWriter,
)
from PySide6.QtSvg import QSvgGenerator
from PySide6.QtWidgets import QFileDialog, QWidget

from gradviz.ui.editor.files import is_special
from gradviz.ui.file_dialog import FileDialog
from gradviz.ui.graph.camera import Camera
from gradviz.ui.theme import theme

if TYPE_CHECKING:  # the graph keeps places by file, as editors do, and those write pictures
    from gradviz.ui.graph import GraphView

_MARGIN = 24  # logical pixels around the graph


def write_graph(graph: GraphView, path: Path) -> None:
    """Draws the whole graph into an SVG, PDF or PNG file, as its name ends. Raises OSError, ValueError."""
    area = graph.canvas.bounds.adjusted(-_MARGIN, -_MARGIN, _MARGIN, _MARGIN)
    match path.suffix.lower():
        case ".png":
            write_image(graph.picture(), path)
        case ".svg":
            _check_place(path)
            _paint(graph, area, _svg(area, path))
        case ".pdf":
            _check_place(path)
            _paint(graph, area, _pdf(area, path))
        case other:
            words = QCoreApplication.translate("export", "a picture ends in .svg, .pdf or .png, not {0}")
            raise ValueError(words.format(other or path.name))


def write_image(image: QImage, path: Path) -> None:
    """Writes a PNG. Raises OSError."""
    _check_place(path)
    writer = QImageWriter(str(path), b"PNG")
    if not writer.write(image):
        raise OSError(0, writer.errorString())


def ask_where(parent: QWidget, name: str, filters: str, write: Callable[[Path], None]) -> None:
    """Lets a person choose a file for `write`; returns at once."""
    dialog = FileDialog(parent, "", str(Path.home() / name), filters)
    dialog.setAcceptMode(QFileDialog.AcceptMode.AcceptSave)
    dialog.setDefaultSuffix(name.rpartition(".")[2])
    dialog.fileSelected.connect(lambda chosen: write(Path(chosen)))
    dialog.open()


def _check_place(path: Path) -> None:
    """Raises the OSError about a place where nothing can be written, on which Qt's writers are silent."""
    if is_special(path):
        raise OSError(0, QCoreApplication.translate("export", "it is not a file: choose another name"))
    path.open("wb").close()


def _svg(area: QRectF, path: Path) -> QSvgGenerator:
    drawing = QSvgGenerator()
    drawing.setFileName(str(path))
    drawing.setSize(area.size().toSize())
    drawing.setViewBox(QRectF(0, 0, area.width(), area.height()))
    drawing.setTitle("gradviz")
    return drawing


def _pdf(area: QRectF, path: Path) -> QPagedPaintDevice:
    document = QPdfWriter(str(path))
    document.setResolution(96)
    document.setPageSize(QPageSize(area.size() * 72 / 96, QPageSize.Unit.Point))
    document.setPageMargins(QMarginsF())
    return document


def _paint(graph: GraphView, area: QRectF, device: QPaintDevice) -> None:
    painter = QPainter(device)
    painter.fillRect(QRectF(0, 0, area.width(), area.height()), theme.color("background"))
    graph.canvas.paint_drawing(painter, area, Camera(1.0, -area.x(), -area.y()))
    painter.end()
