"""What a file is, what it is offered, and how it runs."""

import ast
import sys
import types

import numpy as np
import pytest

from gradviz import engine
from gradviz.resources import PACKAGE
from gradviz.session.kinds import kind_of
from gradviz.session.program import (
    Program,
    Settings,
    SnippetError,
    find_criterion,
    undefined_names,
    user_traceback,
)

SCRIPTS = {
    "prints": "print('hello')",
    "trains at top level": "net = f()\nfor x, y in train_loader:\n    net(x).sum().backward()",
    "trains in a function": "def train(a, b):\n    loss.backward()\ntrain(1, 2)",
    "calls its function": "def f(a, b):\n    return a + b\nx = f(1, 2)",
    "a class and a use of it": "class Net(nn.Module):\n    pass\nnet = Net()",
    "nothing": "",
    "only imports": "import torch",
    "a function of one argument": "def f(x):\n    return x",
}
LOSSES = {
    "criterion": "import torch.nn as nn\ncriterion = nn.MSELoss()",
    "a module": "class Mine(nn.Module):\n    def forward(self, outputs, labels): ...",
    "a subclass of a loss": "class Mine(nn.CrossEntropyLoss):\n    pass",
    "a function": '"""doc"""\nimport torch\ntorch.manual_seed(3)\n\ndef loss(outputs, labels):\n    return 0',
    "a function with options": "GAMMA = 2.0\ndef focal(outputs, labels, gamma=GAMMA):\n    return 0",
    "a custom Function": (
        "class F(Function):\n    def backward(ctx, g): ...\ndef loss(o, y): return F.apply(o, y)"
    ),
    "a self-test": (
        "def loss(o, y): return o.sum()\nif __name__ == '__main__':\n    loss(a, b).backward()\n    print(1)"
    ),
}


@pytest.mark.parametrize("text", SCRIPTS.values(), ids=SCRIPTS)
def test_a_file_that_does_something_is_a_script(text):
    assert kind_of(ast.parse(text)) == "script"


@pytest.mark.parametrize("text", LOSSES.values(), ids=LOSSES)
def test_a_file_that_only_defines_a_loss_is_a_snippet(text):
    assert kind_of(ast.parse(text)) == "loss"


def test_names_used_but_never_bound_are_found_wherever_they_are_used():
    text = (
        "import os\n"
        "def f(test_loader):\n    for x in test_loader: pass\n"
        "def g():\n    return [y for y in train_loader]\n"
        "z = undefined + len([])\n"
    )
    assert undefined_names(text, "a.py") == {"train_loader", "undefined"}


def test_a_name_that_the_program_binds_is_not_undefined():
    assert undefined_names("train_loader = 1\nprint(train_loader)", "a.py") == set()
    assert (
        undefined_names("def f():\n    global train_loader\n    train_loader = 2\nf(train_loader)", "a.py")
        == set()
    )


def run(text: str, path: str = "program.py", **settings: object) -> dict[str, object]:
    program = Program(text, path, Settings(**settings))  # type: ignore[arg-type]
    program.run()
    return program.namespace


@pytest.fixture(autouse=True)
def own_modules(monkeypatch):
    """A program replaces `__main__` and torch in sys.modules: give each test its own."""
    monkeypatch.setattr(sys, "modules", dict(sys.modules))
    monkeypatch.setattr(sys, "path", list(sys.path))
    monkeypatch.setattr(sys, "argv", list(sys.argv))


def test_a_script_runs_as_main_with_torch_as_the_engine():
    namespace = run(
        "import torch, torch.nn.functional as F\nname = __name__\nx = F.relu(torch.tensor([-1., 2.]))"
    )
    assert namespace["name"] == "__main__"
    assert namespace["x"].tolist() == [0.0, 2.0]
    assert namespace["torch"] is engine


def test_a_part_of_torch_that_does_not_exist_is_not_looked_for_elsewhere():
    with pytest.raises(ModuleNotFoundError, match=r"torch\.fx"):
        run("import torch.fx")


def test_the_session_offers_shuffled_digits_in_batches():
    namespace = run("images, labels = next(iter(train_loader))\nn = len(train_loader.dataset)", batch_size=32)
    assert namespace["images"].shape == (32, 1, 28, 28)
    assert namespace["labels"].dtype.__repr__() == "torch.int64"
    assert namespace["n"] == 10_000
    assert float(namespace["images"].min()) >= 0.0 and float(namespace["images"].max()) == 1.0


def test_the_same_seed_gives_the_same_run_and_another_seed_another():
    text = "import torch, random, numpy\nimages, labels = next(iter(train_loader))\n" + (
        "drawn = (labels.tolist(), torch.rand(3).tolist(), random.random(), numpy.random.rand())"
    )
    first, again, other = (run(text, seed=seed)["drawn"] for seed in (1, 1, 2))
    assert first == again
    assert all(a != b for a, b in zip(first, other, strict=True))


