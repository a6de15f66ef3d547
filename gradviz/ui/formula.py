"""Formulas: LaTeX drawn by ziamath, in the colours of the theme, away from the moment that needs them."""

from __future__ import annotations

from collections import OrderedDict

import ziamath
from PySide6.QtCore import QByteArray, QRectF, QSize, Qt, QTimer
from PySide6.QtGui import QPainter, QPaintEvent
from PySide6.QtSvg import QSvgRenderer
from PySide6.QtWidgets import QSizePolicy, QWidget

from gradviz.ui.theme import font, theme
from gradviz.ui.tips import plain_tip

ziamath.config.svg2 = False  # Qt draws SVG 1.2 Tiny; with SVG 2 the formula would be blank

SIZE = 17
MIN_SCALE = 0.6
MAX_CACHED = 512

_cache: OrderedDict[tuple[str, str], bytes] = OrderedDict()


def rendered(latex: str) -> bytes | None:
    """The SVG of a formula in the theme's colour if it has been drawn before; b"" if it cannot be drawn."""
    return _cache.get((latex, theme.color("text").name()))


def render(latex: str) -> bytes:
    """Draws a formula as SVG and remembers it (8 to 30 ms); b"" for LaTeX that ziamath does not know."""
    color = theme.color("text").name()
    try:
        svg = ziamath.Latex(latex, size=SIZE, color=color).svg().encode()
    except Exception:  # whatever a parser raises on a stranger's LaTeX: the text is shown as it is
        svg = b""
    _cache[latex, color] = svg
    while len(_cache) > MAX_CACHED:
        _cache.popitem(last=False)
    return svg


def formula_latex(formula: str) -> str:
    """What an operation computes."""
    return rf"\mathrm{{out}} = {formula}"


def rule_latex(argument: str, rule: str) -> str:
    """The gradient that an operation's backward gives to an argument."""
    return rf"\frac{{\partial L}}{{\partial {_name(argument)}}} = {rule}"


def _name(argument: str) -> str:
    """An argument's name as LaTeX: upright if it is a word; an underscore would start an index."""
    name = argument.replace("_", r"\_")
    return rf"\mathrm{{{name}}}" if len(argument) > 1 else name


class FormulaLabel(QWidget):
    """One formula; its LaTeX as text when it cannot be drawn. Shrinks a little before it is cut off."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._latex = ""
        self._renderer = QSvgRenderer(self)
        self._soon = QTimer(self, singleShot=True, interval=0)
        self._soon.timeout.connect(self._render)
        self.setFont(font(9, mono=True))
        self.setSizePolicy(QSizePolicy.Policy.Ignored, QSizePolicy.Policy.Fixed)
        theme.changed.connect(self._load)

    @property
    def latex(self) -> str:
        return self._latex

    def set_latex(self, latex: str) -> None:
        """Shows a formula: at once when it was drawn before, else as soon as there is nothing else to do."""
        if latex != self._latex:
            self._latex = latex
            self.setAccessibleName(latex)
            self.setToolTip(plain_tip(latex))
            self._load()

    def _load(self) -> None:
        svg = rendered(self._latex)
        if svg is None:
            self._soon.start()
        self._renderer.load(QByteArray(svg or b"<svg xmlns='http://www.w3.org/2000/svg'/>"))
        self.updateGeometry()
        self.update()

    def _render(self) -> None:
        if self._latex:
            render(self._latex)
            self._load()

    def sizeHint(self) -> QSize:
        height = self._renderer.defaultSize().height() if rendered(self._latex) else 0
        return QSize(self._renderer.defaultSize().width(), max(height, self.fontMetrics().height() + 8))

    def paintEvent(self, _event: QPaintEvent) -> None:
        painter = QPainter(self)
        svg = rendered(self._latex)
        if svg:
            size = self._renderer.defaultSize()
            scale = min(1.0, max(self.width() / max(size.width(), 1), MIN_SCALE))
            width, height = size.width() * scale, size.height() * scale
            self._renderer.render(painter, QRectF(0, (self.height() - height) / 2, width, height))
        elif svg == b"":
            painter.setPen(theme.color("text"))
            text = painter.fontMetrics().elidedText(self._latex, Qt.TextElideMode.ElideRight, self.width())
            painter.drawText(self.rect(), Qt.AlignmentFlag.AlignVCenter, text)
