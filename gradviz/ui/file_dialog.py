"""The dialog that files and folders are chosen in."""

from __future__ import annotations

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QFileDialog, QWidget


class FileDialog(QFileDialog):
    """Is gone once it is closed, and says what Qt's own translation leaves in English."""

    def __init__(self, parent: QWidget, title: str, where: str, filters: str = "") -> None:
        super().__init__(parent, title, where, filters)
        self.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        self.setLabelText(QFileDialog.DialogLabel.LookIn, self.tr("Look in:"))
        self.setLabelText(QFileDialog.DialogLabel.FileType, self.tr("Files of type:"))
