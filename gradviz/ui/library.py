"""What menus offer to open: recent files, bundled examples, and snippets of a person's own."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from pathlib import Path

from PySide6.QtCore import QObject, QStandardPaths, QUrl, Signal
from PySide6.QtGui import QDesktopServices
from PySide6.QtWidgets import QMenu

from gradviz.examples import Example, list_examples
from gradviz.ui.editor import EditorPanel
from gradviz.ui.language import current_language
from gradviz.ui.tips import plain_tip

MAX_SNIPPETS = 200  # a menu is no file browser: beyond that, the folder itself is


def snippets_folder() -> Path:
    """Where a person's own snippets are, whether it exists or not."""
    return Path(QStandardPaths.writableLocation(QStandardPaths.StandardLocation.AppDataLocation)) / "snippets"


def own_snippets() -> list[Path]:
    """The person's own snippets, by name."""
    return sorted(snippets_folder().glob("*.py"), key=lambda path: path.name.casefold())[:MAX_SNIPPETS]


class Library(QObject):
    """Menus are filled anew whenever they open, so they show the folder as it is."""

    message = Signal(str)

    def __init__(self, editor: EditorPanel, parent: QObject) -> None:
        super().__init__(parent)
        self._editor = editor

    def open_example(self, example: Example) -> None:
        """Opens a copy of an example: saving it asks for a name."""
        self._editor.open_text(example.path.name, example.path.read_text("utf-8"))

    def fill_recent(self, menu: QMenu) -> None:
        """The files that were opened or saved last."""
        for path in self._editor.recent_files():
            _add_entry(menu, path.name, str(path), partial(self._editor.open_path, path))
        if menu.isEmpty():
            menu.addAction(self.tr("No files yet")).setEnabled(False)

    def fill_examples(self, menu: QMenu) -> None:
        """A submenu for each kind of example, then the person's own snippets."""
        for old in menu.findChildren(QMenu):
            old.deleteLater()
        language = current_language()
        titles = {
            "program": self.tr("Programs"),
            "loss": self.tr("Losses for SimpleNet"),
            "training": self.tr("Losses with a program of their own"),
            "optimizer": self.tr("Optimizers"),
        }
        for kind, title in titles.items():
            submenu = _add_menu(menu, title)
            for example in list_examples():
                if example.kind == kind:
                    open_it = partial(self.open_example, example)
                    _add_entry(submenu, example.title[language], example.summary[language], open_it)
        menu.addSeparator()
        self._fill_own(_add_menu(menu, self.tr("My snippets")))

    def keep(self) -> None:
        """Saves the current text among the person's own snippets, under a name that is still free."""
        if folder := self._folder():
            self._editor.save_in(folder)

    def show_folder(self) -> None:
        """Shows the folder of the person's own snippets, to share them or to put others in."""
        folder = self._folder()
        if folder and not QDesktopServices.openUrl(QUrl.fromLocalFile(str(folder))):
            self.message.emit(self.tr("Your snippets are in {0}").format(folder))

    def _fill_own(self, menu: QMenu) -> None:
        for path in own_snippets():
            _add_entry(menu, path.stem, str(path), partial(self._editor.open_path, path))
        menu.addSeparator()
        keep = self.tr("Each snippet is a file of its own that can be sent to others")
        _add_entry(menu, self.tr("Save this text here"), keep, self.keep)
        _add_entry(menu, self.tr("Show the folder"), str(snippets_folder()), self.show_folder)

    def _folder(self) -> Path | None:
        """The folder, made where it was missing; None, and a message, where it cannot be made."""
        folder = snippets_folder()
        try:
            folder.mkdir(parents=True, exist_ok=True)
        except OSError as problem:
            words = self.tr("The folder for your snippets cannot be made: {0}")
            self.message.emit(words.format(problem))
            return None
        return folder


def _add_menu(menu: QMenu, title: str) -> QMenu:
    submenu = QMenu(title, menu)
    submenu.setToolTipsVisible(True)
    menu.addMenu(submenu)
    return submenu


def _add_entry(menu: QMenu, text: str, tip: str, deed: Callable[[], object]) -> None:
    action = menu.addAction(text.replace("&", "&&"))
    action.setToolTip(plain_tip(tip))
    action.triggered.connect(lambda: deed())
