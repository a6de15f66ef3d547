"""The window's end of a session: one worker process, its messages, and its certain end."""

from __future__ import annotations

import codecs
import contextlib
import json
import os
import queue
import secrets
import signal
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Callable
from multiprocessing.connection import Connection, Listener
from pathlib import Path
from typing import IO

import gradviz
from gradviz.session.hints import BAD_REPORT, WORKER_ENDED
from gradviz.session.protocol import (
    MAX_MESSAGE,
    Command,
    Output,
    Problem,
    ProtocolError,
    Report,
    decode_report,
    encode,
)

START_DEADLINE = 30.0  # seconds for a worker to come up: a cold disk is slow
GRACE = 0.3  # seconds between the ever stronger ways of ending a worker
OUTPUT_CHUNK = 1 << 16
OUTPUT_PAUSE = 0.02  # seconds between chunks: at most 3 MB/s, so that a flood of print() slows itself down


class SessionClient:
    """Starts a worker and talks to it.

    `on_report` and `on_end` are called from the client's threads. `on_end` gets the exit code, once, when the
    worker is gone without `close` having been called; every report that it sent has been delivered by then.
    """

    def __init__(self, on_report: Callable[[Report], None], on_end: Callable[[int | None], None]) -> None:
        self._on_report, self._on_end = on_report, on_end
        self._commands: queue.SimpleQueue[Command | None] = queue.SimpleQueue()
        self._closing = threading.Event()
        key = secrets.token_bytes(32)
        self._listener = Listener(authkey=key)
        self._process = subprocess.Popen(
            [sys.executable, "-P", "-u", "-m", "gradviz.session.worker"],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            start_new_session=True,
            env=_environment(),
        )
        assert self._process.stdin is not None
        contact = json.dumps({"address": self._listener.address, "key": key.hex()})
        with contextlib.suppress(OSError):  # it died at once: the conversation's thread will tell
            self._process.stdin.write(contact.encode() + b"\n")
            self._process.stdin.flush()
        self._threads = [threading.Thread(target=self._converse, name="gradviz-reports")]
        for stream, name in ((self._process.stdout, "stdout"), (self._process.stderr, "stderr")):
            self._threads.append(
                threading.Thread(target=self._forward_output, args=(stream, name), name=f"gradviz-{name}")
            )
        for thread in self._threads:
            thread.start()

    def send(self, command: Command) -> None:
        """Sends without waiting for an answer. Does nothing once the worker is gone."""
        if not self._closing.is_set():
            self._commands.put(command)

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
        if connection is not None:
            sender = threading.Thread(target=self._send_commands, args=(connection,), name="gradviz-commands")
            sender.start()
            try:
                while not self._closing.is_set():
                    self._on_report(decode_report(connection.recv_bytes(MAX_MESSAGE)))
            except (EOFError, OSError):
                pass
            except ProtocolError:
                self._on_report(Problem("error", "worker", "", hint=BAD_REPORT))
            self._commands.put(None)
            sender.join()
            connection.close()
        if not self._closing.is_set():
            self._closing.set()
            with contextlib.suppress(subprocess.TimeoutExpired):
                self._process.wait(GRACE)  # it hung up because it is ending: let it say how
            self._end(politely=False)
            code = self._exit_code()
            self._on_report(Problem("error", "worker", "", hint=WORKER_ENDED, hint_arguments=(str(code),)))
            self._on_end(code)

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

    def _forward_output(self, stream: IO[bytes], name: str) -> None:
        """What the program prints, in chunks; reading slowly makes a flood wait in its own process."""
        decoder = codecs.getincrementaldecoder("utf-8")("replace")
        descriptor = stream.fileno()
        while chunk := os.read(descriptor, OUTPUT_CHUNK):
            text = decoder.decode(chunk)
            if text and not self._closing.is_set():
                self._on_report(Output(name, text))  # type: ignore[arg-type]
            self._closing.wait(OUTPUT_PAUSE)
        stream.close()

    # ── the end ───────────────────────────────────────────────────────────────────────────────────────────

    def _end(self, politely: bool = True) -> None:
        if politely and os.name == "posix":
            for number in (signal.SIGINT, signal.SIGTERM):
                self._signal_group(number)
                with contextlib.suppress(subprocess.TimeoutExpired):
                    self._process.wait(GRACE)
                    break
        if os.name == "posix":
            self._signal_group(signal.SIGKILL)
        else:
            self._process.kill()
        self._process.wait()
        assert self._process.stdin is not None
        with contextlib.suppress(OSError):
            self._process.stdin.close()
        self._commands.put(None)

    def _signal_group(self, number: int) -> None:
        with contextlib.suppress(ProcessLookupError, PermissionError):
            os.killpg(self._process.pid, number)

    def _exit_code(self) -> int | None:
        code = self._process.returncode
        return 128 - code if code is not None and code < 0 else code


def _environment() -> dict[str, str]:
    """The worker finds the gradviz that this is. One BLAS thread: for nets small enough to look at, more cost
    more than they bring."""
    here = str(Path(gradviz.__file__).parents[1])
    path = os.pathsep.join(filter(None, (here, os.environ.get("PYTHONPATH"))))
    limits = dict.fromkeys(("OPENBLAS_NUM_THREADS", "OMP_NUM_THREADS", "MKL_NUM_THREADS"), "1")
    return limits | os.environ | {"PYTHONPATH": path, "PYTHONUNBUFFERED": "1", "PYTHONIOENCODING": "utf-8"}
