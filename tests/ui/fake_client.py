"""A stand-in for the worker process."""

from __future__ import annotations

from collections.abc import Callable

from gradviz.session.protocol import Advance, Command, Look, Recorded, Report, Seek, Seen, Status
from gradviz.trace import summarize
from tests.ui.recordings import Recording, simple_net, updated_weights


class FakeClient:
    """A session without a worker: records commands, and answers with recordings as a worker would.

    Answers come at once. `recordings` grows by one SGD step of SimpleNet for every Advance; a Seek forgets
    the later ones, as a worker does.
    """

    instances: list[FakeClient] = []

    def __init__(self, on_report: Callable[[Report], None], on_end: Callable[[int | None], None]) -> None:
        self.report, self.end = on_report, on_end
        self.commands: list[Command] = []
        self.recordings: list[Recording] = []
        self.answers_looks = True
        self.closed = False
        FakeClient.instances.append(self)

    def send(self, command: Command) -> None:
        self.commands.append(command)
        if isinstance(command, Look) and self.answers_looks:
            self.answer(command)
        elif isinstance(command, Advance) and command.until != "end":
            self.record(self.next())
        elif isinstance(command, Seek):
            del self.recordings[command.iteration + 1 :]
            while len(self.recordings) <= command.iteration:
                self.recordings.append(self.next())
            self.record(self.recordings.pop())

    def next(self) -> Recording:
        """What the program records next."""
        weights = updated_weights(self.recordings[-1]) if self.recordings else None
        return simple_net(len(self.recordings), weights)

    def record(self, recording: Recording) -> None:
        """Reports an iteration, as if the program had just run it."""
        self.recordings.append(recording)
        self.report(Recorded(recording.iteration))
        shown = recording.iteration
        self.report(Status("holding", shown.index, shown.epoch, shown.batch, shown.batches))

    def answer(self, look: Look) -> None:
        summaries = []
        for ref in look.arrays:
            found = (recording.find(ref) for recording in reversed(self.recordings))
            array = next((array for array in found if array is not None), None)
            summaries.append(
                None if array is None else summarize(array, look.rows, look.cols, look.bins, look.index)
            )
        self.report(Seen(look.request, summaries))

    @property
    def gone(self) -> bool:
        return self.closed

    def close(self, *, wait: bool = False) -> None:
        """There is nothing to end."""
        self.closed = True
