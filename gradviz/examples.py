"""The bundled examples: programs, loss snippets for the built-in SimpleNet, and optimizers."""

import json
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

from gradviz.resources import asset


@dataclass(frozen=True)
class Example:
    """`title` and `summary` (one sentence) by language, "en" and "zh_CN".

    A "loss" is a snippet for the built-in SimpleNet, "training" is a program that is about its loss.
    """

    path: Path
    kind: Literal["program", "loss", "training", "optimizer"]
    title: dict[str, str]
    summary: dict[str, str]

    @property
    def name(self) -> str:
        return self.path.stem


def list_examples() -> list[Example]:
    """All examples in the order of `assets/examples/index.json`, by kind."""
    index = json.loads(asset("examples", "index.json").read_text("utf-8"))
    return [
        Example(asset("examples", row["file"]), row["kind"], row["title"], row["summary"]) for row in index
    ]


def default_example() -> Example:
    """SimpleNet: what the window opens on, and what is trained where there is no window."""
    return list_examples()[0]
