"""The inspector's head: what is shown, where it comes from, and whether it follows the run."""

from __future__ import annotations

from pathlib import PurePath

import numpy as np
from PySide6.QtCore import QEvent, Qt, Signal
from PySide6.QtGui import QPalette, QResizeEvent
from PySide6.QtWidgets import QHBoxLayout, QLabel, QVBoxLayout, QWidget

from gradviz.trace import Node, Source
from gradviz.trace.wiring import wiring
from gradviz.ui.inspector.labels import ElidedLabel, small_button
from gradviz.ui.model import SessionModel
from gradviz.ui.numbers import shape_text
from gradviz.ui.theme import font, set_color, theme
from gradviz.ui.tips import plain_tip

SPACING = 8


class Header(QWidget):
    """Name, source line, place among the operations; type, name in the program, module, grad_fn."""

    source_activated = Signal(object)  # trace.Source

    def __init__(self, model: SessionModel, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._model = model
        self._node: Node | None = None
        self._name = ElidedLabel(text_font=font(11, bold=True))
        self.source = small_button()
        self._place = QLabel()
        self._place.setFont(font(9))
        self._type = ElidedLabel("dim", font(9, mono=True))
        self._path = ElidedLabel("dim")
        self.pin = small_button(checkable=True)
        for button in (self.source, self.pin):
            button.setAutoRaise(True)
        title = QHBoxLayout()
        title.setSpacing(SPACING)
        title.addWidget(self._name)
        title.addWidget(self.source)
        title.addStretch(1)
        title.addStrut(24)
        title.addWidget(self._place)
        below = QHBoxLayout()
        below.setSpacing(8)
        below.addWidget(self._path, 1)
        below.addWidget(self.pin)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setSpacing(2)
        layout.addLayout(title)
        layout.addWidget(self._type)
        layout.addLayout(below)
        self.source.clicked.connect(self._activate_source)
        self.pin.clicked.connect(self._toggle_pin)
        theme.changed.connect(self._recolor)
        self._retranslate()
        self._recolor()

    def show_node(self, node: Node) -> None:
        if node is not self._node:
            self._describe(node)
        self._show_pin()

    def _describe(self, node: Node) -> None:
        self._node = node
        self._name.set_text(node.name)
        self._place.setText(self._place_text(node))
        out = node.outputs[0]
        self._type.set_text(" · ".join(filter(None, (f"{out.dtype} {shape_text(out.shape)}", node.grad_fn))))
        self._path.set_text(self._path_text(node))
        self.source.setVisible(node.source is not None)
        if node.source is not None:
            self._elide_source()
            words = self.tr("Show {0}:{1}").format(node.source.file, node.source.line)
            self.source.setToolTip(plain_tip(words))
            self.source.setAccessibleName(words)

    def resizeEvent(self, _event: QResizeEvent) -> None:
        self._elide_source()

    def _elide_source(self) -> None:
        """The name of the operation comes first; the file's name gives way, its line does not."""
        if self._node is None or self._node.source is None:
            return
        source = self._node.source
        taken = self._name.sizeHint().width() + self._place.sizeHint().width() + 4 * SPACING
        text = f"{PurePath(source.file).name}:{source.line} ↗"
        room = max(self.width() - taken, 64)
        self.source.setText(self.source.fontMetrics().elidedText(text, Qt.TextElideMode.ElideLeft, room))

    def _place_text(self, node: Node) -> str:
        if node.kind != "operation":
            kinds = {
                "parameter": self.tr("parameter"),
                "buffer": self.tr("buffer"),
                "input": self.tr("input"),
            }
            return kinds[node.kind]
        assert self._model.iteration is not None
        operations = wiring(self._model.iteration).operations
        number = int(np.searchsorted(operations, node.id)) + 1
        return self.tr("op {0} of {1}").format(number, len(operations))

    def _path_text(self, node: Node) -> str:
        """The name within the program, then the module that it belongs to, or whose backward ran it."""
        if node.in_backward is not None and node.in_backward.of >= 0:
            of = self._model.nodes[node.in_backward.of]
            words = self.tr("in the backward of {0}").format(of.qualified_name)
            return f"{node.qualified_name} · {words}"
        scopes = self._model.iteration.scopes if self._model.iteration else []
        scope = next((scope for scope in scopes if scope.path == node.scope), None)
        if scope is None:
            return node.qualified_name
        return f"{node.qualified_name} · {scope.description}"

    # ── selection ─────────────────────────────────────────────────────────────────────────────────────────

    def _show_pin(self) -> None:
        pinned = self._model.selected is not None
        self.pin.setChecked(pinned)
        self.pin.setText(self.tr("◆ selected") if pinned else self.tr("▸ follows the run"))
        self.pin.setToolTip(
            self.tr("Shows the selected node. Click to follow the run again.")
            if pinned
            else self.tr("Shows the node that has just run. Click to stay with this one.")
        )

    def _toggle_pin(self) -> None:
        follows = self._model.selected is None
        self._model.select(self._node.key if follows and self._node else None)
        self._show_pin()

    def _activate_source(self) -> None:
        if self._node is not None and self._node.source is not None:
            source: Source = self._node.source
            self.source_activated.emit(source)

    # ── theme and language ────────────────────────────────────────────────────────────────────────────────

    def _recolor(self) -> None:
        set_color(self._place, "dim")
        set_color(self.pin, "dim", QPalette.ColorRole.ButtonText)
        set_color(self.source, "parameter", QPalette.ColorRole.ButtonText)

    def changeEvent(self, event: QEvent) -> None:
        if event.type() == QEvent.Type.LanguageChange:
            self._retranslate()
        super().changeEvent(event)

    def _retranslate(self) -> None:
        self.pin.setAccessibleName(self.tr("Stay with this node"))
        if self._node is not None:
            self._describe(self._node)
            self._show_pin()
