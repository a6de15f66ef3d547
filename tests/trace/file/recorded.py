"""A recorded run on disk, made by hand: two iterations of SimpleNet, one of a branch, a hit."""

from __future__ import annotations

from pathlib import Path

from msgspec.structs import replace

from gradviz.trace import ArrayRef, Breakpoint, Hit, Metric, Run
from gradviz.trace.branches import MAIN, Branch, SetLearningRate
from gradviz.trace.file import BranchRun, Examined, Manifest, Program, TraceWriter
from tests.ui.recordings import Recording, program, simple_net, updated_weights

PROGRAM = Program(text=program(), path="simplenet.py", seed=3, batch_size=8)
KEPT = (0, 6)
HIT = Hit(6, 3, 4, "grad.norm = 12.3")
BRANCH = Branch(1, "hot", 0, 5, (SetLearningRate(0.5),))


def recordings() -> dict[int, Recording]:
    first = simple_net(0, batch=8)
    return {0: first, 6: simple_net(6, updated_weights(first), batch=8)}


def refs_of(recording: Recording) -> list[ArrayRef]:
    """The arrays of a recording, each by the event that it is true from."""
    refs = []
    for node, role in recording.arrays:
        if role == "updated":
            key = recording.iteration.nodes[node].key
            refs.append(ArrayRef(recording.iteration.index, recording.event_of(key, "update"), node, "value"))
        elif role.startswith("saved/"):
            refs.append(ArrayRef(recording.iteration.index, -1, node, "saved", 0, role[len("saved/") :]))
        else:
            refs.append(ArrayRef(recording.iteration.index, -1, node, role))  # type: ignore[arg-type]
    return refs


def curves() -> Run:
    run = Run()
    run.extend(Metric("loss", list(range(9)), [2.5 - index / 8 for index in range(9)]))
    run.extend(Metric("accuracy", [0, 8], [0.1, 0.75]))
    return run


def write_run(path: Path, **manifest: object) -> Path:
    with TraceWriter(path) as writer:
        for recording in recordings().values():
            writer.add(MAIN, recording.iteration, refs_of(recording), recording.find)
        last = recordings()[6]
        writer.add(BRANCH.id, last.iteration, refs_of(last), last.find)
        main = BranchRun(
            iterations=9,
            exit_code=0,
            curves=writer.add_curves(curves()),
            hits=[HIT],
            examined=[Examined(4, 0, 8)],
        )
        branch = BranchRun(branch=BRANCH, iterations=7, exit_code=1)
        run = Manifest(
            program=PROGRAM, branches=(main, branch), breakpoints=(Breakpoint(4, "grad.norm > 10"),)
        )
        writer.finish(replace(run, **manifest))
    return path
