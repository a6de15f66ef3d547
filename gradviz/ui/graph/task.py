"""What one level of the layout is asked, and what it answers. No Qt here."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any, NamedTuple

Point = tuple[float, float]
Size = tuple[float, float]
Link = tuple[str, str]
"""(card that the value comes from, member or anchor that it leads to)."""

GAP_X, GAP_Y, LANE = 18.0, 16.0, 9.0
PADDING = 12.0
ANCHOR = 2.0


class Rect(NamedTuple):
    """In pixels at 100 %; (x, y) is the upper left corner."""

    x: float
    y: float
    width: float
    height: float

    def moved(self, dx: float, dy: float) -> Rect:
        return Rect(self.x + dx, self.y + dy, self.width, self.height)


@dataclass(frozen=True)
class Task:
    """What is to be laid out. Anchors are where links cross the border: "first" on the left, "last" right."""

    sizes: dict[str, Size]
    links: dict[Link, tuple[str, str]]
    """Link → the members or anchors between which it is drawn."""
    anchors: dict[str, str]
    ports: dict[Link, dict[str, Any]] = field(default_factory=dict)
    """graphlay's port hints: at which height a link leaves or enters a member that is a box."""

    def ported(self, link: Link) -> list[str]:
        """The ends of a link that have a port hint."""
        start, end = self.links[link]
        hints = self.ports.get(link, {})
        return [key for key, hint in ((start, "source_port"), (end, "target_port")) if hint in hints]

    def heights(self, link: Link, start: Rect, end: Rect) -> tuple[float, float]:
        """At which y a link leaves its start and enters its end, where those are at these places."""
        hints = self.ports.get(link, {})
        shares = (
            hints[name]["offset"]["t"] if name in hints else 0.0 for name in ("source_port", "target_port")
        )
        source, target = shares
        return start.y + start.height / 2 * (1 + source), end.y + end.height / 2 * (1 + target)


@dataclass
class Level:
    """The answer, in coordinates of its own: the content's upper left corner is (0, 0).

    Lines of anchors end `PADDING` outside of the content, at the border of the box around it.
    """

    width: float
    height: float
    members: dict[str, Rect]
    lines: dict[Link, list[Point]]
    ranks: dict[str, int] = field(default_factory=dict)
    shift: Point = (0.0, 0.0)
    """Where the upper left corner is in the coordinates of the earlier level, whose members were kept."""

    def extent(self, aspect: float) -> float:
        """Width of the smallest window of that aspect that holds it."""
        return max(self.width, self.height * aspect)
