"""Pinned arrays side by side below the inspector's page, each as of the shown moment."""

from __future__ import annotations

import re

from PySide6.QtCore import QEvent, Signal
from PySide6.QtWidgets import QHBoxLayout, QVBoxLayout, QWidget

from gradviz.session.protocol import Fetched
from gradviz.trace import ArrayRef, Summary
from gradviz.ui.heatmap import looks_like_images, scale_of
from gradviz.ui.inspector.array_export import ArrayExport, Deliver
from gradviz.ui.inspector.cells import lay_out
from gradviz.ui.inspector.heatmap_view import HeatmapView
from gradviz.ui.inspector.keys import let_go_of_focus
from gradviz.ui.inspector.labels import ElidedLabel, small_button
from gradviz.ui.model import SessionModel
from gradviz.ui.numbers import compact
from gradviz.ui.pins import Pin
from gradviz.ui.theme import font

ROWS, COLS, VECTOR = 32, 32, 256  # cells that are asked for
MAP_HEIGHT = 64


class PinStrip(QWidget):
    """Hidden while nothing is pinned."""

    message = Signal(str)  # what came of a command

    def __init__(self, model: SessionModel, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._model = model
        self.cards: list[PinCard] = []
        self._row = QHBoxLayout(self)
        self._row.setContentsMargins(0, 0, 0, 0)
        self._row.setSpacing(4)
        self.hide()
        model.pins.changed.connect(self._rebuild)
        for signal in (model.moment_changed, model.iteration_changed, model.summaries_changed):
            signal.connect(self._refresh)

    def _rebuild(self) -> None:
        pins = self._model.pins.items
        for card in [card for card in self.cards if card.pin not in pins]:
            let_go_of_focus(card)
            self.cards.remove(card)
            self._row.removeWidget(card)
            card.hide()
            card.deleteLater()
        for pin in pins[len(self.cards) :]:
            card = PinCard(self._model, pin)
            card.message.connect(self.message)
            self.cards.append(card)
            self._row.addWidget(card, 1)
        self.setVisible(bool(pins))

    def _refresh(self) -> None:
        for card in self.cards:
            card.refresh()


class PinCard(QWidget):
    """Name, picture and norm of one array; a click on the picture selects its node."""

    message = Signal(str)

    def __init__(self, model: SessionModel, pin: Pin, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._model, self.pin = model, pin
        self._ref: ArrayRef | None = None  # while there is such an array
        self._drawn: Summary | None = None
        name = ".".join(re.split(r"[./]", pin.key)[-2:])  # there may be many a "bias"
        self._title = f"∂{name}" if pin.role == "grad" else name
        self.title = ElidedLabel(text_font=font(8.5, bold=True))
        self.title.set_text(self._title)
        self.remove = small_button()
        self.remove.setText("✕")
        self.remove.setAutoRaise(True)
        self.heatmap = HeatmapView(minimum_height=MAP_HEIGHT)
        self.norm = ElidedLabel("dim", font(8.5, mono=True))
        head = QHBoxLayout()
        head.setSpacing(0)
        head.addWidget(self.title, 1)
        head.addWidget(self.remove)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setSpacing(2)
        layout.addLayout(head)
        layout.addWidget(self.heatmap)
        layout.addWidget(self.norm)
        self.remove.clicked.connect(lambda: model.pins.remove(pin))
        self.heatmap.cell_chosen.connect(lambda *_: model.select(pin.key))
        ArrayExport(self.heatmap, self._fetch, self._fetch).said.connect(self.message)
        self._retranslate()
        self.refresh()

    def refresh(self) -> None:
        """Shows the array as of the model's moment, or why there is none."""
        model, pin = self._model, self.pin
        node = model.node(pin.key)
        self._ref = None
        if node is None or pin.output >= len(node.outputs):
            self._show_words(self.tr("Not in this step"))
            return
        if not (model.has_gradient(node) if pin.role == "grad" else model.has_value(node)):
            self._show_words(self.tr("Not yet"))
            return
        self._ref = model.ref(node, pin.role, output=pin.output)
        shape = node.outputs[pin.output].shape
        rows, cols = (ROWS, COLS) if len(shape) > 1 else (1, VECTOR)
        summary = model.summary(self._ref, rows, cols)
        if summary is None or summary is self._drawn:
            return
        image = pin.role == "value" and looks_like_images(node.kind, shape)
        cells = lay_out(summary)
        if not cells.values.size:
            self._show_words(self.tr("No elements"))
            return
        signed = pin.role == "grad" or node.kind == "parameter"
        self.heatmap.show_cells(cells, scale_of(summary.cells(), image=image, signed=signed))
        self._drawn = summary
        spoiled = f"  {summary.nans + summary.infs} NaN/Inf" if summary.nans + summary.infs else ""
        self.norm.set_text(f"‖·‖ {compact(summary.norm)}{spoiled}")

    def _show_words(self, words: str) -> None:
        self._drawn = None
        self.heatmap.show_words(words)
        self.norm.set_text("")

    def _fetch(self, deliver: Deliver) -> None:
        if self._ref is None or not self._model.started:
            deliver(Fetched(0, None))
        else:
            self._model.fetch(self._ref, deliver)

    def changeEvent(self, event: QEvent) -> None:
        if event.type() == QEvent.Type.LanguageChange:
            self._retranslate()
            self._drawn = None
            self.refresh()
        super().changeEvent(event)

    def _retranslate(self) -> None:
        words = self.tr("No longer keep {0} in sight").format(self._title[:80])
        self.remove.setToolTip(words)
        self.remove.setAccessibleName(words)
        self.heatmap.setAccessibleName(self._title[:80])