@pytest.mark.parametrize(
    "text",
    [
        "import torch.nn as nn\ncriterion = nn.CrossEntropyLoss()",
        "import torch.nn as nn\ncriterion = nn.CrossEntropyLoss",
        "import torch.nn as nn\nclass Mine(nn.CrossEntropyLoss): pass",
        "import torch.nn.functional as F\ndef mine(outputs, labels): return F.cross_entropy(outputs, labels)",
        "import torch.nn.functional as F\ndef _h(a, b): return a\n"
        "def mine(outputs, labels): return F.cross_entropy(_h(outputs, 1), labels)",
    ],
)
def test_a_snippet_gives_its_loss(text):
    module = types.ModuleType("snippet")
    from gradviz.session import torch_alias

    torch_alias.install()
    exec(text, module.__dict__)
    criterion = find_criterion(module.__dict__, "snippet.py")

    loss = criterion(engine.zeros(4, 10), engine.tensor([1, 2, 3, 4]))
    assert loss.item() == pytest.approx(np.log(10))


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("criterion = 3", "criterion is int"),
        ("def a(x, y): ...\ndef b(x, y): ...", "candidates: a, b"),
        ("x = 1", "candidates: none"),
    ],
)
def test_a_snippet_without_one_loss_says_what_is_missing(text, words):
    module = types.ModuleType("snippet")
    exec(text, module.__dict__)
    with pytest.raises(SnippetError, match=words):
        find_criterion(module.__dict__, "snippet.py")


def test_tracebacks_show_only_the_users_lines():
    text = "import torch\ndef f(x):\n    return x @ torch.ones(3, 2)\nf(torch.ones(2, 5))\n"
    with pytest.raises(RuntimeError) as caught:
        run(text, "mine.py")
    shown = user_traceback(caught.value, ["mine.py"])
    assert 'File "mine.py", line 4' in shown
    assert "return x @ torch.ones(3, 2)" in shown
    assert "gradviz" not in shown and "tape.py" not in shown
    assert "mat1 and mat2 shapes cannot be multiplied (2x5 and 3x2)" in shown


def test_a_folder_that_begins_like_gradviz_is_the_users():
    path = f"{PACKAGE}_examples/helper.py"
    with pytest.raises(ZeroDivisionError) as caught:
        exec(compile("1 / 0", path, "exec"))
    assert path in user_traceback(caught.value, ["mine.py"])


def test_types_print_torchs_names(capsys):
    run("import torch\nprint(type(torch.ones(1)), torch.nn.Linear, torch.optim.SGD)", "mine.py")
    assert capsys.readouterr().out == (
        "<class 'torch.Tensor'> <class 'torch.nn.modules.linear.Linear'> <class 'torch.optim.sgd.SGD'>\n"
    )


def test_torchvision_is_there_and_uses_the_sessions_data(tmp_path):
    header = {"images": b"\0\0\x08\x03\0\0\0\x02\0\0\0\x1c\0\0\0\x1c", "labels": b"\0\0\x08\x01\0\0\0\x02"}
    for split in ("train", "t10k"):
        (tmp_path / f"{split}-images-idx3-ubyte").write_bytes(header["images"] + bytes(range(196)) * 8)
        (tmp_path / f"{split}-labels-idx1-ubyte").write_bytes(header["labels"] + bytes([3, 4]))
    text = (
        "import torch, torchvision\n"
        "import torchvision.transforms as transforms\n"
        "from torchvision.datasets import MNIST\n"
        "from torchvision.transforms import v2, ToTensor\n"
        "data = MNIST(root='./nowhere', train=True, download=True, transform=ToTensor())\n"
        "images, labels = next(iter(torch.utils.data.DataLoader(data, batch_size=2)))\n"
    )
    namespace = run(text, data=str(tmp_path))
    assert namespace["labels"].tolist() == [3, 4]
    assert namespace["images"].shape == (2, 1, 28, 28)
    assert repr(namespace["MNIST"]) == "<class 'torchvision.datasets.MNIST'>"


SQUARES = "def loss(outputs, labels):\n    return {0}\n"


def test_a_rehearsal_computes_a_loss_once_on_the_same_batch_each_time():
    first = run(SQUARES.format("(outputs ** 2).mean()"), rehearsal=True, seed=3)
    again = run(SQUARES.format("(outputs ** 2).sum()"), rehearsal=True, seed=3)
    np.testing.assert_array_equal(first["outputs"].array, again["outputs"].array)
    np.testing.assert_array_equal(first["labels"].array, again["labels"].array)
    np.testing.assert_allclose(again["outputs"].grad.array, 2 * again["outputs"].array, rtol=1e-6)
    assert "optimizer" not in first


@pytest.mark.parametrize(("returned", "found"), [("None", "NoneType"), ("outputs", r"shape \[64, 10\]")])
def test_a_rehearsal_says_what_a_loss_returned_that_is_not_one_number(returned, found):
    with pytest.raises(TypeError, match=f"one number.*{found}"):
        run(SQUARES.format(returned), rehearsal=True)


def test_only_a_loss_is_rehearsed():
    assert run("x = 1\nprint(x)", rehearsal=True)["x"] == 1
