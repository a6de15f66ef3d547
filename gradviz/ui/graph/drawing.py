"""A diagram at its places: what is where, and painting it at any scale."""

from __future__ import annotations

from collections.abc import Iterable

import numpy as np
from PySide6.QtCore import QPointF, QRectF, Qt
from PySide6.QtGui import QColor, QPainter, QPen

from gradviz.ui.breakpoint_dot import draw_breakpoint
from gradviz.ui.graph.cards import (
    NAMED,
    READABLE,
    BlocksByLook,
    far_cards,
    paint_box,
    paint_card,
    paint_far_cards,
)
from gradviz.ui.graph.diagram import Diagram, Link, box_key
from gradviz.ui.graph.edges import EdgePaths, LinesByLook, far_edges, paint_edge, paint_far_edges
from gradviz.ui.graph.faces import Faces
from gradviz.ui.graph.focus import Spotlight
from gradviz.ui.graph.layout import Placement, Point, Rect
from gradviz.ui.theme import theme

MANY = 150
"""Edges in view from which they are drawn plainly unless they are near."""
MANY_MORE = 500
"""Cards or edges in view from which sorting out what is seen costs more than drawing all of them."""
FAINT = 0.25
"""Opacity of what steps back."""


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
        self.bounds = QRectF()
        self._rects: dict[str, QRectF] = {}
        self._paths: dict[tuple[str, str], EdgePaths] = {}
        self._card_keys: list[str] = []
        self._card_table = np.zeros((0, 4))
        self._edge_table = np.zeros((0, 4))
        self._far_edges: tuple[object, LinesByLook] = (None, {})
        self._far_cards: tuple[object, BlocksByLook] = (None, {})

    def show(self, diagram: Diagram, placement: Placement) -> None:
        """Takes a diagram and the answer to its request."""
        self.diagram = diagram
        if placement is not self.placement:
            self.placement = placement
            self._take_places(placement)

    def _take_places(self, placement: Placement) -> None:
        places = {**placement.scopes, **placement.cards}
        self._rects = {key: QRectF(*rect) for key, rect in places.items()}
        self._paths.clear()
        self.bounds = QRectF(*placement.bounds)
        self._card_keys = list(placement.cards)
        self._card_table = _table(placement.cards.values())
        self._edge_table = np.array([_reach(points) for points in placement.edges.values()]).reshape(-1, 4)
        self.hovered = ""

    def rect_of(self, key: str) -> QRectF:
        """Where a card or box is drawn; empty when it is not."""
        return self._rects.get(key, QRectF())

    def path_of(self, link: Link) -> EdgePaths | None:
        """How a link is drawn; None when it has no place yet. Made when it is first seen."""
        edge = (link.source, link.target)
        if edge not in self._paths and edge in self.placement.edges:
            self._paths[edge] = EdgePaths(self.placement.edges[edge])
        return self._paths.get(edge)

    def __contains__(self, key: str) -> bool:
        """Whether there is a card or an open box with that key."""
        return key in self._rects

    def card_at(self, point: QPointF) -> str:
        """Key of the card at a point of the drawing, or ""."""
        hit = _inside(self._card_table, [QRectF(point, point)])
        return self._card_keys[hit[-1]] if len(hit) else ""

    def boxes(self) -> list[tuple[str, str, str]]:
        """(key, title, detail) of the open boxes, outer ones first."""
        return [
            (box_key(path), scope.name, scope.description)
            for path in self.diagram.open_scopes
            for scope in [self.diagram.scopes[path]]
        ]

    def paint(self, painter: QPainter, areas: list[QRectF], scale: float) -> None:
        """Paints what lies in the areas; the painter is already scaled by `scale`."""
        for key, title, detail in self.boxes():
            rect = self._rects.get(key)
            if rect is not None and any(rect.intersects(area) for area in areas):
                painter.setOpacity(FAINT if self.spotlight and key not in self.spotlight.cards else 1.0)
                paint_box(painter, title, detail, rect, self.placement.titles[key], scale)
        painter.setOpacity(1.0)
        self._paint_edges(painter, _inside(self._edge_table, areas), scale)
        self._paint_cards(painter, _inside(self._card_table, areas), scale)
        if self.selected in self._rects:
            _paint_outline(painter, self._rects[self.selected], theme.color("selection"), scale)

    def _paint_edges(self, painter: QPainter, visible: np.ndarray, scale: float) -> None:
        if scale < READABLE and len(visible) > MANY:
            paint_far_edges(painter, self._edges_from_afar(visible, detailed=scale >= NAMED), scale)
            return
        for index in visible:
            link = self.diagram.links[index]
            paths = self.path_of(link)
            if paths is not None:
                painter.setOpacity(self._opacity_of_edge(link))
                paint_edge(painter, paths, self.faces.flow(link, detailed=scale >= NAMED), scale)
        painter.setOpacity(1.0)

    def _paint_cards(self, painter: QPainter, visible: np.ndarray, scale: float) -> None:
        keys = [self._card_keys[index] for index in visible]
        if scale < NAMED:
            paint_far_cards(painter, self._cards_from_afar(keys))
            keys = [key for key in keys if key in self.hits] if self.hits else []
        for key in keys:
            rect = self._rects[key]
            if scale >= NAMED:
                card = self.diagram.cards[key]
                painter.setOpacity(self._opacity(key))
                paint_card(painter, card, self.faces.face(card), rect, scale, self.words)
            if key in self.breakpoints:
                draw_breakpoint(painter, rect.topLeft() + QPointF(2, 2), enabled=self.breakpoints[key])
            if key == self.hovered:
                _paint_outline(painter, rect, theme.color("text", 0.35), scale, 1.0)
            elif key in self.hits:
                _paint_outline(painter, rect, theme.color("selection", 0.6), scale, 1.0)
        painter.setOpacity(1.0)

    def _opacity(self, key: str) -> float:
        """Of a card: whether it matches what is searched for, and is in the focus."""
        lit = self.spotlight is None or key in self.spotlight.cards
        return 1.0 if lit and (not self.hits or key in self.hits) else FAINT

    def _opacity_of_edge(self, link: Link) -> float:
        lit = self.spotlight is None or (link.source, link.target) in self.spotlight.edges
        return 1.0 if lit else FAINT

    def _edges_from_afar(self, visible: np.ndarray, *, detailed: bool) -> LinesByLook:
        """Sorted by look. Many are sorted once for all until something changes, so that panning is cheap."""
        links, edges = self.diagram.links, self.placement.edges
        every = len(visible) > MANY_MORE
        state = (self.faces.version, id(self.placement), detailed, self.spotlight)
        if every and self._far_edges[0] == state:
            return self._far_edges[1]
        shown = links if every else [links[index] for index in visible]
        lines = far_edges(
            (
                edges[link.source, link.target],
                self.faces.flow(link, detailed=detailed and not every),
                self._opacity_of_edge(link),
            )
            for link in shown
        )
        if every:
            self._far_edges = (state, lines)
        return lines

    def _cards_from_afar(self, visible: list[str]) -> BlocksByLook:
        every = len(visible) > MANY_MORE
        state = (self.faces.version, id(self.placement), self.spotlight, self.hits)
        if every and self._far_cards[0] == state:
            return self._far_cards[1]
        cards = [self.diagram.cards[key] for key in (self._card_keys if every else visible)]
        blocks = far_cards(
            (
                card,
                self.faces.face(card, detailed=False),
                self._rects[card.key],
                self._opacity(card.key),
            )
            for card in cards
        )
        if every:
            self._far_cards = (state, blocks)
        return blocks


