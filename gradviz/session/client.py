"""The window's end of a session: one worker, the branches that it runs, and its certain end."""

from __future__ import annotations

import contextlib
import os
import secrets
import signal
import socket
import subprocess
import sys
import threading
from collections.abc import Callable
from functools import partial
from multiprocessing.connection import Connection, Listener

from msgspec.structs import replace

from gradviz.session.contact import Contact, purpose_of
from gradviz.session.conversation import Call, Conversation, Pipe
from gradviz.session.environment import child_environment
from gradviz.session.protocol import Command, Fork, Report, Start, Unforked, encode
from gradviz.session.supervisor import DROP, EXPERIMENT, FORK, ORDER
from gradviz.trace.branches import MAIN

GRACE = 0.3  # seconds between the ever stronger ways of ending a worker


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
        self._closing = threading.Event()  # the window has lost interest
        self._gone = threading.Event()  # every process of the worker's group has ended
        self._ending = threading.Lock()
        self._noted = threading.Condition()
        self._codes: dict[int, int] = {}  # exit codes of branches that have ended
        self._path = ""
        self._conversations: dict[int, Conversation] = {}
        self._dropped: list[Conversation] = []
        pipes = Pipe(), Pipe()
        self._key = secrets.token_bytes(32)
        self._listener = Listener()
        # what the supervisor says of branches; where the system cannot fork there are none
        self._notes, notes = os.pipe() if os.name == "posix" else (-1, -1)
        self._process = subprocess.Popen(
            [sys.executable, "-P", "-u", "-m", "gradviz.session.worker"],
            stdin=subprocess.PIPE,
            stdout=pipes[0].writing,
            stderr=pipes[1].writing,
            start_new_session=True,
            pass_fds=(notes,) if os.name == "posix" else (),
            env=child_environment() | {"PYTHONUNBUFFERED": "1", "PYTHONIOENCODING": "utf-8"},
        )
        if notes >= 0:
            os.close(notes)
        self._order(Contact(self._listener.address, self._key, notes).line())
        main = self._converse_with(MAIN)
        main.read("stdout", pipes[0])
        main.read("stderr", pipes[1])
        self._threads = [
            threading.Thread(target=self._answer_calls, name="gradviz-calls"),
            threading.Thread(target=self._watch_supervisor, name="gradviz-supervisor"),
        ]
        for thread in self._threads:
            thread.start()

    @property
    def gone(self) -> bool:
        """Whether every process and thread of it has ended."""
        threads = any(thread.is_alive() for thread in self._threads)
        talking = any(talk.running for talk in (*self._conversations.values(), *self._dropped))
        return self._gone.is_set() and not threads and not talking

    def send(self, command: Command, branch: int = MAIN) -> None:
        """Sends to a branch, without waiting for an answer. Does nothing once its program is gone."""
        conversation = self._conversations.get(branch)
        if conversation is None or self._closing.is_set():
            return
        if isinstance(command, Start):
            self._path = conversation.path = command.path
        conversation.send(command)

    def fork(self, fork: Fork) -> None:
        """Begins a branch, to which can be sent at once; `Branched` follows, or `Unforked`."""
        branch = fork.branch
        edits = encode(replace(fork, branch=replace(branch, edits=())))  # they are among all that it has seen
        if self._notes < 0:
            self._on_report(branch.id, Unforked(branch.id))
            return
        self._converse_with(branch.id)
        kind = EXPERIMENT if fork.experiment else FORK
        self._order(ORDER.pack(kind, branch.id, branch.parent, branch.iteration, len(edits)) + edits)

    def drop(self, branch: int) -> None:
        """Ends a branch's program at once; what others need of its past stays."""
        conversation = self._conversations.pop(branch, None)
        if conversation is not None:
            self._dropped = [talk for talk in self._dropped if talk.running] + [conversation]
            self._order(ORDER.pack(DROP, branch, 0, 0, 0))
            self._threads.append(threading.Thread(target=self._end_dropped, args=(branch, conversation)))
            self._threads[-1].start()

    def _end_dropped(self, branch: int, conversation: Conversation) -> None:
        """Hangs up last: a program ends when the window does, and what it has started would outlive it."""
        with self._noted:
            self._noted.wait_for(lambda: branch in self._codes, GRACE)
        conversation.end()

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
            for conversation in (*self._conversations.values(), *self._dropped):
                conversation.join()

    def finish(self) -> None:
        """Kills the worker and its process group; returns when all that it had printed is delivered."""
        conversations = list(self._conversations.values())
        self._end(politely=False)
        for conversation in conversations:
            conversation.join()
        self.close(wait=True)

    # ── conversations ─────────────────────────────────────────────────────────────────────────────────────

    def _converse_with(self, branch: int) -> Conversation:
        conversation = Conversation(
            self._path, partial(self._deliver, branch), partial(self._hung_up, branch)
        )
        self._conversations[branch] = conversation
        return conversation

    def _deliver(self, branch: int, report: Report) -> None:
        if branch in self._conversations and not self._closing.is_set():
            self._on_report(branch, report)

    def _forget(self, branch: int) -> None:
        """Whatever is still to come from a branch is not delivered."""
        conversation = self._conversations.pop(branch, None)
        if conversation is None:
            return
        conversation.end()
        self._dropped = [talk for talk in self._dropped if talk.running] + [conversation]

    def _hung_up(self, branch: int) -> None:
        """A branch's program says nothing more: sees to its end, and tells of it."""
        conversation = self._conversations.get(branch)
        if conversation is None or self._closing.is_set():
            return
        with self._noted:  # it hung up because it is ending: let it say how
            self._noted.wait_for(lambda: branch in self._codes, GRACE)
        if len(self._conversations) > 1:
            self._order(ORDER.pack(DROP, branch, 0, 0, 0))
        else:
            with contextlib.suppress(subprocess.TimeoutExpired):
                self._process.wait(GRACE)
            self._end(politely=False)
        code = self._codes.get(branch, self._exit_code())
        conversation.explain(code)
        if branch in self._conversations and not self._closing.is_set():
            self._forget(branch)
            self._on_end(branch, code)

    def _answer_calls(self) -> None:
        """Takes the calls of the worker's processes, until all are gone."""
        while not self._gone.is_set():
            with contextlib.suppress(OSError):
                connection = self._listener.accept()
                # a stranger may never answer: nothing waits for this thread
                threading.Thread(target=self._answer, args=(connection,), daemon=True).start()
        self._listener.close()

    def _answer(self, connection: Connection) -> None:
        purpose = purpose_of(connection, self._key)
        conversation = self._conversations.get(purpose[0]) if purpose else None
        if not (conversation and purpose and conversation.take(purpose[1], Call(connection))):
            connection.close()

    def _call_myself(self) -> None:
        """Ends a waiting `accept`."""
        address = self._listener.address
        family = socket.AF_UNIX if isinstance(address, str) else socket.AF_INET
        with contextlib.suppress(OSError), socket.socket(family) as call:
            call.connect(address)

    # ── the supervisor ────────────────────────────────────────────────────────────────────────────────────

    def _order(self, order: bytes) -> None:
        assert self._process.stdin is not None
        with contextlib.suppress(OSError, ValueError):  # it is gone: others tell
            self._process.stdin.write(order)
            self._process.stdin.flush()

    def _watch_supervisor(self) -> None:
        """Takes in its notes. It outlives the programs; if it was killed, nothing else would end them."""
        if self._notes >= 0:
            with os.fdopen(self._notes, encoding="ascii", errors="replace") as notes:
                for note in notes:
                    self._take_note(note.split())
        self._process.wait()
        self._end(politely=False)

    def _take_note(self, words: list[str]) -> None:
        match words:
            case ["ended", branch, code]:
                with self._noted:
                    self._codes[int(branch)] = int(code)
                    self._noted.notify_all()
            case ["unforked", branch]:
                self._deliver(int(branch), Unforked(int(branch)))
                self._forget(int(branch))

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
        self._gone.set()
        self._call_myself()
        for conversation in list(self._conversations.values()):
            conversation.end()

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
