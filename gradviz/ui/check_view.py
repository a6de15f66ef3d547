"""The operations of an iteration beside finite differences: which gradients are right, and which is not."""

from __future__ import annotations

from PySide6.QtCore import QEvent, Qt, Signal
from PySide6.QtGui import QPalette
from PySide6.QtWidgets import QLabel, QListWidget, QListWidgetItem, QPushButton, QVBoxLayout, QWidget

from gradviz.session.protocol import Problem
from gradviz.trace import Node
from gradviz.ui.check_words import row_words, state_of, summary_words
from gradviz.ui.model import SessionModel
from gradviz.ui.scroll_bar import use_slim_scroll_bars
from gradviz.ui.theme import font, set_color, theme
from gradviz.ui.tips import plain_tip

_NODE = Qt.ItemDataRole.UserRole


class GradientCheckView(QWidget):
    """A click or Enter on an operation shows it on the graph and at its line. The wrong ones stand first."""

    source_activated = Signal(object)  # trace.Source

    def __init__(self, model: SessionModel, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._model, self._run = model, model.gradient_check
        self.summary = QLabel()
        self.summary.setWordWrap(True)
        self.summary.setFont(font(9.5))
        self.summary.setContentsMargins(4, 10, 4, 4)
        self.button = QPushButton()
        self.button.setMinimumHeight(26)
        self.list = QListWidget()
        self.list.setFont(font(9))
        self.list.setFrameShape(QListWidget.Shape.NoFrame)
        self.list.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.list.setWordWrap(True)
        self.list.setTextElideMode(Qt.TextElideMode.ElideNone)
        self.list.setResizeMode(QListWidget.ResizeMode.Adjust)
        use_slim_scroll_bars(self.list)
        column = QVBoxLayout(self)
        column.setSpacing(4)
        column.addWidget(self.summary)
        column.addWidget(self.list, 1)
        column.addWidget(self.button, 0, Qt.AlignmentFlag.AlignLeft)
        column.setContentsMargins(12, 0, 0, 8)
        self.button.clicked.connect(model.check_gradients)
        self.list.itemClicked.connect(self._activate)
        self.list.itemActivated.connect(self._activate)
        model.gradient_check.changed.connect(self._show)
        model.status_changed.connect(self._show_button)
        model.iteration_changed.connect(self._show_button)
        theme.changed.connect(self._recolor)
        self._recolor()
        self._retranslate()

    def _show(self) -> None:
        run = self._run
        self.summary.setText(summary_words(run) or self._invitation())
        nodes = sorted(run.nodes, key=lambda node: state_of(run.verdicts(node)) != "wrong")
        known = [self.list.item(row).data(_NODE) for row in range(self.list.count())]
        if [node.id for node in nodes] != [node.id for node in known]:
            self.list.clear()
            for node in nodes:
                QListWidgetItem(self.list).setData(_NODE, node)
        for row, node in enumerate(nodes):
            self._describe(self.list.item(row), node)
        self._show_button()

    def _describe(self, item: QListWidgetItem, node: Node) -> None:
        checks = self._run.verdicts(node)
        words = row_words(node, checks)
        if item.text() != words:
            item.setText(words)
            item.setToolTip(plain_tip(words))
            role = {"wrong": "error", "surrogate": "saved"}.get(state_of(checks), "text")
            item.setForeground(theme.color(role))

    def _show_button(self) -> None:
        self.button.setEnabled(self._model.can_check_gradients)

    def _activate(self, item: QListWidgetItem) -> None:
        node: Node = item.data(_NODE)
        found = self._model.problems.among([node])
        place = found[0][1].source if found else node.source  # a custom backward has a line of its own
        shown = Problem("warning", "", "", place, iteration=self._run.iteration, nodes=(node.key,))
        self._model.problems.show_on_graph(shown)
        if place is not None:
            self.source_activated.emit(place)

    def _invitation(self) -> str:
        return self.tr("Compares the backward of every operation on view with finite differences in float64.")

    def changeEvent(self, event: QEvent) -> None:
        if event.type() == QEvent.Type.LanguageChange:
            self._retranslate()
        super().changeEvent(event)

    def _recolor(self) -> None:
        set_color(self.list, "panel", QPalette.ColorRole.Base)
        set_color(self.list, "raised", QPalette.ColorRole.Highlight)
        set_color(self.list, "text", QPalette.ColorRole.HighlightedText)
        self.list.clear()
        self._show()

    def _retranslate(self) -> None:
        self.list.setAccessibleName(self.tr("Checked operations"))
        self.button.setText(self.tr("Check gradients"))
        self.button.setToolTip(self.tr("Check the iteration on view"))
        self._show()
