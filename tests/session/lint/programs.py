"""The linter's programs: each with the rule that it breaks, or "clean"."""

from __future__ import annotations

import re
from pathlib import Path
from typing import NamedTuple

HERE = Path(__file__).parent
HEAD = "import torch\nimport torch.nn as nn\nimport torch.nn.functional as F\n\n"
_TITLE = re.compile(r"^#% (?P<rule>[\w-]+): (?P<title>.*)\n", re.MULTILINE)


class Sample(NamedTuple):
    """A program. `rule` is the one that it breaks, "clean" if it is right."""

    rule: str
    title: str
    text: str


def samples(name: str) -> list[Sample]:
    """Those of the file `name`.txt, in order."""
    _, *parts = _TITLE.split((HERE / f"{name}.txt").read_text("utf-8"))
    rules, titles, texts = parts[::3], parts[1::3], parts[2::3]
    return [Sample(*one, HEAD + text) for *one, text in zip(rules, titles, texts, strict=True)]
