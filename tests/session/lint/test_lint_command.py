"""gradviz lint."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from gradviz.session.lint_command import lint
from gradviz.session.program import Settings
from tests.session.lint.programs import HEAD

WRONG = (
    HEAD
    + """
net = nn.Linear(4, 3)
opt = torch.optim.SGD(net.parameters(), 0.1)
for i in range(5):
    print("step", i)
    F.cross_entropy(net(torch.randn(8, 4)), torch.randint(0, 3, (8,))).backward()
    opt.step()
"""
)


@pytest.fixture
def run(capfd):
    def run(text: str, **options: object) -> tuple[int, str, str]:
        code = lint(Path("program.py"), text, Settings(), **options)
        return code, *capfd.readouterr()

    return run


def test_findings_are_printed_with_their_line_and_the_exit_code_is_1(run):
    code, out, err = run(WRONG)
    assert code == 1
    first, second = out.splitlines()
    assert first.startswith("program.py:10: net.weight, net.bias is updated with a gradient")
    assert first.endswith("[missing-zero-grad]")
    assert second == "    → Call zero_grad() once per update, before backward()."
    assert err == ""


def test_a_right_program_has_no_findings(run):
    code, out, err = run(WRONG.replace("opt.step()", "opt.step(); opt.zero_grad()"))
    assert (code, out, err) == (0, "", "gradviz: nothing found\n")


def test_as_json(run):
    code, out, _ = run(WRONG, as_json=True)
    told = json.loads(out)
    (finding,) = told["findings"]
    assert (code, told["error"]) == (1, None)
    assert (finding["rule"], finding["line"], finding["lines"]) == ("missing-zero-grad", 10, [11])
    assert finding["nodes"] == ["net/weight", "net/bias"]


def test_a_program_that_fails_could_not_be_judged(run):
    code, out, err = run("import torch\n1 / 0\n")
    assert (code, out) == (2, "")
    assert "ZeroDivisionError" in err
    code, out, _ = run("def f(:\n", as_json=True)
    assert code == 2
    assert json.loads(out)["error"]


def test_a_failure_that_is_a_known_mistake_is_one_finding(run):
    code, out, err = run(
        HEAD + "h = nn.Linear(2, 2)(torch.ones(1, 2)).sigmoid()\nh.mul_(2)\nh.sum().backward()\n"
    )
    assert code == 1
    assert out.count("[inplace-change]") == 1
    assert out.startswith("program.py:6: mul_ changes sigmoid [1, 2] in place, which sigmoid saved at line 5")
    assert err == ""


def test_a_program_without_an_end_is_ended(run):
    code, out, err = run(WRONG.replace("range(5)", "iter(int, 1)"), iterations=5)
    assert (code, err) == (1, "")
    code, out, err = run("while True: pass", timeout=1.0)
    assert (code, out) == (2, "")
    assert "--timeout" in err
