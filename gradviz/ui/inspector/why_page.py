"""The inspector's page Why: the terms that add up to one number, and where each of them came from."""

from __future__ import annotations

import numpy as np
from PySide6.QtCore import QCoreApplication, QEvent, Qt
from PySide6.QtGui import QKeySequence, QShortcut
from PySide6.QtWidgets import QComboBox, QHBoxLayout, QLabel, QVBoxLayout, QWidget

from gradviz.session.protocol import Because, Fetched
from gradviz.trace import Node, RawArray
from gradviz.trace.reasons import Place, Reasons, Spread
from gradviz.ui.formula import FormulaLabel
from gradviz.ui.heatmap import scale_of
from gradviz.ui.inspector.array_export import ArrayExport, Deliver
from gradviz.ui.inspector.contributions import Contributions, by_sample, contributions
from gradviz.ui.inspector.element_editor import ElementEditor
from gradviz.ui.inspector.heatmap_view import HeatmapView
from gradviz.ui.inspector.inquiry import Inquiry, Step
from gradviz.ui.inspector.labels import ElidedLabel, NoteLabel, small_button
from gradviz.ui.inspector.terms_table import TermsTable
from gradviz.ui.model import SessionModel
from gradviz.ui.numbers import compact, grouped, shape_text
from gradviz.ui.theme import font

MIN_SPREAD = 4  # fewer terms are a table, not a picture


