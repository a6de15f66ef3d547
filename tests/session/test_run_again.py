"""Run again with the same seed, a program does the same, bit for bit."""

from __future__ import annotations

import pytest

from gradviz.examples import Example, list_examples
from gradviz.session.protocol import Advance, Metrics, Recorded, Seek, Start, Status
from gradviz.trace.state import state_hash
from tests.session.harness import PATH, SMALL_NET
from tests.session.test_client import Window

LATER = 30  # an iteration that is run to, for the sake of all that come before it
SET_OF_TEXTS = """
import torch
words = {"one", "two", "three", "four", "five"}
scale = {word: torch.rand(1) for word in sorted(words)}
w = torch.rand(3, requires_grad=True)
for i in range(40):
    loss = sum((w * scale[word]).sum() for word in words)
    loss.backward()
    with torch.no_grad():
        w -= 0.1 * w.grad
    w.grad = None
"""


class Run(Window):
    """A run of which the first and a later iteration are looked at: their moments, and the losses."""

    def __init__(self, text: str, path: str, seed: int = 0) -> None:
        super().__init__()
        self.hashes: dict[int, list[str]] = {}
        self.losses: dict[int, float] = {}
        self.client.send(Start(text, path, seed=seed))
        self.client.send(Advance("iteration"))

    def finish(self) -> Run:
        if self._wait_for_state() == "holding":
            self.client.send(Seek(LATER))
            self._wait_for_state()
        self.client.close(wait=True)
        return self

    def _wait_for_state(self) -> str:
        report = self.wait_for(lambda r: self._take(r) in ("holding", "finished", "failed"))
        assert isinstance(report, Status)
        return report.state

    def _take(self, report: object) -> str | None:
        match report:
            case Recorded() if report.iteration.complete:
                events = range(-1, len(report.iteration.events))
                self.hashes[report.iteration.index] = [state_hash(report.iteration, i) for i in events]
            case Metrics():
                for metric in (metric for metric in report.metrics if metric.name == "loss"):
                    self.losses |= dict(zip(metric.iterations, metric.values, strict=True))
            case Status():
                return report.state
        return None


# All losses are trained by the same program: one stands for them.
EXAMPLES = [example for example in list_examples() if example.kind != "loss" or example.name == "focal_loss"]


@pytest.mark.parametrize("example", EXAMPLES, ids=lambda example: example.name)
def test_an_example_run_again_does_the_same(example: Example) -> None:
    text = example.path.read_text(encoding="utf-8")
    first, second = (run.finish() for run in [Run(text, str(example.path)) for _ in range(2)])
    assert first.hashes and all(all(hashes) for hashes in first.hashes.values())
    assert first.hashes == second.hashes
    shared = first.losses.keys() & second.losses.keys()
    assert [first.losses[i] for i in shared] == [second.losses[i] for i in shared]


def test_texts_in_a_set_have_the_same_order_again() -> None:
    first, second = (run.finish() for run in [Run(SET_OF_TEXTS, PATH) for _ in range(2)])
    assert first.hashes == second.hashes


def test_another_seed_is_another_run() -> None:
    text = SMALL_NET.replace("range(5)", "range(40)")
    first, second = (run.finish() for run in [Run(text, PATH, seed) for seed in (0, 1)])
    assert first.hashes.keys() == second.hashes.keys() == {0, LATER}
    assert set(first.hashes[LATER]).isdisjoint(second.hashes[LATER])
