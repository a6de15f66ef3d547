"""Icons: SVGs in `assets/icons/` whose `currentColor` takes a colour of the theme."""

from functools import cache

from PySide6.QtCore import QByteArray, QRectF, QSize, Qt
from PySide6.QtGui import QIcon, QPainter, QPixmap
from PySide6.QtSvg import QSvgRenderer

from gradviz.resources import asset
from gradviz.ui.theme import theme

_SIZES = (16, 20, 24, 32, 40, 48)  # drawn for each of them, so that nothing is scaled at ratios 1, 1.5 and 2
_DISABLED_ALPHA = 0.45


def icon(name: str, role: str = "text") -> QIcon:
    """`assets/icons/<name>.svg` in a colour of the present theme; ask again when the theme has changed."""
    return _icon(name, theme.color(role).name(), theme.color("dim").name())


def pixmap(name: str, size: int, role: str = "text", ratio: float = 1.0) -> QPixmap:
    """The icon as a picture of `size` × `size` logical pixels for a screen of device pixel ratio `ratio`."""
    drawn = _draw(name, round(size * ratio), theme.color(role).name())
    drawn.setDevicePixelRatio(ratio)
    return drawn


def application_icon() -> QIcon:
    """The program's own icon, in colours of its own."""
    return QIcon(str(asset("icons", "gradviz.svg")))


@cache
def _icon(name: str, color: str, disabled: str) -> QIcon:
    result = QIcon()
    for size in _SIZES:
        result.addPixmap(_draw(name, size, color))
        result.addPixmap(_draw(name, size, disabled, _DISABLED_ALPHA), QIcon.Mode.Disabled)
    return result


def _draw(name: str, size: int, color: str, alpha: float = 1.0) -> QPixmap:
    drawing = asset("icons", f"{name}.svg").read_text("utf-8").replace("currentColor", color)
    picture = QPixmap(QSize(size, size))
    picture.fill(Qt.GlobalColor.transparent)
    painter = QPainter(picture)
    painter.setOpacity(alpha)
    QSvgRenderer(QByteArray(drawing.encode())).render(painter, QRectF(0, 0, size, size))
    painter.end()
    return picture
