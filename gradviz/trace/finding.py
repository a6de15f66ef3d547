"""Finding nodes by what is known of them without their numbers: names, shapes, types, lines of the program.

A text is taken word by word, and a node is found if every word is about it. A word is a part of a name (of
the node, its module's class, torch's backward node, its kind or dtype), a shape (`[64, 128]`, `64x128`, `*`
for any length), or a line of the program (`:14`, `simplenet.py:14`, `simplenet.py:`).
"""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from functools import partial
from pathlib import PurePath
from typing import NamedTuple

from gradviz.trace.backward_graph import backward_name
from gradviz.trace.graph import Node, Scope
from gradviz.trace.iteration import Iteration

_WORDS = re.compile(r"\[[^\]]*\]?|\S+")  # a shape in brackets may have spaces in it
_LENGTHS = re.compile(r"(\d+|\*)([x×](\d+|\*))*[x×]?")
_LINE = re.compile(r"([^:]*):(\d*)")


class Description(NamedTuple):
    """What can be asked about a node, in small letters."""

    text: str
    shapes: tuple[str, ...]
    """Of all its outputs: "[64,128]"."""
    modules: frozenset[str]
    """Classes of the modules around it."""
    file: str
    line: int


Word = Callable[[Description], bool]


def words_of(text: str) -> list[Word]:
    """What a text asks for, word by word; nothing if it is empty."""
    return [_word(word.replace(" ", "")) for word in _WORDS.findall(text.lower())]


class Descriptions:
    """The descriptions of an iteration's nodes, each made when it is first asked for."""

    def __init__(self, iteration: Iteration) -> None:
        self._iteration = iteration
        self._scopes: dict[str, Scope] = {scope.path: scope for scope in iteration.scopes}
        self._around: dict[str, frozenset[str]] = {"": frozenset()}
        self._known: list[Description | None] = [None] * len(iteration.nodes)

    def find(self, words: Sequence[Word], start: int, stop: int) -> list[Node]:
        """The nodes from `start` to before `stop` that all the words are about."""
        nodes = self._iteration.nodes[start:stop]
        return [node for node in nodes if words and all(word(self._of(node)) for word in words)]

    def _of(self, node: Node) -> Description:
        known = self._known[node.id]
        if known is None:
            known = self._known[node.id] = self._describe(node)
        return known

    def _describe(self, node: Node) -> Description:
        shapes = [str(list(out.shape)) for out in node.outputs]
        module = self._scopes[node.scope].module if node.scope in self._scopes else ""
        parts = [node.qualified_name, node.key, node.kind, backward_name(node), module, *shapes]
        parts += {out.dtype for out in node.outputs}
        if node.in_backward is not None:
            parts.append("backward")
            parts += [self._iteration.nodes[node.in_backward.of].grad_fn] if node.in_backward.of >= 0 else []
        return Description(
            " ".join(parts).lower(),
            tuple(shape.replace(" ", "") for shape in shapes),
            self._modules_around(node.scope),
            PurePath(node.source.file).name.lower() if node.source else "",
            node.source.line if node.source else 0,
        )

    def _modules_around(self, path: str) -> frozenset[str]:
        if path not in self._around:
            outer = self._modules_around(path.rpartition(".")[0])
            scope = self._scopes.get(path)
            self._around[path] = outer | {scope.module.lower()} if scope else outer
        return self._around[path]


def _word(word: str) -> Word:
    if word.startswith("["):
        return partial(_has_shape, _shape(word))
    if (place := _LINE.fullmatch(word)) is not None:
        return partial(_is_at, place[1], int(place[2] or 0))
    if _LENGTHS.fullmatch(word) and not word.isdigit() and word != "*":
        shape = _shape(f"[{re.sub('[x×]', ',', word)}" + ("" if word[-1] in "x×" else "]"))
        return lambda of: _has_shape(shape, of) or word in of.text
    return lambda of: word in of.text or word in of.modules


def _shape(word: str) -> re.Pattern[str]:
    """Shapes like that; those that begin so while the bracket is still open."""
    pattern = re.escape(word).replace(r"\*", r"\d+")
    return re.compile(pattern if word.endswith("]") else f"{pattern}.*")


def _has_shape(shape: re.Pattern[str], of: Description) -> bool:
    return any(shape.fullmatch(each) for each in of.shapes)


def _is_at(file: str, line: int, of: Description) -> bool:
    """A file that ends so, at that line; at any if the line is 0."""
    return bool(of.line) and of.file.endswith(file) and line in (0, of.line)
