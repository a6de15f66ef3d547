"""The account of every gradient: new, used, old, cleared."""

from __future__ import annotations

import pytest

from gradviz import engine as torch
from gradviz.engine import observe, optim
from gradviz.engine.observer import Observer
from gradviz.engine.optim import optimizer as optimizers
from gradviz.session.bookkeeping import FIRST, Bookkeeping


class Clerk(Observer):
    """Tells the books what happens."""

    def __init__(self) -> None:
        self.books = Bookkeeping(lambda leaf: f"leaf{tuple(leaf.shape)}", lambda _: "opt", lambda: None)
        self.accumulate = self.books.accumulate
        self.changed = self.books.changed
        self.step_begin = self.books.step_begin
        self.step_end = self.books.step_end

    def backward_begin(self, roots) -> None:
        self.books.backward_begin()


@pytest.fixture
def books():
    optimizers.living.clear()
    clerk = Clerk()
    before = observe(clerk)
    yield clerk.books
    observe(before)


@pytest.fixture
def w():
    return torch.ones(3, requires_grad=True)


def back(w) -> None:
    (w * w).sum().backward()


def test_a_gradient_that_is_added_to_a_used_one_is_stale(books, w):
    opt = optim.SGD([w], 0.1)
    for _ in range(2):
        back(w)
        opt.step()
    assert [step.stale for step in books.steps] == [(), ("leaf(3,)",)]


@pytest.mark.parametrize("to_none", [True, False])
def test_one_that_was_cleared_is_new(books, w, to_none):
    opt = optim.SGD([w], 0.1)
    for _ in range(3):
        opt.zero_grad(set_to_none=to_none)
        back(w)
        opt.step()
    assert [(step.stale, step.idle) for step in books.steps] == 3 * [((), 0)]


def test_what_is_added_up_before_a_step_is_not_stale(books, w):
    opt = optim.SGD([w], 0.1)
    for _ in range(2):
        back(w)
        back(w)
        opt.step()
        opt.zero_grad()
    assert [step.stale for step in books.steps] == [(), ()]


def test_steps_without_a_gradient_are_counted_and_a_cleared_one_is_told(books, w):
    opt = optim.SGD([w], 0.1)
    back(w)
    opt.step()
    opt.step()
    back(w)
    opt.zero_grad()
    opt.step()
    assert [(step.idle, step.cleared) for step in books.steps] == [(0, False), (1, False), (2, True)]


def test_an_optimizer_that_never_steps_is_known_by_what_it_lets_go(books, w):
    opt = optim.SGD([w], 0.1)
    for _ in range(4):
        back(w)
        opt.zero_grad()
    (unused,) = books.unused()
    assert (unused.optimizer, unused.passes, unused.thrown) == ("opt", 4, 3)
    back(w)
    opt.step()
    assert books.unused() == ()


def test_a_leaf_that_nobody_updates_is_forgotten_but_one_by_hand_is_not(books, w):
    opt, other, hand = (
        optim.SGD([w], 0.1),
        torch.ones(2, requires_grad=True),
        torch.ones(4, requires_grad=True),
    )
    for _ in range(3):
        (w.sum() + other.sum() + hand.sum()).backward()
        opt.step()
        opt.zero_grad()
        with torch.no_grad():
            hand -= 0.1 * hand.grad
        hand.grad = None
    assert [tuple(leaf.shape) for leaf in books.forgotten()] == [(2,)]


def test_accounts_are_closed_after_the_first_updates_and_when_a_leaf_is_gone(books, w):
    opt = optim.SGD([w], 1e-6)
    for _ in range(FIRST + 5):
        back(w)
        opt.step()
    assert len(books.steps) == FIRST
    del opt, w
    x = torch.ones(2, requires_grad=True)
    back(x)
    number = id(x)
    assert number in books._leaves
    del x
    assert number not in books._leaves
