"""Where the small things lie on top of the graph's picture."""

from __future__ import annotations

from PySide6.QtCore import QPoint, QRect, QSize

from gradviz.ui.graph.find import HEIGHT, NARROW, FindField
from gradviz.ui.graph.focus_bar import FocusBar
from gradviz.ui.graph.legend import Legend
from gradviz.ui.graph.minimap import SIZE, Minimap
from gradviz.ui.graph.overlay_button import OverlayButton

EDGE = 12
"""Their distance from the view's edges, in pixels."""
GAP = 6
"""Their distance from each other."""

ROOM_FOR_TEXT = 440
"""Width of the view from which the overlay's button says which it is."""

Margins = tuple[int, int, int, int]


def place_corners(
    view: QSize, field: FindField, bar: FocusBar, overlay: OverlayButton, legend: Legend, minimap: Minimap
) -> Margins:
    """Puts them into a view of that size: field, focus and overlay at the top, legend and minimap at the
    bottom. Gives what is to be left of the view for them: (left, top, right, bottom)."""
    overlay.show_text(view.width() >= ROOM_FOR_TEXT)
    button = overlay.sizeHint()
    overlay.setGeometry(QRect(QPoint(view.width() - EDGE - button.width(), EDGE), button))
    right = overlay.x() - GAP
    field.setGeometry(QRect(QPoint(EDGE, EDGE), field.wanted(right - EDGE)))
    top = _place_focus_bar(view, field, bar, right)
    size = legend.arrange(view.width() - 2 * EDGE)
    legend.setGeometry(EDGE, view.height() - EDGE - size.height(), size.width(), size.height())
    beside = view.width() - legend.geometry().right() > SIZE.width() + 2 * EDGE
    bottom = view.height() - EDGE if beside else legend.y() - GAP
    minimap.move(view.width() - EDGE - SIZE.width(), bottom - SIZE.height())
    return 20, top + 8, 20, EDGE + size.height() + 8


def _place_focus_bar(view: QSize, field: FindField, bar: FocusBar, right: int) -> int:
    """Beside the find field up to `right`, or below it where there is no room. Gives where the picture may
    begin: that does not change while a text grows in the field."""
    size = bar.sizeHint()
    left, top = field.geometry().right() + 1 + GAP, EDGE
    beside = not bar.words or EDGE + NARROW + GAP + size.width() <= right
    if bar.words and left + size.width() > right:
        left, top, right = EDGE, field.geometry().bottom() + 1 + GAP, view.width() - EDGE
    bar.setGeometry(left, top, min(size.width(), right - left), size.height())
    return EDGE + HEIGHT + (0 if beside else GAP + size.height())
