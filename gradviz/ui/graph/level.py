"""One level of the layout: the members of one scope, by size, and the links between them. No Qt here.

Data flows left to right. This is the only file that knows graphlay; what is too large for it is ranked
plainly. A level that would be much too wide is folded into rows, as text is.
"""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Iterator

import graphlay
import networkx as nx

from gradviz.ui.graph.columns import in_columns
from gradviz.ui.graph.task import ANCHOR, GAP_X, GAP_Y, LANE, PADDING, Level, Link, Point, Rect, Task

MAX_LAYERED, MAX_LINKS = 800, 1000
"""Members and links up to which graphlay is asked."""
MAX_THOROUGH, MAX_WORK = 3_000, 30_000
"""Work, see `_work`, up to which it is asked to be thorough, and up to which it is asked at all: about 50 ms.
The whole window waits for it, as it does not let others have Python meanwhile."""
FOLD_FROM = 700.0
"""A level narrower than this, in pixels at 100 %, is never folded."""
MAX_TRIED = 30
"""Members up to which several numbers of rows are tried."""


def lay_out_level(task: Task, aspect: float) -> Level:
    """Places the members of one level for a window of the given aspect (width / height)."""
    if len(task.sizes) + len(task.anchors) > MAX_LAYERED or len(task.links) > MAX_LINKS:
        return in_columns(task, list(_generations(task)), aspect)
    try:
        if _work(task, _ranks(task)) > MAX_WORK:
            return _in_rows(task, aspect)
        return _layered_or_folded(task, aspect)
    except graphlay.GraphlayError:  # it is young; a plain picture is better than none
        return in_columns(task, list(_generations(task)), aspect)


def _layered_or_folded(task: Task, aspect: float) -> Level:
    best = layered(task)
    ranks = best.ranks
    if best.width < FOLD_FROM or best.width < 1.2 * aspect * best.height:
        return best
    columns = 1 + max(ranks.values())
    ideal = round(math.sqrt(best.width / (aspect * best.height)))
    for rows in (
        {min(ideal, columns)} if len(task.sizes) > MAX_TRIED else range(2, min(ideal + 1, columns) + 1)
    ):
        folded = _folded(task, _rows(task, ranks, rows))
        if folded.extent(aspect) < 0.92 * best.extent(aspect):  # every further row must be worth it
            best = folded
    return best


