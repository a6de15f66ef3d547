"""Which checkpoints a branch can go back to, and which are given up first."""

from __future__ import annotations

import os
from collections.abc import Iterator

import pytest

from gradviz.session import checkpoint_tree
from gradviz.session.budget import Budget
from gradviz.session.checkpoint_tree import Checkpoint, CheckpointTree

MAIN = 0


@pytest.fixture
def tree() -> Iterator[CheckpointTree]:
    tree = CheckpointTree(MAIN, Budget())
    yield tree
    for checkpoint in checkpoints(tree):
        tree.give_up(checkpoint)


def checkpoints(tree: CheckpointTree) -> list[Checkpoint]:
    return list(tree._checkpoints.values())


def places(tree: CheckpointTree) -> list[tuple[int, int]]:
    return sorted((checkpoint.branch, checkpoint.iteration) for checkpoint in checkpoints(tree))


def add(tree: CheckpointTree, branch: int, *iterations: int) -> None:
    """Checkpoints of a program that takes a second for an iteration."""
    for iteration in iterations:
        reading, writing = os.pipe()
        os.close(reading)
        tree.add(Checkpoint(branch, iteration, 1 << 30, float(iteration), writing))


def nearest(tree: CheckpointTree, branch: int, target: int) -> tuple[int, int] | None:
    found = tree.nearest(branch, target)
    return None if found is None else (found.branch, found.iteration)


def test_a_branch_goes_back_to_its_own_and_to_those_from_before_it_parted(tree: CheckpointTree) -> None:
    add(tree, MAIN, 0, 10, 20, 30)
    tree.part(1, MAIN, 20)
    assert nearest(tree, 1, 25) == (MAIN, 10)  # the one at 20 is too late for a change at 20
    add(tree, 1, 22)
    assert nearest(tree, 1, 25) == (1, 22)
    assert nearest(tree, 1, 21) == nearest(tree, 1, 15) == (MAIN, 10)
    assert nearest(tree, MAIN, 25) == (MAIN, 20)


def test_a_branch_of_a_branch_that_left_earlier_has_nothing_from_after_that(tree: CheckpointTree) -> None:
    add(tree, MAIN, 0, 10, 20)
    tree.part(1, MAIN, 15)
    add(tree, 1, 16, 18)
    tree.part(2, 1, 12)
    assert nearest(tree, 2, 40) == (MAIN, 10)
    tree.part(3, 1, 17)
    assert nearest(tree, 3, 40) == (1, 16)


def test_nothing_is_before_the_first_iteration(tree: CheckpointTree) -> None:
    add(tree, MAIN, 0, 1)
    tree.part(1, MAIN, 0)
    assert nearest(tree, 1, 5) == (MAIN, 0)


def test_without_a_checkpoint_there_is_no_past(tree: CheckpointTree) -> None:
    assert nearest(tree, MAIN, 5) is None


def test_of_a_branch_that_is_over_only_what_others_need_stays(tree: CheckpointTree) -> None:
    add(tree, MAIN, 0)
    tree.part(1, MAIN, 10)
    add(tree, 1, 12, 20)
    tree.part(2, 1, 15)
    add(tree, 2, 16)
    tree.end(1)
    assert places(tree) == [(MAIN, 0), (1, 12), (2, 16)]
    add(tree, 1, 30)  # was on its way
    assert places(tree) == [(MAIN, 0), (1, 12), (2, 16)]
    tree.end(2)
    assert places(tree) == [(MAIN, 0)]


def test_the_crowded_are_given_up_first_whichever_branch_they_are_of(
    tree: CheckpointTree, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(checkpoint_tree, "MAX_CHECKPOINTS", 8)
    add(tree, MAIN, 0, 40, 80, 120)
    tree.part(1, MAIN, 60)
    add(tree, 1, 61, 62, 63, 64, 100)  # 61 is beside MAIN's 40
    add(tree, 1, 140)
    assert {(MAIN, 0), (MAIN, 40), (MAIN, 80), (MAIN, 120), (1, 100), (1, 140)} <= set(places(tree))
    assert not {(1, 62), (1, 63)} <= set(places(tree))


def test_the_first_of_all_and_the_last_of_each_branch_stay_longest(
    tree: CheckpointTree, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(checkpoint_tree, "MAX_CHECKPOINTS", 3)
    add(tree, MAIN, 0, 10, 20, 30)
    tree.part(1, MAIN, 25)
    add(tree, 1, 26, 27, 28, 29)
    tree.keep_within_bounds()
    assert places(tree) == [(MAIN, 0), (MAIN, 30), (1, 29)]


@pytest.mark.parametrize(("bound", "kept"), [(512 << 20, 20), (100 << 20, 8), (1, 1)])
def test_checkpoints_take_no_more_than_the_budget(
    monkeypatch: pytest.MonkeyPatch, bound: int, kept: int
) -> None:
    weight = 10 << 20
    monkeypatch.setattr(checkpoint_tree, "private_bytes", lambda _process: weight)
    budget = Budget()
    budget.bound = bound
    tree = CheckpointTree(MAIN, budget)
    add(tree, MAIN, *range(20))
    for _ in range(10):  # as the supervisor does once a second
        tree.keep_within_bounds()
    assert budget.used == kept * weight and budget.used <= max(bound, weight)
    assert (MAIN, 0) in places(tree)
    for checkpoint in checkpoints(tree):
        tree.give_up(checkpoint)


def test_a_budget_is_that_of_all_branches(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(checkpoint_tree, "private_bytes", lambda _process: 10)
    budget = Budget()
    budget.bound = 40
    tree = CheckpointTree(MAIN, budget)
    tree.part(1, MAIN, 2)
    add(tree, MAIN, 0, 1, 2, 3)
    add(tree, 1, 2, 3, 4)
    tree.keep_within_bounds()
    assert budget.used <= 40 and (MAIN, 0) in places(tree)
    for checkpoint in checkpoints(tree):
        tree.give_up(checkpoint)
