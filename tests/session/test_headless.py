"""`run_headless` as people meet it: real processes, their output, their ends.

A test that waits for the end of a pipe thereby proves that every process that held it is gone.
"""

import os
import pty
import signal
import subprocess
import sys
from pathlib import Path

import pytest

from gradviz.resources import asset

pytestmark = pytest.mark.skipif(os.name != "posix", reason="process groups and limits are POSIX's")

# Shares the program's stdout and would keep it open for ten minutes.
GRANDCHILD = """
import subprocess, sys
subprocess.Popen([sys.executable, "-c", "import time; time.sleep(600)"])
"""


def command(program: Path, *options: str) -> list[str]:
    return [sys.executable, "-m", "gradviz", "run", str(program), *options]


@pytest.fixture
def program(tmp_path: Path):
    """Writes a program and returns its path."""

    def write(text: str) -> Path:
        path = tmp_path / "program.py"
        path.write_text(text, "utf-8")
        return path

    return write


def run(program: Path, *options: str, stdin: str = "") -> subprocess.CompletedProcess[str]:
    return subprocess.run(command(program, *options), input=stdin, capture_output=True, text=True, timeout=50)


def test_output_and_exit_code_are_the_programs_own(program) -> None:
    done = run(program("import sys\nprint('出', end='')\nprint('err', file=sys.stderr)\nsys.exit(7)\n"))
    assert (done.stdout, done.stderr, done.returncode) == ("出", "err\n", 7)


def test_exit_with_words_prints_them(program) -> None:
    done = run(program("raise SystemExit('enough')\n"))
    assert (done.stdout, done.stderr, done.returncode) == ("", "enough\n", 1)


def test_input_and_atexit_work_as_in_python(program) -> None:
    text = "import atexit\natexit.register(print, 'bye')\nprint(input().upper())\n"
    assert run(program(text), stdin="hello\n").stdout == "HELLO\nbye\n"


def test_the_program_is_main_and_finds_its_neighbours(program, tmp_path: Path) -> None:
    (tmp_path / "neighbour.py").write_text("answer = 42\n")
    text = (
        "import neighbour, sys\nprint(__name__, neighbour.answer, len(sys.argv), __file__ == sys.argv[0])\n"
    )
    assert run(program(text)).stdout == "__main__ 42 1 True\n"


def test_an_error_shows_the_users_lines_only(program) -> None:
    path = program("import torch\n\ndef f(x):\n    return x @ torch.ones(4, 5)\n\nf(torch.ones(2, 3))\n")
    done = run(path)
    assert done.returncode == 1
    assert "line 6" in done.stderr
    assert "line 4, in f" in done.stderr
    assert done.stderr.count("File ") == 2
    assert str(path) in done.stderr


def test_a_syntax_error_names_its_line(program) -> None:
    done = run(program("x = 1\ny = (2\n"))
    assert done.returncode == 1
    assert "line 2" in done.stderr
    assert "SyntaxError" in done.stderr
    assert "gradviz/" not in done.stderr


@pytest.mark.parametrize(
    ("ending", "code"),
    [
        ("os._exit(5)", 5),
        ("os.abort()", 128 + signal.SIGABRT),
        ("os.kill(os.getpid(), signal.SIGTERM)", 128 + signal.SIGTERM),
        ("os.kill(os.getpid(), signal.SIGKILL)", 128 + signal.SIGKILL),
        ("raise KeyboardInterrupt", 128 + signal.SIGINT),
    ],
)
def test_a_violent_end_has_its_code(program, ending: str, code: int) -> None:
    done = run(program(f"import os, signal\nprint('before', flush=True)\n{ending}\n"))
    assert (done.stdout, done.returncode) == ("before\n", code)


@pytest.mark.parametrize(
    "loop",
    [
        "while True: pass",
        "while True:\n    try:\n        while True: pass\n    except BaseException: pass",
        "sum(range(10**12))",
    ],
)
def test_the_time_limit_ends_any_loop(program, loop: str) -> None:
    done = run(program(GRANDCHILD + loop), "--timeout", "2")
    assert done.returncode == 124
    assert done.stderr == "gradviz: stopped after 2 s, the limit (--timeout)\n"


@pytest.mark.parametrize(
    "greed",
    [
        "hoard = bytearray(400 << 20)",
        "hoard = []\nwhile True: hoard.append('x' * 1000 + str(len(hoard)))",
        "import numpy as np\nhoard = np.ones((1 << 20, 100))",
        "import torch\nhoard = torch.ones(1 << 20, 100)",
    ],
)
def test_the_memory_limit_ends_a_greedy_program(program, greed: str) -> None:
    done = run(program(greed), "--memory", "200")
    assert done.returncode == 137
    assert done.stderr.endswith("gradviz: the program ran out of memory: it may use 200 MiB (--memory)\n")
    assert "program.py" in done.stderr


def test_the_memory_limit_leaves_what_it_promises(program) -> None:
    done = run(program("hoard = bytearray(180 << 20)\nprint(len(hoard) >> 20)\n"), "--memory", "200")
    assert (done.stdout, done.stderr, done.returncode) == ("180\n", "", 0)


def test_a_program_may_survive_its_own_memory_error(program) -> None:
    text = "try:\n    bytearray(400 << 20)\nexcept MemoryError:\n    print('made do')\n"
    done = run(program(text), "--memory", "200")
    assert (done.stdout, done.returncode) == ("made do\n", 0)


def test_what_the_program_started_ends_with_it(program) -> None:
    done = run(program(GRANDCHILD + "print('done')"))
    assert (done.stdout, done.returncode) == ("done\n", 0)


