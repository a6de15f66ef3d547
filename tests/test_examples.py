"""The examples run, teach what they say, and their gradients are right; one is wrong on purpose."""

import ast
import itertools
import json
import math
import re
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest

from gradviz.examples import Example, default_example, list_examples
from gradviz.resources import asset

EXAMPLES = {example.name: example for example in list_examples()}
LOSSES = [name for name, example in EXAMPLES.items() if example.kind == "loss"]

# The value and gradient of every loss at one point, beside central differences, in float64.
CHECK = """
import json, runpy, sys
import torch
from gradviz.session.program import find_criterion

torch.manual_seed(5)
labels = torch.tensor([1, 9, 0, 1])
x = torch.randn(4, 10, dtype=torch.float64)
results = {}
for path in PATHS:
    loss = find_criterion(runpy.run_path(path), path)
    outputs = x.clone().requires_grad_()
    loss(outputs, labels).backward()
    numeric = torch.zeros_like(x)
    for i in range(4):
        for j in range(10):
            nudge = torch.zeros_like(x)
            nudge[i, j] = 1e-6
            numeric[i, j] = (loss(x + nudge, labels).item() - loss(x - nudge, labels).item()) / 2e-6
    results[path] = [outputs.grad.flatten().tolist(), numeric.flatten().tolist()]
print(json.dumps(results))
"""


def run(path: Path, *options: str) -> str:
    done = subprocess.run(
        [sys.executable, "-m", "gradviz", "run", path, *options], capture_output=True, text=True, timeout=50
    )
    assert (done.returncode, done.stderr) == (0, "")
    return done.stdout


@pytest.fixture(scope="module")
def gradients(tmp_path_factory: pytest.TempPathFactory) -> dict[str, tuple[list[float], list[float]]]:
    """For every loss example: its gradient, and the one by differences."""
    paths = [str(EXAMPLES[name].path) for name in LOSSES]
    program = tmp_path_factory.mktemp("check") / "check.py"
    program.write_text(f"PATHS = {paths!r}\n{CHECK}")
    return {Path(path).stem: tuple(pair) for path, pair in json.loads(run(program)).items()}


def test_every_file_is_in_the_index_and_has_both_languages() -> None:
    assert sorted(asset("examples").glob("*.py")) == sorted(example.path for example in list_examples())
    for example in list_examples():
        assert set(example.title) == set(example.summary) == {"en", "zh_CN"}, example.name
        assert all([*example.title.values(), *example.summary.values()])


def test_the_window_opens_on_simplenet() -> None:
    assert default_example() == EXAMPLES["simplenet"]
    text = default_example().path.read_text("utf-8")
    assert text.startswith(
        "import torch\nimport torch.nn as nn\nimport torch.optim as optim\n\n# 定义一个简单的神经网络\n"
    )
    assert text.endswith("        loss.backward()\n        optimizer.step()\n")


def test_every_example_but_the_first_says_what_it_shows() -> None:
    for example in list_examples()[1:]:
        assert ast.get_docstring(ast.parse(example.path.read_text("utf-8"))), example.name


@pytest.mark.parametrize("name", [name for name in LOSSES if name != "wrong_backward"])
def test_a_loss_has_the_right_gradient(gradients, name: str) -> None:
    computed, numeric = gradients[name]
    assert computed == pytest.approx(numeric, rel=1e-5, abs=1e-7)
    assert any(abs(value) > 1e-3 for value in computed)


def test_the_wrong_backward_loses_half(gradients) -> None:
    computed, numeric = gradients["wrong_backward"]
    assert [2 * value for value in computed] == pytest.approx(numeric, rel=1e-5, abs=1e-7)


def test_the_learnable_temperature_learns(tmp_path: Path) -> None:
    program = tmp_path / "watched.py"
    text = EXAMPLES["learnable_temperature"].path.read_text("utf-8")
    report = "\nimport atexit\nwatch = atexit.register(lambda: print(criterion.log_temperature.item()))\n"
    program.write_text(text + report)
    assert abs(float(run(program))) > 0.1


def numbers(text: str) -> list[float]:
    return [float(number) for number in re.findall(r"-?\d+\.\d+(?:e-?\d+)?", text)]


