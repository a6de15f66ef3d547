"""How the supervisor keeps checkpoints within their bounds."""

from __future__ import annotations

import os
import socket
import sys
from collections.abc import Iterator

import pytest

from gradviz.session import supervisor
from gradviz.session.budget import Budget
from gradviz.session.supervisor import CHECKPOINT, MESSAGE, Supervisor

pytestmark = pytest.mark.skipif(sys.platform != "linux", reason="checkpoints are made on Linux")

WEIGHT = 10 << 20


@pytest.fixture
def sockets(monkeypatch: pytest.MonkeyPatch) -> Iterator[tuple[socket.socket, socket.socket]]:
    """(the program's side, the supervisor's); every checkpoint weighs the same."""
    monkeypatch.setattr(supervisor, "private_bytes", lambda _process: WEIGHT)
    own, control = socket.socketpair(socket.AF_UNIX, socket.SOCK_SEQPACKET)
    with own, control:
        yield own, control


@pytest.mark.parametrize(("bound", "kept"), [(512 << 20, 20), (100 << 20, 8), (1, 1)])
def test_checkpoints_take_no_more_than_the_budget(sockets, bound: int, kept: int) -> None:
    program, control = sockets
    budget = Budget()
    budget.bound = bound
    serving = Supervisor(control, 0, budget)
    ends = []
    for iteration in range(20):
        waiting, wake = os.pipe()
        ends.append(waiting)
        socket.send_fds(program, [MESSAGE.pack(CHECKPOINT, iteration, 1, float(iteration))], [wake])
        os.close(wake)
        serving._serve()
    for _ in range(10):  # as it does once a second
        serving._keep_within_bounds()
    assert budget.used == kept * WEIGHT
    assert budget.used <= max(bound, WEIGHT)
    for end in ends:
        os.close(end)
    for checkpoint in serving._checkpoints.values():
        os.close(checkpoint.wake)
