"""What the window and the worker say to each other: typed messages, MessagePack on the wire, never pickle.

The window sends commands, the worker sends reports. Both decode strictly, so a message that is not one of
these, or is larger than `MAX_MESSAGE`, ends the conversation instead of being believed.
"""

from __future__ import annotations

from typing import Annotated, Literal

import msgspec
from msgspec import Meta, Struct

from gradviz.session.budget import DEFAULT_BYTES
from gradviz.trace import ArrayRef, Breakpoint, Hit, Iteration, Metric, RawArray, Source, Summary, Trail
from gradviz.trace.branches import Branch, DatedEdit, SetNumber
from gradviz.trace.breakpoints import MAX_BREAKPOINTS, Id
from gradviz.trace.checks import GradientCheck
from gradviz.trace.graph import Key
from gradviz.trace.packing import PackingError, pack, unpack
from gradviz.trace.pieces import IterationInPieces
from gradviz.trace.reasons import MAX_TERMS, Index, Path, Reasons
from gradviz.trace.units import Units
from gradviz.trace.values import Part

MAX_MESSAGE = 128 << 20
MAX_NODES = 100  # that a problem names
Text = Annotated[str, Meta(max_length=1 << 20)]
Edits = Annotated[tuple[DatedEdit, ...], Meta(max_length=1 << 10)]

# ── commands ──────────────────────────────────────────────────────────────────────────────────────────────


class Start(Struct, frozen=True, tag="start"):
    """Runs a program: `text` as it stands in the editor, `path` the name it goes by in messages."""

    text: Annotated[str, Meta(max_length=16 << 20)]
    path: Text
    seed: int = 0
    batch_size: Annotated[int, Meta(ge=1)] = 64
    data: Text | None = None
    """A folder of IDX files in place of the bundled sample."""
    furthest: Annotated[int, Meta(ge=-1)] = -1
    """The program has been run up to this iteration before: what it prints until then is not reported."""
    checkpoints: bool = True
    """Whether it may leave copies of itself behind, to go back quickly."""
    history_bytes: Annotated[int, Meta(ge=0, le=1 << 50)] = DEFAULT_BYTES
    """How much memory these copies may have of their own, all together."""
    edits: Edits = ()
    """What to change on the way, where a branch of the run is run from its beginning."""
    rehearsal: Annotated[float, Meta(ge=0, le=60)] = 0
    """So many seconds a loss snippet has to be computed once, on one batch, in place of being trained with;
    0: it is an ordinary run."""


Until = Literal["iteration", "epoch", "end"]


class Advance(Struct, frozen=True, tag="advance"):
    """Lets the program run on.

    "iteration": record the next iteration in full and hold at its end. "epoch": run to the next epoch, record
    its first iteration and hold. "end": run at full speed, showing an iteration now and then, and the last.
    While it runs at full speed, "iteration" pauses it.
    """

    until: Until


class Seek(Struct, frozen=True, tag="seek"):
    """Goes to an iteration, before or after the present one: records it in full and holds at its end.

    The program's later iterations are forgotten by its process and will be run again; what they print is not
    reported a second time. Answered by `Recorded` and the `Status` that the program then has, or by
    `Unreachable`.

    One that was recorded a moment ago is only reported again, and the program stays where it is.
    """

    iteration: Annotated[int, Meta(ge=0)]
    lead: Annotated[int, Meta(ge=0, le=64)] = 0
    """So many iterations before it are recorded as well: they may be gone to next."""


class Look(Struct, frozen=True, tag="look"):
    """Asks for summaries of recorded arrays; answered by one `Seen` with the same `request`."""

    request: int
    arrays: Annotated[list[ArrayRef], Meta(max_length=10_000)]
    rows: int = 10
    cols: int = 16
    bins: int = 0
    index: tuple[int, ...] = ()


class Fetch(Struct, frozen=True, tag="fetch"):
    """Asks for a recorded array, or for a part of it; answered by one `Fetched` with the same `request`."""

    request: int
    array: ArrayRef
    part: Part | None = None


class Break(Struct, frozen=True, tag="break"):
    """Sets the breakpoints, in place of those before.

    While one is enabled every iteration is recorded and examined. One with a hit holds the program at its
    end, also on the way to an epoch or to the program's end. The iteration at which the program holds is
    examined at once. A condition that cannot be read is answered by a `Problem`, and never hits.
    """

    breakpoints: Annotated[list[Breakpoint], Meta(max_length=MAX_BREAKPOINTS)] = []


class Scan(Struct, frozen=True, tag="scan"):
    """Goes to iteration `first` like `Seek`, runs on to `last` and holds there, without holding on the way.

    Every iteration is examined for the enabled breakpoints: answered by `Hits`, in pieces if it takes long,
    and `Recorded` of the last.
    """

    first: Annotated[int, Meta(ge=0)]
    last: Annotated[int, Meta(ge=0)]


