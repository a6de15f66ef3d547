"""The bottom dock's right half: loss, accuracy and gradient norms over the run."""

from __future__ import annotations

from PySide6.QtCore import QEvent, QSize, Qt, QTimer
from PySide6.QtGui import QPalette, QResizeEvent, QShowEvent
from PySide6.QtWidgets import QHBoxLayout, QLabel, QStackedWidget, QToolButton, QVBoxLayout, QWidget

from gradviz.ui.model import SessionModel
from gradviz.ui.numbers import compact
from gradviz.ui.panel_tabs import PanelTabs
from gradviz.ui.plots.legend import Legend
from gradviz.ui.plots.memory_page import MemoryPage
from gradviz.ui.plots.pages import GROUPS, curves_of, has_points
from gradviz.ui.plots.plot import Curve, CurvePlot
from gradviz.ui.theme import font, set_color, theme

PAGES = ("loss", "accuracy", "grad_norm", "memory", "update_ratio")
REDRAW_MS = 1000 // 15
LEGEND_FROM = 360  # pixels of width


class PlotsView(QWidget):
    """Redraws at most fifteen times a second, and not while it is hidden."""

    def __init__(self, model: SessionModel, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._model = model
        self._stale = False
        self._pace = QTimer(self, singleShot=True, interval=REDRAW_MS)
        self._pace.timeout.connect(self._redraw_if_stale)
        self.tabs = PanelTabs()
        self.log = QToolButton()
        self.value = QLabel()
        self.plot = CurvePlot()
        self.legend = Legend()
        self.memory = MemoryPage(model)
        self.empty = QLabel()
        self._set_up_bar()
        bar = QHBoxLayout()
        bar.setSpacing(4)
        bar.setContentsMargins(0, 0, 8, 0)
        bar.addWidget(self.tabs)
        bar.addStretch(1)
        bar.addWidget(self.log)
        bar.addWidget(self.value)
        drawing = QWidget()
        curves = QHBoxLayout(drawing)
        curves.setContentsMargins(0, 0, 0, 0)
        curves.setSpacing(4)
        curves.addWidget(self.plot, 1)
        curves.addWidget(self.legend)
        self._stack = QStackedWidget()
        self._stack.addWidget(self.empty)
        self._stack.addWidget(drawing)
        self._stack.addWidget(self.memory)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 4, 4)
        layout.setSpacing(2)
        layout.addLayout(bar)
        layout.addWidget(self._stack, 1)
        self.plot.step_wanted.connect(lambda step: model.go_to(step - 1))
        model.run_changed.connect(self._on_run_changed)
        model.moment_changed.connect(self._show_now)
        model.iteration_changed.connect(self._show_now)
        model.restarted.connect(self._redraw)
        model.branches.changed.connect(self._redraw)
        theme.changed.connect(self._recolor)
        self._retranslate()
        self._recolor()

    def sizeHint(self) -> QSize:
        return QSize(380, 156)

    def _set_up_bar(self) -> None:
        self.tabs.setFont(font(9))
        self.tabs.setUsesScrollButtons(False)
        for _ in PAGES:
            self.tabs.addTab("")
        self.tabs.setTabVisible(PAGES.index("update_ratio"), False)
        self.tabs.currentChanged.connect(self._redraw)
        self.log.setFont(font(9))
        self.log.setCheckable(True)
        self.log.setMinimumSize(28, 24)
        self.log.toggled.connect(self._redraw)
        self.log.toggled.connect(self._recolor)
        self.value.setFont(font(12, bold=True))
        self.empty.setFont(font(9.5))
        self.empty.setAlignment(Qt.AlignmentFlag.AlignCenter)
        self.empty.setWordWrap(True)
        self.empty.setMargin(16)

    @property
    def page(self) -> str:
        """The page on view, one of PAGES."""
        return PAGES[self.tabs.currentIndex()]

    def curves(self) -> list[Curve]:
        """The curves of the page on view that have points; steps are counted from 1, accuracy in percent."""
        return curves_of(self._model.branches, self.page)

    # ── drawing ───────────────────────────────────────────────────────────────────────────────────────────

    def _on_run_changed(self) -> None:
        self._stale = True
        if not self._pace.isActive():
            self._redraw_if_stale()

    def _redraw_if_stale(self) -> None:
        if self._stale and self.isVisible():
            self._redraw()
            self._pace.start()

    def showEvent(self, event: QShowEvent) -> None:
        super().showEvent(event)
        self._redraw()

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        self._show_legend(self.curves())

    def _show_legend(self, curves: list[Curve]) -> None:
        several = self.page in GROUPS or len(curves) > 1
        self.legend.setVisible(several and self.width() >= LEGEND_FROM)

    def _redraw(self) -> None:
        self._stale = False
        ratios = has_points(self._model.branches, "update_ratio")
        if self.tabs.isTabVisible(PAGES.index("update_ratio")) != ratios:
            self.tabs.setTabVisible(PAGES.index("update_ratio"), ratios)
        self.log.setVisible(self.page != "memory")
        if self.page == "memory":
            self._show_memory()
            return
        curves = self.curves()
        self._stack.setCurrentIndex(bool(curves))
        self.empty.setText(self._empty_words())
        self.value.setText(self._value_text(curves))
        self.value.setVisible(bool(self.value.text()))
        self.log.setEnabled(bool(curves))
        self._show_legend(curves)
        if curves:
            suffix = " %" if self.page == "accuracy" else ""
            self.plot.show_curves(curves, log=self.log.isChecked(), suffix=suffix)
            self.legend.show_curves(curves)
        self._show_now()

    def _show_memory(self) -> None:
        known = self.memory.live is not None
        self._stack.setCurrentIndex(2 if known else 0)
        self.empty.setText(self._empty_words())
        if known:
            self.memory.refresh()
        self.value.setText(self.memory.value_text())
        self.value.setVisible(known)

    def _show_now(self) -> None:
        if self.page == "memory" and self.isVisible():
            self._show_memory()
        iteration = self._model.iteration
        self.plot.show_now(iteration.index + 1 if iteration else None)

    def _value_text(self, curves: list[Curve]) -> str:
        shown = [curve for curve in curves if curve.strong]
        if len(shown) != 1 or self.page in GROUPS:
            return ""
        value = float(shown[0].y[-1])
        return f"{value:.1f} %" if self.page == "accuracy" else compact(value)

    def _empty_words(self) -> str:
        words = {
            "memory": self._no_memory_words(),
            "loss": self.tr("The loss appears here while the program trains."),
            "accuracy": self.tr("The accuracy on test data appears here. It needs a test_loader."),
            "grad_norm": self.tr("The norm of every parameter's gradient appears here."),
            "update_ratio": self.tr("The size of every update, compared with the parameter, appears here."),
        }
        return words[self.page]

    def _no_memory_words(self) -> str:
        if self._model.iteration is None or not self._model.iteration.events:
            return self.tr("What the program holds in memory appears here, event by event.")
        return self.tr(
            "What the program holds in memory is not known of this iteration: it was not recorded from its "
            "beginning, or by an older gradviz. Go to another one."
        )

    # ── theme and language ────────────────────────────────────────────────────────────────────────────────

    def _recolor(self) -> None:
        set_color(self.value, "forward")
        set_color(self.empty, "dim")
        palette = self.palette()
        if self.log.isChecked():
            palette.setColor(QPalette.ColorRole.Button, theme.color("forward"))
            palette.setColor(QPalette.ColorRole.ButtonText, theme.color("on_accent"))
        self.log.setPalette(palette)

    def changeEvent(self, event: QEvent) -> None:
        if event.type() == QEvent.Type.LanguageChange:
            self._retranslate()
        super().changeEvent(event)

    def _retranslate(self) -> None:
        names = {
            "loss": self.tr("Loss"),
            "accuracy": self.tr("Accuracy"),
            "memory": self.tr("Memory"),
            "grad_norm": self.tr("Gradients"),
            "update_ratio": self.tr("Updates"),
        }
        for place, page in enumerate(PAGES):
            self.tabs.setTabText(place, names[page])
        norms, ratios = PAGES.index("grad_norm"), PAGES.index("update_ratio")
        self.tabs.setTabToolTip(norms, self.tr("Gradient norms: the length of every parameter's gradient"))
        self.tabs.setTabToolTip(
            ratios, self.tr("Update ratios: the size of every update beside the parameter")
        )
        memory = PAGES.index("memory")
        self.tabs.setTabToolTip(memory, self.tr("Live bytes over the events of the shown iteration"))
        self.tabs.setAccessibleName(self.tr("Curves of the run"))
        self.log.setText(self.tr("log"))
        self.log.setToolTip(self.tr("Logarithmic scale"))
        self.log.setAccessibleName(self.tr("Logarithmic scale"))
        self.plot.setAccessibleName(self.tr("Plot"))
        self.legend.setAccessibleName(self.tr("Legend"))
        self.value.setAccessibleName(self.tr("Latest value"))
        self._redraw()
