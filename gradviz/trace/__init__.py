"""What happened in a run, as plain data.

This room knows neither the engine nor Qt: a recorder fills these structures, a window reads them, and both
could be replaced. Everything here is typed and bounded when it is decoded, because it may come from a
stranger's program.
"""

from gradviz.trace.breakpoints import Breakpoint, Hit, HitList
from gradviz.trace.graph import Call, Input, Node, Saved, Scope, Source, TensorInfo
from gradviz.trace.iteration import Event, Iteration, Loss, Moment
from gradviz.trace.origin import OriginStep, Trail
from gradviz.trace.run import Metric, Run
from gradviz.trace.values import ArrayRef, RawArray, Summary, summarize

__all__ = [
    "ArrayRef",
    "Breakpoint",
    "Call",
    "Event",
    "Hit",
    "HitList",
    "Input",
    "Iteration",
    "Loss",
    "Metric",
    "Moment",
    "Node",
    "OriginStep",
    "RawArray",
    "Run",
    "Saved",
    "Scope",
    "Source",
    "Summary",
    "TensorInfo",
    "Trail",
    "summarize",
]