def start(program: Path) -> subprocess.Popen[str]:
    """Starts `gradviz run` and waits until the program has printed a line."""
    process = subprocess.Popen(command(program), stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
    assert process.stdout is not None
    assert process.stdout.readline() == "ready\n"
    return process


LONG = GRANDCHILD + "import time\ntry:\n    print('ready', flush=True)\n    time.sleep(600)\n"


def test_ctrl_c_reaches_the_program_and_then_all_are_gone(program) -> None:
    process = start(program(LONG + "finally:\n    print('tidied', flush=True)\n"))
    process.send_signal(signal.SIGINT)
    stdout, stderr = process.communicate(timeout=30)
    assert (stdout, process.returncode) == ("tidied\n", 130)
    assert "KeyboardInterrupt" in stderr
    assert "headless" not in stderr


def test_a_program_that_ignores_ctrl_c_is_ended(program) -> None:
    stubborn = "import signal\nsignal.signal(signal.SIGINT, signal.SIG_IGN)\n"
    process = start(program(stubborn + LONG + "finally:\n    pass\n"))
    process.send_signal(signal.SIGINT)
    process.communicate(timeout=30)
    assert process.returncode == 130


@pytest.mark.parametrize(
    ("number", "code"), [(signal.SIGTERM, 143), (signal.SIGHUP, 129), (signal.SIGKILL, -9)]
)
def test_the_group_ends_with_gradviz_itself(program, number: int, code: int) -> None:
    process = start(program(LONG + "finally:\n    pass\n"))
    process.send_signal(number)
    stdout, _ = process.communicate(timeout=30)
    assert (stdout, process.returncode) == ("", code)


def test_a_program_is_offered_the_data(program) -> None:
    text = (
        "images, labels = next(iter(train_loader))\n"
        "print(tuple(images.shape), images.dtype, labels.dtype, len(train_loader), len(test_loader))\n"
        "print(labels[:5].tolist())\n"
    )
    first = run(program(text), "--batch-size", "100", "--seed", "3").stdout
    assert first.startswith("(100, 1, 28, 28) torch.float32 torch.int64 100 20\n")
    assert run(program(text), "--batch-size", "100", "--seed", "3").stdout == first
    assert run(program(text), "--batch-size", "100", "--seed", "4").stdout != first


def test_simplenet_trains_without_a_word() -> None:
    done = run(asset("examples", "simplenet.py"))
    assert (done.stdout, done.stderr, done.returncode) == ("", "", 0)


def test_a_loss_snippet_trains_the_built_in_session(program) -> None:
    snippet = (
        "import torch.nn.functional as F\n\n"
        "def loss(outputs, labels):\n"
        "    value = F.cross_entropy(outputs, labels)\n"
        "    print(tuple(outputs.shape), round(value.item(), 3))\n"
        "    return value\n"
    )
    lines = run(program(snippet)).stdout.splitlines()
    assert len(lines) == 10 * 157
    assert lines[0].startswith("(64, 10) ")
    first, last = float(lines[0].split()[-1]), float(lines[-1].split()[-1])
    assert first > 2.1
    assert last < 1.0


def test_a_bar_on_a_terminal_stays_off_stdout(program) -> None:
    text = (
        "import torch\nw = torch.zeros(1, requires_grad=True)\n"
        "for images, labels in train_loader:\n    (w * 2).sum().backward()\nprint('end')\n"
    )
    ours, terminal = pty.openpty()
    with subprocess.Popen(
        command(program(text)), stdout=subprocess.PIPE, stderr=terminal, text=True
    ) as process:
        os.close(terminal)
        shown = read_terminal(ours)
        assert process.stdout is not None
        assert process.stdout.read() == "end\n"
    assert process.returncode == 0
    last = shown.split("\r")[-2]
    assert "epoch 1  batch 157/157  [########################]  loss 0.0000" in last


def test_a_bar_makes_room_for_what_the_program_prints(program) -> None:
    text = "for images, labels in train_loader:\n    print('line')\n"
    ours, terminal = pty.openpty()
    with subprocess.Popen(command(program(text)), stdout=terminal, stderr=terminal) as process:
        os.close(terminal)
        shown = read_terminal(ours)
    assert process.returncode == 0
    on_screen = [line.rsplit("\x1b[K", 1)[-1].strip("\r") for line in shown.split("\n")]
    assert on_screen.count("line") == 157
    assert "batch   1/157" in shown


def read_terminal(descriptor: int) -> str:
    """All that is written to a terminal until its last writer closes it."""
    data = b""
    while True:
        try:
            chunk = os.read(descriptor, 65536)
        except OSError:  # Linux's way of saying that the other side is gone
            chunk = b""
        if not chunk:
            os.close(descriptor)
            return data.decode()
        data += chunk


def test_a_name_that_gradviz_lacks_is_answered_at_the_users_line(program) -> None:
    done = run(program("import torch\nfrom torch.optim import Adamm\n"))
    assert "line 2, in <module>" in done.stderr
    assert done.stderr.endswith("gradviz has no torch.optim.Adamm yet; nearest: torch.optim.Adam\n")
    done = run(program("import torch\n\ntorch.ones(2).flor()\n"))
    assert "line 3, in <module>" in done.stderr
    assert done.stderr.endswith("has no attribute 'flor'\ngradviz: Did you mean floor?\n")


def test_modules_and_tensors_are_pickled(program) -> None:
    text = (
        "import pickle, torch\nnet = torch.nn.Sequential(torch.nn.Linear(2, 3), torch.nn.ReLU())\n"
        "net(torch.ones(1, 2)).sum().backward()\nother = pickle.loads(pickle.dumps(net))\n"
        "print(torch.equal(net[0].weight, other[0].weight), type(other[0].weight).__name__, other[1])\n"
    )
    assert run(program(text)).stdout == "True Parameter ReLU()\n"
