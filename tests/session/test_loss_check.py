"""A loss whose gradient is wrong is found out, at the operation; one that is right is not accused."""

from __future__ import annotations

import pytest

from gradviz.session.check_problem import problems_of
from gradviz.session.loss_check import check_loss
from gradviz.session.program import Program, SnippetError
from gradviz.session.words import problem_text
from gradviz.trace.checks import CodeCheck
from tests.session.check_cases.case import Case, Plain
from tests.session.check_cases.held_out import RIGHT_HELD_OUT, WRONG_HELD_OUT
from tests.session.check_cases.right import RIGHT
from tests.session.check_cases.wrong import WRONG


def checked(text: str) -> CodeCheck:
    return check_loss(Program(text, "case.py"))


@pytest.mark.parametrize("case", [*WRONG, *WRONG_HELD_OUT], ids=str)
def test_a_seeded_mistake_is_located(case: Case | Plain) -> None:
    found = checked(case.text)
    assert found.verdict == "wrong"
    assert {operation.name for operation in found.wrong} == {"Op"}
    line = case.text.splitlines()[found.wrong[0].place.line - 1]
    assert line.startswith("    def backward")


@pytest.mark.parametrize("case", [*RIGHT, *RIGHT_HELD_OUT], ids=str)
def test_what_is_right_is_not_accused(case: Case | Plain) -> None:
    found = checked(case.text)
    assert found.verdict == "right" and problems_of(found) == []


# ── what is said ──────────────────────────────────────────────────────────────────────────────────────────

SAID = {
    "sign of neg": "Its sign is wrong",
    "square without its 2": "It is 0.5 times",
    "returns nothing": "Nothing comes back",
    "hinge forgets its mask": "is a mask missing",
    "raises": "mat1 and mat2",
    "asks for the wrong input": "ctx.needs_input_grad",
    "kept for the whole class": "between its forward and its backward",
}


@pytest.mark.parametrize("name", SAID)
def test_it_is_said_what_the_mistake_may_be(name: str) -> None:
    case = next(case for case in WRONG if case.name == name)
    (problem,) = problems_of(checked(case.text))[:1]
    assert SAID[name] in problem_text(problem)
    assert "Op.backward" in problem_text(problem) and problem.nodes


def test_the_line_is_that_of_backward_and_the_call_is_named_too() -> None:
    case = next(case for case in WRONG if case.name == "sign of neg")
    (problem,) = problems_of(checked(case.text))
    lines = case.text.splitlines()
    assert "def backward" in lines[problem.source.line - 1]
    assert "Op.apply" in lines[problem.lines[0].line - 1]


# ── where the gradient is cut off ─────────────────────────────────────────────────────────────────────────


def loss_of(*lines: str) -> str:
    return Plain("", "\n".join(lines)).text


@pytest.mark.parametrize(
    ("cut", "line"),
    [
        ("w = outputs.abs().mean().item()", 8),
        ("w = float(outputs.abs().mean())", 8),
        ("w = outputs.data.abs().mean()", 7),
        ("w = torch.tensor(outputs.detach().numpy()).abs().mean()", 7),
    ],
)
def test_a_number_that_is_taken_out_of_the_graph_is_found(cut: str, line: int) -> None:
    found = checked(loss_of(cut, "return (outputs ** 2).mean() * w"))
    assert found.verdict == "wrong" and found.wrong == ()
    (problem,) = problems_of(found)
    assert "no gradient comes back" in problem_text(problem) and problem.source.line == line


def test_a_gradient_that_a_hook_changes_is_wrong_as_a_whole() -> None:
    found = checked(loss_of("h = outputs * 2", "h.register_hook(lambda g: -g)", "return (h ** 2).mean()"))
    assert found.verdict == "wrong" and found.wrong == () and found.loss.state == "wrong"


def test_a_loss_that_is_no_number_is_not_called_right() -> None:
    with pytest.raises(SnippetError, match="nan"):
        checked(loss_of("return (outputs - 100).log().mean()"))


def test_a_loss_that_no_gradient_leaves_is_wrong() -> None:
    found = checked(
        loss_of("return torch.tensor(((outputs.detach() - 1) ** 2).mean().item(), requires_grad=True)")
    )
    assert found.verdict == "wrong"


def test_what_is_cut_off_with_detach_is_meant() -> None:
    found = checked(loss_of("w = outputs.detach().abs().mean()", "return (outputs ** 2).mean() * w"))
    assert found.verdict == "right" and found.loss.state == "surrogate"
    assert [(cut.name, cut.meant, cut.source.line) for cut in found.cuts] == [("detach()", True, 7)]


# ── what it is called with ────────────────────────────────────────────────────────────────────────────────


def test_an_example_of_ones_own_is_used() -> None:
    example = "example_inputs = (torch.ones(3, 2), torch.zeros(3, 2))\n"
    text = loss_of("assert outputs.shape == (3, 2)", "return ((outputs - labels) ** 2).sum()")
    found = checked(text + example)
    assert found.verdict == "right" and found.inputs == "its example_inputs"


def test_what_a_loss_raises_is_raised() -> None:
    with pytest.raises(RuntimeError, match="shapes cannot be multiplied"):
        checked(loss_of("return (outputs @ torch.ones(3, 4)).sum()"))


def test_a_loss_that_is_no_tensor_is_refused() -> None:
    with pytest.raises(SnippetError, match="float"):
        checked(loss_of("return 1.5"))


def test_the_state_of_a_file_is_the_same_for_every_call() -> None:
    text = loss_of("seen.append(1)", "return (outputs ** 2).sum() * len(seen)")
    assert checked(text + "seen = []\n").loss.state == "right"
