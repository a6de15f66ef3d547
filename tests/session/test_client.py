"""The real worker process: what it reports, and that it always ends."""

from __future__ import annotations

import os
import queue
import signal
import subprocess
import sys
import textwrap
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from gradviz.session.client import SessionClient
from gradviz.session.protocol import (
    Advance,
    Fetch,
    Fetched,
    Look,
    Match,
    Matched,
    Metrics,
    Output,
    Problem,
    Recorded,
    Report,
    Seen,
    Start,
    Status,
)
from gradviz.trace import ArrayRef, Source
from gradviz.trace.values import Part
from tests.session.harness import PATH, SMALL_NET

PATIENCE = 30.0


class Window:
    """A window's side of the conversation: reports in a queue instead of on a screen."""

    def __init__(self) -> None:
        self.reports: queue.Queue[Report | tuple[str, int | None]] = queue.Queue()
        self.seen: list[Report] = []
        self.client = SessionClient(
            lambda _branch, report: self.reports.put(report),
            lambda _branch, code: self.reports.put(("ended", code)),
        )

    def start(self, text: str, until: str | None = "end") -> None:
        self.client.send(Start(textwrap.dedent(text), PATH))
        if until:
            self.client.send(Advance(until))  # type: ignore[arg-type]

    def wait_for(self, wanted: Callable[[object], bool]) -> object:
        """The first report that is `wanted`."""
        deadline = time.monotonic() + PATIENCE
        while True:
            try:
                report = self.reports.get(timeout=max(0.01, deadline - time.monotonic()))
            except queue.Empty:
                raise AssertionError(f"nothing more came after {self.seen}") from None
            self.seen.append(report)  # type: ignore[arg-type]
            if wanted(report):
                return report
            assert not isinstance(report, tuple), f"the worker ended early: {self.seen}"

    def wait_for_state(self, state: str) -> Status:
        return self.wait_for(lambda r: isinstance(r, Status) and r.state == state)  # type: ignore[return-value]

    def wait_for_problem(self) -> Problem:
        return self.wait_for(lambda r: isinstance(r, Problem))  # type: ignore[return-value]

    def wait_for_output(self, text: str, stream: str = "stdout") -> None:
        if text not in self.printed(stream):
            self.wait_for(lambda _: text in self.printed(stream))

    def printed(self, stream: str) -> str:
        return "".join(r.text for r in self.seen if isinstance(r, Output) and r.stream == stream)

    @property
    def group(self) -> int:
        return self.client._process.pid


@pytest.fixture
def window() -> Iterator[Window]:
    window = Window()
    yield window
    window.client.close(wait=True)
    assert window.client.gone
    wait_until_gone(window.group)


def group_exists(group: int) -> bool:
    """Whether a process of the group still runs. (Dead ones may wait for a parent to notice.)"""
    for stat in Path("/proc").glob("[0-9]*/stat"):
        try:
            state, _, process_group = stat.read_text().rpartition(")")[2].split()[:3]
        except (FileNotFoundError, ProcessLookupError):
            continue
        if int(process_group) == group and state not in "ZX":
            return True
    return False


def wait_until_gone(group: int) -> None:
    deadline = time.monotonic() + PATIENCE
    while group_exists(group):
        assert time.monotonic() < deadline, "the process group is still there"
        os.sched_yield()


def test_a_program_is_recorded_step_by_step_and_its_arrays_can_be_looked_at(window):
    window.start(SMALL_NET, "iteration")
    first = window.wait_for(lambda r: isinstance(r, Recorded)).iteration
    assert first.complete and first.index == 0
    window.wait_for_state("holding")
    node = next(node for node in first.nodes if node.name == "relu")
    window.client.send(Look(7, [ArrayRef(0, 99, node.id, "value"), ArrayRef(0, 99, 999, "value")], 8, 8, 4))
    seen = window.wait_for(lambda r: isinstance(r, Seen))
    assert seen.request == 7 and seen.summaries[1] is None
    assert seen.summaries[0].shape == (8, 4) and seen.summaries[0].minimum == 0.0
    window.client.send(Advance("iteration"))
    assert window.wait_for(lambda r: isinstance(r, Recorded)).iteration.index == 1


