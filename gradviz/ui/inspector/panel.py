"""The inspector: everything about one node as of the shown moment."""

from __future__ import annotations

from PySide6.QtCore import QEvent, QSize, Qt, Signal
from PySide6.QtWidgets import QFrame, QLabel, QScrollArea, QStackedWidget, QVBoxLayout, QWidget

from gradviz.trace import Node
from gradviz.trace.backward_graph import has_backward, is_backward
from gradviz.ui.branch_look import look_of
from gradviz.ui.inspector.array_export import ArrayExport
from gradviz.ui.inspector.backward_page import BackwardPage
from gradviz.ui.inspector.difference_page import DifferencePage
from gradviz.ui.inspector.header import Header
from gradviz.ui.inspector.inquiry import Inquiry
from gradviz.ui.inspector.keys import keep_arrow_keys
from gradviz.ui.inspector.node_page import NodePage
from gradviz.ui.inspector.pin_strip import PinStrip
from gradviz.ui.inspector.rule_page import RulePage
from gradviz.ui.inspector.saved_page import SavedPage
from gradviz.ui.inspector.update_page import UpdatePage
from gradviz.ui.inspector.why_page import WhyPage
from gradviz.ui.model import SessionModel
from gradviz.ui.panel_tabs import PanelTabs
from gradviz.ui.scroll_bar import use_slim_scroll_bars
from gradviz.ui.theme import font

PAGES = ("value", "gradient", "why", "rule", "saved", "backward", "update", "difference")
"""In the order of the tabs: those that come and go stand last, so that the others stay where they are."""
Page = NodePage | WhyPage | RulePage | SavedPage | BackwardPage | UpdatePage | DifferencePage
MARGIN = 12
PAGE_OF_PHASE = {"forward": "value", "backward": "gradient", "update": "update"}


