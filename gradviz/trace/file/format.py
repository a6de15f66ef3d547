"""What stands in a trace file (`.gvtrace`), a zip of

    manifest.msgpack                     the run: its program, its branches with curves and hits
    iterations/BRANCH/NUMBER.msgpack     an iteration in full detail, and which arrays are whose
    arrays/HASH.npy                      an array; equal ones are kept once

Numbers count from 0.
"""

from __future__ import annotations

import re
from typing import Annotated

import msgspec
from msgspec import Meta, Struct

from gradviz.trace.branches import MAIN, Branch
from gradviz.trace.breakpoints import MAX_BREAKPOINTS, MAX_HITS, Breakpoint, Hit, Id
from gradviz.trace.file.archive import Kind
from gradviz.trace.graph import Text
from gradviz.trace.iteration import Iteration
from gradviz.trace.run import Run
from gradviz.trace.values import Role

VERSION = 1
SUFFIX = ".gvtrace"
MANIFEST = "manifest.msgpack"
MAX_MANIFEST = 32 << 20  # bytes; what they decode to takes a few times as much
MAX_ITERATION = 128 << 20
MAX_ARRAY = 2 << 30

Count = Annotated[int, Meta(ge=0, lt=1 << 62)]
Version = Annotated[int, Meta(ge=1)]
ArrayName = Annotated[str, Meta(pattern=r"\A[0-9a-f]{32}\Z")]

KINDS = (
    Kind(re.compile(re.escape(MANIFEST)), MAX_MANIFEST, compressed=True),
    Kind(re.compile(r"iterations/\d{1,9}/\d{1,18}\.msgpack"), MAX_ITERATION, compressed=True),
    Kind(re.compile(r"arrays/[0-9a-f]{32}\.npy"), MAX_ARRAY, compressed=False),
)


class Program(Struct, frozen=True, kw_only=True):
    """What it takes to run the program again."""

    text: Annotated[str, Meta(max_length=16 << 20)]
    path: Text
    """The name it goes by in messages."""
    seed: int = 0
    batch_size: Annotated[int, Meta(ge=1)] = 64
    data: Text | None = None


class Curve(Struct, frozen=True):
    """A metric: arrays of int64 [n], ascending, and float64 [n]."""

    name: Text
    iterations: ArrayName
    values: ArrayName


class Examined(Struct, frozen=True, array_like=True):
    """Iterations `first` to `last` have been examined for a breakpoint."""

    breakpoint: Id
    first: Count
    last: Count


class BranchRun(Struct, frozen=True, kw_only=True):
    """How one branch of the run went."""

    branch: Branch | None = None
    """None is the run that the program begins with."""
    iterations: Count
    """How many have run."""
    exit_code: int | None = None
    """How its program ended; None when it was still to go on."""
    curves: Annotated[list[Curve], Meta(max_length=Run.MAX_CURVES)] = []
    hits: Annotated[list[Hit], Meta(max_length=MAX_HITS)] = []
    examined: Annotated[list[Examined], Meta(max_length=10_000)] = []

    @property
    def id(self) -> int:
        return MAIN if self.branch is None else self.branch.id


class Manifest(Struct, frozen=True, kw_only=True):
    """A recorded run, but for its iterations. The first of `branches` is the run that the program begins
    with; every other one comes after its parent."""

    program: Program
    branches: Annotated[tuple[BranchRun, ...], Meta(min_length=1, max_length=1000)]
    breakpoints: Annotated[tuple[Breakpoint, ...], Meta(max_length=MAX_BREAKPOINTS)] = ()
    version: Version = VERSION

    def __post_init__(self) -> None:
        known: set[int] = set()
        for run in self.branches:
            if run.id in known or (run.branch is None) != (run.id == MAIN):
                raise ValueError(f"there are two branches {run.id}")
            if (run.branch.parent not in known) if run.branch else known:
                raise ValueError(f"branch {run.id} does not come after its parent")
            known.add(run.id)

    def run(self, branch: int) -> BranchRun | None:
        """How a branch went; None when there is none of that number."""
        return next((run for run in self.branches if run.id == branch), None)


class Versioned(Struct):
    """What every manifest begins to say, also those of later versions."""

    version: Version


class StoredArray(Struct, frozen=True, array_like=True):
    """The array that `role` of a node is from `event` on; `output` and `name` as in ArrayRef."""

    node: Count
    role: Role
    output: Count
    name: Annotated[str, Meta(max_length=256)]
    event: Annotated[int, Meta(ge=-1)]
    array: ArrayName


class Detail(Struct):
    """An iteration in full detail."""

    iteration: Iteration
    arrays: list[StoredArray]


manifests = msgspec.msgpack.Decoder(Manifest)
versions = msgspec.msgpack.Decoder(Versioned)
details = msgspec.msgpack.Decoder(Detail)


def array_part(name: str) -> str:
    return f"arrays/{name}.npy"


def iteration_part(branch: int, iteration: int) -> str:
    return f"iterations/{branch}/{iteration}.msgpack"
