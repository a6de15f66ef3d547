"""A run is recorded without a window: what is said of it, what is in the file, and how it ends."""

from __future__ import annotations

import re
import signal
import subprocess
import sys
from pathlib import Path

import pytest

from gradviz.errors import InputError
from gradviz.session import tracing
from gradviz.session.program import Settings
from gradviz.session.tracing import Order, record_trace
from gradviz.trace.file import TraceFile
from gradviz.trace.state import state_hash

TRAINING = """
import torch
w = torch.full((2,), 3.0, requires_grad=True)
for i in range({count}):
    loss = (w * w).sum()
    loss.backward()
    with torch.no_grad():
        w -= 0.1 * w.grad
        w.grad = None
    print("did", i)
{end}
"""


def order(tmp_path: Path, count: int = 12, end: str = "", **options: object) -> Order:
    text = TRAINING.format(count=count, end=end)
    (tmp_path / "program.py").write_text(text)
    path = tmp_path / "program.py"
    return Order(path, text, Settings(), tmp_path / "run.gvtrace", **options)  # type: ignore[arg-type]


def test_a_run_is_recorded_with_its_curves_and_its_ends_in_full_detail(tmp_path, capsys):
    assert record_trace(order(tmp_path)) == 0
    output = capsys.readouterr()
    assert output.out == "".join(f"did {i}\n" for i in range(12))
    assert output.err.endswith("run.gvtrace: 12 iterations, in full detail: 1, 12; hits: 0\n")
    with TraceFile(tmp_path / "run.gvtrace") as file:
        run = file.manifest.branches[0]
        assert (run.iterations, run.exit_code) == (12, 0)
        assert file.iterations() == [0, 11]
        loss = next(metric for metric in file.curves() if metric.name == "loss")
        assert loss.iterations == list(range(12)) and loss.values[:2] == pytest.approx([18.0, 11.52])
        iteration = file.iteration(11)
        assert iteration.complete and state_hash(iteration, len(iteration.events) - 1)
        assert file.arrays(11)


def test_hits_are_said_with_their_operation_and_line_and_kept(tmp_path, capsys):
    conditions = ("loss < 5", 'kind == "update" and iteration == 3')
    assert record_trace(order(tmp_path, conditions=conditions, iterations=6)) == 0
    hits = [line for line in capsys.readouterr().out.splitlines() if not line.startswith("did")]
    assert hits == [
        '3:6  w, line 8: kind == "update" and iteration == 3  [iteration = 3]',
        "4:2  sum, line 5: loss < 5  [loss = 4.719]",
        "5:2  sum, line 5: loss < 5  [loss = 3.02]",
        "6:2  sum, line 5: loss < 5  [loss = 1.933]",
    ]
    with TraceFile(tmp_path / "run.gvtrace") as file:
        run = file.manifest.branches[0]
        assert (run.iterations, run.exit_code) == (6, None)
        assert [hit.moment for hit in run.hits] == [(2, 5), (3, 1), (4, 1), (5, 1)]
        assert [breakpoint_.condition for breakpoint_ in file.manifest.breakpoints] == list(conditions)
        assert file.iterations() == [0, 2, 3, 4, 5]


def test_a_flood_of_hits_is_counted_and_all_of_them_are_in_the_file(tmp_path, capsys, monkeypatch):
    monkeypatch.setattr(tracing, "MAX_SAID", 3)
    assert record_trace(order(tmp_path, count=5, conditions=('kind == "update"', "iteration < 2"))) == 0
    output = capsys.readouterr()
    assert len([line for line in output.out.splitlines() if 'kind == "update"' in line]) == 3
    assert 'kind == "update": and 2 more hits' in output.err
    with TraceFile(tmp_path / "run.gvtrace") as file:
        assert len([hit for hit in file.manifest.branches[0].hits if hit.breakpoint == 0]) == 5