def test_first_gradient_agrees_with_the_chain_rule() -> None:
    loss, dw, db, dw_by_hand, db_by_hand = numbers(run(EXAMPLES["first_gradient"].path))
    assert loss == pytest.approx(2.574, abs=1e-3)
    assert (dw, db) == pytest.approx((dw_by_hand, db_by_hand), rel=1e-6)


def test_linear_regression_finds_the_line() -> None:
    *_, loss, w, b = numbers(run(EXAMPLES["linear_regression"].path))
    assert (w, b) == pytest.approx((3, 0.5), abs=0.1)
    assert loss < 0.02


def test_xor_is_learned() -> None:
    assert numbers(run(EXAMPLES["xor"].path))[-4:] == [0, 1, 1, 0]


def test_adam_reaches_a_fair_accuracy() -> None:
    accuracies = [
        float(found) for found in re.findall(r"accuracy (.*)%", run(EXAMPLES["sequential_adam"].path))
    ]
    assert len(accuracies) == 3
    assert accuracies[-1] > 90


def test_the_convolutional_network_learns_and_is_saved(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("TMPDIR", str(tmp_path))
    output = run(EXAMPLES["mnist_cnn"].path)
    assert float(re.findall(r"accuracy .*\((.*)%\)", output)[-1]) > 90
    with np.load(tmp_path / "mnist_cnn.pt") as saved:
        assert [saved[f"arrays/{i}"].size for i in range(6)] == [72, 8, 16 * 72, 16, 5760, 10]


def test_the_custom_optimizer_learns() -> None:
    assert numbers(run(EXAMPLES["custom_optimizer"].path))[-1] < 0.8


def test_the_quantiles_hold_their_shares() -> None:
    assert numbers(run(EXAMPLES["quantile_regression"].path)) == pytest.approx([10, 50, 90], abs=3)


def test_ctc_finds_the_target() -> None:
    path = re.findall(r"\d+", run(EXAMPLES["ctc_tiny"].path).partition("path")[2])
    assert [symbol for symbol, _ in itertools.groupby(path) if symbol != "0"] == ["1", "2", "2", "4"]


def test_the_critic_keeps_its_slope() -> None:
    assert 0 < numbers(run(EXAMPLES["wgan_gp"].path))[-1] < 0.3


@pytest.mark.parametrize("name", ["nt_xent", "lion_optimizer"])
def test_what_trains_gets_better(name: str) -> None:
    losses = numbers(run(EXAMPLES[name].path))
    assert losses[-1] < losses[0]


def test_the_autoencoder_draws_better_and_says_more() -> None:
    first, second = (numbers(line) for line in run(EXAMPLES["vae"].path).splitlines())
    assert second[0] < first[0] < 300 < 784 * math.log(2)


def test_the_student_learns_from_the_teacher() -> None:
    assert numbers(run(EXAMPLES["distillation"].path))[-1] < 0.8


def test_momentum_reaches_the_bottom_of_the_valley() -> None:
    assert numbers(run(EXAMPLES["momentum_by_hand"].path))[0] < 0.001


def test_adam_by_hand_agrees_with_adam() -> None:
    by_hand, built_in = run(EXAMPLES["adam_by_hand"].path).splitlines()
    assert numbers(by_hand) == numbers(built_in)


@pytest.mark.parity
@pytest.mark.parametrize(
    "name",
    [
        "first_gradient",
        "linear_regression",
        "xor",
        "quantile_regression",
        "ctc_tiny",
        "wgan_gp",
        "momentum_by_hand",
        "adam_by_hand",
    ],
)
def test_a_program_prints_what_it_prints_on_pytorch(name: str) -> None:
    example: Example = EXAMPLES[name]
    on_torch = subprocess.run([sys.executable, example.path], capture_output=True, text=True, check=True)
    ours = run(example.path)
    assert re.sub(r"-?[\d.]+", "", ours) == re.sub(r"-?[\d.]+", "", on_torch.stdout)
    assert numbers(ours) == pytest.approx(numbers(on_torch.stdout), rel=1e-4, abs=2e-4)
