"""The way back from a NaN or an infinite number to where it came from, step by step."""

from __future__ import annotations

from PySide6.QtCore import QCoreApplication, QEvent, Qt
from PySide6.QtGui import QPainter, QPaintEvent, QPalette
from PySide6.QtWidgets import QHBoxLayout, QLabel, QListWidget, QListWidgetItem, QVBoxLayout, QWidget

from gradviz.ui.bar_button import BarButton
from gradviz.ui.model import SessionModel
from gradviz.ui.numbers import grouped
from gradviz.ui.origins import Station
from gradviz.ui.scroll_bar import use_slim_scroll_bars
from gradviz.ui.theme import font, set_color, theme
from gradviz.ui.tips import plain_tip

STATION = Qt.ItemDataRole.UserRole


class OriginView(QWidget):
    """A title and a list; hidden until something was asked. A click on a step goes to its moment and node."""

    def __init__(self, model: SessionModel, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._model, self._search = model, model.origins
        self._title = QLabel()
        self._title.setFont(font(9.5, bold=True))
        self._title.setTextFormat(Qt.TextFormat.PlainText)
        self._title.setWordWrap(True)
        self._close = BarButton()
        self._close.glyph = "close"
        self._close.setFixedSize(24, 24)
        self._close.clicked.connect(self._search.clear)
        self._end = QLabel()
        self._end.setFont(font(9))
        self._end.setWordWrap(True)
        self._end.setContentsMargins(12, 0, 12, 8)
        self.list = QListWidget()
        self.list.setWordWrap(True)
        self.list.setSpacing(3)
        self.list.setFrameShape(QListWidget.Shape.NoFrame)
        self.list.setResizeMode(QListWidget.ResizeMode.Adjust)
        self.list.setVerticalScrollMode(QListWidget.ScrollMode.ScrollPerPixel)
        self.list.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.list.setFont(font(9))
        use_slim_scroll_bars(self.list)
        self._lay_out()
        self.list.itemClicked.connect(self._go)
        self.list.itemActivated.connect(self._go)
        self._search.changed.connect(self._show)
        theme.changed.connect(self._recolor)
        self._recolor()
        self._retranslate()

    def _lay_out(self) -> None:
        head = QHBoxLayout()
        head.setContentsMargins(12, 6, 6, 0)
        head.addWidget(self._title, 1)
        head.addWidget(self._close, 0, Qt.AlignmentFlag.AlignTop)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(2)
        column.addLayout(head)
        column.addWidget(self.list, 1)
        column.addWidget(self._end)

    def _show(self) -> None:
        """Brings the list to the search: steps are only ever added, or all are new."""
        search = self._search
        self.setVisible(search.searching or bool(search.stations))
        if self.list.count() > len(search.stations) or not search.stations:
            self.list.clear()
        for station in search.stations[self.list.count() :]:
            item = QListWidgetItem(self.list)
            item.setData(STATION, station)
        for row in range(self.list.count()):
            item = self.list.item(row)
            item.setText(self._words(item.data(STATION), row + 1))
            item.setToolTip(plain_tip(item.text()))
        if search.outcome is not None and self.list.count():
            self.list.setCurrentRow(self.list.count() - 1)
            self.list.scrollToBottom()
        self._title.setText(self.tr("Where the numbers of {0} came from").format(search.asked))
        self._end.setText(self._outcome_words())

    def _go(self, item: QListWidgetItem) -> None:
        station: Station = item.data(STATION)
        self._model.go_to(station.iteration, station.step.event)
        self._model.select(station.key)

    # ── words ─────────────────────────────────────────────────────────────────────────────────────────────

    def _words(self, station: Station, number: int) -> str:
        """ "2. iteration 12, op 9: net/log" and what is known of it."""
        place = (
            self.tr("iteration {0}, op {1}: {2}")
            if station.step.event >= 0
            else self.tr("iteration {0}: {2}")
        )
        head = place.format(grouped(station.iteration + 1), station.step.event + 1, station.name)
        said = (
            QCoreApplication.translate("hints", template).format(*arguments)
            for template, arguments in station.step.sentences
        )
        return f"{number}. {head}\n{' '.join(said)}"

    def _outcome_words(self) -> str:
        return {
            None: self.tr("Searching …"),
            "made": self.tr("Here it first appeared."),
            "given": self.tr("It was there from the start."),
            "earlier": self.tr("It came from an earlier iteration, which could not be asked."),
            "unknown": self.tr("What came before was not recorded."),
            "finite": "",
        }[self._search.outcome]

    def changeEvent(self, event: QEvent) -> None:
        if event.type() == QEvent.Type.LanguageChange:
            self._retranslate()
        super().changeEvent(event)

    def _retranslate(self) -> None:
        self._close.set_text(self.tr("Close"))
        self.list.setAccessibleName(self.tr("Where the numbers came from"))
        self._show()

    def _recolor(self) -> None:
        set_color(self.list, "panel", QPalette.ColorRole.Base)
        set_color(self.list, "raised", QPalette.ColorRole.Highlight)
        set_color(self.list, "text", QPalette.ColorRole.HighlightedText)
        set_color(self._end, "dim")

    def paintEvent(self, event: QPaintEvent) -> None:
        painter = QPainter(self)
        painter.fillRect(0, 0, self.width(), 1, theme.color("line"))
