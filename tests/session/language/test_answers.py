"""Answers about names. "|" is where the caret stands."""

from __future__ import annotations

from pathlib import Path

import pytest

from gradviz.session.language import offers
from gradviz.session.language.answers import Answers
from gradviz.session.language.protocol import Answer, Completions, Description, Kind, Question, Signature

LOSS = """\
import torch
import torch.nn.functional as F
from torch import nn

class Loss(nn.Module):
    def __init__(self):
        super().__init__()
        self.smoothing = 0.1

    def forward(self, outputs, labels):
        {0}
"""


@pytest.fixture(scope="module")
def answers(tmp_path_factory: pytest.TempPathFactory) -> Answers:
    folder = tmp_path_factory.mktemp("offers")
    offers.write(folder)
    return Answers(folder)


def ask(answers: Answers, kind: Kind, text: str, path: str = "loss.py", name: str = "") -> Answer:
    before, _, after = text.partition("|")
    place = before.count("\n") + 1, len(before.rpartition("\n")[2])
    return answers.answer(Question(1, kind, before + after, path, *place, name))


def completions(answers: Answers, text: str, path: str = "loss.py") -> list[str]:
    answer = ask(answers, "complete", text, path)
    assert isinstance(answer, Completions)
    return [item.name for item in answer.items]


@pytest.mark.parametrize(
    ("line", "name"),
    [
        ("torch.log_soft|", "log_softmax"),
        ("nn.Cross|", "CrossEntropyLoss"),
        ("F.nll|", "nll_loss"),
        ("outputs.log_soft|", "log_softmax"),
        ("x = outputs.exp().su|", "sum"),
        ("(outputs * 2 - labels).me|", "mean"),
        ("self.smoo|", "smoothing"),
        ("self.register_b|", "register_buffer"),
        ("lab|", "labels"),
        ("for x in train_l|", "train_loader"),
    ],
)
def test_names_of_the_engine_and_of_the_program(answers, line, name):
    assert name in completions(answers, LOSS.format(line))


def test_the_word_begins_where_completions_say(answers):
    answer = ask(answers, "complete", "# 😀\nimport torch\nx = '😀'; torch.ex|")
    assert isinstance(answer, Completions)
    assert answer.start == len("x = '😀'; torch.")


@pytest.mark.parametrize("line", ["outputs.|.lo", "nothing.|", "))((.|", "open('/ho|')"])
def test_what_makes_no_sense_has_no_completions(answers, line):
    assert completions(answers, line) == []


def test_the_parameter_at_the_caret(answers):
    answer = ask(answers, "signature", LOSS.format("F.nll_loss(outputs, target=|"))
    assert isinstance(answer, Signature)
    assert (answer.name, answer.current, answer.returns) == ("nll_loss", 1, "Tensor")
    assert answer.parameters[:2] == ["input: Tensor", "target: Tensor"]
    assert ask(answers, "signature", LOSS.format("x = 1|")) == Signature(1)


@pytest.mark.parametrize("line", ["outputs.ex|p()", "torch.ex|p(outputs)", "outputs.ex|p_()"])
def test_an_operation_is_described_with_its_maths(answers, line):
    answer = ask(answers, "hover", LOSS.format(line))
    assert isinstance(answer, Description)
    assert answer.title.endswith("-> Tensor")
    assert answer.formula == "e^{x}"
    assert [argument for argument, _ in answer.rules] == ["x"]


def test_a_layer_has_the_maths_of_its_operation(answers):
    answer = ask(answers, "hover", LOSS.format("nn.MSELo|ss()"))
    assert isinstance(answer, Description)
    assert "(x - y)^{2}" in answer.formula
    assert "target" in answer.words


def test_a_persons_own_function_of_the_same_name_has_no_maths(answers):
    answer = ask(answers, "hover", "def exp(x):\n    'Mine.'\n\nex|p(1)")
    assert isinstance(answer, Description)
    assert (answer.words, answer.formula) == ("Mine.", "")


def test_a_completion_is_described_by_its_name(answers):
    completions(answers, LOSS.format("F.nll|"))
    answer = ask(answers, "describe", "|", name="nll_loss")
    assert isinstance(answer, Description)
    assert answer.title.startswith("nll_loss(input: Tensor")
    assert ask(answers, "describe", "|", name="nowhere") == Description(1)


def test_what_lies_beside_the_program_is_read_and_never_run(answers, tmp_path: Path):
    trace = tmp_path / "was-run"
    (tmp_path / "helper.py").write_text(f"open({str(trace)!r}, 'w')\ndef smooth(labels): pass\n", "utf-8")
    (tmp_path / "evil.so").write_bytes(b"no library")
    program = str(tmp_path / "program.py")
    assert completions(answers, "import helper\nhelper.smo|", program) == ["smooth"]
    assert completions(answers, "import evil\nevil.|", program) == []
    completions(answers, f"open({str(trace)!r}, 'w')\nimport o|", program)
    assert not trace.exists()
