"""The bundled examples: whole programs, and loss snippets for the built-in SimpleNet."""

import json
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

from gradviz.resources import asset


@dataclass(frozen=True)
class Example:
    """`title` and `summary` (one sentence) by language, "en" and "zh_CN"."""

    path: Path
    kind: Literal["program", "loss"]
    title: dict[str, str]
    summary: dict[str, str]

    @property
    def name(self) -> str:
        return self.path.stem


def list_examples() -> list[Example]:
    """All examples in the order of `assets/examples/index.json`, programs first."""
    index = json.loads(asset("examples", "index.json").read_text("utf-8"))
    return [
        Example(asset("examples", row["file"]), row["kind"], row["title"], row["summary"]) for row in index
    ]


def default_example() -> Example:
    """SimpleNet: what the window opens on, and what is trained where there is no window."""
    return list_examples()[0]
