"""The language process itself: its messages, and that it ends with the window."""

from __future__ import annotations

import contextlib
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gradviz.session.environment import child_environment
from gradviz.session.language.process import Inbox
from gradviz.session.language.protocol import LENGTH, Question, decode_answer, decode_question, encode
from gradviz.trace.packing import PackingError


@pytest.fixture
def process(tmp_path: Path) -> Iterator[subprocess.Popen]:
    folder = tmp_path / "own"
    folder.mkdir()
    process = subprocess.Popen(
        [sys.executable, "-P", "-m", "gradviz.session.language.process", str(folder)],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        env=child_environment(),
    )
    with process:
        yield process
        process.kill()


def test_answers_and_ends_with_the_window_and_leaves_nothing(process, tmp_path):
    process.stdin.write(encode(Question(7, "complete", "import torch\ntorch.log_softm", "", 2, 15)))
    process.stdin.flush()
    length = LENGTH.unpack(process.stdout.read(LENGTH.size))[0]
    answer = decode_answer(process.stdout.read(length))
    assert (answer.number, answer.items[0].name) == (7, "log_softmax")
    process.stdin.close()
    assert process.wait(10) == 0
    assert [*tmp_path.iterdir()] == []


def test_what_is_no_question_ends_it(process):
    process.stdin.write(LENGTH.pack(3) + b"abc")
    process.stdin.flush()
    assert process.wait(30) == 0


def test_of_the_questions_that_wait_the_newest_of_each_kind_is_answered():
    inbox = Inbox()
    for number, kind in ((1, "complete"), (2, "signature"), (3, "complete")):
        inbox.put(Question(number, kind, "", "", 1, 0))  # type: ignore[arg-type]
    assert [inbox.take().number for _ in range(2)] == [2, 3]


@given(st.binary(max_size=200))
def test_bytes_from_a_stranger_are_refused_or_a_message(body: bytes):
    for decode in (decode_answer, decode_question):
        with contextlib.suppress(PackingError):
            decode(body)
