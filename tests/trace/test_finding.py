"""What a text finds among the nodes of an iteration."""

import pytest

from gradviz.trace import Input, Iteration, Node, Scope, Source, TensorInfo
from gradviz.trace.finding import Descriptions, words_of


def node(number: int, scope: str, name: str, *shapes: tuple[int, ...], dtype="float32", line=14) -> Node:
    return Node(
        id=number,
        key=f"{scope}/{name}" if scope else name,
        kind="operation",
        name=name,
        scope=scope,
        inputs=(Input(number - 1),) if number else (),
        outputs=tuple(TensorInfo(shape, dtype) for shape in shapes),
        source=Source("/home/me/SimpleNet.py", line) if line else None,
        grad_fn=f"{name.title()}Backward0",
    )


ITERATION = Iteration(
    0,
    nodes=[
        node(0, "", "labels", (64,), dtype="int64", line=0),
        node(1, "net.fc1", "addmm", (64, 128)),
        node(2, "net", "relu", (64, 128), line=15),
        node(3, "net.fc2", "addmm", (64, 10), line=140),
        node(4, "net", "max", (64, 1), (64, 1280), line=16),
        node(5, "criterion", "nll_loss", (), line=30),
    ],
    scopes=[
        Scope("net", "SimpleNet"),
        Scope("net.fc1", "Linear"),
        Scope("net.fc2", "Linear"),
        Scope("criterion", "CrossEntropyLoss"),
    ],
)


def found(text: str) -> list[int]:
    return [each.id for each in Descriptions(ITERATION).find(words_of(text), 0, len(ITERATION.nodes))]


@pytest.mark.parametrize(
    ("text", "ids"),
    [
        ("relu", [2]),
        ("RELU", [2]),
        ("net.fc", [1, 3]),
        ("fc2 addmm", [3]),
        ("addmmbackward", [1, 3]),
        ("operation nll", [5]),
        ("there is none", []),
        ("", []),
        ("   ", []),
    ],
)
def test_words_are_parts_of_names_and_all_have_to_be_there(text, ids):
    assert found(text) == ids


@pytest.mark.parametrize(
    ("text", "ids"),
    [
        ("[64, 128]", [1, 2]),
        ("[64,128]", [1, 2]),
        ("64x128", [1, 2]),
        ("64×128", [1, 2]),
        ("64X128", [1, 2]),
        ("[*, 128]", [1, 2]),
        ("64x*", [1, 2, 3, 4]),
        ("[64]", [0]),
        ("[]", [5]),
        ("[64, 128] relu", [2]),
        ("64x1280", [4]),
        ("128", [1, 2, 4]),
        ("[64, 1", [1, 2, 3, 4]),
        ("64x1x", []),
        ("64x128x", []),
        ("64x", [1, 2, 3, 4]),
        ("[64, 12]", []),
    ],
)
def test_a_shape_is_that_shape_and_no_longer_one_once_it_is_written_out(text, ids):
    assert found(text) == ids


@pytest.mark.parametrize(("text", "ids"), [("int64", [0]), ("float", [1, 2, 3, 4, 5])])
def test_by_dtype(text, ids):
    assert found(text) == ids


@pytest.mark.parametrize(
    ("text", "ids"),
    [
        ("linear", [1, 3]),
        ("Lin", [1, 3]),
        ("crossentropyloss", [5]),
        ("SimpleNet", [1, 2, 3, 4]),  # also what is deeper inside
        ("SimpleN", [2, 4]),  # a part of a name is that of the innermost module
    ],
)
def test_by_the_class_of_a_module(text, ids):
    assert found(text) == ids


@pytest.mark.parametrize(
    ("text", "ids"),
    [
        (":14", [1]),
        ("simplenet.py:14", [1]),
        ("SimpleNet.py:15", [2]),
        ("simplenet.py:", [1, 2, 3, 4, 5]),
        ("other.py:14", []),
        (":99", []),
        (":14 relu", []),
    ],
)
def test_by_a_line_of_the_program(text, ids):
    assert found(text) == ids


@pytest.mark.parametrize("text", ["[", "]", "[[", ":", "::", "*", "**", "x", "[(", "(?", "[" * 5000, "\\d"])
def test_nothing_that_is_typed_raises(text):
    found(text)


def test_a_part_of_the_nodes_is_searched_at_a_time():
    descriptions = Descriptions(ITERATION)
    parts = [descriptions.find(words_of("addmm"), start, start + 2) for start in (0, 2, 4)]
    assert [[each.id for each in part] for part in parts] == [[1], [3], []]
