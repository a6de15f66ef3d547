"""What a rule of the linter is, and what it finds."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import NamedTuple

from gradviz.trace.graph import Node, Source
from gradviz.trace.lint.evidence import Evidence


class Saying(NamedTuple):
    """What is wrong, in one sentence, and what to do about it, in another: English templates, which the
    window translates. Both take the arguments of the finding as {0}, {1}, …"""

    words: str
    advice: str


class Finding(NamedTuple):
    """A mistake, or what most often is one."""

    saying: Saying
    arguments: tuple[str, ...]
    source: Source | None
    nodes: tuple[str, ...] = ()
    """Keys of the nodes that it is about, the one to show first."""
    lines: tuple[Source, ...] = ()
    """Other lines that have to do with it."""


class Rule(NamedTuple):
    """One kind of mistake. `look` finds it in what is known of an iteration.

    `patience`: in so many iterations in a row that it can be judged in it has to be found; what happens once
    may be chance. `causes`: once one of these rules has found something, this is a consequence of that.
    """

    name: str
    look: Callable[[Evidence], Iterator[Finding]]
    sayings: tuple[Saying, ...]
    patience: int = 1
    causes: tuple[str, ...] = ()


def shape(node: Node) -> str:
    """ "[64, 1]", as torch writes it."""
    return str(list(node.shape))


def line_of(source: Source | None) -> str:
    return str(source.line) if source is not None else "?"


def several(names: list[str]) -> str:
    """ "net.fc1.weight, net.fc1.bias + 3"."""
    return ", ".join(names[:2]) + (f" + {len(names) - 2}" if len(names) > 2 else "")
