"""The main window: the graph in the middle, panels around it, the top row and the bottom row."""

from __future__ import annotations

import sys
import traceback
from collections.abc import Callable
from functools import partial
from pathlib import Path

from PySide6.QtCore import QEvent, QPoint, QSize, Qt
from PySide6.QtGui import QCloseEvent, QDragEnterEvent, QDropEvent, QKeyEvent, QPainter, QPaintEvent
from PySide6.QtWidgets import QAbstractButton, QFileDialog, QMainWindow, QMenu, QTabBar

from gradviz.errors import reason_of
from gradviz.session.protocol import Problem
from gradviz.trace import Source
from gradviz.trace.overlays import OVERLAYS
from gradviz.ui import panels as places
from gradviz.ui.actions import Actions
from gradviz.ui.check_view import GradientCheckView
from gradviz.ui.commands import HISTORY_SIZES
from gradviz.ui.editor import ConsoleView, EditorPanel, ProblemsView
from gradviz.ui.export import ask_where, write_graph, write_image
from gradviz.ui.file_dialog import FileDialog
from gradviz.ui.graph import GraphView, OutlineView
from gradviz.ui.graph.focus import FOCUS_KINDS
from gradviz.ui.graph.pinning import WAYS
from gradviz.ui.hit_list import HitsView
from gradviz.ui.inspector import Inspector
from gradviz.ui.language import LANGUAGES, current_language, use_language
from gradviz.ui.library import Library
from gradviz.ui.live_bar import LiveBar
from gradviz.ui.live_loss import LiveLoss
from gradviz.ui.model import SessionModel
from gradviz.ui.numbers import grouped
from gradviz.ui.panels import Messages, Panel
from gradviz.ui.plots import PlotsView
from gradviz.ui.run_files import RunFiles
from gradviz.ui.settings import Preferences
from gradviz.ui.sheet import AboutSheet, ShortcutSheet
from gradviz.ui.statusbar import StatusBar
from gradviz.ui.steering import Steering
from gradviz.ui.theme import THEMES, theme
from gradviz.ui.timeline import TimelineView
from gradviz.ui.toolbar import TopBar

DEFAULT_SIZE = (1600, 1000)
MINIMUM_SIZE = (1000, 620)

_PLAIN = (
    Qt.KeyboardModifier.NoModifier,
    Qt.KeyboardModifier.ShiftModifier,
    Qt.KeyboardModifier.KeypadModifier,
)
_TAB_KEYS = (Qt.Key.Key_Left, Qt.Key.Key_Right, Qt.Key.Key_Home, Qt.Key.Key_End)


