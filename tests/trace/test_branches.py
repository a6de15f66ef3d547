"""Branches of a run, and which edits a branch has seen."""

import msgspec
import pytest

from gradviz.trace.branches import (
    MAX_EDITS,
    Branch,
    DatedEdit,
    SetElement,
    SetLearningRate,
    SetLoss,
    SetSample,
    edits_of,
)

FAST, SLOW = SetLearningRate(0.5), SetLearningRate(0.01, group=1)


def test_a_branch_has_seen_its_own_edits_and_those_of_its_ancestors_before_it_left():
    older = Branch(1, iteration=10, edits=(FAST,))
    left_later = Branch(2, parent=1, iteration=30, edits=(SLOW,))
    left_before = Branch(3, parent=2, iteration=5, edits=(SetSample(0, label=1),))
    branches = {1: older, 2: left_later}
    assert edits_of(older, {}) == (DatedEdit(10, FAST),)
    assert edits_of(left_later, branches) == (DatedEdit(10, FAST), DatedEdit(30, SLOW))
    assert edits_of(left_before, branches) == (DatedEdit(5, SetSample(0, label=1)),)


def test_at_the_same_iteration_the_parents_edits_come_first():
    child = Branch(2, parent=1, iteration=10, edits=(SLOW,))
    assert [dated.edit for dated in edits_of(child, {1: Branch(1, iteration=10, edits=(FAST,))})] == [
        FAST,
        SLOW,
    ]


def test_what_an_ancestor_saw_after_a_later_one_had_left_is_not_among_them():
    branches = {1: Branch(1, iteration=20, edits=(FAST,)), 2: Branch(2, parent=1, iteration=10)}
    assert edits_of(Branch(3, parent=2, iteration=30), branches) == ()


@pytest.mark.parametrize("parent", [1, 2])
def test_no_branch_descends_from_itself(parent):
    with pytest.raises(ValueError, match="cannot have the parent"):
        Branch(1, parent=parent)


@pytest.mark.parametrize(
    "edit",
    [
        SetElement("w", (-1,), 0.0),
        SetElement("w", (0,) * 65, 0.0),
        SetLoss("x" * (1 << 15) + "x", "loss.py"),
        SetSample(-1),
    ],
    ids=repr,
)
def test_what_is_out_of_bounds_is_not_decoded(edit):
    branch = Branch(1, edits=(edit,))
    with pytest.raises(msgspec.ValidationError):
        msgspec.msgpack.decode(msgspec.msgpack.encode(branch), type=Branch)


def test_a_branch_has_a_bounded_number_of_edits():
    message = msgspec.msgpack.encode(Branch(1, edits=(FAST,) * (MAX_EDITS + 1)))
    with pytest.raises(msgspec.ValidationError):
        msgspec.msgpack.decode(message, type=Branch)
