"""A level that has changed while it is on screen: what is known stays, what is new finds a place. No Qt here.

An iteration can hold operations that others lack (an evaluation every hundred steps, a branch). The picture
must not be shuffled then, so nothing is laid out anew but the newcomers among themselves.
"""

from __future__ import annotations

from gradviz.ui.graph.level import ANCHOR, GAP_X, GAP_Y, PADDING, Level, Point, Rect, Task, lay_out_level

_STUB = 10.0


def changed_level(task: Task, earlier: Level, shifts: dict[str, Point]) -> Level:
    """The level for `task`, like `earlier` wherever it can be.

    Only what is right of or below a box that grew gives way. `shifts` says by how much the upper left corner
    of a box's content moved, seen from inside it.
    """
    rects = _kept(task, earlier, shifts)
    _place_new(task, rects)
    left = min(0.0, min((rect.x for rect in rects.values()), default=0.0))
    top = min(0.0, min((rect.y for rect in rects.values()), default=0.0))
    right = max([earlier.width] + [rect.x + rect.width for rect in rects.values()])
    bottom = max([earlier.height] + [rect.y + rect.height for rect in rects.values()])
    _place_anchors(task, rects, earlier, left, right)
    lines = {}
    for link, (start, end) in task.links.items():
        if link in earlier.lines and all(rects[key] == earlier.members.get(key) for key in (start, end)):
            line = earlier.lines[link]
        else:
            line = _elbow(rects[start], rects[end])
            if start in task.anchors:
                line = [(left - PADDING, line[0][1]), *line]
            if end in task.anchors:
                line = [*line, (right + PADDING, line[-1][1])]
        lines[link] = [(x - left, y - top) for x, y in line]
    members = {key: rect.moved(-left, -top) for key, rect in rects.items()}
    return Level(right - left, bottom - top, members, lines, shift=(left, top))


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


def _place_new(task: Task, rects: dict[str, Rect]) -> None:
    """Newcomers form a block of their own below the rest, right of what leads to them where there is room."""
    sizes = {key: size for key, size in task.sizes.items() if key not in rects}
    if not sizes:
        return
    inner = {link: ends for link, ends in task.links.items() if set(ends) <= sizes.keys()}
    block = lay_out_level(Task(sizes, inner, {}), aspect=2.0)
    producers = [rects[a] for a, b in task.links.values() if a in rects and b in sizes]
    after = max((rect.x + rect.width + GAP_X for rect in producers), default=0.0)
    room = max((rect.x + rect.width for rect in rects.values()), default=0.0) - block.width
    below = max((rect.y + rect.height + 2 * GAP_Y for rect in rects.values()), default=0.0)
    x = min(after, max(room, 0.0))
    rects.update((key, block.members[key].moved(x, below)) for key in sizes)


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


def _elbow(start: Rect, end: Rect) -> list[Point]:
    """From the right side of one to the left side of the other, with right angles."""
    x0, y0 = start.x + start.width, start.y + start.height / 2
    x1, y1 = end.x, end.y + end.height / 2
    if x1 >= x0 + 2 * _STUB or abs(y1 - y0) < 1 <= x1 - x0:
        middle = (x0 + x1) / 2
        return [(x0, y0), (middle, y0), (middle, y1), (x1, y1)]
    between = (
        (start.y + start.height + end.y) / 2
        if end.y > start.y + start.height
        else max(start.y + start.height, end.y + end.height) + GAP_Y / 2
    )
    return [
        (x0, y0),
        (x0 + _STUB, y0),
        (x0 + _STUB, between),
        (x1 - _STUB, between),
        (x1 - _STUB, y1),
        (x1, y1),
    ]