def test_an_array_can_be_fetched_in_full(window):
    window.start(SMALL_NET, "iteration")
    iteration = window.wait_for(lambda r: isinstance(r, Recorded)).iteration
    node = next(node for node in iteration.nodes if node.name == "relu")
    window.client.send(Fetch(3, ArrayRef(0, 99, node.id, "value")))
    fetched = window.wait_for(lambda r: isinstance(r, Fetched))
    assert fetched.request == 3 and fetched.nbytes == 8 * 4 * 4
    assert fetched.array.array().shape == (8, 4) and fetched.array.array().min() == 0
    window.client.send(Fetch(4, ArrayRef(0, 99, 999, "value")))
    assert window.wait_for(lambda r: isinstance(r, Fetched)) == Fetched(4, None)


def test_the_program_says_which_nodes_a_condition_is_true_of(window):
    window.start(SMALL_NET, "iteration")
    iteration = window.wait_for(lambda r: isinstance(r, Recorded)).iteration
    relu = next(node.id for node in iteration.nodes if node.name == "relu")
    for index, nodes in ((0, [relu]), (9, [])):
        window.client.send(Match(index, 'op == "relu" and grad.norm > 0'))
        assert window.wait_for(lambda r: isinstance(r, Matched)).nodes == nodes


def test_an_array_that_is_too_large_says_how_large_it_is(window):
    window.start("import torch\nx = torch.zeros(3000, 3000, requires_grad=True)\n(x * 1).sum()", "iteration")
    iteration = window.wait_for(lambda r: isinstance(r, Recorded)).iteration
    window.client.send(Fetch(1, ArrayRef(0, 99, iteration.nodes[0].id, "value")))
    assert window.wait_for(lambda r: isinstance(r, Fetched)) == Fetched(1, None, 36_000_000)
    window.client.send(Fetch(2, ArrayRef(0, 99, iteration.nodes[0].id, "value"), Part((), 2999, 9, 2990, 9)))
    part = window.wait_for(lambda r: isinstance(r, Fetched))
    assert part.array.array().shape == (1, 9) and part.nbytes == 36_000_000


def test_a_finished_program_can_still_be_looked_at(window):
    window.start(SMALL_NET)
    assert window.wait_for_state("finished").exit_code == 0
    window.client.send(Look(1, [ArrayRef(0, 99, 0, "value")]))
    assert isinstance(window.wait_for(lambda r: isinstance(r, Seen)), Seen)


def test_output_arrives_as_it_was_printed(window):
    window.start("import sys\nprint('损失 0.5')\nprint('warned', file=sys.stderr)")
    window.wait_for_output("损失 0.5\n", "stdout")
    window.wait_for_output("warned\n", "stderr")


@pytest.mark.parametrize(
    ("text", "kind", "line", "words"),
    [
        ("x = 1\nx = = 2\n", "SyntaxError", 2, "invalid syntax"),
        ("first = 1\nprint(frist)\n", "NameError", 2, "name 'frist' is not defined"),
        ("import torch\na = torch.ones(2, 3)\nb = a @ a\n", "RuntimeError", 3, "(2x3 and 2x3)"),
        (
            "import torch\nx = torch.ones(1, requires_grad=True)\ny = x * x\ny.backward()\ny.backward()\n",
            "RuntimeError",
            5,
            "backward through the graph a second time",
        ),
        ("import torch\n\ntorch.no_such_operation(1)\n", "AttributeError", 3, "no_such_operation"),
        ("import nonexistent_package\n", "ModuleNotFoundError", 1, "nonexistent_package"),
        ("x = 1\ny = '\0'\n", "SyntaxError", 2, "null byte"),
        ("x = " + "-" * 100_000 + "1\n", "SyntaxError", 1, "nested too deeply"),
        ("\nname = input()\n", "EOFError", 2, "EOF"),
    ],
)
def test_an_error_comes_with_its_line_and_words(window, text, kind, line, words):
    window.start(text)
    problem = window.wait_for_problem()
    assert (problem.kind, problem.source.file, problem.source.line) == (kind, PATH, line)
    assert words in problem.message
    assert "gradviz" not in problem.traceback.replace("gradviz has no", "")