class MainWindow(QMainWindow):
    """Owns the views and wires them to each other; what they show comes from the model alone."""

    def __init__(self, model: SessionModel, preferences: Preferences) -> None:
        super().__init__()
        self.model = model
        self._preferences = preferences
        self.actions_ = Actions(self)
        self.graph = GraphView(model)
        self.editor = EditorPanel(model)
        self.library = Library(self.editor, self)
        self.problems = ProblemsView(model)
        self.console = ConsoleView(model)
        self.outline = OutlineView(model)
        self.check = GradientCheckView(model)
        self.messages = Messages(self.problems, self.console, self.check, self.outline, HitsView(model))
        self.inspector = Inspector(model)
        self.timeline = TimelineView(model, self.actions_)
        self.plots = PlotsView(model)
        self.top = TopBar(model, self.actions_)
        self.status = StatusBar(model, self.actions_)
        self.run_files = RunFiles(model, self)
        self.steering = Steering(model, self.actions_, self.editor)
        self.live_loss = LiveLoss(model, self.editor)
        self.editor.add_footer(LiveBar(self.live_loss, model))
        self._shortcuts = ShortcutSheet(self)
        self._about = AboutSheet(self)
        self.panels = {
            "editor": Panel("editor", self.editor),
            "messages": Panel("messages", self.messages, self.messages.tabs),
            "inspector": Panel("inspector", self.inspector),
            "timeline": Panel("timeline", self.timeline),
            "plots": Panel("plots", self.plots),
        }
        self._lay_out()
        self._wire_views()
        self._bind_files()
        self._bind_view()
        self._retranslate()
        model.set_grain(preferences.grain)
        model.set_speed(preferences.speed)
        self.graph.setFocus()

    def show_message(self, text: str) -> None:
        """Says something in the status bar for a while."""
        self.status.show_message(text)

    def show_error(self, error: BaseException) -> None:
        """Tells of an error in gradviz itself, in Problems, Console and on stderr; the window lives on."""
        text = "".join(traceback.format_exception(error))
        words = self.tr("An error in gradviz itself: {0}").format(error)
        sys.stderr.write(text)
        self.model.problem_found.emit(Problem("warning", type(error).__name__, words, traceback=text))
        self.model.output_received.emit("stderr", text)
        self.show_message(words)

    # ── building ──────────────────────────────────────────────────────────────────────────────────────────

    def _lay_out(self) -> None:
        self.setMinimumSize(*MINIMUM_SIZE)
        self.setAcceptDrops(True)
        self.setMenuWidget(self.top)
        self.setCentralWidget(self.graph)
        self.setCorner(Qt.Corner.BottomLeftCorner, Qt.DockWidgetArea.LeftDockWidgetArea)
        self.setCorner(Qt.Corner.BottomRightCorner, Qt.DockWidgetArea.BottomDockWidgetArea)
        bottom = self.statusBar()
        bottom.setSizeGripEnabled(False)
        bottom.setContentsMargins(0, 0, 0, 0)
        bottom.layout().setContentsMargins(0, 0, 0, 0)
        bottom.addWidget(self.status, 1)
        self.resize(QSize(*DEFAULT_SIZE).boundedTo(self.screen().availableSize()))
        self.reset_layout()
        if not places.restore_layout(self, self.panels):
            self.reset_layout()

    def reset_layout(self) -> None:
        """Puts all panels back where they were at first."""
        places.arrange(self, self.panels)

    def _wire_views(self) -> None:
        self.inspector.source_activated.connect(self._show_source)
        self.outline.toggle_wanted.connect(self.graph.toggle)
        self.outline.node_wanted.connect(self.graph.show_node)
        self.problems.source_activated.connect(self._go_to_problem)
        self.check.source_activated.connect(self._go_to_problem)
        self.model.problem_found.connect(self._bring_up_problem)
        self.problems.count_changed.connect(self.messages.show_problem_count)
        self.editor.message.connect(self.show_message)
        self.library.message.connect(self.show_message)
        for signal in (self.editor.current_changed, self.editor.modified_changed):
            signal.connect(self._show_title)
        self.steering.edited_changed.connect(self.status.show_edited)
        self.live_loss.shown.connect(self.steering.count_as_started)
        self.live_loss.line_wanted.connect(self._go_to_problem)
        self.steering.message.connect(self.show_message)
        self.run_files.message.connect(self.show_message)
        self.inspector.message.connect(self.show_message)
        self.run_files.opened.connect(self.steering.show_program)
        self.editor.run_wanted.connect(self.run_files.open)
        self.model.absent.connect(self._tell_absent)
        self.status.seed.chosen.connect(self.steering.run_with_seed)
        self.timeline.fork_bar.editor_loss_wanted.connect(self.steering.use_editor_as_loss)

    def _bind_files(self) -> None:
        bind, editor = self.actions_.bind, self.editor
        for name, deed in {
            "new": editor.new_to_type_in,
            "open": editor.open_dialog,
            "save": editor.save,
            "save_as": editor.save_as,
            "save_run": self._save_run,
            "close_tab": editor.close_current,
            "reopen_tab": editor.reopen_closed,
            "export_graph": self._export_graph,
            "export_window": self._export_window,
            "quit": self.close,
            "data_sample": lambda: self._use_data(None),
            "data_folder": self._choose_data,
        }.items():
            bind(name, deed)
        self.actions_["reopen_tab"].setEnabled(False)
        editor.reopenable_changed.connect(self.actions_["reopen_tab"].setEnabled)
        self.actions_.fill_menu("recent", self.library.fill_recent)
        self.actions_.fill_menu("examples", self.library.fill_examples)
        self._use_data(self.model.options.get("data"))
        for size in HISTORY_SIZES:
            bind(f"history_{size}", partial(self._use_history, size))
        self._use_history(self._preferences.history)

    def _bind_view(self) -> None:
        bind = self.actions_.bind
        bind("fit", self.graph.fit)
        bind("actual_size", self.graph.actual_size)
        bind("find", self.graph.find_node)
        bind("turn_graph", self._turn_graph)
        self.graph.turn(self._preferences.direction)
        for way in WAYS:
            bind(f"nudge_{way}", partial(self.graph.pinning.nudge, way))
        bind("unpin", self.graph.pinning.unpin)
        bind("unpin_all", self.graph.pinning.unpin_all)
        for changed in (self.graph.pinning.changed, self.model.selection_changed):
            changed.connect(self._on_places)
        self._on_places()
        for kind in FOCUS_KINDS:
            bind(f"focus_{kind}", partial(self.graph.focusing.toggle, kind))
        bind("focus_end", self.graph.focusing.end)
        self.graph.focusing.refused.connect(self.show_message)
        self.graph.focusing.changed.connect(self._on_focus)
        self._on_focus()
        bind("check_gradients", self._check_gradients)
        bind("to_editor", self._switch_focus)
        bind("complete", lambda: self.editor.assistance.completion.ask())
        bind("signature", lambda: self.editor.assistance.signature.ask())
        bind("describe_name", lambda: self.editor.assistance.hover.ask())
        bind("toggle_breakpoint", self._toggle_breakpoint)
        bind("add_breakpoint", self._add_breakpoint)
        bind("find_origin", self._find_origin)
        self.graph.menu_wanted.connect(self._show_node_menu)
        self.model.origins.changed.connect(self._show_origin)
        self.model.origins.failed.connect(self._tell_of_finite)
        bind("reset_layout", self.reset_layout)
        bind("shortcuts", self._shortcuts.toggle)
        bind("menu", self.top.open_menu)
        bind("about", self._about.toggle)
        self.actions_.bind_toggle("lock_panels", self._lock_panels)
        self.actions_.bind_toggle("live_loss", self._use_live_loss)
        self.live_loss.enabled = self._preferences.live_loss
        self.actions_["live_loss"].setChecked(self._preferences.live_loss)
        self.actions_.bind_toggle("reduce_motion", self._reduce_motion)
        self.actions_.bind_toggle("differences", self.model.differences.show)
        for overlay in OVERLAYS:
            bind(f"overlay_{overlay}", partial(self.model.overlays.show, overlay))
        bind("next_overlay", self.model.overlays.show_next)
        self.graph.overlay_button.offer(self.actions_.menu("overlay", self.graph))
        self.model.overlays.changed.connect(self._on_overlay)
        self.model.overlays.show(self._preferences.overlay)
        self.actions_.bind_toggle("backward_graph", self._show_backward)
        self.actions_["backward_graph"].setChecked(self._preferences.backward_graph)
        self._show_backward(self._preferences.backward_graph)
        self._on_overlay()
        for name, panel in self.panels.items():
            shown = panel.toggleViewAction()
            self.actions_.bind_toggle(f"show_{name}", panel.setVisible)
            shown.toggled.connect(self.actions_[f"show_{name}"].setChecked)
            self.actions_[f"show_{name}"].setChecked(shown.isChecked())
        for name in THEMES:
            bind(f"theme_{name}", partial(self._use_theme, name))
        for name in LANGUAGES:
            bind(f"language_{name}", partial(self._use_language, name))
        self.actions_["lock_panels"].setChecked(True)
        self.graph.reduce_motion = self._preferences.reduce_motion
        self.actions_["reduce_motion"].setChecked(self._preferences.reduce_motion)
        self.actions_[f"theme_{theme.name}"].setChecked(True)
        self.actions_[f"language_{current_language()}"].setChecked(True)

    # ── commands ──────────────────────────────────────────────────────────────────────────────────────────

    def _show_source(self, source: Source) -> None:
        self.panels["editor"].show()
        self.editor.show_source(source, self.model.current_event.phase if self.model.current_event else None)

    def _go_to_problem(self, source: Source) -> None:
        self._show_source(source)
        self.editor.focus_text()  # to mend it; who only looks at a line keeps the keys of the graph

    def _bring_up_problem(self, problem: Problem) -> None:
        if problem.severity == "error":
            self.messages.tabs.setCurrentIndex(0)
            self.panels["messages"].show()

    def _check_gradients(self) -> None:
        self.messages.tabs.setCurrentIndex(self.messages.indexOf(self.check))
        self.panels["messages"].show()
        self.model.check_gradients()

    def _switch_focus(self) -> None:
        if self.editor.isAncestorOf(self.focusWidget()):
            self.graph.setFocus()
        else:
            self.panels["editor"].show()
            self.editor.focus_text()

    def _on_focus(self) -> None:
        self.actions_["focus_end"].setEnabled(self.graph.focusing.active)

    def _on_places(self) -> None:
        """What can be moved, and what can go back."""
        pinning, key = self.graph.pinning, self.model.selected_key
        for way in WAYS:
            self.actions_[f"nudge_{way}"].setEnabled(bool(key))
        self.actions_["unpin"].setEnabled(pinning.selected_is_pinned)
        self.actions_["unpin_all"].setEnabled(bool(pinning.pins))

    def _toggle_breakpoint(self) -> None:
        """Sets or removes a breakpoint where the keyboard is: at the graph's selected node or a line."""
        if not self.graph.isAncestorOf(self.focusWidget()):
            self.editor.toggle_breakpoint()
        elif node := self.model.selected:
            self.model.breakpoints.toggle_node(node)
        else:
            self.show_message(self.tr("Select a node to set a breakpoint there"))

    def _add_breakpoint(self) -> None:
        self.panels["timeline"].show()
        self.timeline.add_breakpoint()

    def _find_origin(self) -> None:
        """Of the selected node, else of the one that the shown event happened to."""
        event = self.model.current_event
        node = self.model.selected or (self.model.nodes[event.node] if event is not None else None)
        if node is not None and self.model.started:
            self.model.find_origin(node)
        else:
            self.show_message(self.tr("Run a program and select a node whose numbers are not finite"))

    def _show_origin(self) -> None:
        if self.model.origins.stations:
            self.messages.tabs.setCurrentIndex(0)
            self.panels["messages"].show()

    def _tell_of_finite(self, name: str) -> None:
        self.show_message(self.tr("All numbers of {0} are finite at this moment").format(name))

    def _show_node_menu(self, place: QPoint) -> None:
        menu = QMenu(self)
        menu.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        if self.model.selected is not None:
            menu.addActions([self.actions_[name] for name in ("toggle_breakpoint", "find_origin")])
            menu.addSeparator()
        if self.actions_["unpin_all"].isEnabled():
            menu.addActions([self.actions_[name] for name in ("unpin", "unpin_all")])
            menu.addSeparator()
        menu.addActions([self.actions_[f"focus_{kind}"] for kind in FOCUS_KINDS])
        menu.addSeparator()
        menu.addAction(self.actions_["focus_end"])
        menu.popup(place)

    def _export_graph(self) -> None:
        kinds = self.tr("SVG picture (*.svg);;PDF document (*.pdf);;PNG picture (*.png)")
        ask_where(self, "graph.svg", kinds, lambda path: self._write(path, self._draw_graph))

    def _export_window(self) -> None:
        picture = self.grab().toImage()
        ask_where(
            self,
            "gradviz.png",
            self.tr("PNG picture (*.png)"),
            lambda path: self._write(path, lambda path: write_image(picture, path)),
        )

    def _save_run(self) -> None:
        name = f"{Path(self.editor.current_path()).stem}.gvtrace"
        ask_where(self, name, self.tr("Recorded runs (*.gvtrace)"), self.run_files.save)

    def _tell_absent(self, iteration: int) -> None:
        words = self.tr("Step {0} is not in this file. F5 runs the program, and computes all steps.")
        self.show_message(words.format(grouped(iteration + 1)))

    def _draw_graph(self, path: Path) -> None:
        write_graph(self.graph, path)

    def _write(self, path: Path, write: Callable[[Path], None]) -> None:
        try:
            write(path)
        except (OSError, ValueError) as problem:
            self.show_message(self.tr("{0} was not written: {1}").format(path, reason_of(problem)))
        else:
            self.show_message(self.tr("{0} written").format(path))

    def _choose_data(self) -> None:
        self._use_data(self.model.options.get("data"))  # until a folder has been chosen
        dialog = FileDialog(self, self.tr("Folder of MNIST's IDX files"), str(Path.home()))
        dialog.setFileMode(QFileDialog.FileMode.Directory)
        dialog.fileSelected.connect(self._use_data)
        dialog.open()

    def _use_data(self, folder: object) -> None:
        """What the next run trains on: a folder, or None for the sample."""
        if folder != self.model.options.get("data"):
            self.model.options["data"] = folder
            self.show_message(
                self.tr("The next run (F5) trains on {0}").format(folder or self.tr("the MNIST sample"))
            )
        self.actions_["data_folder" if folder else "data_sample"].setChecked(True)
        self.top.show_data()

    def _use_history(self, size: int) -> None:
        """The memory in MiB that the checkpoints of the next run may take."""
        self._preferences.history = size
        self.model.options["history_bytes"] = size << 20
        self.actions_[f"history_{size}"].setChecked(True)
        self.model.status_changed.emit()

    def _lock_panels(self, locked: bool) -> None:
        for panel in self.panels.values():
            panel.set_locked(locked)

    def _use_live_loss(self, on: bool) -> None:
        self._preferences.live_loss = on
        self.live_loss.enable(on)

    def _reduce_motion(self, reduced: bool) -> None:
        self._preferences.reduce_motion = reduced
        self.graph.reduce_motion = reduced

    def _on_overlay(self) -> None:
        self._preferences.overlay = self.model.overlays.shown
        self.actions_[f"overlay_{self.model.overlays.shown}"].setChecked(True)

    def _show_backward(self, shown: bool) -> None:
        self._preferences.backward_graph = shown
        self.model.overlays.show_backward(shown)

    def _turn_graph(self) -> None:
        self._preferences.direction = "down" if self.graph.direction == "right" else "right"
        self.graph.turn(self._preferences.direction)
        self._on_places()

    def _use_theme(self, name: str) -> None:
        self._preferences.theme = name
        theme.use(name)

    def _use_language(self, name: str) -> None:
        self._preferences.language = name
        use_language(name)

    # ── words ─────────────────────────────────────────────────────────────────────────────────────────────

    def changeEvent(self, event: QEvent) -> None:
        if event.type() == QEvent.Type.LanguageChange:
            self._retranslate()
        super().changeEvent(event)

    def _retranslate(self) -> None:
        self.actions_.retranslate()
        self.steering.refresh()
        titles = {
            "editor": self.tr("Editor"),
            "messages": self.tr("Problems, console, outline"),
            "inspector": self.tr("Inspector"),
            "timeline": self.tr("Timeline"),
            "plots": self.tr("Plots"),
        }
        for name, title in titles.items():
            self.panels[name].setWindowTitle(title)
        self._show_title()

    def _show_title(self) -> None:
        self.setWindowTitle(f"{Path(self.editor.current_path()).name}[*] — gradviz")
        self.setWindowModified(self.editor.modified)

    def paintEvent(self, event: QPaintEvent) -> None:
        # Nothing but the gaps between the panels shows the window itself.
        QPainter(self).fillRect(event.rect(), theme.color("background"))

    # ── keys, drops, the end ──────────────────────────────────────────────────────────────────────────────

    def event(self, event: QEvent) -> bool:
        overrides = event.type() == QEvent.Type.ShortcutOverride
        if overrides and isinstance(event, QKeyEvent) and self._focus_wants(event):
            event.accept()
            return True
        return super().event(event)

    def _focus_wants(self, key: QKeyEvent) -> bool:
        """Whether a key without Ctrl or Alt belongs to the widget with the focus rather than to a command.

        Text fields get what they can type. Reached with Tab, a button keeps Space and tabs keep the arrows.
        """
        focus = self.focusWidget()
        if focus is None or key.modifiers() not in _PLAIN:
            return False
        if focus.testAttribute(Qt.WidgetAttribute.WA_InputMethodEnabled):
            return key.key() < Qt.Key.Key_F1
        if not self.testAttribute(Qt.WidgetAttribute.WA_KeyboardFocusChange):
            return False
        return (isinstance(focus, QAbstractButton) and key.key() == Qt.Key.Key_Space) or (
            isinstance(focus, QTabBar) and key.key() in _TAB_KEYS
        )

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Esc that nobody else wants ends the graph's focus, from the outline for one."""
        if event.key() == Qt.Key.Key_Escape and self.graph.focusing.active:
            self.graph.focusing.end()
        else:
            super().keyPressEvent(event)

    def dragEnterEvent(self, event: QDragEnterEvent) -> None:
        if any(url.isLocalFile() for url in event.mimeData().urls()):
            event.acceptProposedAction()

    def dropEvent(self, event: QDropEvent) -> None:
        for url in event.mimeData().urls():
            if url.isLocalFile():
                self.editor.open_path(Path(url.toLocalFile()))
        event.acceptProposedAction()

    def closeEvent(self, event: QCloseEvent) -> None:
        self._preferences.grain, self._preferences.speed = self.model.grain, self.model.speed
        self._preferences.save()
        places.save_layout(self)
        self.editor.end()
        self.model.stop()
        super().closeEvent(event)
