"""The worker process: runs one program for the window, records it, answers questions about it.

`python -P -m gradviz.session.worker`, with the address and key of the window's socket on the first line of
standard input. Standard input then stays open as a lifeline: when the window is gone, it ends, and the
supervisor kills the whole process group, even if the program never lets go of the interpreter.
"""

from __future__ import annotations

import atexit
import contextlib
import faulthandler
import gc
import os
import socket
import sys
import threading
from multiprocessing.connection import Connection
from typing import TYPE_CHECKING

from gradviz.session.budget import Budget
from gradviz.session.contact import Contact
from gradviz.session.history import History, flush_output
from gradviz.session.supervisor import MAIN, Supervisor

if TYPE_CHECKING:  # imported for real after the supervisor has gone its own way
    from gradviz.session.checkpoints import Waking
    from gradviz.session.experiment import Experiment
    from gradviz.session.program import Program
    from gradviz.session.protocol import Command, Problem, Report
    from gradviz.trace.branches import SetNumber

PROGRESS_EVERY = 0.25  # seconds
_exit = os._exit  # the program's own `os._exit` first says where it was called


def main() -> None:
    with open(0, "rb", buffering=0, closefd=False) as lifeline:  # what follows is for the supervisor
        line = lifeline.readline()
    if not line:
        return
    contact, budget = Contact.read(line), Budget()
    control = _divide(budget, contact.notes)
    Worker(contact, control, budget).run()


def _divide(budget: Budget, notes: int) -> socket.socket | None:
    """Where the system can fork, becomes two processes: the supervisor, which does not return, and the one
    that will run the program, which gets the socket between them."""
    if not hasattr(os, "fork"):
        threading.Thread(target=_end_with_window, daemon=True).start()
        return None
    own, control = socket.socketpair(socket.AF_UNIX, socket.SOCK_SEQPACKET)
    program = os.fork()
    if program:
        own.close()
        Supervisor(control, program, budget, notes).run()
    control.close()
    os.close(notes)
    null = os.open(os.devnull, os.O_RDONLY)
    os.dup2(null, 0)
    os.close(null)
    return own


def _end_with_window() -> None:
    """Waits for the lifeline's end, and ends."""
    while os.read(0, 4096):
        pass
    _exit(1)