class Inspector(QWidget):
    """Shows the selected node; with nothing selected, the node of the event that has just happened.

    The chosen tab stays where it applies. While the inspector follows the run and no tab has been chosen, the
    phase chooses it: values going forward, gradients going back, then the update.
    """

    source_activated = Signal(object)  # trace.Source: show this line of the program
    message = Signal(str)  # what came of a command

    def __init__(self, model: SessionModel, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._model = model
        self._chosen: str | None = None
        self._empty = QLabel()
        self._empty.setFont(font(9.5))
        self._empty.setAlignment(Qt.AlignmentFlag.AlignCenter)
        self._empty.setWordWrap(True)
        self._empty.setMargin(24)
        self._content = QWidget()
        self.header = Header(model)
        self.tabs = PanelTabs()
        self.inquiry = Inquiry(model)
        value, gradient, update = NodePage(model, "value"), NodePage(model, "grad"), UpdatePage(model)
        self.pages: dict[str, Page] = {
            "value": value,
            "gradient": gradient,
            "why": WhyPage(model, self.inquiry),
            "rule": RulePage(model),
            "saved": SavedPage(model),
            "backward": BackwardPage(model),
            "update": update,
            "difference": DifferencePage(model),
        }
        self._stack = QStackedWidget()
        self.pins = PinStrip(model)
        self._set_up_tabs()
        content = QVBoxLayout(self._content)
        content.setContentsMargins(0, 8, 0, 0)
        for widget in (self.header, self._stack):
            widget.setContentsMargins(MARGIN, 0, MARGIN, 0)
        content.setSpacing(4)
        content.addWidget(self.header)
        content.addWidget(self.tabs)
        content.addWidget(self._stack, 1)
        content.addWidget(self.pins)
        self.pins.setContentsMargins(MARGIN, 0, MARGIN, 8)
        self.pins.message.connect(self.message)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.addWidget(self._empty, 1)
        layout.addWidget(self._content, 1)
        self.setMinimumWidth(280)
        self.header.source_activated.connect(self.source_activated)
        self.tabs.tabBarClicked.connect(self._on_tab_clicked)
        self.tabs.currentChanged.connect(self._on_tab_changed)
        for page in (value, gradient):
            page.array.element_chosen.connect(self.inquiry.start)
        update.element_chosen.connect(self.inquiry.start)
        for export in self.findChildren(ArrayExport):
            export.said.connect(self.message)
        self.inquiry.changed.connect(lambda: self.choose_page("why"))
        for signal in (
            model.iteration_changed,
            model.moment_changed,
            model.summaries_changed,
            model.answered,
        ):
            signal.connect(self.refresh)
        model.selection_changed.connect(self._on_selection)
        model.overlays.backward_changed.connect(self.refresh)
        model.branches.changed.connect(self._retranslate)
        branches = model.branches
        for signal in (branches.moved, branches.summaries_changed, model.differences.changed):
            signal.connect(self._refresh_difference)
        self._retranslate()

    def sizeHint(self) -> QSize:
        return QSize(340, 600)

    def _set_up_tabs(self) -> None:
        self.tabs.setFont(font(9))
        self.tabs.setUsesScrollButtons(False)
        keep_arrow_keys(self.tabs)
        for name in PAGES:
            self.tabs.addTab("")
            area = QScrollArea()
            area.setWidgetResizable(True)
            area.setFrameShape(QFrame.Shape.NoFrame)
            use_slim_scroll_bars(area)
            area.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
            area.setFocusPolicy(Qt.FocusPolicy.NoFocus)
            area.setWidget(self.pages[name])
            self._stack.addWidget(area)

    # ── what is shown ─────────────────────────────────────────────────────────────────────────────────────

    @property
    def node(self) -> Node | None:
        """The node on view: the selected one, or that of the model's event (at the start, the first)."""
        model = self._model
        if model.selected is not None or not model.nodes:
            return model.selected
        event = model.current_event
        return model.nodes[event.node] if event is not None else model.nodes[0]

    @property
    def page(self) -> str:
        """The page on view, one of PAGES."""
        return PAGES[self.tabs.currentIndex()]

    def refresh(self) -> None:
        """Brings header and visible page to the model's moment."""
        node = self.node
        self._empty.setVisible(node is None)
        self._content.setVisible(node is not None)
        if node is None:
            return
        self.header.show_node(node)
        self._offer_pages(node)
        self.pages[self.page].show_node(node)

    def _refresh_difference(self) -> None:
        if self.page == "difference":
            self.refresh()

    def _difference_title(self) -> str:
        """ "B - A": the shown branch less the compared one."""
        branches = self._model.branches
        pair = (branches.shown, branches.compared or branches.shown)
        return " - ".join(look_of(branch.id).letter for branch in pair)

    def _offer_pages(self, node: Node) -> None:
        """Shows the tabs that apply to the node, and chooses one."""
        iteration, states = self._model.iteration, self._model.states
        assert iteration is not None and states is not None
        applies = {
            "value": True,
            "gradient": True,
            "why": True,
            "rule": True,
            "saved": bool(node.saved),
            "backward": self._model.overlays.backward and bool(has_backward(iteration)[node.id]),
            "update": states.at(node.id, len(iteration.events)).update is not None,
            "difference": self._model.branches.compared is not None,
        }
        wanted = self._chosen or self._page_of_the_phase()
        page = wanted if applies[wanted] else "value"
        blocked = self.tabs.blockSignals(True)
        for place, name in enumerate(PAGES):
            if self.tabs.isTabVisible(place) != applies[name]:
                self.tabs.setTabVisible(place, applies[name])
        self.tabs.setCurrentIndex(PAGES.index(page))
        self.tabs.blockSignals(blocked)
        self._stack.setCurrentIndex(PAGES.index(page))

    def _page_of_the_phase(self) -> str:
        event = self._model.current_event
        if event is None or self._model.selected is not None:
            return "value"
        return PAGE_OF_PHASE[event.phase]

    def choose_page(self, page: str) -> None:
        """Shows a page of PAGES, now and for every node that it applies to."""
        self._chosen = page
        self.refresh()

    def _on_tab_clicked(self, place: int) -> None:
        if place >= 0:
            self.choose_page(PAGES[place])

    def _on_tab_changed(self, place: int) -> None:
        self.choose_page(PAGES[place])

    def _on_selection(self) -> None:
        if self._model.selected is not None and self._chosen is None:
            self._chosen = self.page  # the page must not change under the eyes of who has just selected
        elif self._model.selected is None:
            self._chosen = None
        if is_backward(self._model.selected_key or ""):
            self._chosen = "backward"
        self.refresh()

    def changeEvent(self, event: QEvent) -> None:
        if event.type() == QEvent.Type.LanguageChange:
            self._retranslate()
        super().changeEvent(event)

    def _retranslate(self) -> None:
        self._empty.setText(
            self.tr("The value and the gradient of the running or the selected operation appear here.")
        )
        names = {
            "value": self.tr("Value"),
            "gradient": self.tr("Gradient"),
            "why": self.tr("Why"),
            "rule": self.tr("Rule"),
            "saved": self.tr("Saved"),
            "backward": self.tr("Backward"),
            "update": self.tr("Update"),
            "difference": self._difference_title(),
        }
        for place, name in enumerate(PAGES):
            self.tabs.setTabText(place, names[name])
        self.tabs.setTabToolTip(
            PAGES.index("difference"), self.tr("Difference between the shown branch and the compared one")
        )
        self.tabs.setAccessibleName(self.tr("Pages of the inspector"))
        self.refresh()