def test_the_iterations_to_keep_are_named(tmp_path, capsys):
    record_trace(order(tmp_path, keep=(7, 2, 99)))
    assert "iteration 100 cannot be kept: only 12 have run" in capsys.readouterr().err
    with TraceFile(tmp_path / "run.gvtrace") as file:
        assert file.iterations() == [2, 7]


def test_no_more_are_kept_than_there_is_room_for(tmp_path, capsys, monkeypatch):
    monkeypatch.setattr(tracing, "MAX_KEPT", 4)
    record_trace(order(tmp_path, conditions=('kind == "update"',)))
    assert "8 more iterations with hits are not kept in full detail" in capsys.readouterr().err
    with TraceFile(tmp_path / "run.gvtrace") as file:
        assert file.iterations() == [0, 1, 2, 11]
        assert len(file.manifest.branches[0].hits) == 12


@pytest.mark.parametrize(
    ("end", "code", "words", "kept"),
    [
        ("raise ValueError('oh no')", 1, "ValueError: oh no", [0, 2]),
        ("import sys; sys.exit(3)", 3, "", [0, 2]),
        # its last iteration never comes to an end
        ("import os; os._exit(5)", 5, "the program ended its own process (exit code 5)", [0, 1]),
        ("import os; os._exit(0)", 0, "the program ended its own process (exit code 0)", [0, 1]),
    ],
)
def test_a_program_that_fails_is_recorded_all_the_same(tmp_path, capsys, end, code, words, kept):
    assert record_trace(order(tmp_path, count=3, end=end)) == code
    output = capsys.readouterr()
    assert output.out == "did 0\ndid 1\ndid 2\n"
    assert words in output.err and output.err.count(words or "hits") == 1
    with TraceFile(tmp_path / "run.gvtrace") as file:
        assert file.manifest.branches[0].exit_code == code
        assert file.iterations() == kept


@pytest.mark.parametrize(("text", "code"), [("print('hi')", 0), ("x = = 1", 1)])
def test_a_program_without_an_iteration_makes_an_empty_file(tmp_path, capsys, text, code):
    assert record_trace(Order(tmp_path / "p.py", text, Settings(), tmp_path / "run.gvtrace")) == code
    assert "0 iterations, in full detail: none" in capsys.readouterr().err
    with TraceFile(tmp_path / "run.gvtrace") as file:
        assert file.manifest.branches[0].iterations == 0 and not file.iterations()


def test_what_cannot_be_done_is_told_before_anything_runs(tmp_path, capsys):
    for options, words in [
        ({"conditions": ("grad.norm >",)}, r"^--break grad\.norm >: column 12: "),
        (
            {"conditions": ("grad.norm > 1", "grad.nrom > 1")},
            r"^--break grad\.nrom > 1: column 1: .*grad\.norm",
        ),
    ]:
        with pytest.raises(InputError, match=words):
            record_trace(order(tmp_path, **options))
    (tmp_path / "run.gvtrace").mkdir()
    with pytest.raises(InputError, match="is a folder"):
        record_trace(order(tmp_path))
    assert capsys.readouterr().out == ""


@pytest.mark.parametrize(("number", "code"), [(signal.SIGINT, 130), (signal.SIGTERM, 143)])
def test_an_interrupted_run_is_written_and_a_terminated_one_leaves_nothing(tmp_path, number, code):
    endless = order(tmp_path, count=10**9)
    command = [sys.executable, "-m", "gradviz", "trace", str(endless.program), "-o", str(endless.target)]
    child = subprocess.Popen(
        command,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        preexec_fn=lambda: signal.signal(signal.SIGINT, signal.SIG_DFL),  # a shell's background has none
    )
    assert re.match("did 0", child.stdout.readline())
    child.send_signal(number)
    _, err = child.communicate(timeout=30)
    assert child.returncode == code
    if number == signal.SIGINT:
        with TraceFile(endless.target) as file:
            assert len(file.iterations()) == 2
            assert f"{file.manifest.branches[0].iterations} iterations" in err
    else:
        assert sorted(path.name for path in tmp_path.iterdir()) == ["program.py"]
