"""The window's end of one branch: what it is told, what it reports, and what its program prints."""

from __future__ import annotations

import codecs
import contextlib
import os
import queue
import re
import signal
import socket
import threading
from collections.abc import Callable, Iterator
from multiprocessing.connection import Connection
from typing import Literal, Protocol

from gradviz.session.contact import Channel
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
from gradviz.trace import Source

START_DEADLINE = 30.0  # seconds for a worker to come up: a cold disk is slow
OUTPUT_CHUNK = 1 << 16  # at least what a pipe holds
OUTPUT_PAUSE = 0.02  # seconds between chunks: at most 3 MB/s, so that a flood of print() slows itself down
LAST_WORDS = 1 << 14  # characters of stderr in which a crash says where it happened
WAKE = b"\0"  # written into a pipe of output once the program is gone


class Printed(Protocol):
    """Where the output of a program can be read."""

    reading: int

    def wake(self) -> None:
        """Ends the wait for more, once the program is gone: other processes may hold it open forever."""

    def close(self) -> None: ...


class Pipe:
    """Output that a program has inherited."""

    def __init__(self) -> None:
        self.reading, self.writing = os.pipe()

    def wake(self) -> None:
        os.write(self.writing, WAKE)

    def close(self) -> None:
        os.close(self.reading)
        os.close(self.writing)


class Call:
    """A call from a program."""

    def __init__(self, connection: Connection) -> None:
        self.connection = connection
        self.reading = connection.fileno()

    def wake(self) -> None:
        """Ends the connection for all processes that have it."""
        with contextlib.suppress(OSError), socket.socket(fileno=os.dup(self.reading)) as channel:
            channel.shutdown(socket.SHUT_RDWR)

    def close(self) -> None:
        self.connection.close()


class Conversation:
    """`path` is what the program goes by in messages. `on_report` and `on_hang_up` are called from its
    threads; the latter once, when nothing more comes."""

    def __init__(
        self, path: str, on_report: Callable[[Report], None], on_hang_up: Callable[[], None]
    ) -> None:
        self.path = path
        self._on_report, self._on_hang_up = on_report, on_hang_up
        self._commands: queue.SimpleQueue[Command | None] = queue.SimpleQueue()
        self._calls: queue.SimpleQueue[Call | None] = queue.SimpleQueue()
        self._channels: set[str] = set()  # that have been taken
        self._last_words = ""
        self._explained = False  # the window already knows why the program ends
        self._ending = threading.Lock()
        self._over = threading.Event()
        self._open: list[Printed] = []
        self._outputs: list[threading.Thread] = []
        self._reports = self._start(self._converse, "reports")

    @property
    def running(self) -> bool:
        """Whether a thread of it still runs."""
        return self._reports.is_alive() or any(thread.is_alive() for thread in self._outputs)

    def join(self) -> None:
        for thread in (self._reports, *self._outputs):
            thread.join()

    def send(self, command: Command) -> None:
        """Sends without waiting for an answer. Does nothing once the program is gone."""
        if not self._over.is_set():
            self._commands.put(command)

    def take(self, channel: Channel, call: Call) -> bool:
        """Takes a call from the program; False when it already has one for that."""
        if channel in self._channels:
            return False
        self._channels.add(channel)
        if channel == "reports":
            self._calls.put(call)
        else:
            self.read(channel, call)
        return True

    def read(self, stream: Literal["stdout", "stderr"], printed: Printed) -> None:
        """Reports what is printed."""
        self._outputs.append(self._start(lambda: self._forward(stream, printed), stream))

    def end(self) -> None:
        """The program is gone, or nobody listens any more. What is on its way still comes."""
        with self._ending:
            if self._over.is_set():
                return
            self._over.set()
            self._commands.put(None)
            self._calls.put(None)
            for printed in self._open:
                printed.wake()

    def explain(self, code: int | None) -> None:
        """Once the program is gone: waits until all it has printed has been reported, and says how it ended,
        unless that is known."""
        self.end()
        for thread in self._outputs:
            thread.join()
        if not self._explained:
            self._on_report(self._sudden_end(code))

    # ── threads ───────────────────────────────────────────────────────────────────────────────────────────

    def _start(self, target: Callable[[], None], name: str) -> threading.Thread:
        thread = threading.Thread(target=target, name=f"gradviz-{name}")
        thread.start()
        return thread

    @contextlib.contextmanager
    def _opened(self, printed: Printed) -> Iterator[None]:
        """Sees to it that nobody waits for more once the program is gone."""
        with self._ending:
            self._open.append(printed)
            if self._over.is_set():
                printed.wake()
        try:
            yield
        finally:
            with self._ending:
                self._open.remove(printed)
                printed.close()

    def _converse(self) -> None:
        """Delivers reports until the program hangs up."""
        call = None
        with contextlib.suppress(queue.Empty):
            call = self._calls.get(timeout=START_DEADLINE)
        if call is not None:
            with self._opened(call):
                connection = call.connection
                sender = self._start(lambda: self._send_commands(connection), "commands")
                self._receive_reports(connection)
                self._commands.put(None)
                sender.join()
        self._on_hang_up()

    def _receive_reports(self, connection: Connection) -> None:
        try:
            while True:
                report = decode_report(connection.recv_bytes(MAX_MESSAGE))
                self._explained = isinstance(report, Problem) and report.hint == WORKER_ENDED
                self._on_report(report)
        except (EOFError, ConnectionError):
            pass
        except (ProtocolError, OSError):  # OSError: larger than MAX_MESSAGE
            self._explained = True
            self._on_report(Problem("error", "worker", "", hint=BAD_REPORT))

    def _send_commands(self, connection: Connection) -> None:
        while (command := self._commands.get()) is not None:
            try:
                connection.send_bytes(encode(command))
            except OSError:
                return

    def _forward(self, stream: Literal["stdout", "stderr"], printed: Printed) -> None:
        """What the program prints, in chunks; reading slowly makes a flood wait in its own process."""
        decoder = codecs.getincrementaldecoder("utf-8")("replace")
        ended = False
        with self._opened(printed):
            while not ended:
                chunk = os.read(printed.reading, OUTPUT_CHUNK)
                woken = self._over.is_set() and WAKE in chunk
                ended = woken or not chunk
                text = decoder.decode(chunk.rpartition(WAKE)[0] if woken else chunk)
                if stream == "stderr":
                    self._last_words = (self._last_words + text)[-LAST_WORDS:]
                if text:
                    self._on_report(Output(stream, text))
                self._over.wait(OUTPUT_PAUSE)

    def _sudden_end(self, code: int | None) -> Problem:
        """Where a crash happened stands on stderr: Python writes it there ("faulthandler")."""
        crash = self._last_words.rpartition("Current thread")[2]
        path = re.escape(self.path.encode("ascii", "backslashreplace").decode())
        found = re.search(rf'^  File "{path}", line (\d+) in ', crash, re.MULTILINE)
        source = Source(self.path, int(found[1])) if found else None
        return Problem("error", "worker", "", source, hint=WORKER_ENDED, hint_arguments=(_in_words(code),))


def _in_words(code: int | None) -> str:
    """An exit code, with the signal's name where a signal ended the process: "139, SIGSEGV"."""
    try:
        return f"{code}, {signal.Signals((code or 0) - 128).name}"
    except ValueError:
        return str(code)
