"""The page Memory of the plots: what a program holds over an iteration, and the largest of it now."""

from __future__ import annotations

from PySide6.QtCore import QEvent, QRectF, QSize, Qt
from PySide6.QtGui import QIcon, QPainter, QPixmap, QResizeEvent
from PySide6.QtWidgets import QHBoxLayout, QListWidget, QListWidgetItem, QVBoxLayout, QWidget

from gradviz.trace.memory import KINDS, LiveBytes, StorageKind, kind_at, live_bytes_of
from gradviz.ui.inspector.keys import keep_arrow_keys
from gradviz.ui.inspector.labels import small_button
from gradviz.ui.memory_words import event_words, kind_name, storage_name
from gradviz.ui.model import SessionModel
from gradviz.ui.numbers import byte_size
from gradviz.ui.plots.memory_plot import MemoryPlot, paint_kind
from gradviz.ui.scroll_bar import use_slim_scroll_bars
from gradviz.ui.theme import font, theme
from gradviz.ui.tips import plain_tip

LIST_FROM = 340  # pixels of width
LIST_WIDTH, LIST_SHARE = 208, 0.46  # at most so many pixels, and so much of the width
MOST_LISTED = 30
_NODE = Qt.ItemDataRole.UserRole
_SWATCH = QSize(12, 12)


class MemoryPage(QWidget):
    """The plot, and beside it the bytes of every kind and the largest storages at the shown event: a click on
    one selects its node."""

    def __init__(self, model: SessionModel, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._model = model
        self.plot = MemoryPlot()
        self.peak = small_button()
        self.list = QListWidget()
        self.list.setFont(font(8.5))
        self.list.setIconSize(_SWATCH)
        self.list.setUniformItemSizes(True)
        self.list.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        use_slim_scroll_bars(self.list)
        keep_arrow_keys(self.list)
        self._side = QWidget()
        side = QVBoxLayout(self._side)
        side.setContentsMargins(0, 0, 0, 0)
        side.setSpacing(2)
        side.addWidget(self.peak)
        side.addWidget(self.list, 1)
        layout = QHBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setSpacing(4)
        layout.addWidget(self.plot, 1)
        layout.addWidget(self._side)
        self.plot.event_wanted.connect(model.seek)
        self.peak.clicked.connect(self._go_to_peak)
        self.list.itemClicked.connect(self._choose)
        self.list.itemActivated.connect(self._choose)
        theme.changed.connect(self.refresh)
        self._retranslate()

    @property
    def live(self) -> LiveBytes | None:
        """Of the shown iteration; None where nothing is known."""
        iteration = self._model.iteration
        return None if iteration is None or not iteration.events else live_bytes_of(iteration)

    def refresh(self) -> None:
        """Brings it to the shown moment."""
        live = self.live
        if live is None:
            return
        now = min(self._model.moment.event, len(live.total) - 2)
        self.plot.show_live(live, now)
        self._say_peak(live, now)
        self._fill(live, now)

    def value_text(self) -> str:
        """The bytes at the shown event."""
        live = self.live
        if live is None:
            return ""
        return byte_size(int(live.total[min(self._model.moment.event, len(live.total) - 2) + 1]))

    def _say_peak(self, live: LiveBytes, now: int) -> None:
        assert self._model.iteration is not None
        peak = live.peak
        self.peak.setText(self.tr("Peak {0} at event {1}").format(byte_size(peak.nbytes), peak.event + 1))
        growth = self._growth_words(live)
        place = event_words(self._model.iteration, peak.event)
        tip = self.tr("Go to the peak: {0}").format(place)
        self.peak.setToolTip(plain_tip(f"{tip}\n{growth}".strip()))
        self.peak.setAccessibleName(self.peak.text())
        there = self.tr("{0} at {1}").format(
            byte_size(int(live.total[now + 1])), event_words(self._model.iteration, now)
        )
        self.plot.setAccessibleDescription(f"{there}; {self.peak.text()}; {growth}")

    def _growth_words(self, live: LiveBytes) -> str:
        """How much more there is at the end than at the beginning: in a program that leaks, every time."""
        grown = int(live.total[-1] - live.total[0])
        words = self.tr("more at the end than at the beginning: {0}")
        return words.format(byte_size(grown)) if grown > 0 else ""

    def _fill(self, live: LiveBytes, now: int) -> None:
        iteration = self._model.iteration
        assert iteration is not None and iteration.memory is not None
        scrolled = self.list.verticalScrollBar().value()
        self.list.clear()
        there = live.at(now)
        for kind in reversed(KINDS):
            if kind in there:
                words = f"{byte_size(there[kind])}   {kind_name(kind)}"
                item = QListWidgetItem(_swatch(kind), words)
                item.setToolTip(plain_tip(words))
                item.setFlags(Qt.ItemFlag.ItemIsEnabled)
                self.list.addItem(item)
        for words in filter(None, (self._growth_words(live), self.tr("Largest now:"))):
            heading = QListWidgetItem(words)
            heading.setToolTip(plain_tip(words))
            heading.setFlags(Qt.ItemFlag.NoItemFlags)
            self.list.addItem(heading)
        for storage in live.largest(now, MOST_LISTED):
            kind = kind_at(storage, now)
            words = f"{byte_size(storage.nbytes)}   {storage_name(iteration, storage)}"
            item = QListWidgetItem(_swatch(kind), words)
            held = "\n" + self.tr("kept by {0}").format(storage.holder) if storage.holder else ""
            until = (
                self.tr("still alive at the iteration's end")
                if storage.until is None
                else self.tr("until {0}").format(event_words(iteration, storage.until))
            )
            item.setToolTip(plain_tip(f"{words}\n{kind_name(kind)}, {until}{held}"))
            item.setData(_NODE, iteration.nodes[storage.node].key if storage.node >= 0 else None)
            self.list.addItem(item)
        self.list.verticalScrollBar().setValue(scrolled)

    def _choose(self, item: QListWidgetItem) -> None:
        if (key := item.data(_NODE)) is not None:
            self._model.select(key)

    def _go_to_peak(self) -> None:
        if (live := self.live) is not None:
            self._model.seek(live.peak.event)

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        self._side.setVisible(self.width() >= LIST_FROM)
        self._side.setFixedWidth(min(LIST_WIDTH, int(LIST_SHARE * self.width())))

    def changeEvent(self, event: QEvent) -> None:
        if event.type() == QEvent.Type.LanguageChange:
            self._retranslate()
        super().changeEvent(event)

    def _retranslate(self) -> None:
        self.plot.setAccessibleName(self.tr("Live bytes over the iteration"))
        self.list.setAccessibleName(self.tr("Kinds of memory, and the largest arrays"))
        self.refresh()


def _swatch(kind: StorageKind) -> QIcon:
    picture = QPixmap(_SWATCH)
    picture.fill(Qt.GlobalColor.transparent)
    painter = QPainter(picture)
    paint_kind(painter, QRectF(0, 0, _SWATCH.width(), _SWATCH.height()), kind)
    painter.end()
    return QIcon(picture)
