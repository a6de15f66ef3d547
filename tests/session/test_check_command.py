"""`gradviz check` as people meet it: its exit codes, its words, its JSON, and programs that resist."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

from gradviz.resources import asset

pytestmark = pytest.mark.skipif(os.name != "posix", reason="process groups and limits are POSIX's")

SQUARE = """import torch

class Square(torch.autograd.Function):
    @staticmethod
    def forward(ctx, x):
        ctx.save_for_backward(x)
        return x * x

    @staticmethod
    def backward(ctx, g):
        (x,) = ctx.saved_tensors
        return FACTOR * g * x

"""
LOSS = SQUARE + "def loss(outputs, labels):\n    print('called')\n    return Square.apply(outputs).mean()\n"
PROGRAM = (
    SQUARE
    + """w = torch.ones(3, requires_grad=True)
for step in range(3):
    x = Square.apply(w) if step == 1 else w * w
    x.sum().backward()
    with torch.no_grad():
        w -= 0.1 * w.grad
    w.grad = None
"""
)


def check(folder: Path, text: str, *options: str) -> subprocess.CompletedProcess[str]:
    file = folder / "file.py"
    file.write_text(text, "utf-8")
    command = [sys.executable, "-m", "gradviz", "check", str(file), *options]
    return subprocess.run(command, capture_output=True, text=True, timeout=100, stdin=subprocess.DEVNULL)


def test_a_right_loss_ends_with_0(tmp_path: Path) -> None:
    done = check(tmp_path, LOSS.replace("FACTOR", "2"))
    assert done.returncode == 0
    assert "agree with finite differences" in done.stdout and "called" not in done.stdout


def test_a_wrong_loss_ends_with_1_and_says_where(tmp_path: Path) -> None:
    done = check(tmp_path, LOSS.replace("FACTOR", "-2"))
    assert done.returncode == 1
    assert "✗ file.py:10 Square.backward: the gradient of x is wrong: element [" in done.stdout
    assert "sign" in done.stdout and "file.py:16" in done.stdout


def test_it_speaks_chinese(tmp_path: Path) -> None:
    done = check(tmp_path, LOSS.replace("FACTOR", "-2"), "--lang", "zh_CN")
    assert "梯度" in done.stdout and "is wrong" not in done.stdout


def test_json_says_the_same(tmp_path: Path) -> None:
    done = check(tmp_path, LOSS.replace("FACTOR", "1"), "--json")
    said = json.loads(done.stdout)
    assert (done.returncode, said["verdict"], said["schema"]) == (1, "wrong", 1)
    wrong = said["operations"][said["first_wrong"]]
    assert (wrong["name"], wrong["line"], wrong["applied_at"], wrong["state"]) == ("Square", 10, 16, "wrong")
    worst = wrong["inputs"][0]["worst"][0]
    assert worst["found"] == pytest.approx(worst["expected"] / 2)


@pytest.mark.parametrize(("iteration", "code"), [("1", 0), ("2", 1), ("3", 0), ("4", 2)])
def test_of_a_program_one_iteration_is_checked(tmp_path: Path, iteration: str, code: int) -> None:
    done = check(tmp_path, PROGRAM.replace("FACTOR", "3"), "--iteration", iteration, "--json")
    said = json.loads(done.stdout)
    assert done.returncode == code
    assert said["verdict"] == {0: "right", 1: "wrong", 2: "not run"}[code]


HOSTILE = {
    "raises": "1 / 0",
    "syntax": "def (",
    "exits": "import os; os._exit(0)",
    "exits as Python does": "raise SystemExit(0)",
    "crashes": "import os, signal; os.kill(os.getpid(), signal.SIGSEGV)",
    "no gradient": "import torch\nprint(torch.ones(2) + 1)",
    "writes everywhere": "import os\nfor n in range(3, 20):\n    try: os.write(n, b'right')\n"
    "    except OSError: pass\nos._exit(0)",
}


@pytest.mark.parametrize("name", HOSTILE)
def test_what_cannot_run_ends_with_2(tmp_path: Path, name: str) -> None:
    done = check(tmp_path, HOSTILE[name], "--json")
    assert done.returncode == 2
    assert json.loads(done.stdout)["verdict"] in ("not run", "unchecked")


@pytest.mark.parametrize(
    "text", ["while True: pass", LOSS.replace("print('called')", "import time; time.sleep(60)")]
)
def test_a_time_limit_is_kept(tmp_path: Path, text: str) -> None:
    done = check(tmp_path, text, "--timeout", "3")
    assert done.returncode == 2 and "3 s" in done.stdout


def test_a_memory_limit_is_kept(tmp_path: Path) -> None:
    text = LOSS.replace("print('called')", "hog = bytearray(1 << 34)")
    assert check(tmp_path, text, "--memory", "500").returncode == 2


def test_the_example_that_is_wrong_is_found_out(tmp_path: Path) -> None:
    done = check(tmp_path, Path(asset("examples", "wrong_backward.py")).read_text("utf-8"))
    assert done.returncode == 1 and "0.5 times" in done.stdout
