"""How findings are told: once, with their place, and not where the program says so."""

from __future__ import annotations

import pytest

from gradviz.session.linting import rule_of
from gradviz.session.protocol import Problem
from gradviz.trace.lint import NAMES, RULES, is_silenced
from tests.session.harness import record
from tests.session.lint.programs import HEAD

SOFTMAX = (
    HEAD
    + """
net = nn.Linear(4, 3)
opt = torch.optim.SGD(net.parameters(), 0.1)
for i in range(6):
    p = torch.softmax(net(torch.randn(8, 4)), 1)
    loss = F.cross_entropy(p, torch.randint(0, 3, (8,)))SILENT
    opt.zero_grad()
    loss.backward()
    opt.step()
"""
)


def found(text: str, advances: int = 20) -> list[Problem]:
    return [problem for problem in record(text, ["iteration"] * advances).problems if rule_of(problem)]


def test_a_finding_is_told_once_with_its_lines_nodes_and_words():
    problem, *others = found(SOFTMAX.replace("SILENT", ""))
    assert not others
    assert problem.kind == "softmax-before-cross-entropy"
    assert problem.source.line == 10
    assert [source.line for source in problem.lines] == [9]
    assert problem.nodes == ("/softmax", "/log_softmax")
    assert problem.iteration == 0
    assert problem.words.format(*problem.arguments).startswith(
        "cross_entropy gets probabilities: the outputs [8, 3] went through softmax at line 9 already"
    )
    assert problem.hint.format(*problem.hint_arguments).startswith("Leave out the softmax")


def test_a_program_that_runs_at_full_speed_is_looked_through_too():
    assert [problem.kind for problem in found(SOFTMAX.replace("SILENT", ""), advances=0)] == [
        "softmax-before-cross-entropy"
    ]


def test_an_evaluation_is_seen_that_comes_late_and_at_full_speed():
    program = """
net = nn.Sequential(nn.Linear(4, 8), nn.Dropout(0.5), nn.Linear(8, 2))
opt = torch.optim.SGD(net.parameters(), 0.01)
x, y = torch.randn(8, 4), torch.randint(0, 2, (8,))
for i in range(400):
    opt.zero_grad()
    F.cross_entropy(net(x), y).backward()
    opt.step()
with torch.no_grad():
    right = (net(x).argmax(1) == y).sum()
"""
    problem, *others = found(HEAD + program, advances=0)
    assert not others
    assert (problem.kind, problem.source.line) == ("train-eval-mode", 14)


@pytest.mark.parametrize("comment", ["ignore", "ignore[softmax-before-cross-entropy]"])
def test_a_comment_silences_a_line(comment: str):
    assert found(SOFTMAX.replace("SILENT", f"  # gradviz: {comment}")) == []


def test_a_comment_silences_the_rules_it_names_alone():
    assert len(found(SOFTMAX.replace("SILENT", "  # gradviz: ignore[label-kind]"))) == 1
    assert is_silenced("x = 1  # because # gradviz: ignore[a, b-c]", "b-c")
    assert not is_silenced("x = 1  # gradviz: ignore[a, b-c]", "c")
    assert not is_silenced("x = 1  # gradviz", "a")


def test_every_rule_has_a_name_of_its_own_and_sentences_that_can_be_filled():
    assert len(set(NAMES)) == len(NAMES)
    for rule in RULES:
        for saying in rule.sayings:
            for text in saying:
                assert text.endswith((".", "…")), text
                text.format(*"abcde")
