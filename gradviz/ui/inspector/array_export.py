"""Taking numbers along: copied as NumPy text, or saved as .npy, from any widget that draws an array."""

from __future__ import annotations

import io
from collections.abc import Callable
from pathlib import Path

import numpy as np
from PySide6.QtCore import QCoreApplication, QEvent, QObject, Qt, Signal
from PySide6.QtGui import QAction, QGuiApplication, QKeySequence
from PySide6.QtWidgets import QWidget

from gradviz.errors import reason_of
from gradviz.session.protocol import Fetched
from gradviz.ui.editor.files import is_special, write_bytes
from gradviz.ui.export import ask_where
from gradviz.ui.numbers import byte_size, grouped, shape_text
from gradviz.ui.numpy_text import numpy_text

MAX_COPIED = 4096
"""Numbers that are copied as text; more are a file's business."""

Deliver = Callable[[Fetched], None]
Request = Callable[[Deliver], object]
"""Asks for an array that is to be delivered; what has none delivers `Fetched(0, None)`."""


class ArrayExport(QObject):
    """The two commands in a widget's context menu, and Ctrl+C while it has the focus.

    `shown` asks for what is on view, the slice of an array; `whole` for all of it.
    """

    said = Signal(str)  # what came of it

    def __init__(self, view: QWidget, shown: Request, whole: Request) -> None:
        super().__init__(view)
        self._view, self._shown, self._whole = view, shown, whole
        self.copy, self.save = QAction(view), QAction(view)
        self.copy.setShortcut(QKeySequence(QKeySequence.StandardKey.Copy))
        self.copy.setShortcutContext(Qt.ShortcutContext.WidgetShortcut)
        self.copy.triggered.connect(lambda: self._shown(self._take_copy))
        self.save.triggered.connect(lambda: self._whole(self._ask_where))
        view.addActions([self.copy, self.save])
        view.setContextMenuPolicy(Qt.ContextMenuPolicy.ActionsContextMenu)
        view.installEventFilter(self)
        self._retranslate()

    def _take_copy(self, fetched: Fetched) -> None:
        if fetched.array is None:
            self._say_absent(fetched)
            return
        array = fetched.array.array()
        if array.size > MAX_COPIED:
            words = self.tr("{0} numbers are too many to be copied as text: save them as .npy (right click)")
            self.said.emit(words.format(grouped(array.size)))
            return
        QGuiApplication.clipboard().setText(numpy_text(array))
        words = self.tr("Copied as NumPy: {0} {1}")
        self.said.emit(words.format(array.dtype, shape_text(array.shape)))

    def _ask_where(self, fetched: Fetched) -> None:
        if fetched.array is None:
            self._say_absent(fetched)
            return
        array, filters = fetched.array.array(), self.tr("NumPy array (*.npy)")
        ask_where(self._view.window(), "array.npy", filters, lambda path: self._write(path, array))

    def _write(self, path: Path, array: np.ndarray) -> None:
        try:
            write_array(path, array)
        except (OSError, ValueError) as problem:
            self.said.emit(self.tr("{0} was not written: {1}").format(path, reason_of(problem)))
        else:
            self.said.emit(self.tr("{0} written").format(path))

    def _say_absent(self, fetched: Fetched) -> None:
        if fetched.nbytes:
            words = self.tr("These numbers cannot leave the program ({0}): use np.save in the program itself")
            self.said.emit(words.format(byte_size(fetched.nbytes)))
        else:
            self.said.emit(self.tr("There are no numbers here at this moment"))

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        if event.type() == QEvent.Type.LanguageChange:
            self._retranslate()
        return False

    def _retranslate(self) -> None:
        self.copy.setText(self.tr("Copy as NumPy"))
        self.save.setText(self.tr("Save as .npy…"))


def write_array(path: Path, array: np.ndarray) -> None:
    """Replaces the file in one step. Raises OSError, ValueError for a name that no file can have."""
    if is_special(path):
        raise OSError(0, QCoreApplication.translate("export", "it is not a file: choose another name"))
    data = io.BytesIO()
    np.save(data, array, allow_pickle=False)
    write_bytes(path, data.getvalue())
