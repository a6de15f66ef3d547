"""Which boxes a graph is folded into, so that no level of it holds more than a person can look at.

Modules are boxes. Where one is called again and again, every call is a box in it. A stretch of operations
that repeats itself, the body of a loop, is a box a round; rounds of rounds likewise. What is still too long
is cut into pieces. All of it is read off the order of the operations and their source lines: programs that
differ in nothing but the number of rounds are folded alike.

A box's path extends the path of the box around it, as a module's does: "lstm.:12.[7]" is the seventh
round of a loop at line 12.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Container, Iterable, Sequence
from dataclasses import dataclass, field
from functools import cache, cached_property

import numpy as np

from gradviz.trace.graph import InBackward, Node, Scope
from gradviz.trace.iteration import Iteration
from gradviz.trace.lately import lately

FOLD_FROM = 24
"""Members of a box from which repetitions in it are looked for."""
MAX_MEMBERS = 64
"""Members of a box above which it is cut into pieces."""
PIECE = 32
MANY_CALLS = 4
"""Calls of a module from which each of them has a box."""
MAX_PERIOD = 256
MIN_ROUNDS = 3
MAX_DEPTH = 8
MAX_LABEL = 200


@dataclass(frozen=True)
class Folding:
    """`scopes` are the boxes by path, outer ones first; `of[id]` is the path of the box around a node."""

    scopes: dict[str, Scope] = field(default_factory=dict)
    of: tuple[str, ...] = ()

    @cached_property
    def homes(self) -> tuple[tuple[str, ...], np.ndarray]:
        """The boxes that nodes are in, and for each node the position of its own among them."""
        paths = tuple(dict.fromkeys(self.of))
        position = {path: number for number, path in enumerate(paths)}
        return paths, np.array([position[path] for path in self.of], np.int64)

    def count_in(self, boxes: Container[str]) -> int:
        """How many nodes are in these boxes or in none."""
        paths, homes = self.homes
        counts = np.bincount(homes, minlength=len(paths)).tolist()
        return sum(count for path, count in zip(paths, counts, strict=True) if not path or path in boxes)

    @cached_property
    def inside(self) -> dict[str, list[str]]:
        """The boxes in a box, by its path; "" for those that are in none."""
        found: dict[str, list[str]] = {}
        for path in self.scopes:
            parts = path.split(".")
            around = (".".join(parts[:length]) for length in range(len(parts) - 1, 0, -1))
            found.setdefault(next((outer for outer in around if outer in self.scopes), ""), []).append(path)
        return found

    def nodes_in(self, path: str) -> list[int]:
        """The nodes that are in a box, and in no other one inside it."""
        nodes = self._members.get(path)
        return [] if nodes is None else nodes.tolist()

    @cached_property
    def _members(self) -> dict[str, np.ndarray]:
        paths, homes = self.homes
        ends = np.cumsum(np.bincount(homes, minlength=len(paths)))[:-1]
        return (
            dict(zip(paths, np.split(np.argsort(homes, kind="stable"), ends), strict=True)) if paths else {}
        )

    @classmethod
    def by_modules(cls, iteration: Iteration) -> Folding:
        """The modules as boxes, and no others."""
        return cls(_modules(iteration), tuple(node.scope for node in iteration.nodes))


@lately
def fold(iteration: Iteration) -> Folding:
    """The boxes of an iteration."""
    return _Fold(iteration).run()


def parent_of(path: str, scopes: Container[str]) -> str:
    """The nearest box around `path`; "" outside of all (a container that is never called is no box)."""
    while path:
        path = path.rpartition(".")[0]
        if path in scopes:
            return path
    return ""


def ancestors(path: str, scopes: Container[str]) -> list[str]:
    """The box itself and those around it, innermost first."""
    found = [path] if path in scopes else []
    while path := parent_of(path, scopes):
        found.append(path)
    return found


@dataclass
class _Group:
    """Members that belong together: rounds of a repetition, or one round."""

    members: list[_Member]
    label: str
    count: str = ""


_Member = int | str | _Group
"""A node by its id, a box by its path, or several of them."""


class _Fold:
    def __init__(self, iteration: Iteration) -> None:
        self.iteration = iteration
        self.scopes = _modules(iteration)
        self.modules = frozenset(self.scopes)
        self.of = [node.scope for node in iteration.nodes]
        self._moved: dict[str, str] = {}
        """Boxes that are in another now: where they were → where they are."""

    def run(self) -> Folding:
        self._divide_calls()
        self._divide_backward()
        members = self._members()
        for path in sorted(members, key=_depth, reverse=True):  # a box goes into another with all it holds
            if len(members[path]) >= FOLD_FROM:
                self._fold_box(path, members[path])
        now = cache(self._now)
        self.of = [now(path) for path in self.of]
        self._move_leaves()
        return Folding({path: self.scopes[path] for path in _in_order(self.scopes)}, tuple(self.of))

    # ── calls ─────────────────────────────────────────────────────────────────────────────────────────────

    def _divide_calls(self) -> None:
        """Gives the calls of a module that is called often in one place a box each."""
        calls = self.iteration.calls
        siblings: dict[tuple[int, str], list[int]] = {}
        for number, call in enumerate(calls):
            siblings.setdefault((call.parent, call.scope), []).append(number)
        places = {number: (place, group) for group in siblings.values() for place, number in enumerate(group)}
        paths: list[str] = []
        for number, call in enumerate(calls):
            path = call.scope
            if call.parent >= 0:
                outer = calls[call.parent].scope
                if path.startswith(outer + "."):
                    path = paths[call.parent] + path[len(outer) :]
            if path not in self.scopes and call.scope in self.scopes:
                self._know(path, self.scopes[call.scope])
            place, group = places[number]
            if len(group) >= MANY_CALLS:
                path = self._numbered(path, place, len(group))
            paths.append(path)
        for node in self.iteration.nodes:
            if 0 <= node.call < len(paths) and paths[node.call] in self.scopes:
                self.of[node.id] = paths[node.call]

    def _numbered(self, path: str, place: int, count: int) -> str:
        """The box of one of many calls; many of them are in pieces first."""
        for first, last in _pieces(count):
            if first <= place < last and count > MAX_MEMBERS:
                path = self._box(path, f"[{first + 1}–{last}]")
        return self._box(path, f"[{place + 1}]")

    # ── backward passes that are made of operations ───────────────────────────────────────────────────────

    def _divide_backward(self) -> None:
        """What a backward pass has computed with operations (`create_graph`) goes into a box for the pass; in
        it, what the backward of one operation needed several for into a box with its name."""
        nodes = self.iteration.nodes
        made = Counter(node.in_backward for node in nodes if node.in_backward is not None)
        passes: dict[int, str] = {}
        boxes: dict[InBackward, str] = {}
        for node in nodes:
            where = node.in_backward
            if where is None:
                continue
            if where.walk not in passes:
                passes[where.walk] = self._new_box("", "backward")
            if where.of < 0 or made[where] < 2:
                self.of[node.id] = passes[where.walk]
                continue
            if where not in boxes:
                of = nodes[where.of]
                label = of.grad_fn.replace(".", "·")[:MAX_LABEL] or "?"
                described = Scope("", "", of.qualified_name)
                boxes[where] = self._new_box(passes[where.walk], label, described)
            self.of[node.id] = boxes[where]

    # ── repetitions ───────────────────────────────────────────────────────────────────────────────────────

    def _members(self) -> dict[str, list[_Member]]:
        """What is in every box, in the order in which it is computed; leaves left out."""
        members: dict[str, list[_Member]] = {}
        seen: set[str] = set()
        for node in self.iteration.nodes:
            if node.kind != "operation":
                continue
            path = self.of[node.id]
            members.setdefault(path, []).append(node.id)
            while path and path not in seen:
                seen.add(path)
                outer = parent_of(path, self.scopes)
                members.setdefault(outer, []).append(path)
                path = outer
        return members

    def _fold_box(self, path: str, members: list[_Member]) -> None:
        words: dict[object, int] = {}
        tokens = [words.setdefault(self._token(member), len(words)) for member in members]
        for _ in range(MAX_DEPTH):
            shorter, members, tokens = self._gather(members, tokens, words)
            if not shorter:
                break
        if len(members) == 1 and isinstance(members[0], _Group):
            members = members[0].members  # the box itself is the loop
        self._place(path, members)

    def _token(self, member: _Member) -> object:
        """What makes two members the same: operation and line; the module of a box, or whose backward it
        is."""
        if isinstance(member, int):
            node = self.iteration.nodes[member]
            return node.name, node.source
        scope = self.scopes[str(member)]
        return "box", scope.module or scope.detail

    def _gather(
        self, members: list[_Member], tokens: list[int], words: dict[object, int]
    ) -> tuple[bool, list[_Member], list[int]]:
        """Every repetition among the members becomes one of them."""
        found = _repetitions(np.array(tokens))
        gathered: list[_Member] = []
        shorter: list[int] = []
        at = 0
        for start, period, rounds in found:
            gathered += members[at:start]
            shorter += tokens[at:start]
            at = start + period * rounds
            gathered.append(self._rounds(members[start:at], period))
            shorter.append(words.setdefault(("rounds", *tokens[start : start + period]), len(words)))
        return bool(found), gathered + members[at:], shorter + tokens[at:]

    def _rounds(self, members: list[_Member], period: int) -> _Group:
        count = len(members) // period
        if period == 1:
            return _Group(members, self._name(members[0]), f"×{count}")
        rounds = [_Group(members[i * period : (i + 1) * period], f"[{i + 1}]") for i in range(count)]
        return _Group(list(rounds), self._line(members[0]), f"×{count}")

    def _name(self, member: _Member) -> str:
        if isinstance(member, int):
            return self.iteration.nodes[member].name.replace(".", "·")[:MAX_LABEL] or "?"
        return member.label if isinstance(member, _Group) else self.scopes[member].name

    def _line(self, member: _Member) -> str:
        """Where a round begins: ":12"."""
        first = member
        while isinstance(first, _Group):
            first = first.members[0]
        source = self.iteration.nodes[first].source if isinstance(first, int) else None
        return f":{source.line}" if source else self._name(member)

    # ── boxes ─────────────────────────────────────────────────────────────────────────────────────────────

    def _place(self, path: str, members: Sequence[_Member]) -> None:
        """Puts the members into the box, into pieces of it where they are too many."""
        if len(members) > MAX_MEMBERS:
            for first, last in _pieces(len(members)):
                self._place(self._box(path, f"[{first + 1}–{last}]"), members[first:last])
            return
        for member in members:
            if isinstance(member, _Group):
                self._place(self._new_box(path, member.label, Scope("", member.count)), member.members)
            elif isinstance(member, int):
                self.of[member] = path
            else:
                self._move(member, path)

    def _box(self, path: str, label: str) -> str:
        """The path of a box inside another."""
        inside = f"{path}.{label}" if path else label
        return self._know(inside, Scope(inside, ""))

    def _new_box(self, path: str, label: str, described: Scope | None = None) -> str:
        """The path of one more box inside another; a second one of its name gets a number."""
        start = inside = f"{path}.{label}" if path else label
        number = 1
        while inside in self.scopes:
            number += 1
            inside = f"{start}#{number}"
        return self._know(inside, described or Scope(inside, ""))

    def _know(self, path: str, scope: Scope) -> str:
        self.scopes.setdefault(path, Scope(path, scope.module, scope.detail))
        return path

    def _move(self, box: str, path: str) -> None:
        """Puts a box, with all that is in it, into another."""
        if parent_of(box, self.scopes) == path:
            return
        target = f"{path}.{box.rpartition('.')[2]}"
        inside = [known for known in self.scopes if known == box or known.startswith(box + ".")]
        for known in inside:
            self.scopes[target + known[len(box) :]] = self.scopes.pop(known)
        self._moved[box] = target

    def _now(self, path: str) -> str:
        """Where a box is now that it, or one around it, may have been put into another."""
        inside = ""
        while path:
            path = self._moved.get(path, path)
            path, _, name = path.rpartition(".")
            inside = f"{name}.{inside}" if inside else name
        return inside

    # ── leaves ────────────────────────────────────────────────────────────────────────────────────────────

    def _move_leaves(self) -> None:
        """A leaf that only one round or piece uses goes there; the inputs of a module stay outside of it.
        Many leaves in one place are put into a box."""
        users: dict[int, str] = {}
        nodes = self.iteration.nodes
        for node in nodes:
            for edge in node.inputs:
                here = self.of[node.id]
                users[edge.node] = _common(users[edge.node], here) if edge.node in users else here
        left: dict[tuple[str, str], list[Node]] = {}
        for node in nodes:
            if node.kind == "operation":
                continue
            if node.id in users:
                self.of[node.id] = self._towards(users[node.id], node.scope)
            left.setdefault((self.of[node.id], node.kind), []).append(node)
        for (path, kind), leaves in left.items():
            if len(leaves) > PIECE:
                inside = self._new_box(path, kind, Scope("", f"×{len(leaves)}"))
                self._place(inside, [leaf.id for leaf in leaves])

    def _towards(self, user: str, home: str) -> str:
        """The innermost box on the way from a leaf's own place to its only user, up to the next module."""
        way = []
        path = user if user in self.scopes else parent_of(user, self.scopes)
        while path not in ("", home):
            way.append(path)
            path = parent_of(path, self.scopes)
        if path != home:
            return home
        for inside in reversed(way):
            if inside in self.modules:
                break
            home = inside
        return home


