"""The complete state of a program as a hash: what counts, and what does not."""

from __future__ import annotations

import random
import subprocess
import sys
from collections.abc import Callable
from typing import Any

import numpy as np
import pytest

import gradviz.engine as torch
from gradviz.engine import nn, optim
from gradviz.engine.utils.data import DataLoader, TensorDataset
from gradviz.session import state
from gradviz.session.environment import child_environment
from gradviz.session.state import StateHash
from gradviz.trace.state import state_hash
from tests.session.harness import SMALL_NET, record


class Averages:
    """An object of the program's own that keeps tensors and plain numbers."""

    def __init__(self) -> None:
        self.shadow = [torch.zeros(2)]
        self.started = 0.0


def draws(generator: torch.Generator) -> Any:
    while True:
        yield torch.rand(1, generator=generator)


def closure(tensor: torch.Tensor) -> Callable[[], torch.Tensor]:
    return lambda: tensor


def program() -> dict[str, Any]:
    """The variables of a program that has everything."""
    torch.manual_seed(0)
    random.seed(0)
    np.random.seed(0)
    net = nn.Sequential(nn.Linear(2, 3), nn.BatchNorm1d(3), nn.Dropout(0.5))
    optimizer = optim.Adam(net.parameters())
    net(torch.ones(4, 2)).sum().backward()
    optimizer.step()
    loader = DataLoader(TensorDataset(torch.arange(9)), batch_size=2, shuffle=True)
    batches = iter(loader)
    next(batches)
    own = torch.Generator().manual_seed(1)
    return {
        "net": net,
        "optimizer": optimizer,
        "scheduler": optim.lr_scheduler.StepLR(optimizer, 2),
        "loader": loader,
        "batches": batches,
        "own": own,
        "source": draws(torch.Generator()),
        "dice": random.Random(4),
        "numpy": np.random.default_rng(5),
        "legacy": np.random.RandomState(6),
        "table": np.arange(3.0),
        "by_hand": {"w": [torch.ones(2)]},
        "closure": closure(torch.ones(2)),
        "averages": Averages(),
        "big": torch.zeros(1 << 19),
        "began": 12.5,
    }


def hash_of(variables: dict[str, Any]) -> bytes:
    return StateHash().of([variables], [variables["loader"]])


def in_place(tensor: torch.Tensor) -> None:
    tensor.array.reshape(-1)[-1] += 1


CHANGES: dict[str, Callable[[dict[str, Any]], Any]] = {
    "parameter": lambda v: in_place(v["net"][0].weight),
    "gradient": lambda v: in_place(v["net"][0].weight.grad),
    "buffer": lambda v: in_place(v["net"][1].running_mean),
    "mode": lambda v: v["net"].eval(),
    "optimizer's tensor": lambda v: in_place(next(iter(v["optimizer"].state.values()))["exp_avg"]),
    "learning rate": lambda v: v["optimizer"].param_groups[0].update(lr=0.5),
    "scheduler": lambda v: setattr(v["scheduler"], "last_epoch", 7),
    "position": lambda v: next(v["batches"]),
    "default stream": lambda v: torch.rand(1),
    "own stream": lambda v: torch.rand(1, generator=v["own"]),
    "stream of a generator": lambda v: next(v["source"]),
    "python": lambda v: random.random(),
    "python's own": lambda v: v["dice"].random(),
    "numpy": lambda v: np.random.rand(),
    "numpy's own": lambda v: v["numpy"].random(),
    "numpy's legacy": lambda v: v["legacy"].rand(),
    "array": lambda v: v["table"].__setitem__(0, 9),
    "tensor by hand": lambda v: in_place(v["by_hand"]["w"][0]),
    "tensor of an object": lambda v: in_place(v["averages"].shadow[0]),
    "tensor of a function": lambda v: in_place(v["closure"]()),
    "one element of many": lambda v: in_place(v["big"]),
}


@pytest.mark.parametrize("change", CHANGES)
def test_whatever_the_next_iterations_depend_on_counts(change: str) -> None:
    variables = program()
    before = hash_of(variables)
    assert hash_of(variables) == before
    CHANGES[change](variables)
    assert hash_of(variables) != before


def test_the_same_state_made_anew_has_the_same_hash() -> None:
    kept = program()  # so that nothing lies where it lay before
    assert hash_of(program()) == hash_of(program())
    assert kept


def test_what_a_program_notes_for_itself_does_not_count() -> None:
    variables = program()
    before = hash_of(variables)
    variables["began"] = variables["averages"].started = 99.0
    variables["log"] = ["text", 1.5]
    assert hash_of(variables) == before


def test_a_tensor_that_two_variables_share_is_not_two_equal_ones() -> None:
    shared = torch.ones(2)
    both = {**program(), "x": shared, "y": shared}
    assert hash_of(both) != hash_of({**program(), "x": torch.ones(2), "y": torch.ones(2)})


