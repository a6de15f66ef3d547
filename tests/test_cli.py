"""The command line from the outside: words, exit codes, and what it hands to the rooms."""

import json
import re
import subprocess
import sys
from pathlib import Path
from types import ModuleType

import pytest

import gradviz
from gradviz import cli
from gradviz.session.program import Settings


@pytest.fixture
def call(capsys: pytest.CaptureFixture[str]):
    """Runs the command in this process; returns its exit code, stdout and stderr."""

    def run(*arguments: str) -> tuple[int, str, str]:
        with pytest.raises(SystemExit) as ended:
            cli.main(list(arguments))
        output = capsys.readouterr()
        return ended.value.code, output.out, output.err

    return run


@pytest.fixture
def window(monkeypatch: pytest.MonkeyPatch):
    """A display, and a stand-in for the window that notes what it was opened with."""
    opened = []
    app = ModuleType("gradviz.ui.app")
    app.main = lambda file, **options: opened.append((file, options)) or 0
    monkeypatch.setitem(sys.modules, "gradviz.ui.app", app)
    monkeypatch.setattr("gradviz.ui.app", app, raising=False)
    monkeypatch.setattr(cli, "display_problem", lambda: None)
    return opened


@pytest.fixture
def program(tmp_path: Path) -> Path:
    path = tmp_path / "program.py"
    path.write_text("print('hello')\n")
    return path


def test_version(call) -> None:
    assert call("--version") == (0, f"gradviz {gradviz.__version__}\n", "")


@pytest.mark.parametrize("flag", ["-h", "--help"])
def test_help_lists_what_there_is(call, flag: str) -> None:
    code, out, _ = call(flag)
    assert code == 0
    for word in (
        "FILE",
        "run",
        "trace",
        "replay",
        "doctor",
        "--seed",
        "--batch-size",
        "--data",
        "--lang",
        "--theme",
        "--version",
    ):
        assert word in out


@pytest.mark.parametrize("command", ["run", "trace", "replay", "doctor"])
def test_each_command_has_its_help(call, command: str) -> None:
    code, out, _ = call(command, "-h")
    assert code == 0
    assert f"gradviz {command}" in out


def test_help_in_chinese(call) -> None:
    code, out, _ = call("--lang", "zh_CN", "run", "--help")
    assert code == 0
    assert "用法：" in out
    assert "退出码 124" in out
    # Names of options and places for values stay; no sentence is left in English.
    assert "Show this" not in out
    assert "Options" not in out


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (["run"], "FILE is missing"),
        (["run", "--fast", "x.py"], "there is no option --fast"),
        (["run", "x.py", "--timeout"], "--timeout needs a value"),
        (["run", "x.py", "--timeout", "0"], "--timeout takes a number above 0"),
        (["run", "x.py", "--memory", "0.5"], "--memory takes a whole number, at least 1"),
        (["trace"], "FILE is missing"),
        (["trace", "x.py", "--iterations", "0"], "--iterations takes a whole number, at least 1"),
        (["--batch-size", "0"], "--batch-size takes a whole number, at least 1"),
        (["--theme", "pink"], "--theme takes one of: dark, light"),
    ],
)
def test_a_wrong_call_is_told_in_one_line(call, arguments: list[str], words: str) -> None:
    code, out, err = call(*arguments)
    assert (code, out) == (2, "")
    assert err == f"gradviz: {words}. gradviz --help shows what it takes.\n"


@pytest.mark.parametrize("command", [[], ["run"], ["trace"]])
def test_a_file_that_is_no_program_is_told_in_one_line(
    call, command: list[str], tmp_path: Path, window
) -> None:
    (tmp_path / "picture.py").write_bytes(b"\x89PNG\r\n\x1a\n\0\0")
    (tmp_path / "latin.py").write_bytes("# é".encode("latin-1"))
    (tmp_path / "long.py").write_bytes(b"#" * (5 << 20))
    for name, words in [
        ("nowhere.py", "there is no such file"),
        (".", "is a folder"),
        ("picture.py", "is a binary file"),
        ("latin.py", "is not text in its encoding"),
        ("long.py", "is longer than 4 MiB"),
        ("a\0b.py", "cannot be read"),
    ]:
        code, out, err = call(*command, str(tmp_path / name))
        assert (code, out, err.count("\n")) == (2, "", 1)
        assert words in err
        assert str(tmp_path) in err
    assert not window


def test_a_declared_encoding_is_honoured(tmp_path: Path) -> None:
    path = tmp_path / "latin.py"
    path.write_bytes("# coding: latin-1\nprint('é' == '\\xe9')\n".encode("latin-1"))
    done = subprocess.run([sys.executable, "-m", "gradviz", "run", path], capture_output=True, text=True)
    assert done.stdout == "True\n"


@pytest.mark.parametrize("command", [[], ["run"], ["trace"]])
def test_a_bad_data_folder_is_told_before_anything_starts(
    call, command: list[str], program: Path, tmp_path: Path, window
) -> None:
    code, out, err = call(*command, str(program), "--data", str(tmp_path))
    assert (code, out) == (2, "")
    assert "train-images-idx3-ubyte.gz: the file is missing" in err
    assert not window


