"""The statistics of an array as a small table of selectable numbers."""

from __future__ import annotations

from PySide6.QtCore import QEvent, Qt
from PySide6.QtWidgets import QGridLayout, QLabel, QSizePolicy, QWidget

from gradviz.trace import Summary
from gradviz.ui.numbers import byte_size, compact, percent, shape_text
from gradviz.ui.theme import font, set_color, theme

NOTHING = "–"
WIDE = ("shape",)  # long values get a line of their own
KEYS = ("shape", "min", "max", "mean", "std", "norm", "zeros", "nan", "inf", "dtype", "bytes")


class Statistics(QWidget):
    """Two columns of name and number."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._summary: Summary | None = None
        self._names: dict[str, QLabel] = {}
        self._values: dict[str, QLabel] = {}
        layout = QGridLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setHorizontalSpacing(8)
        layout.setVerticalSpacing(2)
        layout.setColumnStretch(1, 1)
        layout.setColumnStretch(3, 1)
        place = 0
        for key in KEYS:
            name, value = QLabel(), QLabel(NOTHING)
            name.setFont(font(9))
            value.setFont(font(9, mono=True))
            value.setTextInteractionFlags(
                Qt.TextInteractionFlag.TextSelectableByMouse | Qt.TextInteractionFlag.TextSelectableByKeyboard
            )
            value.setFocusPolicy(Qt.FocusPolicy.ClickFocus)
            value.setSizePolicy(QSizePolicy.Policy.Ignored, QSizePolicy.Policy.Preferred)
            self._names[key], self._values[key] = name, value
            layout.addWidget(name, place // 2, place % 2 * 2)
            layout.addWidget(value, place // 2, place % 2 * 2 + 1, 1, 3 if key in WIDE else 1)
            place += 2 if key in WIDE else 1
        theme.changed.connect(self._recolor)
        self._retranslate()
        self._recolor()

    def text(self, key: str) -> str:
        """What stands beside `key`, one of KEYS."""
        return self._values[key].text()

    def show_summary(self, summary: Summary | None) -> None:
        """The numbers of the array; dashes for None."""
        self._summary = summary
        texts = _texts(summary) if summary else dict.fromkeys(KEYS, NOTHING)
        for key, text in texts.items():
            if self._values[key].text() != text:
                self._values[key].setText(text)
                self._values[key].setAccessibleName(f"{self._names[key].text()} {text}")
        self._recolor()

    def _recolor(self) -> None:
        for name in self._names.values():
            set_color(name, "dim")
        counts = {"nan": self._summary.nans, "inf": self._summary.infs} if self._summary else {}
        set_color(self._values["nan"], "nan" if counts.get("nan") else "text")
        set_color(self._values["inf"], "error" if counts.get("inf") else "text")

    def changeEvent(self, event: QEvent) -> None:
        if event.type() == QEvent.Type.LanguageChange:
            self._retranslate()
        super().changeEvent(event)

    def _retranslate(self) -> None:
        names = {
            "shape": self.tr("shape"),
            "dtype": self.tr("dtype"),
            "min": self.tr("min"),
            "max": self.tr("max"),
            "mean": self.tr("mean"),
            "std": self.tr("std"),
            "norm": "‖·‖",
            "zeros": self.tr("zeros"),
            "nan": "NaN",
            "inf": "Inf",
            "bytes": self.tr("size"),
        }
        for key, text in names.items():
            self._names[key].setText(text)
        self._names["norm"].setToolTip(self.tr("Euclidean norm: the root of the sum of squares"))
        self._names["std"].setToolTip(self.tr("Standard deviation of all elements (not corrected)"))


def _texts(summary: Summary) -> dict[str, str]:
    finite = summary.size - summary.nans - summary.infs
    has_numbers = finite > 0
    return {
        "shape": shape_text(summary.shape),
        "dtype": summary.dtype,
        "min": compact(summary.minimum) if has_numbers else NOTHING,
        "max": compact(summary.maximum) if has_numbers else NOTHING,
        "mean": compact(summary.mean) if has_numbers else NOTHING,
        "std": compact(summary.std) if has_numbers else NOTHING,
        "norm": compact(summary.norm) if has_numbers else NOTHING,
        "zeros": percent(summary.zeros / summary.size) if summary.size else NOTHING,
        "nan": str(summary.nans),
        "inf": str(summary.infs),
        "bytes": byte_size(summary.nbytes),
    }
