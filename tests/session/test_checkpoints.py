"""Going back in time: by every route an iteration is what it was, bit for bit."""

from __future__ import annotations

import contextlib
import os
import signal
import socket
import sys
import textwrap
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from gradviz.session.checkpoint_tree import private_bytes
from gradviz.session.checkpoints import Checkpoints
from gradviz.session.protocol import (
    DEFAULT_BYTES,
    Advance,
    Look,
    Metrics,
    Output,
    Problem,
    Recorded,
    Seek,
    Seen,
    Start,
    Status,
    Unreachable,
)
from gradviz.session.supervisor import MESSAGE
from gradviz.trace import ArrayRef, Iteration
from tests.session.harness import PATH, SMALL_NET
from tests.session.test_client import Window

pytestmark = pytest.mark.skipif(sys.platform != "linux", reason="checkpoints are made on Linux")

LONG_NET = SMALL_NET.replace("range(5)", "range(400)")

DROPOUT = """
import random, numpy as np, torch, torch.nn as nn
from torch.utils.data import DataLoader, TensorDataset
own = torch.Generator().manual_seed(3)
def noise():
    while True:
        yield torch.rand(1, generator=own).item() + random.random() + np.random.rand()
net = nn.Sequential(nn.Linear(4, 32), nn.Dropout(0.5), nn.Linear(32, 1))
optimizer = torch.optim.Adam(net.parameters())
loader = DataLoader(TensorDataset(torch.rand(40, 4)), batch_size=4, shuffle=True)
source = noise()
for epoch in range(20):
    for (x,) in loader:
        optimizer.zero_grad()
        loss = (net(x) * next(source)).pow(2).mean()
        loss.backward()
        optimizer.step()
"""

GAN = """
import torch, torch.nn as nn
maker, judge = nn.Linear(2, 3), nn.Linear(3, 1)
makes = torch.optim.SGD(maker.parameters(), lr=0.1)
judges = torch.optim.Adam(judge.parameters())
for i in range(100):
    judges.zero_grad()
    (judge(maker(torch.rand(4, 2)).detach()).mean() - judge(torch.rand(4, 3)).mean()).backward()
    judges.step()
    makes.zero_grad()
    (-judge(maker(torch.rand(4, 2))).mean()).backward()
    makes.step()
"""

NO_OPTIMIZER = """
import torch
w = torch.rand(3, requires_grad=True)
for i in range(200):
    loss = ((w - torch.rand(3)) ** 2).sum()
    loss.backward()
    with torch.no_grad():
        w -= 0.1 * w.grad
    w.grad.zero_()
"""


class Traveller(Window):
    """A window that goes to iterations and reads what it finds there."""

    def __init__(self) -> None:
        super().__init__()
        self.losses: dict[int, list[float]] = {}

    def begin(
        self, text: str, *, until: str = "end", checkpoints: bool = True, history_bytes: int = DEFAULT_BYTES
    ) -> None:
        self.client.send(Start(text, PATH, checkpoints=checkpoints, history_bytes=history_bytes))
        self.client.send(Advance(until))  # type: ignore[arg-type]

    def finish(self) -> None:
        self.wait_for(lambda r: isinstance(r, Status) and r.state in ("finished", "failed"))

    def wait_for(self, wanted):  # type: ignore[no-untyped-def]
        def noted(report: object) -> bool:
            if isinstance(report, Metrics):
                for metric in report.metrics:
                    for iteration, value in zip(metric.iterations, metric.values, strict=True):
                        if metric.name == "loss":
                            self.losses.setdefault(iteration, []).append(value)
            return wanted(report)

        return super().wait_for(noted)

    def go_to(self, iteration: int) -> tuple[Iteration, list[bytes]]:
        """The iteration, and the exact numbers of all that it has computed and changed."""
        self.client.send(Seek(iteration))
        found = self.wait_for(
            lambda r: isinstance(r, Recorded) and r.iteration.index == iteration and r.iteration.complete
        )
        assert isinstance(found, Recorded)
        found.iteration.nanoseconds = []  # no two runs agree on these
        last = len(found.iteration.events) - 1
        arrays = [ArrayRef(iteration, last, node.id, "value") for node in found.iteration.nodes]
        arrays += [ArrayRef(iteration, last, node.id, "grad") for node in found.iteration.nodes]
        self.client.send(Look(1, arrays, rows=64, cols=64))
        seen = self.wait_for(lambda r: isinstance(r, Seen))
        assert isinstance(seen, Seen)
        return found.iteration, [repr(summary).encode() for summary in seen.summaries]


