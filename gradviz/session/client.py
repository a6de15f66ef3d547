"""The window's end of a session: one worker process, its messages, and its certain end."""

from __future__ import annotations

import codecs
import contextlib
import json
import os
import queue
import re
import secrets
import signal
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Callable
from multiprocessing.connection import Connection, Listener

from gradviz.session.environment import child_environment
from gradviz.session.hints import BAD_REPORT, WORKER_ENDED
from gradviz.session.protocol import (
    MAX_MESSAGE,
    Command,
    Fork,
    Output,
    Problem,
    ProtocolError,
    Report,
    Start,
    Unforked,
    decode_report,
    encode,
)
from gradviz.trace import Source
from gradviz.trace.branches import MAIN

START_DEADLINE = 30.0  # seconds for a worker to come up: a cold disk is slow
GRACE = 0.3  # seconds between the ever stronger ways of ending a worker
OUTPUT_CHUNK = 1 << 16  # at least what a pipe holds
OUTPUT_PAUSE = 0.02  # seconds between chunks: at most 3 MB/s, so that a flood of print() slows itself down
WAKE = b"\0"  # written into the output's pipes once the worker is gone
LAST_WORDS = 1 << 14  # characters of stderr in which a crash says where it happened


class SessionClient:
    """Starts a worker and talks to it.

    `on_report` and `on_end` are called from the client's threads, with the branch of the run that it is about
    first. `on_end` gets the exit code, once for a branch, when its program is gone without `drop` or `close`
    having been called; every report and all output of it has been delivered by then.
    """

    def __init__(
        self, on_report: Callable[[int, Report], None], on_end: Callable[[int, int | None], None]
    ) -> None:
        self._on_report, self._on_end = on_report, on_end
        self._commands: queue.SimpleQueue[Command | None] = queue.SimpleQueue()
        self._closing = threading.Event()  # the window has lost interest
        self._gone = threading.Event()  # every process of the worker's group has ended
        self._path = ""
        self._last_words = ""
        self._ending = threading.Lock()
        key = secrets.token_bytes(32)
        self._listener = Listener(authkey=key)
        self._pipes = {"stdout": os.pipe(), "stderr": os.pipe()}
        self._process = subprocess.Popen(
            [sys.executable, "-P", "-u", "-m", "gradviz.session.worker"],
            stdin=subprocess.PIPE,
            stdout=self._pipes["stdout"][1],
            stderr=self._pipes["stderr"][1],
            start_new_session=True,
            env=child_environment() | {"PYTHONUNBUFFERED": "1", "PYTHONIOENCODING": "utf-8"},
        )
        assert self._process.stdin is not None
        contact = json.dumps({"address": self._listener.address, "key": key.hex()})
        with contextlib.suppress(OSError):  # it died at once: the conversation's thread will tell
            self._process.stdin.write(contact.encode() + b"\n")
            self._process.stdin.flush()
        self._outputs = [
            threading.Thread(target=self._forward_output, args=(name,), name=f"gradviz-{name}")
            for name in self._pipes
        ]
        self._threads = [
            threading.Thread(target=self._converse, name="gradviz-reports"),
            threading.Thread(target=self._end_group_with_supervisor, name="gradviz-supervisor"),
            *self._outputs,
        ]
        for thread in self._threads:
            thread.start()

    @property
    def gone(self) -> bool:
        """Whether every process and thread of it has ended."""
        return self._gone.is_set() and not any(thread.is_alive() for thread in self._threads)

    def send(self, command: Command, branch: int = MAIN) -> None:
        """Sends to a branch, without waiting for an answer. Does nothing once its program is gone."""
        if isinstance(command, Start):
            self._path = command.path
        if not self._closing.is_set():
            self._commands.put(command)

    def fork(self, fork: Fork) -> None:
        """Begins a branch; `Branched` follows, or `Unforked`."""
        self._on_report(fork.branch.id, Unforked(fork.branch.id))

    def drop(self, branch: int) -> None:
        """Ends a branch's processes at once; what others need of its past stays."""

    def close(self, *, wait: bool = False) -> None:
        """Ends the worker and its whole process group: asks, and within a second kills.

        Returns at once, or with `wait` when every process and thread of it is gone.
        """
        if not self._closing.is_set():
            self._closing.set()
            self._threads.append(threading.Thread(target=self._end, name="gradviz-end"))
            self._threads[-1].start()
        if wait:
            for thread in self._threads:
                thread.join()

    # ── threads ───────────────────────────────────────────────────────────────────────────────────────────

    def _converse(self) -> None:
        """Delivers reports until the worker hangs up."""
        connection = self._accept()
        explained = False  # the window already knows why the worker ends
        if connection is not None:
            sender = threading.Thread(target=self._send_commands, args=(connection,), name="gradviz-commands")
            sender.start()
            try:
                while not self._closing.is_set():
                    report = decode_report(connection.recv_bytes(MAX_MESSAGE))
                    explained = isinstance(report, Problem) and report.hint == WORKER_ENDED
                    self._on_report(MAIN, report)
            except (EOFError, ConnectionError):
                pass
            except (ProtocolError, OSError):  # OSError: larger than MAX_MESSAGE
                explained = True
                self._on_report(MAIN, Problem("error", "worker", "", hint=BAD_REPORT))
            self._commands.put(None)
            sender.join()
            connection.close()
        if not self._closing.is_set():
            with contextlib.suppress(subprocess.TimeoutExpired):
                self._process.wait(GRACE)  # it hung up because it is ending: let it say how
            self._end(politely=False)
            for thread in self._outputs:
                thread.join()
            code = self._exit_code()
            if not explained:
                self._on_report(MAIN, self._sudden_end(code))
            self._on_end(MAIN, code)

    def _sudden_end(self, code: int | None) -> Problem:
        """Where a crash happened stands on stderr: Python writes it there ("faulthandler")."""
        crash = self._last_words.rpartition("Current thread")[2]
        path = re.escape(self._path.encode("ascii", "backslashreplace").decode())
        found = re.search(rf'^  File "{path}", line (\d+) in ', crash, re.MULTILINE)
        source = Source(self._path, int(found[1])) if found else None
        return Problem("error", "worker", "", source, hint=WORKER_ENDED, hint_arguments=(_in_words(code),))

    def _end_group_with_supervisor(self) -> None:
        """The supervisor outlives the program. If it was killed, nothing else would end the program."""
        self._process.wait()
        self._kill_group()

    def _accept(self) -> Connection | None:
        """Waits for the worker's call; None when it dies first. A plain `accept` would then wait forever."""
        accepted: queue.SimpleQueue[Connection | None] = queue.SimpleQueue()

        def accept() -> None:
            try:
                accepted.put(self._listener.accept())
            except Exception:  # closed below, or a stranger without the key called
                accepted.put(None)

        thread = threading.Thread(target=accept, name="gradviz-accept", daemon=True)
        thread.start()
        deadline = time.monotonic() + START_DEADLINE
        connection = None
        while self._process.poll() is None and time.monotonic() < deadline and not self._closing.is_set():
            with contextlib.suppress(queue.Empty):
                connection = accepted.get(timeout=0.05)
                break
        if thread.is_alive():
            self._call_myself()
        thread.join()
        self._listener.close()
        return connection

    def _call_myself(self) -> None:
        """Ends a waiting `accept` with a call that fails for want of the key."""
        address = self._listener.address
        family = socket.AF_UNIX if isinstance(address, str) else socket.AF_INET
        with contextlib.suppress(OSError), socket.socket(family) as call:
            call.connect(address)

    def _send_commands(self, connection: Connection) -> None:
        while (command := self._commands.get()) is not None:
            try:
                connection.send_bytes(encode(command))
            except OSError:
                return

    def _forward_output(self, name: str) -> None:
        """What the program prints, in chunks; reading slowly makes a flood wait in its own process.

        A process that the program has sent out of its group may hold the pipe open forever. So the end of
        the output is not the pipe's end but the byte that `_end` writes into it.
        """
        decoder = codecs.getincrementaldecoder("utf-8")("replace")
        reading, writing = self._pipes[name]
        ended = False
        while not ended:
            chunk = os.read(reading, OUTPUT_CHUNK)
            ended = self._gone.is_set() and WAKE in chunk
            text = decoder.decode(chunk.rpartition(WAKE)[0] if ended else chunk)
            if name == "stderr":
                self._last_words = (self._last_words + text)[-LAST_WORDS:]
            if text and not self._closing.is_set():
                self._on_report(MAIN, Output(name, text))  # type: ignore[arg-type]
            self._gone.wait(OUTPUT_PAUSE)
        os.close(reading)
        os.close(writing)

    # ── the end ───────────────────────────────────────────────────────────────────────────────────────────

    def _end(self, politely: bool = True) -> None:
        with self._ending:
            if not self._gone.is_set():
                self._end_now(politely)

    def _end_now(self, politely: bool) -> None:
        if politely and os.name == "posix":
            for number in (signal.SIGINT, signal.SIGTERM):
                self._signal_group(number)
                with contextlib.suppress(subprocess.TimeoutExpired):
                    self._process.wait(GRACE)
                    break
        self._kill_group()
        self._process.wait()
        assert self._process.stdin is not None
        with contextlib.suppress(OSError):
            self._process.stdin.close()
        self._commands.put(None)
        self._gone.set()
        for _, writing in self._pipes.values():
            os.write(writing, WAKE)

    def _kill_group(self) -> None:
        if os.name == "posix":
            self._signal_group(signal.SIGKILL)
        else:
            self._process.kill()

    def _signal_group(self, number: int) -> None:
        with contextlib.suppress(ProcessLookupError, PermissionError):
            os.killpg(self._process.pid, number)

    def _exit_code(self) -> int | None:
        code = self._process.returncode
        return 128 - code if code is not None and code < 0 else code


def _in_words(code: int | None) -> str:
    """An exit code, with the signal's name where a signal ended the process: "139, SIGSEGV"."""
    try:
        return f"{code}, {signal.Signals((code or 0) - 128).name}"
    except ValueError:
        return str(code)