def test_a_large_array_is_read_again_once_it_was_written_to(monkeypatch: pytest.MonkeyPatch) -> None:
    reads = []
    words = state.array_words
    monkeypatch.setattr(state, "array_words", lambda array: reads.append(array.nbytes) or words(array))
    variables, hashes = program(), StateHash()
    big = variables["big"]
    first = hashes.of([variables], [])
    assert hashes.of([variables], []) == first
    assert reads.count(big.array.nbytes) == 1
    in_place(big)
    hashes.changed(big.array[:3])  # a view of it
    assert hashes.of([variables], []) != first
    assert reads.count(big.array.nbytes) == 2


class Secretive:
    """Whoever asks it for anything runs its code."""

    peers: set[Any]

    def __getattribute__(self, name: str) -> Any:
        raise AssertionError("the program's code was run")


class Rows(list):
    def __iter__(self) -> Any:
        raise AssertionError("the program's code was run")


def test_no_code_of_the_program_is_run_to_look_at_it() -> None:
    secretive, rows = Secretive.__new__(Secretive), Rows([torch.ones(1)])
    object.__setattr__(secretive, "peers", {secretive, torch.nn.Linear(1, 1)})
    first = hash_of({**program(), "secretive": secretive, "rows": rows})
    in_place(list.__getitem__(rows, 0))
    assert hash_of({**program(), "secretive": secretive, "rows": rows}) not in (first, b"")


def test_very_many_samples_do_not_keep_the_rest_from_counting() -> None:
    samples = [(torch.ones(1), [label]) for label in range(30_000)]
    variables = {**program(), "loader": DataLoader(samples), "copies": [[] for _ in range(30_000)]}
    before = hash_of(variables)
    in_place(variables["net"][0].weight)
    assert hash_of(variables) != before


def test_the_order_of_a_set_does_not_count() -> None:
    layers = [torch.nn.Linear(1, 1) for _ in range(20)]
    one, other = set(layers), set()
    for layer in reversed(layers):  # collisions make another order
        other.add(layer)
    assert hash_of({**program(), "layers": one}) == hash_of({**program(), "layers": other})


def test_objects_that_hold_themselves_or_very_many_end_the_search() -> None:
    knot: list[Any] = [torch.ones(1)]
    knot.append(knot)
    chain: list[Any] = []
    for _ in range(5000):
        chain = [chain]
    crowd = [[[]] for _ in range(200_000)]
    assert len(hash_of({**program(), "knot": knot, "chain": chain, "crowd": crowd})) == state.HASH_BYTES


SHUFFLED = """
import torch
words = {"one", "two", "three", "four", "five"}
scale = {word: torch.rand(1) for word in sorted(words)}
w = torch.rand(3, requires_grad=True)
for i in range(4):
    loss = sum((w * scale[word]).sum() for word in words)
    loss.backward()
    with torch.no_grad():
        w -= 0.1 * w.grad
"""


@pytest.mark.parametrize("text", [SMALL_NET, SHUFFLED], ids=["net", "set of texts"])
def test_every_process_comes_to_the_same(text: str) -> None:
    ask = (
        "import sys; from tests.session.harness import record; from gradviz.trace.state import state_hash\n"
        "it = record(sys.argv[1], ['iteration'] * 3).iterations[-1]\n"
        "print(*(state_hash(it, event) for event in range(-1, len(it.events))))"
    )
    arguments = [sys.executable, "-c", ask, text]
    answers = {subprocess.check_output(arguments, env=child_environment()) for _ in range(2)}
    assert len(answers) == 1


def test_an_iteration_recorded_from_its_middle_has_no_hash() -> None:
    session = record(SMALL_NET, ["iteration"] * 3)
    assert all(state_hash(iteration, 0) for iteration in session.iterations)
    session.iterations[0].began = b""
    assert state_hash(session.iterations[0], 0) == ""


@pytest.mark.parametrize(
    "array",
    [
        np.broadcast_to(np.float32(1.5), (16, 1)),
        np.broadcast_to(np.arange(3.0), (5, 3)),
        np.arange(12).reshape(3, 4).T,
        np.array(2.0),
        np.zeros((0, 3)),
    ],
    ids=["all the same", "rows repeat", "transposed", "scalar", "empty"],
)
def test_an_event_is_what_its_numbers_are_however_they_lie_in_memory(array: np.ndarray) -> None:
    """A copy has strides of its own: in a file, or when memory is set aside."""
    assert state.digest_of("x", [array]) == state.digest_of("x", [array.copy(order="C")])
    assert state.digest_of("x", [array]) != state.digest_of("x", [np.atleast_1d(array)[..., None]])
