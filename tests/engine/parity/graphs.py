"""The graph behind tensors as plain data, and the programs whose graphs are compared."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np

Node = tuple[str, tuple[tuple[int | None, int], ...]]

FOLDER = Path(__file__).with_name("graph_programs")
# One program a line: statements, and after the last semicolon an expression for one or several tensors.
PROGRAMS = {file.stem: file.read_text().splitlines() for file in sorted(FOLDER.glob("*.txt"))}


def graph(roots: list[Any], leaves: list[Any]) -> list[Node]:
    """The nodes behind `roots`: the name of each and, for every input, the place of its node in this list
    (None for a constant) and the number of that node's output. The first entry holds the roots themselves.

    A node that is used twice is listed once, and the end at a leaf is named by the leaf's place in `leaves`,
    so that equal lists mean equal graphs.
    """
    nodes: list[Any] = []
    places: dict[Any, int] = {}
    leaf_places = {id(leaf): nr for nr, leaf in enumerate(leaves)}

    def edge(node: Any, nr: int) -> tuple[int | None, int]:
        if node is not None and node not in places:
            nodes.append(node)
            places[node] = len(nodes)
        return places.get(node), nr

    def name(node: Any) -> str:
        leaf = getattr(node, "variable", None)
        return node.name() if leaf is None else f"{node.name()} of leaf {leaf_places.get(id(leaf))}"

    start = ("roots", tuple(edge(root.grad_fn, root.output_nr) for root in roots))
    # `nodes` grows meanwhile.
    return [start, *((name(node), tuple(edge(*target) for target in node.next_functions)) for node in nodes)]


def drawn(nodes: list[Node]) -> str:
    """A graph in a line: the place, name and inputs of each node, "-" for a constant, "2.1" for output 1."""

    def end(place: int | None, nr: int) -> str:
        return "-" if place is None else f"{place}.{nr}" if nr else str(place)

    calls = [f"{name}({', '.join(end(*edge) for edge in edges)})" for name, edges in nodes]
    return " ".join(f"{place}:{call}" for place, call in enumerate(calls))


def run(program: str, torch: Any) -> list[Node]:
    """The graph of what a program makes of the usual names, with one library or the other."""
    torch.manual_seed(0)
    names = usual_names(torch)
    leaves = [value for value in names.values() if getattr(value, "requires_grad", False) is True]
    statements, _, expression = program.rpartition(";")
    exec(statements, names)
    return graph(tensors_in(eval(expression.strip(), names)), leaves)


def usual_names(torch: Any) -> dict[str, Any]:
    rng = np.random.default_rng(0)

    def constant(*shape: int) -> Any:
        return torch.tensor(rng.normal(size=shape).astype("float32") * 0.3)

    def leaf(*shape: int) -> Any:
        return constant(*shape).requires_grad_()

    names = {"torch": torch, "nn": torch.nn, "F": torch.nn.functional}
    names |= {"x": leaf(3, 4), "y": leaf(3, 4), "m": leaf(4, 5), "v": leaf(4), "s": leaf()}
    names |= {"b": leaf(2, 3, 4), "c": leaf(2, 4, 5), "img": leaf(2, 3, 6, 6), "ker": leaf(2, 3, 3, 3)}
    names |= {"k": constant(3, 4), "mask": constant(3, 4) > 0, "wv": torch.tensor([1.0, 2.0, 3.0, 4.0])}
    names["p"] = names["k"].softmax(1)
    names["i"] = torch.tensor([0, 2, 1])
    names["j"] = torch.tensor([[0, 1, 2, 3], [3, 2, 1, 0], [0, 0, 1, 1]])
    return names


def tensors_in(value: Any) -> list[Any]:
    if isinstance(value, (list, tuple)):
        return [tensor for part in value for tensor in tensors_in(part)]
    return [value] if hasattr(value, "grad_fn") else []
