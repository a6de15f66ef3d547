"""The buttons below a heat map: as numbers, in colours, a row as a picture, all pictures at once."""

from __future__ import annotations

from dataclasses import replace

from PySide6.QtCore import QEvent, Signal
from PySide6.QtWidgets import QComboBox, QWidget

from gradviz.ui.array_layouts import Kind, Layout, picture_of, pictures_of
from gradviz.ui.flow_layout import FlowRow
from gradviz.ui.inspector.index_slider import IndexSlider
from gradviz.ui.inspector.labels import mark_choice, small_button
from gradviz.ui.theme import font


class LayoutChoice(FlowRow):
    """Offers what a shape allows; `layout_` is what is chosen."""

    layout_changed = Signal()

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.layout_ = Layout()
        self._shape: tuple[int, ...] = ()
        self._in_colors = False
        self.numbers, self.colors = small_button(checkable=True), small_button(checkable=True)
        self.picture, self.mosaic = small_button(checkable=True), small_button(checkable=True)
        self.sizes = QComboBox()
        self.sizes.setFont(font(9))
        self.sizes.setMinimumHeight(24)
        self.row = IndexSlider()
        for widget in (self.numbers, self.colors, self.picture, self.mosaic, self.sizes, self.row):
            self.flow.addWidget(widget)
        self.numbers.clicked.connect(lambda on: self._choose(numbers=on))
        self.colors.clicked.connect(lambda on: self._choose(colors=on))
        self.picture.clicked.connect(lambda on: self._choose_kind("picture" if on else "plane"))
        self.mosaic.clicked.connect(lambda on: self._choose_kind("mosaic" if on else "plane"))
        self.sizes.activated.connect(self._choose_size)
        self.row.value_changed.connect(lambda row: self._choose(row=row))
        self.show_layout((), self.layout_, in_colors=False)

    def show_layout(self, shape: tuple[int, ...], layout: Layout, *, in_colors: bool) -> None:
        """Offers what there is for an array; `in_colors`: it may be pictures with three channels."""
        pictures = pictures_of(shape)
        if shape != self._shape:
            self.sizes.clear()
            self.sizes.addItems([f"{height}×{width}" for height, width in pictures])
        self._shape, self.layout_, self._in_colors = shape, layout, in_colors
        drawn = not layout.numbers
        self.numbers.setChecked(layout.numbers)
        self.colors.setChecked(layout.colors)
        self.colors.setVisible(in_colors and drawn and layout.kind == "plane")
        self.picture.setChecked(layout.kind == "picture")
        self.picture.setVisible(bool(pictures) and drawn)
        self.mosaic.setChecked(layout.kind == "mosaic")
        self.mosaic.setVisible((bool(pictures) or len(shape) > 2) and drawn)
        chosen = picture_of(shape, layout)
        self.sizes.setCurrentIndex(pictures.index(chosen) if chosen is not None else -1)
        self.sizes.setVisible(len(pictures) > 1 and drawn and layout.kind != "plane")
        shows_row = bool(pictures) and drawn and layout.kind == "picture"
        self.row.setVisible(shows_row)
        if shows_row:
            self.row.blockSignals(True)
            self.row.set_axis(self.tr("row"), shape[0])
            self.row.set_value(layout.row)
            self.row.blockSignals(False)
        self._name(chosen)
        self.updateGeometry()

    def _choose(self, **what: object) -> None:
        self.show_layout(self._shape, replace(self.layout_, **what), in_colors=self._in_colors)  # type: ignore[arg-type]
        self.layout_changed.emit()

    def _choose_kind(self, kind: Kind) -> None:
        self._choose(kind=kind)

    def _choose_size(self, place: int) -> None:
        height, width = pictures_of(self._shape)[place]
        self._choose(height=height, width=width)

    def changeEvent(self, event: QEvent) -> None:
        if event.type() == QEvent.Type.LanguageChange:
            self.show_layout(self._shape, self.layout_, in_colors=self._in_colors)
        super().changeEvent(event)

    def _name(self, picture: tuple[int, int] | None) -> None:
        mark_choice(self.numbers, self.tr("Numbers"), self.tr("Show the numbers themselves, as a table"))
        mark_choice(
            self.colors, self.tr("Colours"), self.tr("Draw the three channels as red, green and blue")
        )
        height, width = picture or (0, 0)
        words = self.tr("Draw one row as a picture of {0}×{1} cells").format(height, width)
        mark_choice(self.picture, f"{height}×{width}", words)
        mark_choice(
            self.mosaic, self.tr("Tiles"), self.tr("Draw all pictures or filters at once, side by side")
        )
        self.sizes.setAccessibleName(self.tr("Height and width of the picture of a row"))
        self.sizes.setToolTip(self.sizes.accessibleName())
