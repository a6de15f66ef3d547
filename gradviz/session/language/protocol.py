"""What editor and language process say to each other: typed MessagePack, each message after its length.

Lines count from 1, columns from 0 in code points. What does not decode strictly, or is too long, ends the
conversation.
"""

from __future__ import annotations

import struct
from typing import Annotated, Literal

import msgspec
from msgspec import Meta, Struct

from gradviz.trace.packing import pack, unpack

MAX_TEXT = 1 << 20  # characters of a program: beyond, the editor does not ask
MAX_MESSAGE = 8 << 20  # bytes
MAX_COMPLETIONS = 1000
LENGTH = struct.Struct(">I")

Name = Annotated[str, Meta(max_length=200)]
Text = Annotated[str, Meta(max_length=10_000)]
Kind = Literal["complete", "describe", "signature", "hover"]


class Question(Struct, frozen=True, tag="question"):
    """Asks about a place in a program. A newer question takes the place of an older one of its kind.

    "complete": what can be written there, answered by `Completions`. "describe": what `name`, one of these,
    is; answered by `Description`. "signature": the call around the place, answered by `Signature`. "hover":
    what stands there, answered by `Description`.
    """

    number: int
    kind: Kind
    text: Annotated[str, Meta(max_length=MAX_TEXT)]
    path: Annotated[str, Meta(max_length=4096)]
    line: Annotated[int, Meta(ge=1)]
    column: Annotated[int, Meta(ge=0)]
    name: Name = ""


class Completion(Struct, frozen=True):
    name: Name
    kind: Literal["function", "class", "module", "keyword", "variable"]


class Completions(Struct, frozen=True, tag="completions"):
    """`start` is the column at which the word begins that they complete."""

    number: int
    start: Annotated[int, Meta(ge=0)] = 0
    items: Annotated[list[Completion], Meta(max_length=MAX_COMPLETIONS)] = []


class Signature(Struct, frozen=True, tag="signature"):
    """The call around a place. `current` is the parameter that stands there, -1 for none; without a call
    `name` is empty."""

    number: int
    name: Name = ""
    parameters: Annotated[list[Text], Meta(max_length=100)] = []
    current: Annotated[int, Meta(ge=-1)] = -1
    returns: Text = ""


class Description(Struct, frozen=True, tag="description"):
    """What a name is. `formula` and `rules` (argument, vector-Jacobian product) are LaTeX, where the name is
    an operation of the engine. Without anything to say `title` is empty."""

    number: int
    title: Text = ""
    words: Text = ""
    formula: Text = ""
    rules: Annotated[list[tuple[Name, Text]], Meta(max_length=20)] = []


Answer = Completions | Signature | Description

_questions = msgspec.msgpack.Decoder(Question)
_answers: msgspec.msgpack.Decoder[Answer] = msgspec.msgpack.Decoder(Answer)


def encode(message: Question | Answer) -> bytes:
    """The bytes of a message, its length before them."""
    body = pack(message)
    return LENGTH.pack(len(body)) + body


def decode_question(body: bytes) -> Question:
    """Raises PackingError on anything that is not a question."""
    return unpack(_questions, body)


def decode_answer(body: bytes) -> Answer:
    """Raises PackingError on anything that is not an answer."""
    return unpack(_answers, body)