def _modules(iteration: Iteration) -> dict[str, Scope]:
    """Every module that holds something, by path, outer ones first."""
    described = {scope.path: scope for scope in iteration.scopes}
    named = {node.scope for node in iteration.nodes} - {""}
    around = {".".join(parts[:n]) for path in named for parts in [path.split(".")] for n in range(len(parts))}
    paths = {path for path in named | around if path in described} | named
    return {path: described.get(path, Scope(path, "")) for path in _in_order(paths)}


def _depth(path: str) -> int:
    return path.count(".")


def _in_order(paths: Iterable[str]) -> list[str]:
    """Outer boxes before inner ones, "[2]" before "[10]"."""

    @cache
    def key(part: str) -> list[tuple[bool, int, str]]:
        words = re.split(r"(\d+)", part)
        return [(word.isdecimal(), int(word) if word.isdecimal() else 0, word) for word in words]

    return sorted(paths, key=lambda path: [key(part) for part in path.split(".")])


def _repetitions(tokens: np.ndarray) -> list[tuple[int, int, int]]:
    """(start, period, rounds) of stretches that repeat themselves, short periods first claimed; by start."""
    free = np.ones(len(tokens), bool)
    found = []
    for period in range(1, min(MAX_PERIOD, len(tokens) // MIN_ROUNDS) + 1):
        same = tokens[:-period] == tokens[period:]
        edges = np.flatnonzero(np.diff(np.concatenate([[False], same, [False]])))
        for start, end in zip(edges[::2].tolist(), edges[1::2].tolist(), strict=True):
            rounds = (end - start) // period + 1
            stretch = slice(start, start + rounds * period)
            if rounds >= MIN_ROUNDS and rounds * period >= 2 * MIN_ROUNDS and free[stretch].all():
                free[stretch] = False
                found.append((start, period, rounds))
    return sorted(found)


def _pieces(count: int) -> list[tuple[int, int]]:
    """(first, end) of pieces of a long row, so few that they are a row that can be looked at, if possible."""
    size = PIECE
    while count / size > MAX_MEMBERS:
        size *= PIECE
    return [(first, min(first + size, count)) for first in range(0, count, size)]


def _common(one: str, other: str) -> str:
    """The path of the innermost box around two places."""
    shared = []
    for a, b in zip(one.split("."), other.split("."), strict=False):
        if a != b:
            break
        shared.append(a)
    return ".".join(shared)