def _in_rows(task: Task, aspect: float) -> Level:
    """A level that is too much at once, in as few rows as make each of them little enough."""
    ranks = _ranks(task)
    columns = 1 + max(ranks.values())
    for count in range(2, columns + 1):
        row_of = _rows(task, ranks, count)
        rows = [_row_task(task, row_of, row) for row in set(row_of.values())]
        if all(_work(row, _ranks(row)) <= MAX_WORK // count for row in rows):
            return _folded(task, row_of)
    return in_columns(task, list(_generations(task)), aspect)


def layered(task: Task, reach: float = PADDING) -> Level:
    """graphlay's layered drawing; lines from and to anchors go on until `reach` outside of the content."""
    graph = graphlay.Graph()
    for key, (width, height) in task.sizes.items():
        graph.node(key, width=width, height=height)
    for key, rank in task.anchors.items():
        graph.node(key, width=ANCHOR, height=ANCHOR, rank=rank)
    for link, (start, end) in task.links.items():
        graph.edge(start, end, **task.ports.get(link, {}))
    options = {
        "direction": "leftright",
        "effort": "balanced" if _work(task, _ranks(task)) <= MAX_THOROUGH else "fast",
        "spacing": {"layer_gap": GAP_X, "node_gap": GAP_Y, "dummy_gap": 14.0, "port_gap": 16.0, "stub": 8.0},
    }
    drawing = graphlay.layout(graph, options=options)
    low, high = drawing.bounds["min"], drawing.bounds["max"]
    left, top = low["x"], low["y"]
    width, height = high["x"] - left, high["y"] - top
    members, ranks = {}, {}
    for key, node in zip((*task.sizes, *task.anchors), drawing.nodes, strict=True):
        center, size = node["center"], node["size"]
        x, y = center["x"] - size["width"] / 2 - left, center["y"] - size["height"] / 2 - top
        members[key] = Rect(x, y, size["width"], size["height"])
        ranks[key] = node["rank"] or 0  # None for what has no links
    lines = {
        link: [(point["x"] - left, point["y"] - top) for point in edge["points"]]
        for link, edge in zip(task.links, drawing.edges, strict=True)
    }
    _straighten(task, members, lines, height)
    for link, (start, end) in task.links.items():
        line = lines[link]
        if start in task.anchors:
            line.insert(0, (-reach, line[0][1]))
        if end in task.anchors:
            line.append((width + reach, line[-1][1]))
    return Level(width, height, members, lines, ranks)


def _straighten(task: Task, members: dict[str, Rect], lines: dict[Link, list[Point]], height: float) -> None:
    """Moves members that have only one link up or down so that it runs straight, where there is room: the
    engine aligns the middles of members, but a box is entered at the height of what is inside."""
    links_of: dict[str, list[Link]] = {}
    for link, ends in task.links.items():
        for key in ends:
            links_of.setdefault(key, []).append(link)
    for key, links in links_of.items():
        line = lines[links[0]]
        start, end = task.links[links[0]]
        if len(links) > 1 or len(line) != 4 or key in task.ported(links[0]):
            continue
        here, there = (0, -1) if key == start else (-1, 0)
        dy = line[there][1] - line[here][1]
        moved = members[key].moved(0, dy)
        if moved.y < 0 or moved.y + moved.height > height:
            continue
        straight = [(line[0][0], line[there][1]), (line[-1][0], line[there][1])]
        others = [rect for other, rect in members.items() if other not in (start, end)]
        passing = [_around(points) for other, points in lines.items() if other != links[0]]
        if any(_touch(moved, rect, GAP_Y) for rect in (*others, *passing)):
            continue
        if any(_touch(_around(straight), rect, 4.0) for rect in others):
            continue
        members[key], lines[links[0]] = moved, straight


def _around(points: list[Point]) -> Rect:
    xs, ys = zip(*points, strict=True)
    return Rect(min(xs), min(ys), max(xs) - min(xs), max(ys) - min(ys))


def _touch(a: Rect, b: Rect, gap: float) -> bool:
    return (
        a.x < b.x + b.width + gap
        and b.x < a.x + a.width + gap
        and a.y < b.y + b.height + gap
        and b.y < a.y + a.height + gap
    )


# ── folding ───────────────────────────────────────────────────────────────────────────────────────────────


def _folded(task: Task, row_of: dict[str, int]) -> Level:
    """The level in rows: which member is in which. Each is a level of its own; what leads from one to another
    runs through lanes: out on the right, back between the rows, in on the left."""
    rows = [layered(_row_task(task, row_of, row), reach=0) for row in range(1 + max(row_of.values()))]
    lanes: dict[str, float] = {}
    returning: list[dict[str, float]] = [{} for _ in rows]  # row → source → lane below it
    for (source, _), (start, end) in task.links.items():
        here, there = row_of.get(start), row_of.get(end)
        if there is not None and here != there:
            lanes.setdefault(source, LANE * (len(lanes) + 1))
            if here is not None:
                returning[here].setdefault(source, LANE * (len(returning[here]) + 1))
    channel = LANE * (len(lanes) + 1)
    left, right = channel, channel + max(row.width for row in rows)
    tops = [0.0]
    for row, lanes_below in zip(rows[:-1], returning, strict=False):
        tops.append(tops[-1] + row.height + GAP_Y + LANE * (len(lanes_below) + 1))
    width, height = right + channel, tops[-1] + rows[-1].height
    members = {key: rows[row].members[key].moved(left, tops[row]) for key, row in row_of.items()}

    def piece(row: int, link: Link) -> list[Point]:
        return [(x + left, y + tops[row]) for x, y in rows[row].lines[link]]

    lines: dict[Link, list[Point]] = {}
    for link, (start, end) in task.links.items():
        source, here, there = link[0], row_of.get(start), row_of.get(end)
        if here is not None and here == there:
            lines[link] = piece(here, link)
        elif there is None:
            line = piece(here or 0, (source, f"out:{source}"))
            y = line[-1][1]
            members[end] = Rect(width, y - ANCHOR / 2, ANCHOR, ANCHOR)
            lines[link] = [*line, (width + PADDING, y)]
        else:
            lane, line, rest = lanes[source], [], piece(there, link)
            if here is None:
                port = members.setdefault(start, Rect(0, rest[0][1] - ANCHOR / 2, ANCHOR, ANCHOR))
                line = [(-PADDING, port.y + ANCHOR / 2), (lane, port.y + ANCHOR / 2)]
            else:
                line = piece(here, (source, f"out:{source}"))
                out, back = right + lane, tops[here] + rows[here].height + returning[here][source]
                line += [(out, line[-1][1]), (out, back), (lane, back)]
            lines[link] = [*line, (lane, rest[0][1]), *rest]
    return Level(width, height, members, lines)


def _rows(task: Task, ranks: dict[str, int], count: int) -> dict[str, int]:
    """Member → row: columns of members of one rank, broken where the rows get about equally wide. A member
    that nothing leads to stands in the row of what it leads to."""
    widths: dict[int, float] = {}
    for key, (width, _) in task.sizes.items():
        rank = ranks[key]
        widths[rank] = max(widths.get(rank, 0.0), width + GAP_X)
    total, passed = sum(widths.values()), 0.0
    row_of_rank = {}
    for rank in sorted(widths):
        row_of_rank[rank] = min(int((passed + widths[rank] / 2) / total * count), count - 1)
        passed += widths[rank]
    row_of = {key: row_of_rank[ranks[key]] for key in task.sizes}
    consumers: dict[str, list[str]] = {}
    fed = set()
    for start, end in task.links.values():
        consumers.setdefault(start, []).append(end)
        fed.add(end)
    for key in task.sizes:
        ends = [row_of[end] for end in consumers.get(key, ()) if end in row_of]
        if key not in fed and ends:
            row_of[key] = min(ends)
    used = {row: number for number, row in enumerate(sorted(set(row_of.values())))}
    return {key: used[row] for key, row in row_of.items()}


def _row_task(task: Task, row_of: dict[str, int], row: int) -> Task:
    """The row's members; links from and to elsewhere get anchors at its ends."""
    links: dict[Link, tuple[str, str]] = {}
    anchors: dict[str, str] = {}
    ports = dict(task.ports)
    for (source, end_key), (start, end) in task.links.items():
        here, there = row_of.get(start) == row, row_of.get(end) == row
        if here and there:
            links[source, end_key] = (start, end)
        elif here:
            links[source, f"out:{source}"] = (start, f"out:{source}")
            anchors[f"out:{source}"] = "last"
            hints = task.ports.get((source, end_key), {})
            ports[source, f"out:{source}"] = {name: hints[name] for name in hints if name == "source_port"}
        elif there:
            links[source, end_key] = (f"in:{source}", end)
            anchors[f"in:{source}"] = "first"
    sizes = {key: size for key, size in task.sizes.items() if row_of[key] == row}
    return Task(sizes, links, anchors, ports)


# ── ranks ─────────────────────────────────────────────────────────────────────────────────────────


def _generations(task: Task) -> Iterator[list[str]]:
    """The members by the length of the longest way to them."""
    graph: nx.DiGraph = nx.DiGraph()
    graph.add_nodes_from(task.sizes)
    graph.add_edges_from(ends for ends in task.links.values() if set(ends) <= task.sizes.keys())
    # A scope that is entered twice makes boxes depend on each other: such a circle counts as one member.
    circles = nx.condensation(graph)
    place = {key: number for number, key in enumerate(task.sizes)}
    for generation in nx.topological_generations(circles):
        yield sorted(
            (key for part in generation for key in circles.nodes[part]["members"]), key=place.__getitem__
        )


def _ranks(task: Task) -> dict[str, int]:
    """Every member's and anchor's column. What nothing leads to stands left of the first that it leads to."""
    ranks = {key: rank for rank, keys in enumerate(_generations(task)) for key in keys}
    fed = {end for _, end in task.links.values()}
    first: dict[str, int] = {}
    for start, end in task.links.values():
        if start in ranks and start not in fed and end in ranks:
            first[start] = min(ranks[end], first.get(start, ranks[end]))
    ranks |= {key: rank - 1 for key, rank in first.items()}
    last = max(ranks.values(), default=-1) + 1
    return ranks | {key: -1 if side == "first" else last for key, side in task.anchors.items()}


def _work(task: Task, ranks: dict[str, int]) -> int:
    """How much graphlay has to do: between columns it compares the links with one another."""
    begins = Counter(min(ranks[start], ranks[end]) for start, end in task.links.values())
    ends = Counter(max(ranks[start], ranks[end]) for start, end in task.links.values())
    passing = work = 0
    for rank in range(-1, max(ends, default=-1)):
        passing += begins[rank] - ends[rank]
        work += passing**2
    return work