class Origin(Struct, frozen=True, tag="origin"):
    """Asks where a NaN or an infinite number in a recorded array came from; answered by `Origins`."""

    request: int
    array: ArrayRef


class Fork(Struct, frozen=True, tag="fork"):
    """Begins a branch of the run: a copy of the program from before `branch.iteration` goes on beside it.

    `edits` are all that the branch has seen, see `edits_of`. The branch runs to that iteration, records it
    and holds at its end. Its first report is `Branched`; where the program cannot be copied, the answer is
    `Unforked`.
    """

    branch: Branch
    edits: Edits = ()
    experiment: bool = False
    """Only this iteration is wanted, again and again with other edits, see `Try`. What it prints is not."""


class Try(Struct, frozen=True, tag="try"):
    """Runs the iteration of an experiment again, with this number set instead of those before; answered by
    `Recorded`, `Problem` and `Status` like a branch's first iteration."""

    edit: SetNumber


class Why(Struct, frozen=True, tag="why"):
    """Asks which terms one element of a recorded array is made of; answered by one `Because`.

    With `path` it is asked of that part of a gradient which arrived on the path.
    """

    request: int
    array: ArrayRef
    index: Index
    path: Path | None = None
    terms: Annotated[int, Meta(ge=0, le=MAX_TERMS)] = 100
    """How many of them are wanted one by one, largest first."""


class Check(Struct, frozen=True, tag="check"):
    """Asks for finite differences beside the backward of a recorded operation; answered by `Checked`."""

    iteration: Annotated[int, Meta(ge=0)]
    node: Annotated[int, Meta(ge=0)]


class Match(Struct, frozen=True, tag="match"):
    """Asks which nodes of a recorded iteration have an event that a condition is true of; answered by
    `Matched`."""

    iteration: Annotated[int, Meta(ge=0)]
    condition: Text


class CountUnits(Struct, frozen=True, tag="count_units"):
    """Asks how many units of an iteration's activations are dead or saturated; answered by one `UnitsCounted`
    with the same `request`."""

    request: int
    iteration: Annotated[int, Meta(ge=0)]
    arrays: Annotated[list[ArrayRef], Meta(max_length=10_000)]


class Export(Struct, frozen=True, tag="export"):
    """Writes a recorded iteration, with all its arrays, into a trace file at `path` that holds nothing else;
    answered by `Exported`."""

    iteration: Annotated[int, Meta(ge=0)]
    path: Text


class Acknowledge(Struct, frozen=True, tag="acknowledge"):
    """The window has drawn a `Recorded` report: the worker may send another one."""


Command = (
    Start
    | Advance
    | Seek
    | Look
    | Fetch
    | Why
    | Check
    | Match
    | CountUnits
    | Break
    | Scan
    | Origin
    | Fork
    | Try
    | Export
    | Acknowledge
)

# ── reports ───────────────────────────────────────────────────────────────────────────────────────────────

State = Literal["ready", "running", "holding", "finished", "failed"]


class Status(Struct, frozen=True, tag="status"):
    """How the program stands. `holding`: it waits at the end of a recorded iteration."""

    state: State
    iteration: int = -1
    epoch: int = 0
    batch: int = 0
    batches: int = 0
    iterations_per_second: float = 0.0
    recorded_bytes: int = 0
    """Memory that the recorded iterations keep alive in the worker."""
    exit_code: int = 0
    history_bytes: int = 0
    """Memory that checkpoints have of their own; see `Start.history_bytes`."""


class Recorded(Struct, frozen=True, tag="recorded"):
    """An iteration, or as much as there is of it: replaces an earlier report of the same iteration."""

    iteration: Iteration


class Unreachable(Struct, frozen=True, tag="unreachable"):
    """The program cannot go back: to see that iteration it has to be started again."""

    iteration: Annotated[int, Meta(ge=0)]


class Hits(Struct, frozen=True, tag="hits"):
    """Iterations `first` to `last` have been examined for these breakpoints (their ids), and these are the
    hits in them, ascending. Sent before the `Recorded` of an iteration that is held for a hit."""

    first: Annotated[int, Meta(ge=0)]
    last: Annotated[int, Meta(ge=0)]
    breakpoints: Annotated[list[Id], Meta(max_length=MAX_BREAKPOINTS)]
    hits: Annotated[list[Hit], Meta(max_length=100_000)] = []


class Origins(Struct, frozen=True, tag="origins"):
    """The answer to `Origin`."""

    request: int
    trail: Trail


class Branched(Struct, frozen=True, tag="branched"):
    """A branch of the run has come to be: what follows on this connection is about it."""

    branch: Annotated[int, Meta(ge=0)]


class Unforked(Struct, frozen=True, tag="unforked"):
    """The program cannot be copied: to get that branch it has to be started again, with `Start.edits`."""

    branch: Annotated[int, Meta(ge=0)]


