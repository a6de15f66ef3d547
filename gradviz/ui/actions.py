"""Qt's actions and menus, made from the table in `commands.py`."""

from __future__ import annotations

from collections.abc import Callable

from PySide6.QtCore import QCoreApplication, QObject
from PySide6.QtGui import QAction, QActionGroup, QKeySequence, QPalette
from PySide6.QtWidgets import QMenu, QWidget

from gradviz.ui.commands import COMMAND, MENU, MENUS, Command
from gradviz.ui.icons import icon
from gradviz.ui.theme import theme


class Actions(QObject):
    """One QAction for every command; they belong to `window`, where their shortcuts work.

    An action is disabled until something is bound to it, so that there is no button without an effect.
    """

    def __init__(self, window: QWidget) -> None:
        super().__init__(window)
        self._window = window
        self._choices: dict[str, QActionGroup] = {}
        self._menus: list[QMenu] = []
        self._fillers: dict[str, Callable[[QMenu], None]] = {}
        self._actions = {command.id: self._make(command) for command in COMMAND.values()}
        window.addActions(list(self._actions.values()))
        theme.changed.connect(self._redraw_icons)
        self._redraw_icons()
        self.retranslate()

    def __getitem__(self, name: str) -> QAction:
        return self._actions[name]

    def bind(self, name: str, deed: Callable[[], object]) -> None:
        """Makes the command do something, and enables it."""
        self._actions[name].triggered.connect(lambda: deed())
        self._actions[name].setEnabled(True)

    def bind_toggle(self, name: str, deed: Callable[[bool], object]) -> None:
        """Like `bind`, for a command that is on or off."""
        self._actions[name].triggered.connect(lambda checked: deed(checked))
        self._actions[name].setEnabled(True)

    def fill_menu(self, name: str, filler: Callable[[QMenu], None]) -> None:
        """Lets `filler` add the entries of a menu that the table leaves empty, whenever it opens."""
        self._fillers[name] = filler

    def menu(self, name: str, parent: QWidget) -> QMenu:
        """A new menu as the table has it, by its id; "" is the menu of all menus."""
        menu = QMenu(parent)
        menu.setObjectName(name)
        self._menus.append(menu)
        for entry in MENU[name].entries if name else MENUS:
            if entry is None:
                menu.addSeparator()
            elif isinstance(entry, Command):
                menu.addAction(self._actions[entry.id])
            else:
                menu.addMenu(self.menu(entry.id, menu))
        if name and not MENU[name].entries:
            menu.setToolTipsVisible(True)
            menu.aboutToShow.connect(lambda: self._refill(menu))
        self._describe_menu(menu)
        return menu

    def show_as(self, name: str, text: str, icon_name: str) -> None:
        """Gives a command another text and icon for as long as it does something else (play, pause)."""
        action = self._actions[name]
        if action.data() != icon_name:
            action.setData(icon_name)
            action.setIcon(icon(icon_name))
        self._describe(action, text)

    def retranslate(self) -> None:
        """Says everything in the present language."""
        for name, action in self._actions.items():
            self._describe(action, _translated(COMMAND[name].text))
        for menu in self._menus:
            self._describe_menu(menu)

    def _make(self, command: Command) -> QAction:
        action = QAction(self._window)
        action.setObjectName(command.id)
        action.setShortcuts([QKeySequence(key) for key in command.keys])
        action.setData(command.icon)
        action.setEnabled(False)
        action.setCheckable(command.toggle or bool(command.choice))
        if command.choice:
            self._choices.setdefault(command.choice, QActionGroup(self)).addAction(action)
        return action

    def _redraw_icons(self) -> None:
        for action in self._actions.values():
            if action.data():
                action.setIcon(icon(action.data()))
        for menu in self._menus:
            self._describe_menu(menu)

    def _describe(self, action: QAction, text: str) -> None:
        command = COMMAND[action.objectName()]
        keys = " / ".join(key_names(command))
        action.setText(text)
        action.setToolTip(
            f"{text}  ({keys})\n{_translated(command.tip)}" if keys else _translated(command.tip)
        )

    def _describe_menu(self, menu: QMenu) -> None:
        menu.setPalette(_menu_palette())
        if name := menu.objectName():
            menu.setTitle(_translated(MENU[name].text))
            if MENU[name].icon:
                menu.setIcon(icon(MENU[name].icon))

    def _refill(self, menu: QMenu) -> None:
        menu.clear()
        self._fillers[menu.objectName()](menu)


def key_names(command: Command) -> list[str]:
    """The command's shortcuts as they stand on the keys."""
    native = QKeySequence.SequenceFormat.NativeText
    arrows = {QKeySequence(key).toString(native): sign for key, sign in (("Left", "←"), ("Right", "→"))}
    names = [QKeySequence(key).toString(native) for key in command.keys]
    for word, sign in arrows.items():
        names = [name.replace(word, sign) for name in names]
    return names


def _menu_palette() -> QPalette:
    """Lifts menus from the panels, and marks the chosen entry quietly."""
    palette = QPalette()
    for role, color in (
        (QPalette.ColorRole.Base, "card"),
        (QPalette.ColorRole.Highlight, "line"),
        (QPalette.ColorRole.Accent, "line"),
        (QPalette.ColorRole.HighlightedText, "text"),
    ):
        palette.setColor(role, theme.color(color))
    return palette


def _translated(text: str) -> str:
    return QCoreApplication.translate("Commands", text)
