"""Runs a program under a controller in this very thread, with a script in place of the window."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field

import numpy as np

from gradviz.engine import observe
from gradviz.engine.optim import optimizer as optimizers
from gradviz.session.controller import Controller
from gradviz.session.problems import describe
from gradviz.session.program import Program, Settings
from gradviz.session.protocol import Hits, Metrics, Problem, Recorded, Report, Status
from gradviz.trace import ArrayRef, Breakpoint, Event, Hit, Iteration, Node, Run
from gradviz.trace.branches import DatedEdit

PATH = "program.py"

SMALL_NET = """
import torch
import torch.nn as nn

class Net(nn.Module):
    def __init__(self):
        super().__init__()
        self.fc1 = nn.Linear(3, 4)
        self.fc2 = nn.Linear(4, 2)

    def forward(self, x):
        return self.fc2(torch.relu(self.fc1(x)))

net = Net()
criterion = nn.CrossEntropyLoss()
optimizer = torch.optim.SGD(net.parameters(), lr=0.5)
inputs, targets = torch.rand(8, 3), torch.tensor([0, 1] * 4)

for epoch in range(5):
    loss = criterion(net(inputs), targets)
    optimizer.zero_grad()
    loss.backward()
    optimizer.step()
"""


@dataclass
class Session:
    """What a program that ran under a controller has reported."""

    controller: Controller
    program: Program
    reports: list[Report] = field(default_factory=list)
    run: Run = field(default_factory=Run)

    @property
    def iterations(self) -> list[Iteration]:
        """The recorded iterations; of one that was reported several times the last report."""
        latest = {r.iteration.index: r.iteration for r in self.reports if isinstance(r, Recorded)}
        return list(latest.values())

    @property
    def problems(self) -> list[Problem]:
        return [report for report in self.reports if isinstance(report, Problem)]

    @property
    def statuses(self) -> list[Status]:
        return [report for report in self.reports if isinstance(report, Status)]

    @property
    def hits(self) -> list[Hit]:
        return [hit for report in self.reports if isinstance(report, Hits) for hit in report.hits]

    def words(self, hit: Hit) -> str:
        """A hit in words: "3 backward net.fc1/addmm", if its iteration has been recorded for the window."""
        iteration = next(it for it in self.iterations if it.index == hit.iteration)
        return f"{hit.iteration} {described(iteration)[hit.event]}"

    def array(self, node: Node, role: str, event: int, name: str = "", output: int = 0) -> np.ndarray | None:
        """The array as of an event of the last recorded iteration."""
        index = self.iterations[-1].index
        return self.controller.find(ArrayRef(index, event, node.id, role, output, name))  # type: ignore[arg-type]


def record(
    text: str,
    advances: Iterable[str] = ("iteration",),
    *,
    path: str = PATH,
    settings: Settings | None = None,
    edits: Iterable[DatedEdit] = (),
    conditions: Iterable[str] = (),
    fails: bool = False,
) -> Session:
    """Runs the text; at each hold the next of `advances` lets it run on, and after them "end".

    Each of `conditions` is a breakpoint, its id their position. One that `fails` may raise, as in a worker.
    """
    script = iter(advances)
    optimizers.living.clear()  # of the programs that ran in this process before: a worker runs only one

    def send(report: Report) -> None:
        session.reports.append(report)
        if isinstance(report, Metrics):
            for metric in report.metrics:
                session.run.extend(metric)
        if isinstance(report, Recorded):
            session.controller.acknowledge()
        if isinstance(report, Status) and report.state in ("ready", "holding"):
            session.controller.advance(next(script, "end"))  # type: ignore[arg-type]

    program = Program(text, path, settings)
    session = Session(Controller(program, send), program)
    session.controller.plan(edits)
    session.controller.set_breakpoints([Breakpoint(i, text) for i, text in enumerate(conditions)])
    before = observe(session.controller)
    problem = None
    try:
        session.controller.begin()
        program.run()
    except Exception as error:
        if not fails:
            raise
        problem = describe(error, program.sources)
    finally:
        observe(before)
    session.controller.finish("failed" if problem else "finished", int(problem is not None), problem)
    return session


def node_named(iteration: Iteration, name: str) -> Node:
    """The node with that qualified name ("net.fc1.weight", "net.fc1/addmm", "images")."""
    return next(node for node in iteration.nodes if node.qualified_name == name)


def event_of(iteration: Iteration, kind: str, node: Node) -> int:
    return iteration.events.index(next(e for e in iteration.events if e.kind == kind and e.node == node.id))


def described(iteration: Iteration) -> list[str]:
    """The events in words: "forward net.fc1/addmm"."""

    def words(event: Event) -> str:
        return f"{event.kind} {iteration.nodes[event.node].qualified_name}"

    return [words(event) for event in iteration.events]