def test_a_misspelt_name_comes_with_the_nearest_one(window):
    window.start("first = 1\nprint(frist)\n")
    problem = window.wait_for_problem()
    assert problem.hint.format(*problem.hint_arguments) == "Did you mean first?"


def test_exit_codes_are_reported(window):
    window.start("import sys\nsys.exit(3)")
    assert window.wait_for_state("failed").exit_code == 3


def test_a_program_that_ends_its_process_is_noticed_at_its_line(window):
    window.start("import os\nprint('last words', flush=True)\nos._exit(5)")
    assert window.wait_for(lambda r: isinstance(r, tuple)) == ("ended", 5)
    assert "last words" in window.printed("stdout")
    (problem,) = [report for report in window.seen if isinstance(report, Problem)]
    assert problem.source == Source(PATH, 3)
    assert "(exit code 5)" in problem.hint.format(*problem.hint_arguments)


@pytest.mark.parametrize("stuck", ["while True: pass", "import os; os._exit(0)"], ids=["loop", "exit"])
def test_operations_are_shown_although_the_program_never_comes_back_to_the_engine(window, stuck):
    window.start(f"import torch\nx = torch.ones(2)\ny = x * 3\n{stuck}", "iteration")
    shown = window.wait_for(lambda r: isinstance(r, Recorded)).iteration
    assert [node.name for node in shown.nodes] == ["x", "mul"] and not shown.complete


@pytest.mark.parametrize(
    ("text", "number"),
    [
        ("import os\nos.abort()", signal.SIGABRT),
        ("import ctypes\nctypes.string_at(0)", signal.SIGSEGV),
    ],
)
def test_a_crash_is_noticed_at_its_line(window, text, number):
    window.start(text)
    problem = window.wait_for_problem()
    assert problem.source == Source(PATH, 2)
    assert number.name in problem.hint_arguments[0]
    assert window.wait_for(lambda r: isinstance(r, tuple)) == ("ended", 128 + number)


def test_a_killed_guard_takes_the_program_with_it(window):
    window.start("import os, signal\nos.kill(os.getppid(), signal.SIGKILL)\nwhile True: pass")
    assert window.wait_for(lambda r: isinstance(r, tuple)) == ("ended", 128 + signal.SIGKILL)
    wait_until_gone(window.group)


def test_a_program_that_closes_all_its_files_is_ended(window):
    window.start("import os\nos.closerange(0, 100)")
    end, _ = window.wait_for(lambda r: isinstance(r, tuple))  # the code depends on which thread notices first
    assert end == "ended"


def test_a_forked_child_runs_on_unwatched(window):
    window.start(
        f"""
import os
child = os.fork()
{SMALL_NET}
print("child" if child == 0 else "parent", loss.item(), flush=True)
assert child, "the child's own error"
os.waitpid(child, 0)
"""
    )
    assert window.wait_for_state("finished").exit_code == 0
    losses = [m for r in window.seen if isinstance(r, Metrics) for m in r.metrics if m.name == "loss"]
    assert sum(len(metric.values) for metric in losses) == 5
    window.wait_for_output("the child's own error", "stderr")
    window.wait_for_output("child")
    window.wait_for_output("parent")
    assert not [report for report in window.seen if isinstance(report, Problem)]


def test_threads_and_exit_handlers_run_to_their_end(window):
    window.start(
        """
        import atexit, threading
        ready = threading.Event()
        atexit.register(print, "handler")
        threading.Thread(target=lambda: (ready.wait(), print("thread", flush=True))).start()
        threading.Timer(0.01, ready.set).start()
        """
    )
    window.wait_for_state("finished")
    window.wait_for_output("thread\nhandler\n")


def test_a_program_may_compute_in_many_threads(window):
    window.start(
        """
        import sys, threading, torch
        sys.setswitchinterval(1e-6)
        def work():
            for _ in range(100):
                w = torch.ones(2, requires_grad=True)
                (w * 2).sum().backward()
        threads = [threading.Thread(target=work) for _ in range(4)]
        for thread in threads: thread.start()
        for thread in threads: thread.join()
        """,
        "iteration",
    )
    assert window.wait_for_state("finished").exit_code == 0


