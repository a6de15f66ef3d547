"""The backward of a recorded operation beside finite differences, asked as the window asks."""

from gradviz.engine.tape import Op
from gradviz.session.answers import checked, gradient_problem
from gradviz.session.hints import TEMPLATES, WHY_NO_NUMBER
from gradviz.session.protocol import Check
from tests.session.harness import SMALL_NET, Session, node_named, record

WRONG = """
import torch

class Square(torch.autograd.Function):
    @staticmethod
    def forward(ctx, x):
        ctx.save_for_backward(x)
        return x * x

    @staticmethod
    def backward(ctx, g):
        (x,) = ctx.saved_tensors
        return g * x

w = torch.tensor([1.0, 2.0, 3.0], requires_grad=True)
Square.apply(w).sum().backward()
"""


def ask(session: Session, name: str):
    iteration = session.iterations[-1]
    recording = session.controller.recording(iteration.index)
    with session.controller.deaf():
        return checked(recording, Check(iteration.index, node_named(iteration, name).id))


def test_a_layer_is_right_in_every_argument_that_learns():
    found = ask(record(SMALL_NET), "net.fc2/addmm")
    assert [(verdict.argument, verdict.state) for verdict in found.verdicts] == [
        ("bias", "right"),
        ("a", "right"),
        ("b", "right"),
    ]


def test_a_wrong_backward_names_elements_with_expected_and_found():
    (verdict,) = ask(record(WRONG), "Square").verdicts
    assert verdict.state == "wrong"
    for difference in verdict.worst:
        assert abs(difference.found / difference.expected - 0.5) < 1e-3


def test_what_is_not_an_operation_is_said_so():
    assert ask(record(SMALL_NET), "net.fc1.weight").words == WHY_NO_NUMBER


def test_checking_leaves_no_trace_in_what_is_recorded():
    session = record(SMALL_NET, ["iteration"])
    before = len(session.iterations[-1].events)
    ask(session, "net.fc1/addmm")
    assert len(session.iterations[-1].events) == before


def operations(kind: type[Op] = Op) -> set[type[Op]]:
    return {kind}.union(*(operations(sub) for sub in kind.__subclasses__()))


def test_why_a_backward_is_not_judged_can_be_said_in_every_language():
    assumptions = {kind.assumption for kind in operations()} - {""}
    assert assumptions
    assert {f"its backward assumes that {words}" for words in assumptions} <= set(TEMPLATES)
    noisy = WRONG.replace("return x * x", "import time; return x * time.perf_counter_ns()")
    (verdict,) = ask(record(noisy), "Square").verdicts
    assert verdict.state == "unchecked" and verdict.words in TEMPLATES


def test_a_wrong_backward_is_told_as_a_problem_with_its_card_and_its_lines():
    session = record(WRONG)
    recording = session.controller.recording(session.iterations[-1].index)
    problem = gradient_problem(recording, ask(session, "Square"))
    assert problem is not None and problem.nodes == (node_named(recording.iteration, "Square").key,)
    lines = WRONG.splitlines()
    assert "def backward" in lines[problem.source.line - 1] and "apply" in lines[problem.lines[0].line - 1]
    assert gradient_problem(recording, ask(session, "sum")) is None


def test_a_gradient_that_went_stale_in_the_run_is_wrong():
    """Asked alone it is right: it keeps its input for the whole class, and another call has replaced that."""
    text = WRONG.replace("ctx.save_for_backward(x)", "Square.kept = x")
    text = text.replace("(x,) = ctx.saved_tensors", "x = Square.kept").replace("g * x", "2 * g * x")
    text = text.replace("Square.apply(w).sum()", "(Square.apply(w) + Square.apply(w + 1)).sum()")
    (verdict,) = ask(record(text), "Square").verdicts
    assert verdict.state == "wrong" and "in this run" in verdict.words
