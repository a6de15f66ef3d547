"""From one picture of the graph to the next: what is in both goes its way, too short to be waited for."""

from __future__ import annotations

from dataclasses import astuple, replace

from PySide6.QtCore import QElapsedTimer, QObject, QTimer, Signal

from gradviz.ui.graph.camera import Camera
from gradviz.ui.graph.layout import ROOT, Placement, Request
from gradviz.ui.graph.task import Point, Rect

DURATION = 220
"""Milliseconds."""
FRAME = 16
MOST = 600
"""Cards and edges that can be moved within a frame; a larger picture changes at once."""


class Transition(QObject):
    """What is painted while it lasts lies between two pictures; everything else deals with the new one."""

    advanced = Signal()  # another frame is due

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._before = Placement()
        self._request = Request({})
        self._camera = Camera()
        self._clock = QElapsedTimer()
        self._frames = QTimer(self, interval=FRAME)
        self._frames.timeout.connect(self._on_frame)

    @property
    def active(self) -> bool:
        return self._frames.isActive()

    def start(self, before: Placement, camera: Camera, after: Placement, request: Request) -> None:
        """Begins at what was seen before, and how; unless nothing of that is seen any more. `after` is the
        answer to `request`."""
        many = max(len(picture.cards) + len(picture.edges) for picture in (before, after))
        if before is after or many > MOST or not before.cards.keys() & after.cards.keys():
            self.stop()
            return
        self._before, self._camera, self._request = before, replace(camera), request
        self._clock.start()
        self._frames.start()

    def stop(self) -> None:
        if self.active:
            self._frames.stop()
            self.advanced.emit()

    def now(self, after: Placement, camera: Camera) -> tuple[Placement, Camera]:
        """What is seen at this moment, and how."""
        time = min(self._clock.elapsed() / DURATION, 1.0)
        share = time * time * (3 - 2 * time)
        way = [b - a for a, b in zip(astuple(self._camera), astuple(camera), strict=True)]
        seen = Camera(*(a + share * b for a, b in zip(astuple(self._camera), way, strict=True)))
        return between(self._before, after, self._request, share), seen

    def _on_frame(self) -> None:
        if self._clock.elapsed() >= DURATION:
            self._frames.stop()
        self.advanced.emit()


def between(before: Placement, after: Placement, request: Request, share: float) -> Placement:
    """A picture on the way from one to the other, the answer to `request`: `share` of the way is done. What
    is new comes along with the box around it, and lines follow their ends."""
    earlier = {**before.scopes, **before.cards}
    moves: dict[str, Point] = {ROOT: (0.0, 0.0)}
    """How far cards and boxes still have to go."""

    def on_the_way(key: str, rect: Rect) -> Rect:
        moves[key] = moves[request.around(key)]
        width, height = rect.width, rect.height
        if (old := earlier.get(key)) is not None:
            moves[key] = (1 - share) * (old.x - rect.x), (1 - share) * (old.y - rect.y)
            width += (1 - share) * (old.width - width)
            height += (1 - share) * (old.height - height)
        dx, dy = moves[key]
        return Rect(rect.x + dx, rect.y + dy, width, height)

    return replace(
        after,
        scopes={key: on_the_way(key, rect) for key, rect in after.scopes.items()},  # outer ones come first
        cards={key: on_the_way(key, rect) for key, rect in after.cards.items()},
        edges={
            edge: _between_ends(line, *(moves[key] for key in edge)) for edge, line in after.edges.items()
        },
    )


def _between_ends(line: list[Point], start: Point, end: Point) -> list[Point]:
    """A line whose ends are moved; what lies between them is moved by a bit of both."""
    last = len(line) - 1
    shares = (index / last for index in range(len(line)))
    return [
        (x + start[0] * (1 - share) + end[0] * share, y + start[1] * (1 - share) + end[1] * share)
        for (x, y), share in zip(line, shares, strict=True)
    ]