class Metrics(Struct, frozen=True, tag="metrics"):
    metrics: list[Metric]


class Seen(Struct, frozen=True, tag="seen"):
    """The answer to `Look`, in its order; None where the array does not exist (yet, or any more)."""

    request: int
    summaries: list[Summary | None]


class Fetched(Struct, frozen=True, tag="fetched"):
    """The answer to `Fetch`: the array, or None where it does not exist or is too large to travel.

    `nbytes` is the size of the whole array, 0 where it does not exist or has no elements.
    """

    request: int
    array: RawArray | None
    nbytes: Annotated[int, Meta(ge=0)] = 0


class Because(Struct, frozen=True, tag="because"):
    """The answer to `Why`; without reasons `words` says why there are none: an English template."""

    request: int
    reasons: Reasons | None
    words: Text = ""
    arguments: tuple[Text, ...] = ()


class Exported(Struct, frozen=True, tag="exported"):
    """The answer to `Export`. `problem`: why there is no such file; `reason`: the system's words for it."""

    iteration: Annotated[int, Meta(ge=0)]
    path: Text
    problem: Literal["", "not recorded", "too large", "not written"] = ""
    reason: Text = ""


class Checked(Struct, frozen=True, tag="checked"):
    """The answer to `Check`, one verdict an argument that needs a gradient; or why there is none."""

    iteration: Annotated[int, Meta(ge=0)]
    node: Annotated[int, Meta(ge=0)]
    verdicts: Annotated[list[GradientCheck], Meta(max_length=4096)]
    words: Text = ""


class Matched(Struct, frozen=True, tag="matched"):
    """The answer to `Match`: ids of nodes, ascending. There are none in an iteration that is not recorded,
    and for a condition that cannot be read."""

    iteration: Annotated[int, Meta(ge=0)]
    condition: Text
    nodes: list[Annotated[int, Meta(ge=0)]]


class UnitsCounted(Struct, frozen=True, tag="units_counted"):
    """The answer to `CountUnits`, in its order; None where there is nothing to count."""

    request: int
    units: list[Units | None]


class Output(Struct, frozen=True, tag="output"):
    stream: Literal["stdout", "stderr"]
    text: Text


class Problem(Struct, frozen=True, tag="problem"):
    """Something that a person should know, at a place in the program.

    `message` is in the words of Python or torch; in its place gradviz's own are in `words`. `hint` says what
    to do. Both are English templates that the window translates; `arguments` and `hint_arguments` fill their
    `{0}`, `{1}`, … .
    """

    severity: Literal["error", "warning"]
    kind: Text
    """The exception's class name, or a word such as "nan"."""
    message: Text
    source: Source | None = None
    traceback: Text = ""
    hint: Text = ""
    hint_arguments: tuple[Text, ...] = ()
    iteration: Annotated[int, Meta(ge=-1)] = -1
    """The iteration in which it can be seen; -1 when it is not about one."""
    event: Annotated[int, Meta(ge=-1)] = -1
    """The event of that iteration; -1 when it is not about a single one."""
    words: Text = ""
    arguments: tuple[Text, ...] = ()
    nodes: Annotated[tuple[Key, ...], Meta(max_length=MAX_NODES)] = ()
    """Keys of the nodes that it is about, the one to show first."""
    lines: Annotated[tuple[Source, ...], Meta(max_length=MAX_NODES)] = ()
    """Other lines that have to do with it."""


_OtherReport = (
    Status
    | Unreachable
    | Hits
    | Origins
    | Branched
    | Unforked
    | Metrics
    | Seen
    | Fetched
    | Because
    | Checked
    | Matched
    | UnitsCounted
    | Exported
    | Output
    | Problem
)
Report = Recorded | _OtherReport


class _Received(Struct, frozen=True, tag="recorded"):
    """A `Recorded` that arrives."""

    iteration: IterationInPieces


_commands: msgspec.msgpack.Decoder[Command] = msgspec.msgpack.Decoder(Command)
_reports = msgspec.msgpack.Decoder[_Received | _OtherReport](_Received | _OtherReport)


class ProtocolError(Exception):
    """What was received is not a message of this protocol."""


def encode(message: Command | Report) -> bytes:
    """The bytes of a message. Over-long texts are the sender's business."""
    return pack(message)


def decode_command(data: bytes) -> Command:
    """Raises ProtocolError on anything that is not a command."""
    try:
        return unpack(_commands, data)
    except PackingError as error:
        raise ProtocolError(str(error)) from error


def decode_report(data: bytes) -> Report:
    """Raises ProtocolError on anything that is not a report."""
    try:
        report = unpack(_reports, data)
        return Recorded(report.iteration.whole()) if isinstance(report, _Received) else report
    except PackingError as error:
        raise ProtocolError(str(error)) from error
