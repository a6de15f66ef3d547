"""A diagram at its places: what is where, and painting it at any scale."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from copy import copy
from functools import partial

import numpy as np
from PySide6.QtCore import QPointF, QRectF, Qt
from PySide6.QtGui import QColor, QPainter, QPen, QTransform

from gradviz.ui.breakpoint_dot import draw_breakpoint
from gradviz.ui.glyphs import draw_severity
from gradviz.ui.graph.boxes import has_summary, has_title, paint_box, paint_far_boxes, paint_summary
from gradviz.ui.graph.cards import (
    NAMED,
    READABLE,
    paint_card,
)
from gradviz.ui.graph.diagram import Diagram, Link
from gradviz.ui.graph.edges import EdgePaths, paint_edge
from gradviz.ui.graph.faces import Faces
from gradviz.ui.graph.far import (
    FAINT,
    CardLook,
    EdgeLook,
    Looks,
    card_look,
    edge_look,
    paint_far_cards,
    paint_far_edges,
)
from gradviz.ui.graph.focus import Spotlight
from gradviz.ui.graph.layout import HEADER, Placement
from gradviz.ui.graph.pin_sign import draw_pin
from gradviz.ui.graph.tables import Area
from gradviz.ui.theme import theme

MANY = 150
"""Cards or edges in an area from which it is crowded."""
MANY_MORE = 500
"""Edges in a crowded area from which they are drawn plainly even if they are near."""
LEAST_BOX = 3.0
"""Pixels on screen below which a box is not drawn."""


LEAST_SIGN = 0.8
"""Scale below which the sign of a problem gets no smaller on screen."""


class Drawing:
    """Cards, boxes and edges of a placed diagram. Faces and flows are asked for as they come into view."""

    def __init__(self, faces: Faces) -> None:
        self.faces = faces
        self.diagram = Diagram(None)
        self.placement = Placement()
        self.words: dict[str, str] = {}
        """Translated texts that cards carry."""
        self.selected = ""
        self.hovered = ""
        self.hits: set[str] = set()
        """Cards that match what is searched for; the others step back."""
        self.spotlight: Spotlight | None = None
        """What the graph is focused on; the others step back."""
        self.breakpoints: dict[str, bool] = {}
        """Cards of nodes with a breakpoint, and whether it is switched on."""
        self.problems: dict[str, str] = {}
        """Cards of nodes that a problem names, and how severe it is."""
        self.pinned: set[str] = set()
        """Cards and boxes that somebody has put where they are."""
        self._paths: dict[tuple[str, str], EdgePaths] = {}
        self._edge_looks, self._card_looks = Looks[EdgeLook](), Looks[CardLook]()

    def show(self, diagram: Diagram, placement: Placement) -> None:
        """Takes a diagram and the answer to its request."""
        self.diagram = diagram
        if placement is not self.placement:
            self.placement = placement
            self._paths.clear()
            self.hovered = ""

    def at(self, placement: Placement) -> Drawing:
        """The same with everything at other places."""
        other = copy(self)
        other.placement = placement
        other._paths = {}
        other._edge_looks, other._card_looks = Looks[EdgeLook](), Looks[CardLook]()
        return other

    @property
    def bounds(self) -> QRectF:
        """Around everything."""
        return QRectF(*self.placement.bounds)

    def rect_of(self, key: str) -> QRectF:
        """Where a card or box is drawn; empty when it is not."""
        rect = self.placement.cards.get(key) or self.placement.scopes.get(key)
        return QRectF(*rect) if rect else QRectF()

    def path_of(self, link: Link) -> EdgePaths | None:
        """How a link is drawn; None when it has no place yet. Made when it is first seen."""
        edge = (link.source, link.target)
        if edge not in self._paths and edge in self.placement.edges:
            self._paths[edge] = EdgePaths(self.placement.edges[edge])
        return self._paths.get(edge)

    def changing_part(self, key: str) -> QRectF:
        """The part of a card or box that says something else at another moment."""
        rect = self.rect_of(key)
        if key in self.placement.scopes:
            rect.setHeight(min(HEADER, rect.height()))
        return rect

    def __contains__(self, key: str) -> bool:
        """Whether there is a card or an open box with that key."""
        return key in self.placement.cards or key in self.placement.scopes

    def card_at(self, point: QPointF) -> str:
        """Key of the card at a point of the drawing, or ""."""
        hit = self.placement.card_table.keys_touching([_area(QRectF(point, point))])
        return hit[-1] if hit else ""

    def boxes_at(self, point: QPointF) -> list[str]:
        """Keys of the open boxes around a point of the drawing, outer ones first."""
        return self.placement.scope_table.keys_touching([_area(QRectF(point, point))])

    def crowded(self, area: QRectF) -> bool:
        """Whether there is so much in an area that it takes a while to paint it."""
        seen = [_area(area)]
        if len(self.placement.card_table.touching(seen)) > MANY:
            return True
        return len(self.placement.lines.touching(seen)) > MANY

    def paint(self, painter: QPainter, areas: list[QRectF], scale: float, *, crowded: bool = False) -> None:
        """Paints what lies in the areas; the painter is already scaled by `scale`. `crowded`: edges plainly,
        unless they are few and near."""
        seen = [_area(area) for area in areas]
        self._paint_boxes(painter, self.placement.scope_table.keys_touching(seen), scale)
        self._paint_edges(painter, seen, scale, crowded)
        self._paint_cards(painter, seen, scale)
        if scale >= NAMED:
            for key in self.pinned:
                if key in self:
                    draw_pin(painter, self.rect_of(key).topRight())

    def paint_outlines(self, painter: QPainter, scale: float) -> None:
        """Paints what marks the selected and the hovered card, on top of everything."""
        if self.selected in self:
            _paint_outline(painter, self.rect_of(self.selected), theme.color("selection"), scale)
        if self.hovered in self.diagram.cards and self.hovered != self.selected:
            _paint_outline(painter, self.rect_of(self.hovered), theme.color("text", 0.35), scale, 1.0)
        for key, alpha in ((self.selected, 0.6), (self.hovered, 0.35)):
            if partner := self.diagram.partner(key):
                _paint_outline(painter, self.rect_of(partner), theme.color("backward", alpha), scale, 1.5)

    def _paint_boxes(self, painter: QPainter, keys: list[str], scale: float) -> None:
        groups: dict[float, list[QRectF]] = {}
        for key in keys:
            scope, rect = self.diagram.scopes.get(key.removesuffix("/")), self.rect_of(key)
            opacity = FAINT if self.spotlight and key not in self.spotlight.cards else 1.0
            if scope is None or rect.height() * scale < LEAST_BOX:
                continue
            if has_title(scale):
                painter.setOpacity(opacity)
                room = self.placement.titles[key]
                line = paint_box(painter, scope.name, rect, room, scale)
                if has_summary(scale):
                    card = self.diagram.box(key)
                    paint_summary(painter, card, self.faces.face(card), line, self.words)
            else:
                groups.setdefault(opacity, []).append(rect)
        for opacity, rects in groups.items():
            painter.setOpacity(opacity)
            paint_far_boxes(painter, rects, scale)
        painter.setOpacity(1.0)

    def _paint_edges(self, painter: QPainter, seen: list[Area], scale: float, crowded: bool) -> None:
        lines = self.placement.lines
        pieces = lines.pieces_touching(seen)
        visible = np.unique(lines.owners[pieces])
        if crowded and (scale < READABLE or len(visible) > MANY_MORE):
            self._paint_far_edges(painter, pieces, seen, scale)
            return
        for index in visible.tolist():
            link = self.diagram.links[index]
            paths = self.path_of(link)
            if paths is not None:
                painter.setOpacity(self._opacity_of_edge(link))
                paint_edge(painter, paths, self.faces.flow(link, detailed=scale >= NAMED), scale)
        painter.setOpacity(1.0)

    def _paint_cards(self, painter: QPainter, seen: list[Area], scale: float) -> None:
        table = self.placement.card_table
        visible = table.touching(seen)
        keys = [table.keys[index] for index in visible.tolist()]
        if scale < NAMED:
            looks = self._card_looks.of(visible, len(table.keys), self._state, self._card_look)
            with _unscaled(painter):
                kinds = self._card_looks.kinds
                paint_far_cards(painter, table.corners[visible], looks, kinds, scale, _around(seen))
            keys = [key for key in keys if key in self.hits or key in self.problems]
        for key in keys:
            rect = self.rect_of(key)
            if scale >= NAMED:
                card = self.diagram.cards[key]
                painter.setOpacity(self._opacity(key))
                paint_card(painter, card, self.faces.face(card), rect, scale, self.words)
            if key in self.breakpoints:
                draw_breakpoint(painter, rect.topLeft() + QPointF(2, 2), enabled=self.breakpoints[key])
            if key in self.problems:
                _paint_sign(painter, self.problems[key], rect.topRight() + QPointF(-2, 2), scale)
            if key in self.hits:
                _paint_outline(painter, rect, theme.color("selection", 0.6), scale, 1.0)
        painter.setOpacity(1.0)

    def _opacity(self, key: str) -> float:
        """Of a card: whether it matches what is searched for, and is in the focus."""
        lit = self.spotlight is None or key in self.spotlight.cards
        return 1.0 if lit and (not self.hits or key in self.hits) else FAINT

    def _opacity_of_edge(self, link: Link) -> float:
        lit = self.spotlight is None or (link.source, link.target) in self.spotlight.edges
        return 1.0 if lit else FAINT

    # ── from afar ─────────────────────────────────────────────────────────────────────────────────────────

    @property
    def _state(self) -> tuple[object, ...]:
        """While this is the same, everything looks the same from afar."""
        return self.faces.version, id(self.placement), self.spotlight, frozenset(self.hits)

    def _paint_far_edges(self, painter: QPainter, pieces: np.ndarray, seen: list[Area], scale: float) -> None:
        lines = self.placement.lines
        detailed = scale >= NAMED
        find = partial(self._edge_look, detailed=detailed)
        state = (self._state, detailed)
        looks = self._edge_looks.of(lines.owners[pieces], len(self.diagram.links), state, find)
        with _unscaled(painter):
            kinds = self._edge_looks.kinds
            paint_far_edges(painter, lines.pieces[pieces], looks, kinds, scale, _around(seen))

    def _edge_look(self, index: int, *, detailed: bool) -> EdgeLook:
        link = self.diagram.links[index]
        return edge_look(self.faces.flow(link, detailed=detailed), self._opacity_of_edge(link))

    def _card_look(self, index: int) -> CardLook:
        key = self.placement.card_table.keys[index]
        card = self.diagram.cards[key]
        return card_look(card, self.faces.face(card, detailed=False), self._opacity(key))


@contextmanager
def _unscaled(painter: QPainter) -> Iterator[None]:
    """Whole pixels of the screen from the drawing's origin, instead of the drawing's own."""
    painter.save()
    origin = painter.transform().map(QPointF(0, 0)).toPoint()
    painter.setTransform(QTransform.fromTranslate(origin.x(), origin.y()))
    painter.setRenderHint(QPainter.RenderHint.Antialiasing, False)
    yield
    painter.restore()


def _around(areas: list[Area]) -> Area:
    left, top, right, bottom = zip(*areas, strict=True)
    return min(left), min(top), max(right), max(bottom)


def _area(rect: QRectF) -> Area:
    return rect.left(), rect.top(), rect.right(), rect.bottom()


def _paint_sign(painter: QPainter, severity: str, center: QPointF, scale: float) -> None:
    """The sign of a problem, which from afar stays large enough to be seen."""
    painter.save()
    painter.translate(center)
    size = max(1.0, LEAST_SIGN / scale)
    painter.scale(size, size)
    draw_severity(painter, severity, QPointF())
    painter.restore()


def _paint_outline(painter: QPainter, rect: QRectF, color: QColor, scale: float, width: float = 2.0) -> None:
    reach = 3.5 / min(scale, 1.0)
    painter.setBrush(Qt.BrushStyle.NoBrush)
    painter.setPen(QPen(color, width / min(scale, 1.0)))
    painter.drawRoundedRect(rect.adjusted(-reach, -reach, reach, reach), 8, 8)