class WhyPage(QWidget):
    """One number: its rule with numbers, its terms as a picture and as a table, and what is left over."""

    def __init__(self, model: SessionModel, inquiry: Inquiry, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._model, self._inquiry = model, inquiry
        self._reasons: Reasons | None = None
        self._pictures: list[tuple[str, Spread | None, Contributions]] = []
        self._absent = HeatmapView()
        self._content = QWidget()
        self.back = small_button()
        self.back.setText("‹")
        self.back.setAutoRaise(True)
        self.title = ElidedLabel(text_font=font(9.5, bold=True, mono=True))
        self.value = QLabel()
        self.value.setFont(font(9.5, bold=True, mono=True))
        self._way = ElidedLabel("dim", font(8.5))
        self._equation = FormulaLabel()
        self.chooser = QComboBox()
        self.chooser.setFont(font(9))
        self.picture = HeatmapView(minimum_height=96)
        self.readout = ElidedLabel(text_font=font(9, mono=True))
        self.table = TermsTable(self._named)
        self.table.setMinimumHeight(120)
        self.note = NoteLabel()
        self.editor = ElementEditor(model)
        self._asked: Step | None = None  # the editor has asked what this number should be
        self._lay_out_widgets()
        self.back.clicked.connect(inquiry.go_back)
        shortcut = QShortcut(QKeySequence(Qt.Key.Key_Backspace), self, inquiry.go_back)
        shortcut.setContext(Qt.ShortcutContext.WidgetWithChildrenShortcut)
        self.chooser.currentIndexChanged.connect(self._draw_picture)
        self.picture.cell_hovered.connect(self._show_readout)
        self.picture.cell_chosen.connect(self._on_cell_chosen)
        ArrayExport(self.picture, self._deliver_picture, self._deliver_picture)
        self.table.place_chosen.connect(inquiry.follow)
        self._retranslate()

    def _lay_out_widgets(self) -> None:
        head = QHBoxLayout()
        head.setSpacing(4)
        head.addWidget(self.back)
        head.addWidget(self.title, 1)
        head.addWidget(self.value)
        content = QVBoxLayout(self._content)
        content.setContentsMargins(0, 0, 0, 0)
        content.setSpacing(4)
        content.addLayout(head)
        for widget in (self._way, self._equation, self.chooser):
            content.addWidget(widget)
        content.addWidget(self.picture, 3)
        content.addWidget(self.readout)
        content.addWidget(self.table, 2)
        content.addWidget(self.note)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 8, 0, 8)
        layout.addWidget(self._absent, 1)
        layout.addWidget(self._content, 1)
        layout.addWidget(self.editor)
        self._content.hide()

    # ── what is shown ─────────────────────────────────────────────────────────────────────────────────────

    def show_node(self, node: Node) -> None:
        """Shows the number that is asked about, if it is one of this node's."""
        inquiry = self._inquiry
        self._offer_change(node)
        if inquiry.step is None or inquiry.step.key != node.key:
            self._show_words(
                self.tr("Click a cell of a value or a gradient: here it says which terms add up to it.")
            )
        elif inquiry.ref is None:
            self._show_words(self.tr("This number does not exist yet at the shown moment."))
        elif (because := inquiry.answer()) is not None:
            self._show_answer(because)
        elif self._reasons is None:
            self._show_words(self.tr("Waiting for the numbers…"))

    def _offer_change(self, node: Node) -> None:
        """Any number can be another one, as an experiment."""
        step = self._inquiry.step
        if step is None or step.key != node.key or self._inquiry.ref is None:
            self._asked = None
            self.editor.hide()
        elif step is not self._asked:
            self._asked = step
            self.editor.ask(node, step)

    def _show_answer(self, because: Because) -> None:
        if because.reasons is None:
            words = QCoreApplication.translate("hints", because.words)
            self._show_words(words.format(*because.arguments))
        elif because.reasons is not self._reasons:
            self._reasons = because.reasons
            self._content.show()
            self._absent.hide()
            self._draw(because.reasons)

    def _show_words(self, words: str) -> None:
        self._reasons = None
        self._content.hide()
        self._absent.show()
        self._absent.show_words(words)

    def _draw(self, why: Reasons) -> None:
        step = self._inquiry.step
        assert step is not None
        name = self._name_of(why.ref.node)
        name = f"∂L/∂{name}" if step.role == "grad" else name
        self.title.set_text(f"{name}{shape_text(why.index)}")
        self.value.setText(compact(why.value, 6))
        self.back.setVisible(len(self._inquiry.steps) > 1)
        self._way.set_text(self._way_text(why))
        self._way.setVisible(bool(self._way.text()))
        self._equation.set_latex(why.equation)
        self.table.terms.show(why)
        self.note.setText(self._note_text(why))
        self._offer_pictures(why)

    def _way_text(self, why: Reasons) -> str:
        """The questions that led here, and the views that the number has passed."""
        nodes = [self._model.node(step.key) for step in self._inquiry.steps[:-1]]
        names = [
            f"{node.name}{shape_text(s.index)}"
            for node, s in zip(nodes, self._inquiry.steps, strict=False)
            if node
        ]
        text = " › ".join(names)
        views = [self._name_of(place.ref.node) for place in why.through if place.ref is not None]
        if views:
            through = self.tr("moved here unchanged: {0}").format(" ← ".join(views))
            text = f"{text}   {through}" if text else through
        return text

    def _note_text(self, why: Reasons) -> str:
        lines = []
        left = why.count - len(why.terms)
        if left > 0:
            lines.append(self.tr("{0} more terms add {1}.").format(grouped(left), compact(why.others, 6)))
        if why.rest:
            gradient = why.ref.role == "grad"
            words = self.tr(".grad held {0} before.") if gradient else self.tr("{0} comes from no element.")
            lines.append(words.format(compact(why.rest, 6)))
        experiment, step = self._model.experiment, self._inquiry.step
        if step is not None and experiment.sets(step.key, step.role, why.index):
            words = self.tr("The experiment has set this number; in the true run it is {0}.")
            lines.append(words.format(compact(experiment.before, 6)))
        elif why.error:
            words = self.tr("The terms give this number to {0} of its size: the rest is rounding.")
            lines.append(words.format(compact(why.error, 2)))
        else:
            lines.append(self.tr("The terms give this number exactly."))
        if why.probed:
            lines.append(self.tr("This operation's own backward was tried element by element."))
        return " ".join(lines)

    def _named(self, place: Place) -> str:
        """What to call the array of a place: "weight", "∂addmm" for a gradient."""
        if place.ref is None:
            return place.name
        if place.path is not None:
            return self.tr("through {0}").format(place.name)
        name = self._name_of(place.ref.node).rpartition("/")[2].rpartition(".")[2]
        return f"∂{name}" if place.ref.role == "grad" else name

    def _name_of(self, node: int) -> str:
        nodes = self._model.nodes
        return nodes[node].qualified_name if 0 <= node < len(nodes) else "?"

    # ── the picture ───────────────────────────────────────────────────────────────────────────────────────

    def _offer_pictures(self, why: Reasons) -> None:
        """The terms over each array that they use, and added up by the entries of its first axis."""
        self._pictures = []
        for spread in why.spreads:
            if len(spread.elements) < MIN_SPREAD:
                continue
            name = f"{spread.name} = {self._name_of(spread.ref.node)} {shape_text(spread.shape)}"
            drawn = contributions(spread)
            if drawn is not None:
                self._pictures.append((self.tr("terms over {0}").format(name), spread, drawn))
            inner = max(int(np.prod(spread.shape[1:], dtype=np.int64)), 1)
            if len(spread.shape) > 1 and len(np.unique(spread.elements // inner)) > 1:
                words = self.tr("by the first axis of {0} (the samples of a batch)").format(name)
                self._pictures.append((words, None, by_sample(spread)))
        chosen = max(self.chooser.currentIndex(), 0)
        self.chooser.blockSignals(True)
        self.chooser.clear()
        self.chooser.addItems([name for name, _, _ in self._pictures])
        self.chooser.setCurrentIndex(min(chosen, len(self._pictures) - 1))
        self.chooser.blockSignals(False)
        for widget in (self.chooser, self.picture, self.readout):
            widget.setVisible(bool(self._pictures))
        self._draw_picture()

    def _draw_picture(self) -> None:
        if self._pictures:
            cells = self._picture.cells
            self.picture.show_cells(cells, scale_of(cells.values, signed=True))
            self._show_readout(None)

    @property
    def _picture(self) -> Contributions:
        return self._pictures[max(self.chooser.currentIndex(), 0)][2]

    def _deliver_picture(self, deliver: Deliver) -> None:
        """The contributions as they are drawn, for the clipboard or a file."""
        cells = self._picture.cells
        values = cells.values if not cells.padding else cells.values.reshape(-1)[: -cells.padding]
        deliver(Fetched(0, RawArray.of(values), values.nbytes))

    def _index_at(self, row: int, col: int) -> tuple[int, ...] | None:
        """The element that a cell of the picture stands for."""
        _, spread, drawn = self._pictures[max(self.chooser.currentIndex(), 0)]
        element = int(drawn.elements[row, col]) if drawn.cells.contains(row, col) else -1
        if spread is None or element < 0:
            return None
        return tuple(int(i) for i in np.unravel_index(element, spread.shape))

    def _show_readout(self, cell: tuple[int, int] | None) -> None:
        if cell is None or not self._pictures or not self._picture.cells.contains(*cell):
            self.readout.set_text("")
            return
        index = self._index_at(*cell)
        place = shape_text(index) if index is not None else self._picture.cells.index_text(*cell)
        value = compact(float(self._picture.cells.values[cell]))
        self.readout.set_text(self.tr("{0} contributes {1}").format(place, value))
        self.picture.setAccessibleDescription(self.readout.text())

    def _on_cell_chosen(self, row: int, col: int) -> None:
        spread = self._pictures[max(self.chooser.currentIndex(), 0)][1]
        index = self._index_at(row, col)
        if spread is not None and index is not None:
            self._inquiry.follow(Place(spread.name, 0.0, spread.ref, index))

    # ── words ─────────────────────────────────────────────────────────────────────────────────────────────

    def changeEvent(self, event: QEvent) -> None:
        if event.type() == QEvent.Type.LanguageChange:
            self._retranslate()
        super().changeEvent(event)

    def _retranslate(self) -> None:
        self.back.setToolTip(self.tr("Back to the number before (Backspace)"))
        self.back.setAccessibleName(self.tr("Back to the number before"))
        self.chooser.setAccessibleName(self.tr("What the terms are drawn over"))
        self.picture.setAccessibleName(self.tr("Picture of the terms"))
        self.table.setAccessibleName(self.tr("Terms, largest first"))
        self.table.terms.heading = self.tr("term")
        if self._reasons is not None:
            self._draw(self._reasons)
