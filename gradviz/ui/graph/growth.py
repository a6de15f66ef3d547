"""A level that has changed while it is on screen: what is known stays, what is new finds a place. No Qt here.

An iteration can hold operations that others lack (an evaluation every hundred steps, a branch). The picture
must not be shuffled then, so nothing is laid out anew but the newcomers among themselves.
"""

from __future__ import annotations

from gradviz.ui.graph.level import lay_out_level
from gradviz.ui.graph.routing import elbow, route, runs_free
from gradviz.ui.graph.tables import Rectangles
from gradviz.ui.graph.task import ANCHOR, GAP_X, GAP_Y, PADDING, Level, Link, Point, Rect, Task


def changed_level(task: Task, earlier: Level, shifts: dict[str, Point]) -> Level | None:
    """The level for `task`, like `earlier` wherever it can be; None where lines would run through members.

    Only what is right of or below a box that grew gives way. `shifts` says by how much the upper left corner
    of a box's content moved, seen from inside it.
    """
    rects = _kept(task, earlier, shifts)
    lines = _place_new(task, rects, earlier)
    left = min(0.0, min((rect.x for rect in rects.values()), default=0.0))
    top = min(0.0, min((rect.y for rect in rects.values()), default=0.0))
    right = max([earlier.width] + [rect.x + rect.width for rect in rects.values()])
    _place_anchors(task, rects, earlier, left, right)
    members = [rects[key] for key in task.sizes]
    obstacles = Rectangles({key: rects[key] for key in task.sizes}).corners
    for link, ends in task.links.items():
        if link not in lines and all(rects[key] == earlier.members.get(key) for key in ends):
            lines[link] = earlier.lines.get(link, [])
        if not lines.get(link):
            lines[link] = elbow(*_ends(task, link, rects, left, right))
        if not runs_free(lines[link], obstacles):
            lines[link] = route(*_ends(task, link, rects, left, right), members)
            if not runs_free(lines[link], obstacles):
                return None
    top = min([top] + [y for line in lines.values() for _, y in line])
    bottom = max([earlier.height] + [rect.y + rect.height for rect in rects.values()])
    bottom = max([bottom] + [y for line in lines.values() for _, y in line])
    lines = {link: [(x - left, y - top) for x, y in lines[link]] for link in task.links}
    moved = {key: rect.moved(-left, -top) for key, rect in rects.items()}
    return Level(right - left, bottom - top, moved, lines, shift=(left, top))


def _kept(task: Task, earlier: Level, shifts: dict[str, Point]) -> dict[str, Rect]:
    rects = {key: rect for key, rect in earlier.members.items() if key in task.sizes}
    for key in shifts.keys() & rects.keys():
        old = rects[key].moved(*shifts[key])
        wider = max(task.sizes[key][0] - old.width, 0.0)
        higher = max(task.sizes[key][1] - old.height, 0.0)
        for other, rect in rects.items():
            right = wider if rect.x >= old.x + old.width else 0.0
            down = higher if rect.y >= old.y + old.height else 0.0
            rects[other] = rect.moved(right, down)
        rects[key] = Rect(old.x, old.y, *task.sizes[key])
    return rects


def _place_new(task: Task, rects: dict[str, Rect], earlier: Level) -> dict[Link, list[Point]]:
    """Newcomers form a block of their own below the rest, right of what leads to them where there is room.
    Gives the lines between them."""
    sizes = {key: size for key, size in task.sizes.items() if key not in rects}
    if not sizes:
        return {}
    inner = {link: ends for link, ends in task.links.items() if set(ends) <= sizes.keys()}
    ports = {link: task.ports[link] for link in inner if link in task.ports}
    block = lay_out_level(Task(sizes, inner, {}, ports), aspect=2.0)
    producers = [rects[a] for a, b in task.links.values() if a in rects and b in sizes]
    after = max((rect.x + rect.width + GAP_X for rect in producers), default=0.0)
    room = max((rect.x + rect.width for rect in rects.values()), default=0.0) - block.width
    below = max([earlier.height] + [rect.y + rect.height for rect in rects.values()]) + 2 * GAP_Y
    x = min(after, max(room, 0.0))
    rects.update((key, block.members[key].moved(x, below)) for key in sizes)
    return {link: [(px + x, py + below) for px, py in block.lines[link]] for link in inner}


def _place_anchors(task: Task, rects: dict[str, Rect], earlier: Level, left: float, right: float) -> None:
    """Anchors keep their height, new ones take that of the first member they belong to."""
    for start, end in task.links.values():
        for anchor, other, x in ((start, end, left), (end, start, right - ANCHOR)):
            if anchor not in task.anchors or anchor in rects:
                continue
            known = earlier.members.get(anchor)
            near = rects.get(other)
            y = known.y if known else near.y + near.height / 2 if near else 0.0
            same_place = known is not None and (left == 0 if anchor is start else right == earlier.width)
            rects[anchor] = known if known and same_place else Rect(x, y, ANCHOR, ANCHOR)


def _ends(task: Task, link: Link, rects: dict[str, Rect], left: float, right: float) -> tuple[Point, Point]:
    """Where a line leaves, on the right of its start, and where it arrives, on the left of its end. Boxes are
    left and entered at the height of what is inside."""
    start, end = task.links[link]
    y0, y1 = task.heights(link, rects[start], rects[end])
    x0 = left - PADDING if start in task.anchors else rects[start].x + rects[start].width
    x1 = right + PADDING if end in task.anchors else rects[end].x
    return (x0, y0), (x1, y1)
