"""The panels around the graph: their titles, their places, and how these are remembered."""

from __future__ import annotations

from PySide6.QtCore import QEvent, QSettings, Qt
from PySide6.QtWidgets import QDockWidget, QHBoxLayout, QLabel, QMainWindow, QStackedWidget, QWidget

from gradviz.ui.bar_button import BarButton
from gradviz.ui.panel_tabs import PanelTabs
from gradviz.ui.theme import font

LAYOUT_VERSION = 1  # to be raised when panels come or go: an older layout is not restored then
_TITLE_HEIGHT = 24


class Panel(QDockWidget):
    """A view at an edge of the window. Without a title while the layout is locked, as it is at first."""

    def __init__(self, name: str, view: QWidget, title: QWidget | None = None) -> None:
        super().__init__()
        self.setObjectName(name)
        self.setWidget(view)
        self.setAutoFillBackground(True)
        self._unlocked_title = title or _Title(self)
        self._always = title is not None
        self._no_title = QWidget()
        self.set_locked(True)

    def set_locked(self, locked: bool) -> None:
        """A locked panel shows no title and stays where it is."""
        movable = QDockWidget.DockWidgetFeature.DockWidgetMovable
        features = QDockWidget.DockWidgetFeature.DockWidgetFloatable | movable
        closable = QDockWidget.DockWidgetFeature.DockWidgetClosable
        self.setFeatures(closable if locked else features | closable)
        self.setTitleBarWidget(self._no_title if locked and not self._always else self._unlocked_title)


class _Title(QWidget):
    """A thin title to drag a panel by, with a button that closes it."""

    def __init__(self, panel: Panel) -> None:
        super().__init__()
        self._label = QLabel(panel.windowTitle())
        self._label.setFont(font(9))
        self._close = BarButton()
        self._close.glyph = "close"
        self._close.clicked.connect(panel.close)
        self._close.setFixedSize(_TITLE_HEIGHT, _TITLE_HEIGHT)
        row = QHBoxLayout(self)
        row.setContentsMargins(12, 0, 4, 0)
        row.addWidget(self._label, 1)
        row.addWidget(self._close)
        panel.windowTitleChanged.connect(self._name)
        self._name(panel.windowTitle())

    def _name(self, title: str) -> None:
        self._label.setText(title)
        self._close.set_text(self.tr("Close {0}").format(title))


class Messages(QStackedWidget):
    """Problems, Console, Gradient check, Outline and Hits in one panel; `tabs` is the panel's title."""

    def __init__(self, *views: QWidget) -> None:
        super().__init__()
        self.tabs = PanelTabs()
        for view in views:
            self.addWidget(view)
            self.tabs.addTab("")
        self.tabs.currentChanged.connect(self.setCurrentIndex)
        self._retranslate()

    def show_problem_count(self, number: int) -> None:
        self.tabs.set_badge(0, number)

    def changeEvent(self, event: QEvent) -> None:
        if event.type() == QEvent.Type.LanguageChange:
            self._retranslate()
        super().changeEvent(event)

    def _retranslate(self) -> None:
        self.tabs.setTabText(0, self.tr("Problems"))
        self.tabs.setTabText(1, self.tr("Console"))
        self.tabs.setTabText(2, self.tr("Gradient check"))
        self.tabs.setTabText(3, self.tr("Outline"))
        self.tabs.setTabText(4, self.tr("Hits"))
        self.tabs.setAccessibleName(self.tr("Problems, console, gradient check, outline, hits"))


def arrange(window: QMainWindow, panels: dict[str, Panel]) -> None:
    """Puts the panels where they are at first, in sizes that fit the window's."""
    left, right, bottom = (
        Qt.DockWidgetArea.LeftDockWidgetArea,
        Qt.DockWidgetArea.RightDockWidgetArea,
        Qt.DockWidgetArea.BottomDockWidgetArea,
    )
    for panel in panels.values():
        panel.setFloating(False)
        window.removeDockWidget(panel)
    for name, area in (("editor", left), ("inspector", right), ("timeline", bottom)):
        window.addDockWidget(area, panels[name])
    window.splitDockWidget(panels["editor"], panels["messages"], Qt.Orientation.Vertical)
    window.splitDockWidget(panels["timeline"], panels["plots"], Qt.Orientation.Horizontal)
    for panel in panels.values():
        panel.show()
    width, height = window.width(), window.height()
    horizontal, vertical = Qt.Orientation.Horizontal, Qt.Orientation.Vertical
    window.resizeDocks(
        [panels["editor"], panels["inspector"]],
        [_editor_width(width), _share(width, 0.21, 350)],
        horizontal,
    )
    window.resizeDocks(
        [panels["editor"], panels["messages"]], [round(height * 0.6), round(height * 0.25)], vertical
    )
    window.resizeDocks([panels["timeline"]], [_share(height, 0.17, 170)], vertical)
    window.resizeDocks(
        [panels["timeline"], panels["plots"]], [round(width * 0.46), round(width * 0.3)], horizontal
    )


def _editor_width(width: int) -> int:
    """As wide as the example's longest line, unless the graph needs the room."""
    return min(max(round(width * 0.25), width - 1150), 450)


def _share(length: int, part: float, most: int) -> int:
    return min(round(length * part), most)


def save_layout(window: QMainWindow) -> None:
    stored = QSettings()
    stored.setValue("layout/geometry", window.saveGeometry())
    stored.setValue("layout/state", window.saveState(LAYOUT_VERSION))


def restore_layout(window: QMainWindow, panels: dict[str, Panel]) -> bool:
    """Brings back what `save_layout` has kept, for panels that are in the window already.

    False, and their places are not certain, if there is nothing or it makes no sense.
    """
    stored = QSettings()
    geometry, state = stored.value("layout/geometry"), stored.value("layout/state")
    try:
        restored = window.restoreGeometry(geometry) and window.restoreState(state, LAYOUT_VERSION)
    except TypeError:  # there is nothing, or somebody has edited the file
        return False
    nowhere = Qt.DockWidgetArea.NoDockWidgetArea
    return restored and all(window.dockWidgetArea(panel) != nowhere for panel in panels.values())
