"""A small loss with one custom Function in it, as the text of a snippet."""

from __future__ import annotations

from dataclasses import dataclass

PROGRAM = """import torch
import torch.nn as nn
import torch.nn.functional as F
{setup}

class Op(torch.autograd.Function):
    @staticmethod
    def forward(ctx, {args}):
        {forward}

    @staticmethod
    def backward(ctx, {g}):
        {backward}


def loss(outputs, labels):
    {loss}
"""


@dataclass(frozen=True)
class Case:
    """`forward` and `backward` are bodies, their lines parted by newlines or semicolons."""

    name: str
    forward: str
    backward: str
    loss: str = "return Op.apply(outputs).mean()"
    args: str = "x"
    setup: str = ""
    g: str = "g"

    @property
    def text(self) -> str:
        return PROGRAM.format(
            setup=self.setup,
            args=self.args,
            g=self.g,
            forward=_indented(self.forward, 8),
            backward=_indented(self.backward, 8),
            loss=_indented(self.loss, 4),
        )

    def __str__(self) -> str:
        return self.name


def _indented(body: str, spaces: int) -> str:
    return body.strip("\n").replace("\n", "\n" + " " * spaces)


@dataclass(frozen=True)
class Plain:
    """A loss without a Function of its own: a function of (outputs, labels), or a whole text."""

    name: str
    loss: str

    @property
    def text(self) -> str:
        head = "import torch\nimport torch.nn as nn\nimport torch.nn.functional as F\n\n\n"
        if self.loss.startswith(("class ", "def ", "import ", "criterion")):
            return head + self.loss
        return head + "def loss(outputs, labels):\n    " + _indented(self.loss, 4) + "\n"

    def __str__(self) -> str:
        return self.name