def _table(rects: Iterable[Rect]) -> np.ndarray:
    """float [n, 4]: left, top, right, bottom."""
    rows = [(x, y, x + width, y + height) for x, y, width, height in rects]
    return np.array(rows, dtype=float).reshape(-1, 4)


def _reach(points: list[Point]) -> tuple[float, float, float, float]:
    """(left, top, right, bottom) around an edge, its gradient and its arrowheads."""
    xs, ys = [x for x, _ in points], [y for _, y in points]
    return min(xs) - 12, min(ys) - 12, max(xs) + 12, max(ys) + 12


def _inside(table: np.ndarray, areas: list[QRectF]) -> np.ndarray:
    """Indices of the rectangles that touch one of the areas."""
    left, top, right, bottom = table.T
    hit = np.zeros(len(table), dtype=bool)
    for area in areas:
        across = (left <= area.right()) & (right >= area.left())
        hit |= across & (top <= area.bottom()) & (bottom >= area.top())
    return np.flatnonzero(hit)


def _paint_outline(painter: QPainter, rect: QRectF, color: QColor, scale: float, width: float = 2.0) -> None:
    reach = 3.5 / min(scale, 1.0)
    painter.setBrush(Qt.BrushStyle.NoBrush)
    painter.setPen(QPen(color, width / min(scale, 1.0)))
    painter.drawRoundedRect(rect.adjusted(-reach, -reach, reach, reach), 8, 8)
