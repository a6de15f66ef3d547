"""Every colour and font of the window, for the dark and the light theme. Nothing else names a colour.

Roles are the same in both themes. Text keeps a contrast of at least 4.5 : 1 on every surface it is drawn on.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache
from pathlib import Path

import numpy as np
import pyqtgraph as pg
import ziafont
from PySide6.QtCore import QObject, Signal
from PySide6.QtGui import QColor, QFont, QFontDatabase, QPalette
from PySide6.QtWidgets import QApplication, QWidget


@dataclass(frozen=True)
class Tokens:
    """A theme. All values are "#rrggbb"."""

    background: str  # the graph's canvas, the editor
    panel: str  # docks and bars
    card: str  # nodes, fields, buttons
    raised: str  # hovered card, pressed button
    line: str  # borders, grid, idle edges
    text: str
    dim: str  # secondary text
    forward: str
    backward: str
    update: str
    parameter: str
    input: str
    saved: str
    negative: str
    positive: str
    zero: str  # middle of the diverging map
    nan: str  # a cell that is not a number
    selection: str
    error: str
    warning: str
    breakpoint: str  # conditions that stop the run, and where they were met
    on_accent: str  # text on forward, backward, update, selection
    syntax_keyword: str
    syntax_string: str
    syntax_number: str
    syntax_comment: str
    syntax_name: str  # functions and classes where they are defined


DARK = Tokens(
    background="#0f1218",
    panel="#161b24",
    card="#1e2531",
    raised="#2a3341",
    line="#3a4557",
    text="#e6eaf2",
    dim="#98a3b5",
    forward="#a78bfa",
    backward="#ff7a6b",
    update="#34d399",
    parameter="#7cc4ff",
    input="#7fd1c2",
    saved="#f5a742",
    negative="#f59322",
    positive="#3b8ee0",
    zero="#1e2531",
    nan="#d946ef",
    selection="#ffd866",
    error="#ff6b81",
    warning="#f5a742",
    breakpoint="#f5a742",
    on_accent="#10131a",
    syntax_keyword="#c3a6ff",
    syntax_string="#8fd6a3",
    syntax_number="#f5a742",
    syntax_comment="#8390a5",
    syntax_name="#7cc4ff",
)

LIGHT = Tokens(
    background="#f5f6f9",
    panel="#ffffff",
    card="#ffffff",
    raised="#e8ebf2",
    line="#c3cad6",
    text="#1b2130",
    dim="#5a6579",
    forward="#6d4bd8",
    backward="#cc3a2b",
    update="#0c7a54",
    parameter="#1769b5",
    input="#17756a",
    saved="#96590a",
    negative="#d97706",
    positive="#1d6fc4",
    zero="#ffffff",
    nan="#c026d3",
    selection="#b98900",
    error="#c01f3a",
    warning="#96590a",
    breakpoint="#b4500f",
    on_accent="#ffffff",
    syntax_keyword="#6d3fc9",
    syntax_string="#1f7a3d",
    syntax_number="#a35200",
    syntax_comment="#657085",
    syntax_name="#1769b5",
)

THEMES = {"dark": DARK, "light": LIGHT}


class Theme(QObject):
    """The theme in use. Views draw with `theme.color(role)` and repaint on `changed`."""

    changed = Signal()

    def __init__(self) -> None:
        super().__init__()
        self.name = "dark"
        self.tokens = DARK

    def use(self, name: str) -> None:
        """Switches to "dark" or "light" (anything else means dark) and tells every view."""
        self.name = name if name in THEMES else "dark"
        self.tokens = THEMES[self.name]
        _color.cache_clear()
        diverging_map.cache_clear()
        sequential_map.cache_clear()
        app = QApplication.instance()
        if isinstance(app, QApplication):
            app.setPalette(_palette(self.tokens))
        self.changed.emit()

    def color(self, role: str, alpha: float = 1.0) -> QColor:
        """The colour of a token, with opacity `alpha` in 0..1. Do not modify what it returns."""
        return _color(role, alpha)


theme = Theme()


@cache
def _color(role: str, alpha: float) -> QColor:
    color = QColor(getattr(theme.tokens, role))
    color.setAlphaF(alpha)
    return color


def set_color(widget: QWidget, role: str, part: QPalette.ColorRole = QPalette.ColorRole.WindowText) -> None:
    """Gives a standard widget's text, or another part of its palette, a colour of the present theme."""
    palette = widget.palette()
    if palette.color(part) != theme.color(role):  # setting it lays the widget out and paints it again
        palette.setColor(part, theme.color(role))
        widget.setPalette(palette)


