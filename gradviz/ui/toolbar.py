"""The top row: files at the left, the transport in the middle, engine and data at the right."""

from __future__ import annotations

from PySide6.QtCore import QEvent, QSize, Qt
from PySide6.QtGui import QMouseEvent, QPainter, QPaintEvent, QResizeEvent
from PySide6.QtWidgets import QHBoxLayout, QLabel, QSlider, QStyle, QWidget

from gradviz.ui.actions import Actions
from gradviz.ui.bar_button import HEIGHT, BarButton, Segments
from gradviz.ui.model import GRAINS, LIVE, SPEEDS, SessionModel
from gradviz.ui.theme import font, theme

_HEIGHT = 48
_MARGIN = 8
_SPACING = 4
_TRANSPORT = ("first", "reverse_continue", "step_back", "play", "step", "continue", "last")


class TopBar(QWidget):
    """All of it is also in the menu at its left end, so that what a narrow window hides is in reach."""

    def __init__(self, model: SessionModel, actions: Actions) -> None:
        super().__init__()
        self._model = model
        self._main = BarButton(menu=actions.menu("", self), text=True)
        self._main.glyph = "gradviz"
        self._files = BarButton(menu=actions.menu("file", self), text=True)
        self._examples = BarButton(menu=actions.menu("examples", self), text=True)
        self._export = BarButton(menu=actions.menu("export", self), text=True)
        self._caption = QLabel()
        self._slider = _SpeedSlider()
        self._pace = QLabel()
        self._engine = BarButton(text=True)
        self._data = BarButton(menu=actions.menu("data", self), text=True)
        self._engine.dot, self._data.dot = "update", "parameter"
        # From the first to go to the last, when the window is narrow.
        self._dispensable = (
            self._engine,
            self._caption,
            self._data,
            self._export,
            self._examples,
            self._files,
        )
        self._lay_out(actions)
        self._slider.valueChanged.connect(model.set_speed)
        model.playing_changed.connect(self._show_pace)
        self._retranslate()

    def open_menu(self) -> None:
        """Opens the menu of all commands, for the keyboard."""
        self._main.showMenu()

    def sizeHint(self) -> QSize:
        return QSize(1280, _HEIGHT)

    def minimumSizeHint(self) -> QSize:
        return QSize(self._width_without(self._dispensable), _HEIGHT)

    def resizeEvent(self, event: QResizeEvent) -> None:
        self._fit()

    def changeEvent(self, event: QEvent) -> None:
        if event.type() == QEvent.Type.LanguageChange:
            self._retranslate()
        super().changeEvent(event)

    def paintEvent(self, event: QPaintEvent) -> None:
        painter = QPainter(self)
        painter.fillRect(self.rect(), theme.color("panel"))
        painter.fillRect(0, self.height() - 1, self.width(), 1, theme.color("line", 0.6))

    def _lay_out(self, actions: Actions) -> None:
        row = QHBoxLayout(self)
        row.setContentsMargins(_MARGIN, 0, _MARGIN, 0)
        row.setSpacing(_SPACING)
        row.setSizeConstraint(QHBoxLayout.SizeConstraint.SetNoConstraint)
        for button in (self._main, self._files, self._examples, self._export):
            row.addWidget(button)
        row.addStretch(1)
        for name in _TRANSPORT:
            row.addWidget(BarButton(actions[name], primary=name == "play"))
        row.addSpacing(2 * _SPACING)
        row.addWidget(_grains(actions))
        row.addSpacing(2 * _SPACING)
        for widget in (self._caption, self._slider, self._pace):
            row.addWidget(widget)
        row.addStretch(1)
        row.addWidget(self._engine)
        row.addWidget(self._data)

    def _fit(self) -> None:
        """Hides as few of the dispensable widgets as it takes."""
        hidden = 0
        while (
            hidden < len(self._dispensable) and self._width_without(self._dispensable[:hidden]) > self.width()
        ):
            hidden += 1
        for place, widget in enumerate(self._dispensable):
            widget.setVisible(place >= hidden)

    def _width_without(self, hidden: tuple[QWidget, ...]) -> int:
        row = self.layout()
        width = 2 * _MARGIN
        for item in (row.itemAt(place) for place in range(row.count())):
            widget = item.widget()
            if widget is None:
                width += item.sizeHint().width() + _SPACING
            elif widget not in hidden:
                width += widget.sizeHint().boundedTo(widget.maximumSize()).width() + _SPACING
        return width

    def _show_pace(self) -> None:
        self._slider.setValue(self._model.speed)
        self._pace.setText(self._pace_text(self._model.speed, self._model.grain))

    def _pace_text(self, speed: int, grain: str) -> str:
        if speed == LIVE:
            return self.tr("live")
        unit = {
            "op": self.tr("{0} ops/s"),
            "phase": self.tr("{0} phases/s"),
            "step": self.tr("{0} steps/s"),
            "epoch": self.tr("{0} epochs/s"),
        }[grain]
        return unit.format(f"{SPEEDS[speed]:g}")

    def show_data(self) -> None:
        """Names the data that the next run trains on."""
        folder = self._model.options.get("data")
        if folder:
            self._data.set_text(str(folder).rstrip("/\\").replace("\\", "/").rpartition("/")[2], str(folder))
        else:
            tip = self.tr(
                "Training data: 10,000 digits to train on, 2,000 to test with; click to choose others"
            )
            self._data.set_text(self.tr("MNIST 12,000"), tip)
        self._fit()

    def _retranslate(self) -> None:
        self._main.set_text("gradviz", self.tr("All commands (F10)"))
        self._files.set_text(self.tr("File"), self.tr("Open, save and close programs"))
        self._examples.set_text(self.tr("Examples"), self.tr("Programs and loss snippets to learn from"))
        self._export.set_text(self.tr("Export"), self.tr("Save pictures"))
        self._caption.setText(self.tr("speed"))
        self._slider.setAccessibleName(self.tr("Speed"))
        self._slider.setToolTip(self.tr("Steps a second; at the right end training runs live  ([ and ])"))
        self._engine.set_text(
            self.tr("NumPy · CPU"), self.tr("Programs run on gradviz's own engine, in float32")
        )
        for label in (self._caption, self._pace):
            label.setFont(font(9.5))
        widest = max(
            self._pace.fontMetrics().horizontalAdvance(self._pace_text(speed, grain))
            for speed in range(len(SPEEDS))
            for grain in GRAINS
        )
        self._pace.setFixedWidth(widest + 4)
        self._show_pace()
        self.show_data()


class _SpeedSlider(QSlider):
    """The handle comes to where the groove is clicked."""

    def __init__(self) -> None:
        super().__init__(Qt.Orientation.Horizontal)
        self.setRange(0, LIVE)
        self.setPageStep(1)
        self.setFixedWidth(104)
        self.setFocusPolicy(Qt.FocusPolicy.TabFocus)

    def mousePressEvent(self, event: QMouseEvent) -> None:
        handle = self.style().pixelMetric(QStyle.PixelMetric.PM_SliderLength, None, self)
        room = self.width() - handle
        at = round(event.position().x()) - handle // 2
        self.setValue(QStyle.sliderValueFromPosition(0, LIVE, at, room))
        super().mousePressEvent(event)


def _grains(actions: Actions) -> Segments:
    group = Segments()
    group.setFixedHeight(HEIGHT + 2)
    row = QHBoxLayout(group)
    row.setContentsMargins(1, 1, 1, 1)
    row.setSpacing(0)
    for grain in GRAINS:
        row.addWidget(BarButton(actions[f"grain_{grain}"], text=True, segment=True))
    return group
