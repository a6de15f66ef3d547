"""Levels that are built alike are laid out once: the rounds of a loop, the layers of a stack. No Qt here.

Two levels are alike when they differ in nothing but the names of their members. A graph of tens of thousands
of operations has a few dozen kinds of levels.
"""

from __future__ import annotations

from functools import lru_cache
from typing import NamedTuple

from gradviz.ui.graph.level import lay_out_level
from gradviz.ui.graph.task import Level, Link, Size, Task

KEPT = 1024
"""Kinds of levels that are remembered."""


class _Form(NamedTuple):
    """A task without its names: members are numbered as they come, other sources after them."""

    sizes: tuple[Size, ...]
    links: tuple[tuple[Link, Link], ...]
    anchors: tuple[tuple[str, str], ...]
    ports: tuple[tuple[tuple[str, str, float], ...], ...]
    """For each link: (port, side, height)."""

    @property
    def task(self) -> Task:
        sizes = {str(number): size for number, size in enumerate(self.sizes)}
        ports = {
            link: {port: {"offset": {"side": side, "t": t}} for port, side, t in hints}
            for (link, _), hints in zip(self.links, self.ports, strict=True)
        }
        return Task(sizes, dict(self.links), dict(self.anchors), ports)


def lay_out_alike(task: Task, aspect: float) -> Level:
    """As `lay_out_level`, and the same for all levels that are alike."""
    numbers = _numbers(task)
    level = _lay_out(_form(task, numbers), aspect)
    names = {number: name for name, number in numbers.items()}
    members = {names[number]: rect for number, rect in level.members.items()}
    lines = {(names[source], names[end]): line for (source, end), line in level.lines.items()}
    return Level(level.width, level.height, members, lines)


def _numbers(task: Task) -> dict[str, str]:
    """Member, source or anchor → its number."""
    numbers = {key: str(number) for number, key in enumerate(task.sizes)}
    for source, _ in task.links:
        numbers.setdefault(source, str(len(numbers)))
    for anchor in task.anchors:  # "in:" or "out:" and a source
        side, _, source = anchor.partition(":")
        numbers[anchor] = f"{side}:{numbers[source]}"
    return numbers


def _form(task: Task, numbers: dict[str, str]) -> _Form:
    links = tuple(
        ((numbers[source], numbers[end]), (numbers[start], numbers[stop]))
        for (source, end), (start, stop) in task.links.items()
    )
    anchors = tuple((numbers[anchor], side) for anchor, side in task.anchors.items())
    ports = tuple(
        tuple((port, hint["offset"]["side"], hint["offset"]["t"]) for port, hint in task.ports[link].items())
        if link in task.ports
        else ()
        for link in task.links
    )
    return _Form(tuple(task.sizes.values()), links, anchors, ports)


@lru_cache(maxsize=KEPT)
def _lay_out(form: _Form, aspect: float) -> Level:
    return lay_out_level(form.task, aspect)