@pytest.fixture
def traveller() -> Iterator[Traveller]:
    window = Traveller()
    yield window
    window.client.close(wait=True)


@pytest.mark.parametrize(
    "text", [LONG_NET, DROPOUT, GAN, NO_OPTIMIZER], ids=["net", "dropout", "gan", "none"]
)
def test_an_iteration_is_the_same_by_every_route(traveller: Traveller, text: str) -> None:
    traveller.begin(text)
    traveller.finish()
    last = max(traveller.losses)
    forwards = {i: traveller.go_to(i) for i in (0, last // 3, last // 2, last)}
    for i in (last // 2, 0, last, last // 3):
        iteration, numbers = traveller.go_to(i)
        assert iteration.loss == traveller.losses[i][0]
        assert (iteration.events, numbers) == (forwards[i][0].events, forwards[i][1])
    assert all(len(set(values)) == 1 for values in traveller.losses.values())
    assert [report for report in traveller.seen if isinstance(report, Problem)] == []


def test_going_on_from_the_past_leads_to_the_same_end(traveller: Traveller) -> None:
    traveller.begin(LONG_NET)
    traveller.finish()
    first = traveller.go_to(399)
    traveller.go_to(100)
    traveller.client.send(Advance("end"))
    traveller.finish()
    assert traveller.go_to(399) == first
    assert len(traveller.losses[300]) > 1 and len(set(traveller.losses[300])) == 1


def test_before_a_program_failed_everything_can_still_be_seen(traveller: Traveller) -> None:
    traveller.begin(LONG_NET + "    if epoch == 300: raise ValueError('enough')\n")
    traveller.finish()
    iteration, _ = traveller.go_to(299)
    assert iteration.loss == traveller.losses[299][0]


def test_a_loss_that_is_no_number_names_its_iteration_once(traveller: Traveller) -> None:
    text = LONG_NET.replace("inputs), targets)", "inputs) / (0 if epoch == 200 else 1), targets)")
    traveller.begin(text)
    traveller.finish()
    traveller.go_to(250)
    traveller.go_to(10)
    traveller.go_to(250)
    problems = [report for report in traveller.seen if isinstance(report, Problem)]
    assert [(problem.kind, problem.iteration) for problem in problems] == [("nan", 200)]


def test_a_running_program_can_be_sent_ahead_and_back(traveller: Traveller) -> None:
    traveller.begin(LONG_NET, until="iteration")
    traveller.wait_for(lambda r: isinstance(r, Status) and r.state == "holding")
    there, _ = traveller.go_to(250)
    back, _ = traveller.go_to(3)
    assert (there.index, back.index) == (250, 3)


def test_what_was_printed_is_not_printed_again(traveller: Traveller) -> None:
    text = LONG_NET + "    print('epoch', epoch)\n"
    traveller.begin(text)
    traveller.finish()
    traveller.go_to(20)
    traveller.client.send(Advance("end"))
    traveller.finish()
    traveller.client.close(wait=True)
    traveller.seen += list(traveller.reports.queue)
    printed = "".join(report.text for report in traveller.seen if isinstance(report, Output))
    assert printed.split("\n")[:-1] == [f"epoch {i}" for i in range(400)]


UNREPEATABLE = {
    "clock": ("import time", "* time.perf_counter()", "mul"),
    "urandom": ("import os", "+ os.urandom(1)[0] / 256", "add"),
    "system random": ("import random; dice = random.SystemRandom()", "+ dice.random()", "add"),
    "fresh stream": ("import numpy as np", "* np.random.default_rng().random()", "mul"),
    "growing file": ("log = open('{folder}/log', 'a+')", "+ log.write('x') * log.tell() / 1000", "add"),
}


@pytest.mark.parametrize("kind", UNREPEATABLE)
def test_a_program_that_cannot_be_repeated_is_told_with_the_first_event(
    traveller: Traveller, kind: str, tmp_path: Path
) -> None:
    before, factor, operation = UNREPEATABLE[kind]
    text = f"{before.format(folder=tmp_path)}\n{LONG_NET}"
    text = text.replace(
        "    loss = criterion(net(inputs)", f"    x = net(inputs)\n    x = x {factor}\n    loss = criterion(x"
    )
    traveller.begin(text)
    traveller.finish()
    traveller.go_to(200)
    traveller.go_to(210)
    (problem,) = [report for report in traveller.seen if isinstance(report, Problem)]
    assert problem.kind == "replay"
    assert problem.event == 5  # after the two layers, of two operations each, and the ReLU
    assert problem.iteration <= 200
    assert problem.hint_arguments == (str(problem.iteration + 1), operation)
    assert problem.source is not None
    assert "x = x" in text.splitlines()[problem.source.line - 1]


def test_a_stream_of_its_own_that_nobody_seeded_is_exact_or_told(traveller: Traveller) -> None:
    """Copies have its state; only the one from before the program's first line makes another."""
    text = "import numpy as np\nown = np.random.default_rng()\n" + LONG_NET
    traveller.begin(text.replace("inputs), targets)", "inputs * own.random()), targets)"))
    traveller.finish()
    exact = all(traveller.go_to(i)[0].loss == traveller.losses[i][0] for i in (200, 399, 100, 300))
    told = [report.kind for report in traveller.seen if isinstance(report, Problem)]
    assert exact or told == ["replay"]


def test_a_program_without_checkpoints_says_what_it_cannot_reach(traveller: Traveller) -> None:
    traveller.begin(LONG_NET, checkpoints=False)
    traveller.finish()
    traveller.client.send(Seek(7))
    answer = traveller.wait_for(lambda r: isinstance(r, Unreachable))
    assert answer == Unreachable(7)


def test_run_again_from_its_beginning_a_program_comes_to_the_same(traveller: Traveller) -> None:
    text = LONG_NET + "    print('epoch', epoch)\n"
    traveller.begin(text)
    traveller.finish()
    iteration, numbers = traveller.go_to(300)
    again = Traveller()
    try:
        again.client.send(Start(text, PATH, furthest=399, checkpoints=False))
        assert again.go_to(300) == (iteration, numbers)
        again.client.send(Advance("end"))
        again.finish()
    finally:
        again.client.close(wait=True)
    printed = [report.text for report in again.seen if isinstance(report, Output)]
    assert not any("epoch 300" in text for text in printed)


def processes_of(group: int) -> list[int]:
    """The processes of a group that have not ended."""
    found = []
    for entry in Path("/proc").iterdir():
        with contextlib.suppress(OSError):
            if entry.name.isdigit() and os.getpgid(int(entry.name)) == group and is_running(int(entry.name)):
                found.append(int(entry.name))
    return found


def is_running(process: int) -> bool:
    try:
        return Path(f"/proc/{process}/stat").read_text().rpartition(")")[2].split()[0] != "Z"
    except OSError:
        return False


def all_end(group: int) -> bool:
    """Whether every process of the group ends (killing takes the system a moment)."""
    deadline = time.monotonic() + 30
    while processes_of(group) and time.monotonic() < deadline:
        pass
    return not processes_of(group)


def test_checkpoints_end_with_the_window(traveller: Traveller) -> None:
    group = traveller.client._process.pid
    traveller.begin(LONG_NET)
    traveller.finish()
    traveller.go_to(50)
    assert len(processes_of(group)) > 2  # supervisor, program, checkpoints
    traveller.client.close(wait=True)
    assert all_end(group)


def test_checkpoints_end_with_a_supervisor_that_was_killed(traveller: Traveller) -> None:
    group = traveller.client._process.pid
    traveller.begin(LONG_NET)
    traveller.finish()
    os.kill(group, signal.SIGKILL)
    assert all_end(group)


def test_stepping_back_prepares_the_next_steps(traveller: Traveller) -> None:
    group = traveller.client._process.pid
    traveller.begin(LONG_NET.replace("range(400)", "range(80)") + "    sum(range(300_000))\n")
    traveller.finish()
    traveller.go_to(70)
    before = len(processes_of(group))
    for i in range(69, 49, -1):
        iteration, _ = traveller.go_to(i)
        assert iteration.loss == traveller.losses[i][0]
    assert len(processes_of(group)) > before + 1


def test_a_program_that_ends_its_process_after_going_back_is_noticed(traveller: Traveller) -> None:
    traveller.begin("import os\n" + LONG_NET + "os._exit(7)\n", until="iteration")
    traveller.wait_for(lambda r: isinstance(r, Status) and r.state == "holding")
    traveller.go_to(200)
    traveller.go_to(20)
    traveller.client.send(Advance("end"))
    assert traveller.wait_for(lambda r: isinstance(r, tuple)) == ("ended", 7)


def test_of_a_checkpoint_that_was_given_up_nothing_is_left() -> None:
    supervisor, control = socket.socketpair(socket.AF_UNIX, socket.SOCK_SEQPACKET)
    checkpoints = Checkpoints(control)

    def leave(iteration: int) -> tuple[int, int]:
        """The process of a new checkpoint, and the pipe that keeps it."""
        assert checkpoints.leave(iteration) is None
        message, pipes, _, _ = socket.recv_fds(supervisor, MESSAGE.size, 1)
        return MESSAGE.unpack(message)[3], pipes[0]

    with supervisor, control:
        first, pipe = leave(1)
        os.close(pipe)
        while is_running(first):
            pass
        second, pipe = leave(2)
        assert not Path(f"/proc/{first}").exists()
        assert is_running(second)
        os.close(pipe)
        os.waitpid(second, 0)


def test_heavy_checkpoints_are_given_up_but_the_first(traveller: Traveller) -> None:
    text = """
        import torch
        w = torch.zeros(5_000_000, requires_grad=True)
        for i in range(60):
            (w * 2).sum().backward()
            with torch.no_grad():
                w -= w.grad
            w.grad = None
        """
    group = traveller.client._process.pid
    traveller.begin(textwrap.dedent(text), history_bytes=100 << 20)
    traveller.finish()
    assert sum(private_bytes(process) for process in processes_of(group)) < 300 << 20
    iteration, _ = traveller.go_to(3)
    assert iteration.loss == traveller.losses[3][0]


def test_iterations_before_the_one_that_was_gone_to_are_there_at_once(traveller: Traveller) -> None:
    traveller.begin(LONG_NET)
    traveller.finish()
    traveller.client.send(Seek(200, lead=3))
    traveller.wait_for(lambda r: isinstance(r, Status) and r.state == "holding" and r.iteration == 200)
    seen = len(traveller.seen)
    kept = [traveller.go_to(iteration) for iteration in (199, 198, 197, 200)]
    states = {report.state for report in traveller.seen[seen:] if isinstance(report, Status)}
    assert states == {"holding"}, "the program has not run"
    afresh = [traveller.go_to(iteration) for iteration in (100, 199, 100, 198, 100, 197, 100, 200)][1::2]
    assert [numbers for _, numbers in kept] == [numbers for _, numbers in afresh]
    assert [iteration.digests for iteration, _ in kept] == [iteration.digests for iteration, _ in afresh]
