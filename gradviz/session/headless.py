"""Runs a program without a window: in a process group of its own, with limits, and gone at the end."""

import os
import signal
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, replace
from pathlib import Path
from types import FrameType

import msgspec

from gradviz.session.environment import child_environment
from gradviz.session.program import Settings
from gradviz.translate import tr

TIMEOUT_EXIT = 124  # what timeout(1) says
MEMORY_EXIT = 137  # 128 + SIGKILL: what the kernel's out-of-memory killer leaves
_GRACE = 2.0  # seconds that a program has to tidy up after Ctrl+C


@dataclass(frozen=True)
class CheckOrder:
    """To check gradients: of a loss, or of `iteration` of a program. `verdict` is a file descriptor."""

    iteration: int
    verdict: int


@dataclass(frozen=True)
class Job:
    """What the child process is told. `memory` in MiB above what an idle child has; None: no limit."""

    path: str
    settings: Settings
    memory: int | None = None
    progress: bool = False
    lifeline: int = -1  # a file descriptor at its end of file once the parent is gone
    check: CheckOrder | None = None  # in place of a whole run


def run_headless(
    path: Path,
    settings: Settings,
    timeout: float | None = None,
    memory: int | None = None,
    progress: bool = False,
) -> int:
    """Runs the program at `path` and returns its exit code.

    Its output is its own. Exit code 128 + n: signal n ended it; 124: it ran longer than `timeout` seconds;
    137: it took more than `memory` MiB. `progress` draws a bar on stderr. Its process group ends with it.
    """
    return run_job(Job(str(path), settings, memory, progress), timeout)


def run_job(job: Job, timeout: float | None) -> int:
    """Gives a job to a child process, waits for that, and ends its process group; its exit code."""
    lifeline, our_end = os.pipe()
    try:
        job = replace(job, lifeline=lifeline)
        child = subprocess.Popen(
            [sys.executable, "-P", "-m", "gradviz.session.headless_child", msgspec.json.encode(job)],
            start_new_session=True,
            pass_fds=[lifeline] if job.check is None else [lifeline, job.check.verdict],
            env=child_environment(),
        )
        os.close(lifeline)
        with signals_end_this_process():
            try:
                return _exit_code(_wait(child, timeout), job.memory)
            except subprocess.TimeoutExpired:
                _say(tr("stopped after {0:g} s, the limit (--timeout)").format(timeout))
                return TIMEOUT_EXIT
            finally:
                _end_group(child)
    finally:
        os.close(our_end)


def _wait(child: subprocess.Popen, timeout: float | None) -> int:
    """The child's return code; Ctrl+C goes to the program, which then has `_GRACE` seconds."""
    try:
        return child.wait(timeout)
    except KeyboardInterrupt:
        with suppress(ProcessLookupError):
            os.killpg(child.pid, signal.SIGINT)
        with suppress(subprocess.TimeoutExpired, KeyboardInterrupt):
            return child.wait(_GRACE)
        return -signal.SIGINT


def _exit_code(returncode: int, memory: int | None) -> int:
    if returncode >= 0:
        return returncode
    number = -returncode
    if number == signal.SIGKILL and memory is not None:
        _say(tr("killed; most likely for want of memory (--memory {0})").format(memory))
    elif number != signal.SIGINT:
        _say(tr("the program was ended by signal {0} ({1})").format(number, signal.strsignal(number)))
    return 128 + number


def _end_group(child: subprocess.Popen) -> None:
    with suppress(ProcessLookupError):  # it had no one left
        os.killpg(child.pid, signal.SIGKILL)
    child.wait()


@contextmanager
def signals_end_this_process() -> Iterator[None]:
    """Turns SIGTERM and SIGHUP into SystemExit, so that `finally` still ends the group."""

    def leave(number: int, frame: FrameType | None) -> None:
        raise SystemExit(128 + number)

    before = {number: signal.signal(number, leave) for number in (signal.SIGTERM, signal.SIGHUP)}
    try:
        yield
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)


def _say(text: str) -> None:
    print(f"gradviz: {text}", file=sys.stderr, flush=True)
