"""Arrays set aside are what they were, and no burden to a fork."""

import os
import sys

import numpy as np
import pytest

from gradviz.session.aside import set_aside
from tests.session.harness import SMALL_NET, event_of, node_named, record


def test_every_kind_of_array_is_copied_exactly():
    numbers = np.arange(12, dtype=np.float32).reshape(3, 4)
    arrays = [numbers, numbers.T, numbers[:0], np.array(True), np.array([np.nan, -0.0]), np.ones(3, np.int64)]
    copies = set_aside(arrays)
    assert [(c.shape, c.dtype) for c in copies] == [(a.shape, a.dtype) for a in arrays]
    assert all(
        np.array_equal(c, a, equal_nan=a.dtype.kind == "f") for c, a in zip(copies, arrays, strict=True)
    )
    numbers[:] = 7
    assert copies[0][0, 1] == 1


def test_one_array_keeps_the_memory_of_all():
    first = set_aside([np.full(1000, 3.0), np.ones(1000)])[0]
    assert first.sum() == 3000


def test_nothing_is_set_aside_of_nothing():
    assert set_aside([]) == []


@pytest.mark.skipif(sys.platform != "linux", reason="checkpoints are made on Linux")
def test_a_fork_has_zeros_in_its_place():
    (copy,) = set_aside([np.ones(1 << 16)])
    child = os.fork()
    if not child:
        os._exit(int(copy.any()))
    assert os.waitpid(child, 0)[1] == 0
    assert copy.all()


def test_at_full_speed_what_is_shown_stays_what_it_was(monkeypatch):
    monkeypatch.setattr("gradviz.session.recorder.RECORD_ALL_FOR", 600.0)  # however busy the machine is
    text = SMALL_NET + "    seen = [p.detach().clone() for p in net.parameters()]\n"
    session = record(text, ["end"])
    last = session.iterations[-1]
    weight = node_named(last, "net.fc1.weight")
    after = session.array(weight, "value", event_of(last, "update", weight))
    assert np.array_equal(after, session.program.namespace["seen"][0].numpy())
    assert not np.array_equal(after, session.array(weight, "value", 0))
    assert not np.shares_memory(after, session.program.namespace["net"].fc1.weight.array)
