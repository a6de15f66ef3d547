"""The breakpoints of the program on view: changed here, and kept in the settings from one day to the next."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Iterator
from pathlib import PurePath

import msgspec
from msgspec import Struct
from msgspec.structs import replace
from PySide6.QtCore import QObject, QSettings, Signal

from gradviz.trace import Node
from gradviz.trace.breakpoints import MAX_BREAKPOINTS, Breakpoint
from gradviz.ui.presets import OFFERED_AT_FIRST, at_line, at_node, line_of, node_of

_GROUP = "breakpoints"
MAX_PROGRAMS = 200
"""Whose breakpoints are kept; beyond, those that were changed longest ago are forgotten."""


class _Kept(Struct, frozen=True):
    """The breakpoints of a program as they are stored; `order` grows with every change."""

    order: int
    breakpoints: list[Breakpoint]


class Breakpoints(QObject):
    """An ordered list without two of the same condition. Ids are never used twice within a session."""

    changed = Signal()

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._program = ""
        self._next_id = 0
        self._items = self._offered()
        self._as_run: dict[int, str | None] = {}
        """Conditions, by id, that the running program knows by another line; None: by none."""

    def __iter__(self) -> Iterator[Breakpoint]:
        return iter(self._items)

    def __len__(self) -> int:
        return len(self._items)

    @property
    def enabled(self) -> set[int]:
        """Ids of those that are switched on."""
        return {item.id for item in self._items if item.enabled}

    def find(self, number: int) -> Breakpoint | None:
        """The breakpoint with that id."""
        return next((item for item in self._items if item.id == number), None)

    def with_condition(self, condition: str) -> Breakpoint | None:
        return next((item for item in self._items if item.condition == condition), None)

    def in_file(self, file: str) -> dict[int, Breakpoint]:
        """Those at lines of a file (its name without folders), by line."""
        places = ((line_of(item.condition), item) for item in self._items)
        return {place[1]: item for place, item in places if place and place[0] == file}

    def among(self, nodes: Iterable[Node]) -> list[tuple[Node, Breakpoint]]:
        """The nodes that have a breakpoint, each with it."""
        named = {node: item for item in self._items if (node := node_of(item.condition)) is not None}
        if not named:
            return []
        found = ((node, named.get(node.key) or named.get(node.qualified_name)) for node in nodes)
        return [(node, item) for node, item in found if item is not None]

    # ── changing ──────────────────────────────────────────────────────────────────────────────────────────

    def add(self, condition: str, name: str = "") -> None:
        """Adds a breakpoint, switched on; one that is there already is switched on."""
        if known := self.with_condition(condition):
            self.set_enabled(known, True)
        elif len(self._items) < MAX_BREAKPOINTS:
            self._change([*self._items, self._new(condition, name)])

    def toggle(self, condition: str) -> None:
        """Adds a breakpoint, or removes the one with that condition."""
        if known := self.with_condition(condition):
            self.remove(known)
        else:
            self.add(condition)

    def toggle_node(self, node: Node) -> None:
        """Adds a breakpoint at a node, or removes the one that is there."""
        if known := self.among([node]):
            self.remove(known[0][1])
        else:
            self.add(at_node(node.key))

    def remove(self, item: Breakpoint) -> None:
        self._change([other for other in self._items if other.id != item.id])

    def set_enabled(self, item: Breakpoint, enabled: bool) -> None:
        self._replace(item, replace(item, enabled=enabled))

    def set_condition(self, item: Breakpoint, condition: str) -> None:
        """Puts another condition in a breakpoint's place: that is another breakpoint."""
        known = self.with_condition(condition)
        if known is None:
            enabled = item.id in self.enabled
            self._replace(item, self._new(condition, item.name, enabled))
        elif known.id != item.id:
            self.remove(item)

    # ── lines ─────────────────────────────────────────────────────────────────────────────────────────────

    def toggle_line(self, file: str, line: int, runs_as: int | None) -> None:
        """Adds a breakpoint at a line of a file (its name without folders), or removes the one that is there.

        `runs_as` is what the line is in the text that runs; None: it is not in it.
        """
        condition = at_line(file, line)
        if (known := self.in_file(file).get(line)) is not None:
            self.remove(known)
        else:
            if runs_as != line:
                self._as_run[self._next_id + 1] = at_line(file, runs_as) if runs_as else None
            self.add(condition)

    def move_lines(self, file: str, now: dict[int, int]) -> None:
        """Lines of a file have moved: old line → new line. Two that come together become one.

        The program that runs knows nothing of it: to it, it is the same breakpoint.
        """
        moved: dict[str, Breakpoint] = {}
        for item in self._items:
            place = line_of(item.condition)
            line = now.get(place[1], place[1]) if place and place[0] == file else 0
            if place and line and line != place[1]:
                self._as_run.setdefault(item.id, item.condition)
                item = replace(item, condition=at_line(file, line))
            moved.setdefault(item.condition, item)
        self._change(list(moved.values()))

    def restart(self) -> None:
        """The text runs as it is now."""
        self._as_run.clear()

    def as_run(self) -> list[Breakpoint]:
        """Those that are switched on, as the program that runs has to be told."""
        conditions = {item: self._as_run.get(item.id, item.condition) for item in self._items if item.enabled}
        return [replace(item, condition=text) for item, text in conditions.items() if text is not None]

    # ── programs ──────────────────────────────────────────────────────────────────────────────────────────

    def use(self, program: str) -> None:
        """Takes up the breakpoints of a program, by its path. Those at its own lines that were set while
        another program was on view come along."""
        if program == self._program:
            return
        own_lines = list(self.in_file(PurePath(program).name).values()) if self._program else []
        self._change([item for item in self._items if item not in own_lines])
        self._program = program
        self._items = self._load()
        conditions = {item.condition for item in self._items}
        self._change([*self._items, *(item for item in own_lines if item.condition not in conditions)])
        self.changed.emit()

    def take(self, items: Iterable[Breakpoint]) -> None:
        """Takes up the breakpoints of a run that comes from a file; they are no program's."""
        self._program, self._items = "", list(items)
        self._next_id = max((item.id for item in self._items), default=self._next_id)
        self.changed.emit()

    def _replace(self, old: Breakpoint, new: Breakpoint) -> None:
        self._change([new if item.id == old.id else item for item in self._items])

    def _change(self, items: list[Breakpoint]) -> None:
        if items != self._items:
            self._items = items
            self._save()
            self.changed.emit()

    def _new(self, condition: str, name: str = "", enabled: bool = True) -> Breakpoint:
        self._next_id += 1
        return Breakpoint(self._next_id, condition, enabled, name)

    def _offered(self) -> list[Breakpoint]:
        """What a program has at first: there to be switched on."""
        return [self._new(preset.condition(), enabled=False) for preset in OFFERED_AT_FIRST]

    # ── what is kept ──────────────────────────────────────────────────────────────────────────────────────

    def _load(self) -> list[Breakpoint]:
        """What was saved for the program; where there is nothing, or it makes no sense, what is offered."""
        kept = _decoded(_settings().value(self._key))
        if kept is None:
            return self._offered()
        return [self._new(item.condition, item.name, item.enabled) for item in kept.breakpoints]

    def _save(self) -> None:
        if not self._program:
            return
        stored = _settings()
        others = {key: kept.order for key in stored.childKeys() if (kept := _decoded(stored.value(key)))}
        for key in sorted(others, key=lambda key: others[key])[: len(others) - MAX_PROGRAMS]:
            stored.remove(key)
        kept = _Kept(max(others.values(), default=0) + 1, self._items)
        stored.setValue(self._key, msgspec.json.encode(kept).decode())

    @property
    def _key(self) -> str:
        """What the program goes by in the settings, where a path cannot stand."""
        return hashlib.sha256(self._program.encode("utf-8", "surrogatepass")).hexdigest()[:32]


def _settings() -> QSettings:
    stored = QSettings()
    stored.beginGroup(_GROUP)
    return stored


def _decoded(text: object) -> _Kept | None:
    try:
        kept = msgspec.json.decode(text, type=_Kept) if isinstance(text, str) else None
    except msgspec.DecodeError:  # somebody has edited the file
        return None
    return kept if kept is not None and len(kept.breakpoints) <= MAX_BREAKPOINTS else None
