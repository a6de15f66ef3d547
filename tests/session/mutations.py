"""Messages that are almost right: what a broken or hostile worker could send."""

from __future__ import annotations

import random
from typing import Any

import msgspec

WORDS = ("", "\0", "\u202e", "<b>&amp;", "%s{0}{9}{", "a" * 10_000, "net/", "loss", "value", "🙂\n'\"")
NUMBERS = (0, 1, -1, 2, 7, 255, 1 << 20, (1 << 31) - 1, 1 << 40, (1 << 63) - 1, -(1 << 63))
FLOATS = (0.0, -0.0, 1e308, -1e308, 5e-324, float("nan"), float("inf"), float("-inf"))


def mutated(message: bytes, rng: random.Random) -> bytes:
    """The message with another byte, or with one part of it replaced, left out, repeated or torn."""
    if rng.random() < 0.1:
        torn = bytearray(message)
        torn[rng.randrange(len(torn))] = rng.randrange(256)
        return bytes(torn)
    tree = msgspec.msgpack.decode(message)
    places = [place for place in _places(tree) if place[1] != "type" or rng.random() < 0.1]
    if places:
        container, key = rng.choice(places)
        container[key] = _other(container[key], rng)
        if rng.random() < 0.15 and isinstance(container, dict):
            del container[key]
    return msgspec.msgpack.encode(tree)


def _places(tree: Any) -> list[tuple[Any, Any]]:
    """Every container in the tree with each of its keys; one that holds others stands there twice."""
    found: list[tuple[Any, Any]] = []
    waiting = [tree]
    while waiting:
        container = waiting.pop()
        keys = list(container) if isinstance(container, dict) else range(len(container))
        for key in keys:
            found.append((container, key))
            if isinstance(container[key], dict | list):
                waiting.append(container[key])
                found.append((container, key))
    return found


def _other(value: Any, rng: random.Random) -> Any:
    """Another value, mostly of the same type."""
    if rng.random() < 0.05:
        return rng.choice((None, True, 0, 0.5, "x", b"x", [], {}))
    match value:
        case bool():
            return not value
        case int():
            return min(max(rng.choice((*NUMBERS, value + 1, value - 1, -value)), -(1 << 63)), (1 << 63) - 1)
        case float():
            return rng.choice((*FLOATS, -value))
        case str():
            return rng.choice((*WORDS, value[:-1], value + "x", value * 2))
        case bytes():
            return rng.choice((b"", value[:-1], value * 2, bytes(len(value)), b"\xff" * len(value)))
        case list():
            return _other_list(value, rng)
    return value


def _other_list(value: list[Any], rng: random.Random) -> list[Any]:
    shuffled = rng.sample(value, len(value))
    return rng.choice((value[:-1], value[1:], value * 2, value[:1] * 1000, shuffled, []))
