"""The graph view: brings model, layout, canvas and the small helpers on top of it together."""

from __future__ import annotations

import sys
from dataclasses import replace

from PySide6.QtCore import QEvent, QPoint, QRectF, Qt, Signal
from PySide6.QtGui import QHelpEvent, QImage, QKeyEvent, QPainter, QResizeEvent
from PySide6.QtWidgets import QToolTip, QWidget

from gradviz.trace import Node
from gradviz.trace.backward_graph import backward_key, backward_name, forward_key, is_backward
from gradviz.trace.folding import Folding, ancestors, fold
from gradviz.ui.graph.camera import Camera
from gradviz.ui.graph.canvas import Canvas
from gradviz.ui.graph.corners import place_corners
from gradviz.ui.graph.diagram import Diagram, box_key, readable_scopes
from gradviz.ui.graph.drafts import Draft, Drafts
from gradviz.ui.graph.faces import Faces
from gradviz.ui.graph.find import FindField
from gradviz.ui.graph.finder import Finder
from gradviz.ui.graph.focus import Focusing
from gradviz.ui.graph.focus_bar import FocusBar
from gradviz.ui.graph.layout import Direction
from gradviz.ui.graph.legend import Legend
from gradviz.ui.graph.marking import Marking
from gradviz.ui.graph.minimap import Minimap
from gradviz.ui.graph.navigation import neighbour
from gradviz.ui.graph.overlay_button import OverlayButton
from gradviz.ui.graph.pinning import Pinning
from gradviz.ui.graph.placer import Placer
from gradviz.ui.graph.scale import scale_of
from gradviz.ui.graph.tooltip import tooltip
from gradviz.ui.model import SPEEDS, SessionModel
from gradviz.ui.problem_words import message_of
from gradviz.ui.theme import theme

MOVING_UP_TO = 10
"""Steps a second up to which values travel; faster steps are only marked."""
MANY = 200
"""Changed cards beyond which everything is drawn again at once."""