def test_the_window_opens_on_nothing_or_on_a_file(call, window, program: Path) -> None:
    assert call()[0] == 0
    assert call(str(program))[0] == 0
    assert [file for file, _ in window] == [None, program]


def test_options_may_stand_before_or_after_the_file(call, window, program: Path) -> None:
    options = ["--seed", "3", "--batch-size", "10", "--lang", "zh_CN", "--theme", "light"]
    call(*options, str(program))
    call(str(program), *options)
    wanted = {"seed": 3, "batch_size": 10, "data": None, "language": "zh_CN", "theme": "light"}
    assert window == [(program, wanted)] * 2


def test_the_window_keeps_its_language_unless_told(call, window, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("GRADVIZ_LANG")
    monkeypatch.setenv("LC_ALL", "zh_CN.UTF-8")
    call()
    assert window[0][1]["language"] is None


def test_options_before_a_command_count_for_it(call, program: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    runs = []
    monkeypatch.setattr(
        "gradviz.session.headless.run_headless", lambda *arguments: runs.append(arguments) or 5
    )
    assert call("--seed", "3", "run", str(program), "--batch-size", "8", "--timeout", "2")[0] == 5
    assert runs == [(program, Settings(seed=3, batch_size=8), 2.0, None, False)]


def test_doctor_speaks_line_by_line(call) -> None:
    code, out, _ = call("doctor")
    assert code == 0
    for word in ("Python", "Qt", "Display", "Chinese font", "NumPy", "GPU", "Data", "Engine"):
        assert word in out


def test_doctor_speaks_json(call) -> None:
    code, out, _ = call("doctor", "--json")
    assert code == 0
    rows = json.loads(out)
    assert {row["status"] for row in rows} <= {"ok", "warning", "missing"}
    assert rows[0]["check"] == "Python"


def test_doctor_fails_where_the_main_job_cannot_run(call, monkeypatch: pytest.MonkeyPatch) -> None:
    from gradviz.doctor import Finding

    broken = [Finding("NumPy", "missing", "no module", "install it", essential=True)]
    monkeypatch.setattr("gradviz.doctor.findings", lambda: broken)
    code, out, _ = call("doctor")
    assert code == 1
    assert out == "✗ missing\tNumPy: no module\n\t\t→ install it\n"


def test_without_a_display_the_main_job_is_done_all_the_same(
    call, program: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr(cli, "display_problem", lambda: "there is no display")
    code, _, err = call(str(program))
    assert code == 0
    assert "gradviz: there is no display\n" in err
    assert "gradviz.png" in err
    assert (tmp_path / "gradviz.png").read_bytes().startswith(b"\x89PNG")


def test_an_error_in_the_program_is_not_painted_over(
    call, program: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    program.write_text("1 / 0\n")
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr(cli, "display_problem", lambda: "there is no display")
    assert call(str(program))[0] == 1
    assert not (tmp_path / "gradviz.png").exists()


def test_a_run_is_recorded_and_asked_for_a_moment(call, program: Path, tmp_path: Path) -> None:
    program.write_text(
        "import torch\nw = torch.ones(2, requires_grad=True)\nfor i in range(3):\n"
        "    w.sum().backward()\n    with torch.no_grad():\n        w -= w.grad\n"
    )
    file = str(tmp_path / "run.gvtrace")
    code, out, err = call(
        "trace",
        str(program),
        "-o",
        file,
        "--break",
        'grad_fn == "SumBackward0" and phase == "forward"',
        "--keep",
        "1, 3",
    )
    assert code == 0 and re.match(r"1:1  sum, line 4: grad_fn .* phase = forward\]\n2:1  sum", out)
    assert "in full detail: 1, 3; hits: 3" in err
    code, out, err = call("replay", file, "--at", "3:1")
    assert (code, err) == (0, "")
    assert re.fullmatch(r"3:1  forward sum \(program\.py:4\)\nstate [0-9a-f]{32}\n", out)


@pytest.mark.parametrize(
    "moment", ["0:1", "3:", ":3", "-1:2", "3:1.5", "three", "1:2:3", "", "٣:1", "9" * 30]
)
def test_a_moment_that_is_none_is_told(call, moment: str, tmp_path: Path) -> None:
    code, out, err = call("replay", str(tmp_path / "run.gvtrace"), "--at", moment)
    assert (code, out) == (2, "")
    assert err == f"gradviz: --at takes iteration:event, counted from 1, such as 3:12; not {moment}\n"


@pytest.mark.parametrize("keep", ["0", "1,,2", "", "-1", "1-3", "a"])
def test_iterations_to_keep_that_are_none_are_told(call, keep: str, program: Path) -> None:
    code, out, err = call("trace", str(program), "--keep", keep)
    assert (code, out) == (2, "")
    assert err.startswith("gradviz: --keep takes numbers of iterations, counted from 1")


def test_what_is_no_trace_file_is_told_in_one_line(call, program: Path) -> None:
    code, out, err = call("replay", str(program), "--verify")
    assert (code, out) == (2, "")
    assert err == f"gradviz: {program}: is not a trace file; give one that gradviz trace wrote\n"