@pytest.mark.parametrize(
    ("text", "kind"),
    [
        ("raise ValueError('\\ud800')", "ValueError"),
        ("class E(Exception):\n    def __str__(self): raise KeyboardInterrupt\nraise E", "E"),
        ("import sys\nsys.stdout = sys.stderr = None\n1 / 0", "ZeroDivisionError"),
        ("x = '\ud800'\n1 / 0", "ZeroDivisionError"),
    ],
    ids=["surrogate in the message", "cannot be described", "no streams", "surrogate in the text"],
)
def test_an_error_arrives_whatever_it_is_made_of(window, text, kind):
    window.start(text)
    assert window.wait_for_problem().kind == kind


def test_a_process_that_left_the_group_does_not_keep_the_window_waiting(window):
    window.start(
        """
        import subprocess
        child = subprocess.Popen(["sleep", "1000"], start_new_session=True)
        print(child.pid, flush=True)
        """
    )
    window.wait_for_output("\n")
    window.client.close(wait=True)
    os.kill(int(window.printed("stdout")), signal.SIGKILL)


@pytest.mark.parametrize(
    "text",
    [
        "print('here')\nwhile True: pass",
        "print('here')\nsum(range(10**12))",
        "print('here')\nwhile True:\n    try:\n        while True: pass\n    except BaseException: pass",
        "import signal\nsignal.signal(signal.SIGTERM, signal.SIG_IGN)\nprint('here')\nwhile True: pass",
        "import subprocess\np = subprocess.Popen(['sleep', '1000'])\nprint('here')\np.wait()",
        "import os\nif os.fork():\n    print('here')\nwhile True: pass",
    ],
    ids=["loop", "inside C", "swallows everything", "ignores SIGTERM", "child process", "forked"],
)
def test_whatever_it_does_it_can_be_ended(window, text):
    window.start(text)
    window.wait_for_output("here")
    window.client.close(wait=True)
    wait_until_gone(window.group)


def test_a_flood_of_output_is_slowed_down_and_can_be_ended(window):
    window.start("while True: print('x' * 1000)")
    window.wait_for_output("xxxx")
    window.client.close(wait=True)
    assert len(window.printed("stdout")) < 8 << 20


def test_a_program_that_forges_reports_is_ended_and_named(window):
    window.start(
        """
        import gc
        gc.unfreeze()
        from multiprocessing.connection import Connection
        for thing in gc.get_objects():
            if isinstance(thing, Connection):
                thing.send_bytes(b'garbage')
        """
    )
    assert window.wait_for_problem().kind == "worker"
    assert isinstance(window.wait_for(lambda r: isinstance(r, tuple)), tuple)


def test_a_held_program_ends_with_its_client(window):
    window.start(SMALL_NET, "iteration")
    window.wait_for_state("holding")
    window.client.close(wait=True)
    wait_until_gone(window.group)


@pytest.mark.parametrize("text", ["while True: pass", "sum(range(10**12))"], ids=["loop", "inside C"])
def test_a_killed_window_leaves_no_process(text, tmp_path):
    script = f"""
import sys
from gradviz.session.client import SessionClient
from gradviz.session.protocol import Advance, Output, Start

def report(_branch, r):
    if isinstance(r, Output):
        print(client._process.pid, flush=True)

client = SessionClient(report, lambda _branch, code: None)
client.send(Start("print('here', flush=True)\\n{text}", "a.py"))
client.send(Advance("end"))
"""
    root = str(Path(__file__).parents[2])
    window = subprocess.Popen(
        [sys.executable, "-c", script],
        stdout=subprocess.PIPE,
        text=True,
        env=os.environ | {"PYTHONPATH": root},
    )
    assert window.stdout is not None
    group = int(window.stdout.readline())
    assert group_exists(group)
    window.kill()
    window.wait()
    window.stdout.close()
    wait_until_gone(group)