class Worker:
    """One program, from the `Start` command to the end of the process."""

    def __init__(self, contact: Contact, control: socket.socket | None, budget: Budget) -> None:
        # Imported here: the supervisor must not carry the engine's memory.
        from gradviz.session import protocol
        from gradviz.session.checkpoints import Checkpoints

        self._contact = contact
        self._connection = contact.call(MAIN, "reports")
        self._checkpoints = Checkpoints(control)
        self._checkpoints.join(self._connection.fileno())
        self._budget = budget
        self._protocol = protocol
        self._sending = threading.Lock()
        self._process = os.getpid()
        self._experiment: Experiment | None = None  # that this process is made for
        self._copying = False  # a fork is a checkpoint, not a child of the program's own

    def run(self) -> None:
        """Runs the program in this, the main thread, and answers the window until it hangs up."""
        from gradviz.engine import observe
        from gradviz.session.controller import Controller
        from gradviz.session.program import Program, Settings

        start = self._receive()
        if not isinstance(start, self._protocol.Start):
            return
        settings = Settings(start.seed, start.batch_size, start.data, rehearsal=start.rehearsal > 0)
        program = Program(start.text, start.path, settings)
        self._history = History()
        if start.furthest >= 0:
            self._history.began(start.furthest)
            self._history.repeat()
        self._checkpoints.wanted = start.checkpoints
        self._budget.bound = start.history_bytes
        self._controller = Controller(program, self._report, self._leave_checkpoint, self._history)
        self._controller.plan(start.edits)
        self._start_listening()
        self._watch_for_ends(program)
        # A graph is very many objects without a cycle among them: to search a long one for cycles as often as
        # Python does by default takes as much time as to compute it.
        gc.set_threshold(5_000, 20)
        observe(self._controller)
        try:
            self._controller.begin()
            if start.rehearsal:
                # Even if the program lets no other thread run: this is C, and says on stderr where it was.
                faulthandler.dump_traceback_later(start.rehearsal, exit=True)
            exit_code, problem = self._execute(program)
            _end_as_python_does(wait_for_threads=problem is None)
        finally:
            observe(None)
        flush_output()
        if os.getpid() != self._process:  # the program forked, and this is the child
            _exit(exit_code)
        faulthandler.cancel_dump_traceback_later()
        self._controller.finish("failed" if exit_code else "finished", exit_code, problem)
        self._listener.join()  # the recorded arrays can still be looked at

    def _start_listening(self) -> None:
        self._listener = threading.Thread(target=self._listen, name="gradviz-listener", daemon=True)
        self._listener.start()

    def _leave_checkpoint(self, iteration: int) -> tuple[int, int] | None:
        """Leaves a copy of this process before an iteration; see Checkpoints.leave. In the copy, once it is
        woken: the iterations to go to, the first and the last."""
        if self._experiment is not None:
            return self._try_out(self._experiment, iteration)
        if not (self._checkpoints.is_due(iteration) and self._checkpoints.possible):
            return None
        self._copying = True
        with self._sending:  # no other thread is in the middle of a message
            waking = self._checkpoints.leave(iteration)
        self._copying = False
        if waking is None:
            return None
        self._process = os.getpid()
        self._controller.forget()  # before the window can ask for it
        if waking.branch != self._checkpoints.branch:
            self._become(waking, iteration)
        if self._experiment is not None:
            return self._try_out(self._experiment, iteration) or (waking.target, waking.last)
        self._start_listening()
        return waking.target, waking.last

    def _become(self, waking: Waking, iteration: int) -> None:
        """Goes on as another branch, with its connection and outputs, from before `iteration`. The first that
        does makes them."""
        from gradviz.session.experiment import Experiment

        fork = self._protocol.decode_command(waking.edits)
        assert isinstance(fork, self._protocol.Fork)
        self._checkpoints.branch = waking.branch
        self._connection.close()  # the parent's
        channels = waking.channels
        if fork.experiment:
            self._experiment = Experiment(fork.branch.iteration, fork.edits)
            self._connection = self._contact.call(waking.branch, "reports")
            self._checkpoints.join(self._connection.fileno())
            self.send(self._protocol.Branched(waking.branch))
            return
        if channels:
            self._history.join(channels[3])
        else:
            calls = [self._contact.call(waking.branch, name) for name in ("reports", "stdout", "stderr")]
            channels = [os.dup(call.fileno()) for call in calls]
            # Its parent's edits may be still to come here: from the first on it is another run than this one.
            coming = [edit.iteration for edit in fork.edits if edit.iteration >= iteration]
            channels.append(
                self._history.part(min(coming, default=fork.branch.iteration), fork.branch.iteration)
            )
            self._checkpoints.join(*channels)
        reports, stdout, stderr, memory = channels
        os.close(memory)
        self._connection = Connection(reports)
        self._history.print_to(stdout, stderr)
        self._controller.plan(fork.edits)
        if not waking.channels:
            self.send(self._protocol.Branched(waking.branch))

    def _try_out(self, experiment: Experiment, iteration: int) -> tuple[int, int] | None:
        """In the copies that run the iteration of an experiment: that iteration, twice."""
        if iteration != experiment.iteration:
            return None
        if not self._checkpoints.possible:  # it has come to compute in several threads, or on a GPU
            self.send(self._protocol.Unforked(self._checkpoints.branch))
            _exit(0)
        self._copying = True
        edits = experiment.sleep()
        self._copying = False
        self._process = os.getpid()
        os.close(self._history.part(iteration, iteration + 1))
        self._controller.plan(edits, is_experiment=True)
        self._start_listening()
        return iteration, iteration

    def _try(self, edit: SetNumber) -> None:
        """Hands over to another copy."""
        if self._experiment is not None:
            with self._sending:  # this process says nothing more
                self._experiment.wake(edit)
                _exit(0)

    def _seek(self, iteration: int, lead: int) -> None:
        """Shows the iteration, which may be one that was recorded a moment ago."""
        controller = self._controller
        if controller.show_again(iteration):
            return
        first = max(0, iteration - lead)
        if controller.comes_to(iteration):
            first = max(first, min(controller.present + 1, iteration))
        stepping = lead > 1 or abs(iteration - controller.present) == 1
        if not self._go_to(first, iteration, stepping):
            self.send(self._protocol.Unreachable(iteration))

    def _scan(self, first: int, last: int) -> None:
        if not self._go_to(first, last):
            self.send(self._protocol.Unreachable(first))

    def _go_to(self, first: int, last: int, stepping: bool = False) -> bool:
        """Runs on to the first of some iterations, or hands over to a copy of the program from before it.

        Whichever process it is records them all and holds at the last. False when neither is possible.
        """
        controller = self._controller
        ahead = controller.comes_to(first)
        present = controller.present if ahead else -1
        with self._sending:  # if another process goes on, this one says nothing more
            if not self._checkpoints.seek(first, last, present, stepping=stepping):
                _exit(0)
        if ahead:
            controller.advance("iteration", first, last)
        return ahead

    def _report(self, report: Report) -> None:
        """Sends what the controller reports, with what only the supervisor knows."""
        from msgspec.structs import replace

        if isinstance(report, self._protocol.Status):
            report = replace(report, history_bytes=self._budget.used)
        self.send(report)

    def send(self, report: Report) -> None:
        """Sends a report; from any thread. Without a window to tell, there is nothing left to do here."""
        with self._sending:
            try:
                self._connection.send_bytes(self._protocol.encode(report))
            except OSError:  # the window is gone, or the program has closed all its files
                _exit(1)

    def _watch_for_ends(self, program: Program) -> None:
        """Ends of the process that Python does not notice name their line; a forked child is on its own."""
        from gradviz.engine import observe
        from gradviz.session.hints import WORKER_ENDED
        from gradviz.session.names import running_line

        def leave(status: int) -> None:
            if os.getpid() == self._process:
                self._controller.show_progress(at_once=True)
                self._controller.report()
                place = running_line(program.sources)
                arguments = (str(status & 0xFF),)
                self.send(
                    self._protocol.Problem(
                        "error", "worker", "", place, hint=WORKER_ENDED, hint_arguments=arguments
                    )
                )
            _exit(status)

        os._exit = leave  # type: ignore[assignment]
        faulthandler.enable()  # on stderr, where the window finds the line of a crash
        if hasattr(os, "register_at_fork"):
            os.register_at_fork(after_in_child=lambda: None if self._copying else observe(None))

    def _execute(self, program: Program) -> tuple[int, Problem | None]:
        """Runs the program; (exit code, problem or None) of how it ended."""
        from gradviz.session.problems import describe

        try:
            program.run()
        except SystemExit as leaving:
            code = leaving.code
            if code is None or isinstance(code, int):
                return (code or 0) & 0xFF, None
            with contextlib.suppress(Exception):  # the program may have closed the stream
                print(code, file=sys.stderr)
            return 1, None
        except BaseException as error:  # whatever a program raises is told to the person
            problem = describe(error, program.sources)
            if os.getpid() != self._process:
                print(problem.traceback, end="", file=sys.stderr)
            return 1, problem
        return 0, None

    def _receive(self) -> Command | None:
        """The next command, or None when the window hung up or does not speak the protocol."""
        try:
            return self._protocol.decode_command(self._connection.recv_bytes(self._protocol.MAX_MESSAGE))
        except (EOFError, OSError, self._protocol.ProtocolError):
            return None

    def _next_command(self) -> Command | None:
        """Waits for the window; meanwhile a program that is busy elsewhere is shown as far as it came."""
        with contextlib.suppress(OSError):
            while not self._connection.poll(PROGRESS_EVERY):
                self._controller.show_progress()
        return self._receive()

    def _listen(self) -> None:
        from gradviz.session import answers

        while (command := self._next_command()) is not None:
            match command:
                case self._protocol.Advance():
                    self._controller.advance(command.until)
                case self._protocol.Seek():
                    self._seek(command.iteration, command.lead)
                case self._protocol.Scan():
                    self._scan(command.first, command.last)
                case self._protocol.Origin():
                    recording = self._controller.recording(command.array.iteration)
                    iteration = None if recording is None else recording.iteration
                    self.send(answers.origins(iteration, self._controller.find, command))
                case self._protocol.Break():
                    self._controller.set_breakpoints(command.breakpoints)
                case self._protocol.Look():
                    self.send(answers.seen(self._controller.find, command))
                case self._protocol.Fetch():
                    self.send(answers.fetched(self._controller.find, command))
                case self._protocol.Why():
                    with self._controller.deaf():
                        recording = self._controller.recording(command.array.iteration)
                        self.send(answers.because(recording, command))
                case self._protocol.Check():
                    with self._controller.deaf():
                        recording = self._controller.recording(command.iteration)
                        checked = answers.checked(recording, command)
                    self.send(checked)
                    if (problem := answers.gradient_problem(recording, checked)) is not None:
                        self.send(problem)
                case self._protocol.Try():
                    self._try(command.edit)
                case self._protocol.Match():
                    recording = self._controller.recording(command.iteration)
                    iteration = None if recording is None else recording.iteration
                    self.send(answers.matched(iteration, self._controller.find, command))
                case self._protocol.CountUnits():
                    recording = self._controller.recording(command.iteration)
                    iteration = None if recording is None else recording.iteration
                    self.send(answers.units_counted(iteration, self._controller.find, command))
                case self._protocol.Export():
                    self.send(answers.exported(self._controller.recording(command.iteration), command))
                case self._protocol.Acknowledge():
                    self._controller.acknowledge()
        flush_output()
        _exit(0)


def _end_as_python_does(wait_for_threads: bool) -> None:
    """Lets the program's threads end, and runs what it has registered with `atexit`."""
    threads = threading.enumerate() if wait_for_threads else ()
    for thread in threads:
        if not thread.daemon and thread is not threading.current_thread():
            thread.join()
    atexit._run_exitfuncs()


if __name__ == "__main__":
    main()
