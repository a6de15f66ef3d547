"""The process in which `headless` runs a program: python -P -m gradviz.session.headless_child JOB

Ends as a Python of its own would: exit code, output, `atexit` and Ctrl+C are the program's.
"""

import os
import resource
import signal
import sys
import warnings
from collections.abc import Callable
from functools import partial
from pathlib import Path
from types import TracebackType

import msgspec
import numpy as np

from gradviz.session.check_child import check_program
from gradviz.session.headless import MEMORY_EXIT, Job
from gradviz.session.hints import nearest_attribute
from gradviz.session.program import Program, user_traceback
from gradviz.session.progress import ProgressBar
from gradviz.source import read_source
from gradviz.translate import preferred_language, set_language, tr

_BALLAST = 8 << 20  # bytes given back when memory runs out, so that there is some left to say so


def main(job: Job) -> None:
    set_language(preferred_language())
    _end_with_parent(job.lifeline)
    program = Program(read_source(Path(job.path)), job.path, job.settings)
    _show_only_the_users_frames(program)
    if job.progress:
        ProgressBar(sys.stderr).start()
    run = program.run if job.check is None else partial(check_program, program, job.check)
    if job.memory is None:
        run()
    else:
        _run_within(run, job.memory)


def _run_within(run: Callable[[], None], memory: int) -> None:
    ballast = [bytearray(_BALLAST)]
    _limit_memory(memory)
    try:
        run()
    except MemoryError as error:
        ballast.clear()
        sys.excepthook(type(error), error, error.__traceback__)
        text = tr("the program ran out of memory: it may use {0} MiB (--memory)").format(memory)
        print(f"gradviz: {text}", file=sys.stderr, flush=True)
        sys.exit(MEMORY_EXIT)


def _limit_memory(memory: int) -> None:
    """Lets the address space grow by `memory` MiB from here, where the kernel keeps such a limit."""
    if sys.platform != "linux":
        print("gradviz: " + tr("--memory is kept on Linux only"), file=sys.stderr, flush=True)
        return
    warm = np.ones((512, 512), np.float32)
    warm @ warm  # BLAS allocates its threads' buffers at the first product; they are not the program's
    pages = int(Path("/proc/self/statm").read_text().split()[0])
    limit = pages * resource.getpagesize() + (memory << 20)
    _, most = resource.getrlimit(resource.RLIMIT_AS)
    if most != resource.RLIM_INFINITY:
        limit = min(limit, most)  # only root may raise it
    resource.setrlimit(resource.RLIMIT_AS, (limit, limit))


def _show_only_the_users_frames(program: Program) -> None:
    def show(kind: type[BaseException], error: BaseException, trace: TracebackType | None) -> None:
        sys.stderr.write(user_traceback(error, program.sources))
        if (near := nearest_attribute(error)) is not None:
            print("gradviz: " + tr("Did you mean {0}?").format(near), file=sys.stderr, flush=True)

    sys.excepthook = show


def _end_with_parent(lifeline: int) -> None:
    """Leaves a guard in the process group that kills it when the parent is gone, even if that was killed.

    A guard of its own, because a thread here would not run while the program is inside one long C call; and
    not a child of this process, because the program may wait for all its children.
    """
    with warnings.catch_warnings():
        # Python warns of forking beside threads; NumPy's hold nothing that the guard needs.
        warnings.simplefilter("ignore", DeprecationWarning)
        child = os.fork()
        if child == 0:
            if os.fork() == 0:
                for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
                    signal.signal(number, signal.SIG_IGN)
                os.read(lifeline, 1)
                os.killpg(0, signal.SIGKILL)
            os._exit(0)
    os.waitpid(child, 0)
    os.close(lifeline)


if __name__ == "__main__":
    main(msgspec.json.decode(sys.argv[1], type=Job))