def _palette(tokens: Tokens) -> QPalette:
    """Fusion draws every standard widget from this."""
    palette = QPalette()
    roles = {
        QPalette.ColorRole.Window: tokens.panel,
        QPalette.ColorRole.WindowText: tokens.text,
        QPalette.ColorRole.Base: tokens.background,
        QPalette.ColorRole.AlternateBase: tokens.panel,
        QPalette.ColorRole.Text: tokens.text,
        QPalette.ColorRole.PlaceholderText: tokens.dim,
        QPalette.ColorRole.Button: tokens.card,
        QPalette.ColorRole.ButtonText: tokens.text,
        QPalette.ColorRole.BrightText: tokens.error,
        QPalette.ColorRole.Highlight: tokens.forward,
        QPalette.ColorRole.HighlightedText: tokens.on_accent,
        QPalette.ColorRole.ToolTipBase: tokens.card,
        QPalette.ColorRole.ToolTipText: tokens.text,
        QPalette.ColorRole.Link: tokens.parameter,
        QPalette.ColorRole.Light: tokens.raised,
        QPalette.ColorRole.Midlight: tokens.raised,
        QPalette.ColorRole.Mid: tokens.line,
        QPalette.ColorRole.Dark: tokens.line,
        QPalette.ColorRole.Shadow: tokens.background,
        QPalette.ColorRole.Accent: tokens.forward,
    }
    for role, value in roles.items():
        palette.setColor(role, QColor(value))
    for role in (QPalette.ColorRole.WindowText, QPalette.ColorRole.Text, QPalette.ColorRole.ButtonText):
        faded = QColor(tokens.dim)
        faded.setAlphaF(0.6)
        palette.setColor(QPalette.ColorGroup.Disabled, role, faded)
    return palette


@cache
def diverging_map() -> np.ndarray:
    """uint8 [256, 4]: orange for negative, the surface for zero, blue for positive. Use symmetric limits."""
    return _gradient((theme.tokens.negative, theme.tokens.zero, theme.tokens.positive))


@cache
def sequential_map() -> np.ndarray:
    """uint8 [256, 4]: for values of one sign, from the surface to the positive colour's bright end."""
    return pg.colormap.get("viridis").getLookupTable(0.0, 1.0, 256, alpha=True)


def _gradient(stops: tuple[str, ...]) -> np.ndarray:
    colors = np.array([QColor(stop).getRgb() for stop in stops], dtype=float)
    places = np.linspace(0, 1, len(stops))
    at = np.linspace(0, 1, 256)
    return np.stack([np.interp(at, places, colors[:, channel]) for channel in range(4)], 1).astype(np.uint8)


@cache
def _families() -> tuple[str, str]:
    """(proportional, monospaced) font families that exist here; a font is brought along for bare systems."""
    if not QFontDatabase.families():
        QFontDatabase.addApplicationFont(str(Path(ziafont.__file__).parent / "fonts" / "DejaVuSans.ttf"))
    known = set(QFontDatabase.families())

    def first(*names: str) -> str:
        return next((name for name in names if name in known), "")

    general = QFontDatabase.systemFont(QFontDatabase.SystemFont.GeneralFont).family()
    fixed = QFontDatabase.systemFont(QFontDatabase.SystemFont.FixedFont).family()
    return (
        first("Inter", "Segoe UI", "SF Pro Text", "Noto Sans", "DejaVu Sans") or general,
        first("JetBrains Mono", "Cascadia Mono", "Menlo", "DejaVu Sans Mono") or fixed or general,
    )


def font(points: float = 9.5, *, bold: bool = False, mono: bool = False) -> QFont:
    """The window's font at a size in points."""
    chosen = QFont(_families()[mono])
    chosen.setPointSizeF(points)
    chosen.setBold(bold)
    chosen.setStyleHint(QFont.StyleHint.Monospace if mono else QFont.StyleHint.SansSerif)
    return chosen