class GraphView(QWidget):
    """The computation graph as of the model's moment. Selecting and opening boxes is done here; the rest of
    the window only ever sees `model.selected_key`."""

    menu_wanted = Signal(QPoint)  # the context menu of the selected node or box, at a place on screen

    def __init__(self, model: SessionModel, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.model = model
        self.reduce_motion = False
        """Marks what runs instead of moving it."""
        self._faces = Faces(model)
        self._diagram = Diagram(None)  # of the shown iteration; the canvas may still show an older one
        self._folding = Folding()  # of the shown iteration
        self._opened: set[str] = set()
        self._known_scopes: set[str] = set()
        self._auto_fit = True
        self._event = -1  # the event that the canvas shows
        self._failure: Exception | None = None  # why there is no picture of the iteration
        self._anchor: tuple[str, QRectF] | None = None

        self.canvas = Canvas(self._faces, self)
        self.find_field = FindField(self)
        self.finder = Finder(model, self.find_field, self)
        self._marking = Marking(model, self.canvas, self.finder, self)
        self.focusing = Focusing(model, self)
        self.focus_bar = FocusBar(self)
        self.overlay_button = OverlayButton(self)
        self.legend = Legend(self)
        self.minimap = Minimap(self.canvas, self)
        self._drafts = Drafts(self)
        self._placer = Placer(self)
        self.pinning = Pinning(model, self.canvas, self._placer, self)
        self.setFocusProxy(self.canvas)
        self.setMinimumSize(320, 240)

        self._drafts.made.connect(self._on_drafted)
        self._drafts.failed.connect(self._on_failed)
        self._placer.placed.connect(self._on_placed)
        self._placer.failed.connect(self._on_failed)
        self.canvas.clicked.connect(self._on_clicked)
        self.canvas.toggled.connect(self.toggle)
        self.canvas.menu_wanted.connect(self._on_menu_wanted)
        self.canvas.all_wanted.connect(self.open_all)
        self.canvas.looked_around.connect(self._on_looked_around)
        self.finder.chosen.connect(self.show_node)
        self.find_field.left.connect(self.canvas.setFocus)
        self.focusing.changed.connect(self._on_focus)
        self.focus_bar.ended.connect(self.focusing.end)
        self.find_field.resized.connect(self._place_corners)
        self.legend.words_changed.connect(self._place_corners)
        self.overlay_button.words_changed.connect(self._place_corners)
        model.restarted.connect(self._on_restarted)
        model.iteration_changed.connect(self._on_iteration)
        model.moment_changed.connect(self._on_moment)
        model.selection_changed.connect(self._on_selection)
        model.problems.node_wanted.connect(self.show_node)
        self._marking.problems_changed.connect(self._describe)
        self.pinning.changed.connect(self._on_pins)
        self.pinning.moving.connect(self._on_looked_around)
        model.summaries_changed.connect(self._on_summaries)
        model.differences.changed.connect(self._on_summaries)
        model.differences.shown_changed.connect(self._on_differences)
        model.overlays.changed.connect(self._on_overlay)
        model.overlays.backward_changed.connect(self._on_backward)
        model.branches.moved.connect(self._on_branch_moved)
        model.status_changed.connect(self._show_hint)
        theme.changed.connect(self._on_theme)
        self._retranslate()
        self._on_iteration()

    # ── what others call ──────────────────────────────────────────────────────────────────────────────────

    @property
    def placed(self) -> bool:
        """Whether the picture belongs to the model's iteration (False while it is being laid out, and where
        that failed)."""
        return self._placer.settled and not self._drafts.busy and self._failure is None

    def fit(self) -> None:
        """Shows the whole graph, and keeps doing so until somebody pans or zooms."""
        self._auto_fit = True
        self.canvas.fit()

    def actual_size(self) -> None:
        """Shows the graph at 100 %."""
        self._auto_fit = False
        self.canvas.actual_size()

    def turn(self, direction: Direction) -> None:
        """Lays the graph out from left to right, or from top to bottom."""
        if direction != self.pinning.direction:
            self.pinning.direction = direction
            self._auto_fit = True
            self._draw(keep=False)

    @property
    def direction(self) -> Direction:
        """Where data flows to."""
        return self.pinning.direction

    def find_node(self) -> None:
        """Puts the cursor into the find field."""
        self.find_field.start()

    def toggle(self, key: str) -> None:
        """Opens or closes the scope with that key (its path and "/")."""
        path = key.removesuffix("/")
        if path not in self._folding.scopes:
            return
        anchor = self.pinning.anchor_near(key)
        self._anchor = (anchor, self.canvas.camera.to_screen(self.canvas.drawing.rect_of(anchor)))
        self._opened ^= {path}
        self._draw(keep=False)

    def open_all(self, key: str) -> None:
        """Opens the scope with that key and all scopes in it; "" opens everything."""
        path = key.removesuffix("/")
        scopes = self._folding.scopes
        inside = {known for known in scopes if not path or known == path or known.startswith(f"{path}.")}
        self._opened |= inside
        self._draw(keep=False)

    def picture(self, scale: float = 2.0) -> QImage:
        """The whole graph as it stands, `scale` pixels for one at 100 %, for export."""
        bounds = self.canvas.bounds.adjusted(-24, -24, 24, 24)
        scale = min(scale, 16_000 / max(bounds.width(), bounds.height()))
        image = QImage((bounds.size() * scale).toSize(), QImage.Format.Format_ARGB32_Premultiplied)
        image.fill(theme.color("background"))
        painter = QPainter(image)
        camera = Camera(scale, -bounds.x() * scale, -bounds.y() * scale)
        self.canvas.paint_drawing(painter, bounds, camera)
        painter.end()
        return image

    # ── from iteration to picture ─────────────────────────────────────────────────────────────────────────

    def _on_restarted(self) -> None:
        self._opened, self._known_scopes = set(), set()
        self.focusing.end()
        self._faces.forget()
        self._placer.forget()
        self._clear()

    def _clear(self) -> None:
        """Nothing to show."""
        self._drafts.cancel()
        self._placer.clear()
        self._diagram = Diagram(None)
        self._take()
        self.minimap.redraw()

    def _on_iteration(self) -> None:
        iteration = self.model.iteration
        self._folding = folding = fold(iteration) if iteration else Folding()
        new = folding.scopes.keys() - self._known_scopes
        if new:
            self._opened |= new & readable_scopes(folding)
            self._known_scopes |= new
        self._draw(keep=True)

    def _draw(self, *, keep: bool) -> None:
        """Asks for the diagram of the shown iteration with the open boxes. Until it comes and has its
        places, the last picture stays as it is."""
        room = self.canvas.room
        aspect = max(min(room.width() / max(room.height(), 1), 3.0), 0.7)
        self._drafts.ask(
            self.model.iteration,
            self._opened,
            self._folding,
            aspect,
            self.direction,
            backward=self.model.overlays.backward,
            keep=keep,
        )

    def _on_drafted(self, draft: Draft) -> None:
        """Shows a diagram at once where the picture on screen has places for it, else asks for them."""
        diagram = draft.diagram
        if not diagram.cards:
            self._clear()
            return
        self._diagram = diagram
        self.model.close_scopes(frozenset(diagram.scopes) - diagram.opened)
        complete = self.model.iteration is None or self.model.iteration.complete
        request = self.pinning.pinned(draft.request)
        if self._placer.place(request, keep=draft.keep, complete=complete):
            self._take()

    def _on_pins(self) -> None:
        if self._diagram.cards:
            self._draw(keep=True)

    def _on_placed(self) -> None:
        before, seen = self.canvas.drawing.placement, replace(self.canvas.camera)
        self._take()
        if self._auto_fit:
            self.canvas.fit()
        elif self._anchor is not None:
            key, place = self._anchor
            after = self.canvas.camera.to_screen(self.canvas.drawing.rect_of(key))
            self.canvas.camera.pan(place.x() - after.x(), place.y() - after.y())
        self._anchor = None
        self.minimap.redraw()
        if not self.reduce_motion and self._placer.request is not None:
            self.canvas.transition.start(before, seen, self._placer.placement, self._placer.request)

    def _on_failed(self, error: Exception) -> None:
        """The last picture stays, and says that it is not the one that was asked for."""
        self._failure = error
        self._say_failure()
        sys.excepthook(type(error), error, error.__traceback__)

    def _say_failure(self) -> None:
        notice = ""
        if self._failure is not None:
            notice = self.tr(
                "This graph could not be laid out ({0}). What you see is the last picture; "
                "opening or closing a box, or another iteration, tries again."
            ).format(self._failure)
        if notice != self.canvas.notice:
            self.canvas.notice = notice
            self.canvas.redraw()
            self._describe()

    def _take(self) -> None:
        self._failure = None
        self._say_failure()
        self._event = self.model.moment.event
        self._faces.show(self._diagram)
        self.canvas.show_diagram(self._diagram, self._placer.placement)
        self._marking.show(self._diagram)
        self.canvas.drawing.pinned = set(self._placer.request.pins) if self._placer.request else set()
        self._show_focus()
        self._on_selection()
        self._show_hint()
        self._show_overlay()

    # ── from moment to picture ────────────────────────────────────────────────────────────────────────────

    def _on_moment(self) -> None:
        if not self.placed or self.model.iteration is None:
            return
        before, self._event = self._event, self.model.moment.event
        if before == self._event:
            return
        low, high = sorted((before, self._event))
        passed = self.model.iteration.events[max(low, 0) : high + 1]
        shown = (self._diagram.card_of(node) for node in {event.node for event in passed})
        cards = {card.key for card in shown if card is not None}
        cards |= {key for key in map(backward_key, cards) if key in self._diagram.cards}
        links = self._faces.touch(cards)
        if len(cards) > MANY:
            self.canvas.redraw()
        else:
            self.canvas.update_cards(cards, links)
        if self._event == before + 1:
            self._travel()
        else:
            self.canvas.travel.stop()

    def _travel(self) -> None:
        """Values move along the edges by which the running node got them."""
        model, event = self.model, self.model.current_event
        too_fast = model.playing and SPEEDS[model.speed] > MOVING_UP_TO
        card = self._diagram.card_of(event.node) if event is not None else None
        if event is None or card is None or too_fast or self.reduce_motion or not self.isVisible():
            self.canvas.travel.stop()
            return
        paths = []
        backward = backward_key(card.key)
        links_at = self._diagram.links_at
        for link in (*links_at.get(card.key, ()), *links_at.get(backward, ())):
            drawn = self.canvas.drawing.path_of(link)
            if drawn is None:
                continue
            going = event.phase == "forward" and link.target == card.key
            returning = link.backward and event.phase == "backward" and link.target == backward
            beside = event.phase == "backward" and link.source == card.key
            if going or returning:
                paths.append(drawn.forward)
            elif beside and self._faces.flow(link).backward:
                paths.append(drawn.backward)
        self.canvas.travel.start(paths, event.phase)

    def _on_summaries(self) -> None:
        waiting = self._faces.answered()
        if len(waiting) > MANY:
            self.canvas.redraw()
            return
        links = self._diagram.link_between
        self.canvas.update_cards(
            {key for key in waiting if isinstance(key, str)},
            [links[key] for key in waiting if isinstance(key, tuple) and key in links],
        )

    def _on_differences(self) -> None:
        """Cards say something else now."""
        self._faces.touch_all()
        self.canvas.redraw()

    def _on_overlay(self) -> None:
        self._on_differences()
        self._show_overlay()

    def _on_backward(self) -> None:
        """Every card becomes a pair, or a card again: the picture is another one."""
        self._auto_fit = True
        self._draw(keep=False)

    def _show_overlay(self) -> None:
        """Says which overlay it is, and what its colours, widths and bars mean."""
        self.overlay_button.say(self.model.overlays.shown)
        self.legend.explain(scale_of(self._faces.readings))

    def _on_branch_moved(self) -> None:
        if self.model.differences.shown:
            self._on_differences()

    # ── selection ─────────────────────────────────────────────────────────────────────────────────────────

    def _on_selection(self) -> None:
        before, self.canvas.drawing.selected = (
            self.canvas.drawing.selected,
            self._visible(self.model.selected_key),
        )
        if self.canvas.drawing.selected == before:
            return
        ends = {before, self.canvas.drawing.selected}
        self.canvas.update_outlines(ends | set(map(self._diagram.partner, ends)))
        if self.canvas.drawing.selected:
            self.canvas.reveal(self.canvas.drawing.selected)
        self._describe()

    def _visible(self, key: str | None) -> str:
        """The card or box that stands for a selected key, or ""."""
        if not key:
            return ""
        if key in self._diagram.cards or key.removesuffix("/") in self._diagram.open_scopes:
            return key
        node = self.model.node(key)
        card = self._diagram.card_of(node.id) if node else None
        if card is None:
            return ""
        return (self._diagram.partner(card.key) if is_backward(key) else "") or card.key

    def _on_clicked(self, key: str) -> None:
        self.model.select(key or None)

    def _on_menu_wanted(self, key: str, place: QPoint) -> None:
        before = self.model.selected_key
        self.model.select(key or None)
        if key:
            self.focusing.come_from(before if before and before != key else "")
            self.menu_wanted.emit(place)

    def show_node(self, node: Node) -> None:
        """Selects a node, and opens the scopes around it if it is hidden."""
        folding = self._folding
        hidden = set(ancestors(folding.of[node.id], folding.scopes)) - self._opened
        if hidden:
            self._opened |= hidden
            self._draw(keep=False)
        self.model.select(node.key)
        self.canvas.reveal(self._visible(node.key))

    # ── focus ─────────────────────────────────────────────────────────────────────────────────────────────

    def _on_focus(self) -> None:
        """Something else stands out; the picture on screen may be of an older diagram until `_take`."""
        if self.placed:
            self._show_focus()

    def _show_focus(self) -> None:
        self.focusing.show(self._diagram)
        if self.focusing.spotlight != self.canvas.drawing.spotlight:
            self.canvas.drawing.spotlight = self.focusing.spotlight
            self.canvas.redraw()
        self._say_focus()

    def _say_focus(self) -> None:
        words = self.focusing.words()
        if words != self.focus_bar.words:
            self.focus_bar.say(words)
            self._place_corners()
        self._describe()

    # ── keys ──────────────────────────────────────────────────────────────────────────────────────────────

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Alt and an arrow walk along the edges; Enter opens and closes, with Alt also all boxes inside;
        Backspace goes up. Space and plain arrows are the transport's."""
        key, modifiers = event.key(), event.modifiers()
        control = bool(modifiers & Qt.KeyboardModifier.ControlModifier)
        box = forward_key(self.canvas.drawing.selected)
        arrows = {
            Qt.Key.Key_Left: "left",
            Qt.Key.Key_Right: "right",
            Qt.Key.Key_Up: "up",
            Qt.Key.Key_Down: "down",
        }
        if modifiers == Qt.KeyboardModifier.AltModifier and key in arrows:
            self._walk(arrows[Qt.Key(key)])
        elif control and key == Qt.Key.Key_F:
            self.find_node()
        elif control and key == Qt.Key.Key_0:
            self.actual_size()
        elif key == Qt.Key.Key_F and not modifiers:
            self.fit()
        elif key in (Qt.Key.Key_Return, Qt.Key.Key_Enter) and box.endswith("/"):
            whole = modifiers & Qt.KeyboardModifier.AltModifier
            (self.open_all if whole else self.toggle)(box)
        elif key == Qt.Key.Key_Backspace:
            self._go_up()
        elif key == Qt.Key.Key_Escape and self.focusing.active:
            self.focusing.end()
        elif key == Qt.Key.Key_Escape and self.model.selected_key:
            self.model.select(None)
        else:
            event.ignore()

    def _walk(self, direction: str) -> None:
        target = neighbour(
            self._diagram, self.canvas.drawing.placement, self.canvas.drawing.selected, direction
        )
        if target:
            self.model.select(target)

    def _go_up(self) -> None:
        """Closes the scope around the selection and selects it."""
        selected = self.canvas.drawing.selected
        card = self._diagram.cards.get(selected)
        path = card.scope if card else selected.removesuffix("/")
        if path in self._diagram.open_scopes:
            self.toggle(box_key(path))
            self.model.select(box_key(path))

    # ── frame ─────────────────────────────────────────────────────────────────────────────────────────────

    def resizeEvent(self, event: QResizeEvent) -> None:
        self._place_corners()

    def _place_corners(self) -> None:
        self.canvas.setGeometry(self.rect())
        self.canvas.margins = place_corners(
            self.size(), self.find_field, self.focus_bar, self.overlay_button, self.legend, self.minimap
        )
        if self._auto_fit:
            self.canvas.fit()

    def event(self, event: QEvent) -> bool:
        if event.type() == QEvent.Type.ToolTip and isinstance(event, QHelpEvent):
            self._show_tooltip(event.pos(), event.globalPos())
            return True
        return super().event(event)

    def _show_tooltip(self, position: QPoint, screen: QPoint) -> None:
        key = self.canvas.key_at(position.toPointF())
        text = tooltip(self._diagram, key, self._marking.problems.get(key))
        QToolTip.showText(screen, text, self) if text else QToolTip.hideText()

    def changeEvent(self, event: QEvent) -> None:
        if event.type() == QEvent.Type.LanguageChange:
            self._retranslate()
        super().changeEvent(event)

    def _on_looked_around(self) -> None:
        self._auto_fit = False

    def _on_theme(self) -> None:
        self._faces.touch_all()
        self.canvas.theme_changed()
        self.find_field.theme_changed()
        self.minimap.redraw()
        self.legend.update()

    def _retranslate(self) -> None:
        self.canvas.drawing.words = {
            "pending": self.tr("not yet"),
            "parameters": self.tr("{0} parameters"),
            "scalar": self.tr("scalar"),
            "functions": self.tr("{0} backward"),
        }
        self.canvas.setAccessibleName(self.tr("Computation graph"))
        self._show_overlay()
        self._show_hint()
        self._say_failure()
        self._say_focus()

    def _show_hint(self) -> None:
        model = self.model
        if model.status.state == "failed":
            hint = self.tr("The program failed before its first operation\nProblems says where and why.")
        elif not model.started:
            hint = self.tr("Press Space to run the program\nIts operations appear here, with their numbers.")
        elif model.status.state == "running" or model.iteration is None:
            hint = self.tr("The program is running\nIts graph appears with its first operation.")
        else:
            hint = self.tr("No operations yet\nThe program has not computed with tensors so far.")
        if hint != self.canvas.hint:
            self.canvas.hint = hint
            if self.canvas.bounds.isEmpty():  # else there is a picture in its place
                self.canvas.redraw()

    def _describe(self) -> None:
        """For screen readers: what is selected, and what the graph is focused on."""
        node = self.model.selected
        name = node.qualified_name if node else ""
        if node and is_backward(self.model.selected_key or ""):
            name = self.tr("{0}, backward of {1}").format(backward_name(node), name)
        selected = self.tr("Selected: {0}").format(name) if name else ""
        problem = self._marking.problems.get(self.canvas.drawing.selected)
        wrong = message_of(problem) if problem is not None else ""
        words = (self.canvas.notice, selected, wrong, self.focusing.words())
        self.canvas.setAccessibleDescription(". ".join(filter(None, words)))
