"""The trace file: a recorded run on disk, to be walked on any machine without running anything."""

from gradviz.trace.file.format import SUFFIX, BranchRun, Curve, Examined, Manifest, Program
from gradviz.trace.file.reading import TraceFile
from gradviz.trace.file.writing import Find, TooLargeError, TraceWriter, write_iteration

__all__ = [
    "SUFFIX",
    "BranchRun",
    "Curve",
    "Examined",
    "Find",
    "Manifest",
    "Program",
    "TooLargeError",
    "TraceFile",
    "TraceWriter",
    "write_iteration",
]
