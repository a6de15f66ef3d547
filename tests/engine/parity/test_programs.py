"""Programs as courses and tutorials write them print the same on the engine and on PyTorch."""

import contextlib
import io
import json
import re
import runpy
import subprocess
import sys
from pathlib import Path

import pytest
import torch

pytestmark = pytest.mark.parity
PROGRAMS = sorted((Path(__file__).parent / "programs").glob("*.py"))
NUMBER = re.compile(r"[-+]?(?:\d+\.\d*|\.\d+|\d+)(?:e[-+]?\d+)?")

# Runs programs one after the other with the engine as torch; prints a JSON list of what they printed.
ON_THE_ENGINE = """
import contextlib, io, json, runpy, sys
from gradviz.session import torch_alias

torch_alias.install()
printed = []
for path in sys.argv[1:]:
    with contextlib.redirect_stdout(io.StringIO()) as output:
        runpy.run_path(path, run_name="__main__")
    printed.append(output.getvalue())
print(json.dumps(printed))
"""


@pytest.fixture(scope="module")
def printed_by_engine() -> dict[Path, str]:
    done = subprocess.run(
        [sys.executable, "-W", "ignore", "-c", ON_THE_ENGINE, *map(str, PROGRAMS)],
        capture_output=True,
        text=True,
    )
    assert done.returncode == 0, done.stderr
    return dict(zip(PROGRAMS, json.loads(done.stdout), strict=True))


def printed_by_torch(path: Path) -> str:
    threads = torch.get_num_threads()
    torch.set_num_threads(1)
    try:
        with contextlib.redirect_stdout(io.StringIO()) as output:
            runpy.run_path(str(path), run_name="__main__")
    finally:
        torch.set_num_threads(threads)
    return output.getvalue()


@pytest.mark.parametrize("path", PROGRAMS, ids=lambda path: path.stem)
@pytest.mark.filterwarnings("ignore")
def test_a_program_prints_what_it_prints_on_pytorch(path: Path, printed_by_engine: dict[Path, str]) -> None:
    ours, theirs = printed_by_engine[path].split(), printed_by_torch(path).split()
    assert [NUMBER.sub("#", word) for word in ours] == [NUMBER.sub("#", word) for word in theirs]
    ours, theirs = ([float(n) for n in NUMBER.findall(" ".join(words))] for words in (ours, theirs))
    assert ours == pytest.approx(theirs, rel=1e-3, abs=2e-4)
