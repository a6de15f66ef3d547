"""Errors and warnings since the program was started, each with what to do about it."""

from __future__ import annotations

from PySide6.QtCore import QEvent, Signal
from PySide6.QtWidgets import (
    QHBoxLayout,
    QLabel,
    QListWidgetItem,
    QPlainTextEdit,
    QPushButton,
    QVBoxLayout,
    QWidget,
)

from gradviz.session.protocol import Problem
from gradviz.ui.editor.origin_view import OriginView
from gradviz.ui.editor.problem_list import COUNT, PROBLEM, ProblemList
from gradviz.ui.model import SessionModel
from gradviz.ui.problem_words import hint_of, title_of
from gradviz.ui.scroll_bar import use_slim_scroll_bars
from gradviz.ui.theme import font, theme
from gradviz.ui.tips import plain_tip

MAX_PROBLEMS = 200


class ProblemsView(QWidget):
    """A list; the traceback of the selected problem stands under it."""

    source_activated = Signal(object)  # trace.Source
    count_changed = Signal(int)

    def __init__(self, model: SessionModel, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._model = model
        self._items: dict[Problem, QListWidgetItem] = {}
        self._unlisted = 0
        self._list = ProblemList()
        self._more = QLabel()
        self._more.setContentsMargins(36, 4, 12, 8)
        self._more.hide()
        self._traceback = QPlainTextEdit(readOnly=True, tabChangesFocus=True)
        self._traceback.setLineWrapMode(QPlainTextEdit.LineWrapMode.NoWrap)
        self._traceback.setFrameShape(QPlainTextEdit.Shape.NoFrame)
        use_slim_scroll_bars(self._traceback)
        self._traceback.setFont(font(9, mono=True))
        self._traceback.document().setDocumentMargin(8)
        self._traceback.hide()
        self._ask_origin = QPushButton()
        self._ask_origin.setMinimumHeight(26)
        self._ask_origin.hide()
        self._ask_origin.clicked.connect(self._find_origin)
        self._show_node = QPushButton()
        self._show_node.setMinimumHeight(26)
        self._show_node.hide()
        self._show_node.clicked.connect(self._show_on_graph)
        answers = QHBoxLayout()
        answers.setContentsMargins(36, 0, 12, 0)
        answers.addWidget(self._show_node)
        answers.addWidget(self._ask_origin)
        answers.addStretch(1)
        self.origin = OriginView(model)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setSpacing(0)
        layout.addWidget(self._list, 3)
        layout.addWidget(self._more)
        layout.addLayout(answers)
        layout.addWidget(self._traceback, 2)
        layout.addWidget(self.origin, 4)
        self._list.itemActivated.connect(self._activate)
        self._list.itemClicked.connect(self._activate)
        self._list.currentItemChanged.connect(self._on_current)
        model.problem_found.connect(self._add)
        model.restarted.connect(self._clear)
        theme.changed.connect(self._list.viewport().update)
        self._retranslate()

    @property
    def count(self) -> int:
        """How many different problems there are."""
        return len(self._items) + self._unlisted

    def _add(self, problem: Problem) -> None:
        if item := self._items.get(problem):
            item.setData(COUNT, item.data(COUNT) + 1)
            return
        if len(self._items) < MAX_PROBLEMS:
            item = QListWidgetItem(self._list)
            item.setData(PROBLEM, problem)
            item.setData(COUNT, 1)
            self._items[problem] = item
            self._describe(item)
        else:
            self._unlisted += 1
            self._describe_rest()
        self._ask_origin.setVisible(self._nan_iteration is not None)
        self.count_changed.emit(self.count)

    @property
    def _nan_iteration(self) -> int | None:
        """The iteration in which the loss stopped being a number."""
        return next((problem.iteration for problem in self._items if problem.kind == "nan"), None)

    def _find_origin(self) -> None:
        if (iteration := self._nan_iteration) is not None:
            self._model.find_origin_of_loss(iteration)

    def _clear(self) -> None:
        self._items.clear()
        self._unlisted = 0
        self._list.clear()
        self._ask_origin.hide()
        self._describe_rest()
        self._on_current(None)
        self.count_changed.emit(0)

    def _activate(self, item: QListWidgetItem) -> None:
        problem = item.data(PROBLEM)
        self._model.problems.show_on_graph(problem)
        if problem.source is not None:
            self.source_activated.emit(problem.source)

    def _on_current(self, item: QListWidgetItem | None) -> None:
        self._show_node.setVisible(item is not None and bool(item.data(PROBLEM).nodes))
        self._show_traceback(item)

    def _show_on_graph(self) -> None:
        if (item := self._list.currentItem()) is not None:
            self._model.problems.show_on_graph(item.data(PROBLEM))

    def _show_traceback(self, item: QListWidgetItem | None) -> None:
        text = item.data(PROBLEM).traceback if item else ""
        self._traceback.setPlainText(text)
        self._traceback.setVisible(bool(text))
        self._traceback.verticalScrollBar().setValue(self._traceback.verticalScrollBar().maximum())

    def _describe(self, item: QListWidgetItem) -> None:
        """What assistive technology reads, and what the tooltip says; the list draws the problem itself."""
        problem = item.data(PROBLEM)
        severity = self.tr("Error") if problem.severity == "error" else self.tr("Warning")
        words = "\n".join(filter(None, (title_of(problem), hint_of(problem))))
        item.setText(f"{severity}: {words}")
        item.setToolTip(plain_tip(words))

    def _describe_rest(self) -> None:
        self._more.setText(self.tr("{0} more").format(self._unlisted))
        self._more.setVisible(self._unlisted > 0)

    def changeEvent(self, event: QEvent) -> None:
        if event.type() == QEvent.Type.LanguageChange:
            self._retranslate()
        super().changeEvent(event)

    def _retranslate(self) -> None:
        self._list.setAccessibleName(self.tr("Problems"))
        self._traceback.setAccessibleName(self.tr("Traceback"))
        self._show_node.setText(self.tr("Show on graph"))
        self._show_node.setToolTip(self.tr("Goes to the iteration in which this was seen, and to its node"))
        self._ask_origin.setText(self.tr("Where did the NaN come from?"))
        self._list.empty_words = self.tr("No problems")
        for item in self._items.values():
            self._describe(item)
        self._describe_rest()
