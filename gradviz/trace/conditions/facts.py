"""What a condition may ask about an event: the names of the facts, their types, and what they mean."""

from __future__ import annotations

from typing import Literal, NamedTuple

FactType = Literal["number", "count", "condition", "text", "array"]
"""A count is a number that may also stand alone, as "not 0". An array is asked through its statistics."""

Value = float | bool | tuple[str, ...] | None
"""Of a text all its spellings, the one to show first: a node answers to its qualified name and its key. None
is unknown: the event has no such fact."""


class Fact(NamedTuple):
    """`description`: English, one line; the window translates it."""

    type: FactType
    description: str


STATISTICS: dict[str, Fact] = {
    "norm": Fact("number", "square root of the sum of squares; NaN or infinite where an element is"),
    "min": Fact("number", "smallest element"),
    "max": Fact("number", "largest element"),
    "mean": Fact("number", "mean of the elements"),
    "std": Fact("number", "standard deviation of the elements, over all of them"),
    "size": Fact("number", "how many elements there are"),
    "nan": Fact("count", "how many elements are NaN"),
    "inf": Fact("count", "how many elements are infinite"),
    "finite": Fact("condition", "whether all elements are finite"),
    "zeros": Fact("number", "share of the elements that are 0, from 0 to 1"),
}

FACTS: dict[str, Fact] = {
    "kind": Fact("text", "what happened: forward, backward, accumulate or update"),
    "phase": Fact("text", "forward, backward or update"),
    "op": Fact("text", "the operation as torch calls it, such as addmm"),
    "grad_fn": Fact("text", "torch's name of the backward node, such as AddmmBackward0"),
    "node": Fact("text", "name in the program, such as net.fc1/addmm or net.fc1.weight"),
    "scope": Fact("text", "path of the module around it, such as net.fc1"),
    "module": Fact("text", "class of the module around it, such as Linear"),
    "file": Fact("text", "the program's file, without folders"),
    "line": Fact("number", "line of the program"),
    "iteration": Fact("number", "number of the iteration, from 1"),
    "epoch": Fact("number", "number of the epoch, from 1"),
    "batch": Fact("number", "number of the batch in its epoch, from 1"),
    "event": Fact("number", "number of the event in its iteration, from 1"),
    "value": Fact("array", "what a forward operation computed, or a parameter after its update"),
    "grad": Fact("array", "gradient that came to an operation, or has gathered in a parameter"),
    "before": Fact("array", "a parameter before its update"),
    "update.ratio": Fact("number", "length of an update, as a share of the parameter's own: ‖Δ‖ / ‖w‖"),
    "dead": Fact("number", "share of a ReLU's units that are 0 for every sample, from 0 to 1"),
    "loss": Fact("number", "the loss, where the operation that made it has run"),
    "loss.previous": Fact("number", "the loss that the same line made the time before"),
    "loss.lowest": Fact("number", "the lowest loss that the same line has made before"),
}

KINDS = ("forward", "backward", "accumulate", "update")
PHASES = ("forward", "backward", "update")
TEXTS: dict[str, tuple[str, ...]] = {"kind": KINDS, "phase": PHASES}
"""The texts that a fact can be, where there are only a few."""


def fact(name: str) -> Fact | None:
    """The fact with that full name ("grad.norm", "loss.previous", "op"), or None."""
    if name in FACTS:
        return FACTS[name]
    array, _, statistic = name.partition(".")
    if array in FACTS and FACTS[array].type == "array":
        return STATISTICS.get(statistic)
    return None


def asks_elements(name: str) -> bool:
    """Whether all elements of an array have to be looked at to know the fact."""
    return name in ("dead", "update.ratio") or name not in FACTS


def names() -> list[str]:
    """The full names of all facts that have a value of their own."""
    found: list[str] = []
    for name, entry in FACTS.items():
        found += [f"{name}.{part}" for part in STATISTICS] if entry.type == "array" else [name]
    return found


TEMPLATES = tuple(entry.description for entry in (*FACTS.values(), *STATISTICS.values()))
