"""torch.save and torch.load: what goes in comes out, and no file does anything but that."""

import copy
import io
import json
import math
import pickle
import zipfile
from collections import Counter, OrderedDict
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra import numpy as arrays

import gradviz.engine as torch
from gradviz.engine import nn
from gradviz.engine.dtypes import DTYPES
from gradviz.engine.optim import lr_scheduler

NUMBERS = [d.array for d in DTYPES]


def same(a, b) -> bool:
    """Whether two nests are equal in values, types, dtypes and order; nan is nan."""
    if type(a) is not type(b):
        return False
    if isinstance(a, torch.Tensor):
        return a.requires_grad == b.requires_grad and same(a.detach().numpy(), b.detach().numpy())
    if isinstance(a, np.ndarray):
        return (a.dtype, a.shape, a.tobytes()) == (b.dtype, b.shape, b.tobytes())
    if isinstance(a, (list, tuple)):
        return len(a) == len(b) and all(map(same, a, b))
    if isinstance(a, dict):
        return same(list(a), list(b)) and all(same(a[key], b[key]) for key in a)
    return a == b or (a != a and b != b)


def saved(value) -> bytes:
    buffer = io.BytesIO()
    torch.save(value, buffer)
    return buffer.getvalue()


def loaded(content: bytes):
    return torch.load(io.BytesIO(content))


def zipped(index: object, **parts: bytes) -> bytes:
    """A zip in gradviz's layout; `parts` are the arrays `_0`, `_1` …."""
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w") as file:
        file.writestr("index.json", index if isinstance(index, str) else json.dumps(index))
        for name, content in parts.items():
            file.writestr(f"arrays/{name[1:]}.npy", content)
    return buffer.getvalue()


def npy(array: np.ndarray) -> bytes:
    buffer = io.BytesIO()
    np.save(buffer, array)
    return buffer.getvalue()


tensors = st.sampled_from(NUMBERS).flatmap(
    lambda dtype: arrays.arrays(dtype, arrays.array_shapes(min_dims=0, min_side=0, max_side=3))
)
keys = st.text() | st.integers() | st.booleans() | st.none() | st.floats(allow_nan=False)
nests = st.recursive(
    st.none()
    | st.booleans()
    | st.integers(-(2**100), 2**100)
    | st.floats()
    | st.text()
    | tensors
    | tensors.map(torch.from_numpy)
    | st.sampled_from(DTYPES),
    lambda inner: (
        st.lists(inner, max_size=4)
        | st.lists(inner, max_size=4).map(tuple)
        | st.dictionaries(keys, inner, max_size=4)
        | st.dictionaries(keys, inner, max_size=4).map(OrderedDict)
    ),
    max_leaves=12,
)


@given(nests)
def test_what_is_saved_is_loaded(value):
    assert same(loaded(saved(value)), value)


def test_a_checkpoint_goes_on_where_training_stopped(tmp_path):
    def step(net, optimizer):
        optimizer.zero_grad()
        net(torch.ones(2, 3)).pow(2).sum().backward()
        optimizer.step()

    net = nn.Sequential(nn.Linear(3, 2), nn.BatchNorm1d(2), nn.Linear(2, 1))
    optimizer = torch.optim.Adam(net.parameters(), lr=0.1)
    for _ in range(3):
        step(net, optimizer)
    path = tmp_path / "checkpoint.pt"
    torch.save({"model": net.state_dict(), "optimizer": optimizer.state_dict(), "epoch": 3}, path)
    other = copy.deepcopy(net)
    for parameter in other.parameters():
        nn.init.zeros_(parameter)
    resumed = torch.optim.Adam(other.parameters(), lr=0.5)

    checkpoint = torch.load(path, map_location=torch.device("cpu"), weights_only=True)
    other.load_state_dict(checkpoint["model"])
    resumed.load_state_dict(checkpoint["optimizer"])
    assert checkpoint["epoch"] == 3
    step(net, optimizer)
    step(other, resumed)
    assert same(other.state_dict(), net.state_dict())
    assert same(resumed.state_dict(), optimizer.state_dict())


@pytest.mark.parametrize(
    "make",
    [
        lambda o: lr_scheduler.StepLR(o, 2),
        lambda o: lr_scheduler.MultiStepLR(o, [2, 2, 4]),
        lambda o: lr_scheduler.CosineAnnealingLR(o, 10),
        lambda o: lr_scheduler.OneCycleLR(o, 0.1, total_steps=10),
        lambda o: lr_scheduler.ReduceLROnPlateau(o),
        lambda o: lr_scheduler.LambdaLR(o, lambda epoch: 1 / (1 + epoch)),
    ],
)
def test_schedulers_can_be_saved(make):
    scheduler = make(torch.optim.SGD([torch.zeros(1, requires_grad=True)], lr=0.1))
    state = scheduler.state_dict()
    scheduler.load_state_dict(loaded(saved(state)))
    assert same(scheduler.state_dict(), state)


def test_tensors_keep_what_they_are():
    weight = nn.Parameter(torch.ones(2, 3))
    computed = weight * 2
    found = loaded(saved({"weight": weight, "tied": weight, "computed": computed, "turned": weight.data.t()}))
    assert isinstance(found["weight"], nn.Parameter)
    assert found["weight"].array is found["tied"].array
    assert found["computed"].requires_grad
    assert found["computed"].is_leaf
    assert found["turned"].tolist() == [[1, 1]] * 3
    found["turned"][0, 0] = 5.0  # ordinary tensors, that can be changed


def test_numpy_opens_the_arrays(tmp_path):
    torch.save([torch.arange(3), torch.eye(2)], tmp_path / "two.pt")
    found = np.load(tmp_path / "two.pt", allow_pickle=False)
    assert found["arrays/0"].tolist() == [0, 1, 2]
    assert found["arrays/1"].tolist() == [[1, 0], [0, 1]]


def test_small_kinds_of_values():
    value = {
        "size": torch.Size([2, 3]),
        "counts": Counter({3: 2}),
        "dtype": torch.bool,
        "loss": [math.inf, -math.inf],
        (1, "a"): (),
    }
    assert same(loaded(saved(value)), value)
    assert loaded(saved(np.float32(0.5))) == 0.5


class Strange:
    pass


@pytest.mark.parametrize(
    ("value", "words"),
    [
        (nn.Linear(1, 1), r"a whole Linear cannot be saved.*state_dict\(\)"),
        ({"optimizer": torch.optim.SGD([torch.zeros(1)])}, r"a whole SGD at \['optimizer'\] cannot"),
        ({"a": [1, {2, 3}]}, r"set at \['a'\]\[1\] cannot be saved"),
        (Strange(), "Strange cannot be saved. What can be: tensors"),
        (lambda: None, "function cannot be saved"),
        ({"a": {Strange: 1}}, r"type as a key at \['a'\]"),
    ],
)
def test_what_cannot_be_saved_is_refused_before_the_file_changes(tmp_path, value, words):
    path = tmp_path / "kept.pt"
    path.write_bytes(b"before")
    with pytest.raises(TypeError, match=words):
        torch.save(value, path)
    assert path.read_bytes() == b"before"


def test_a_nest_without_end_is_refused():
    endless: list = []
    endless.append(endless)
    with pytest.raises(ValueError, match="more than 100 deep, or holding itself"):
        saved(endless)


STATE = {"weight": torch.arange(6.0).reshape(2, 3), "epoch": 3, "list": [1, (2.5, "x")]}


def test_a_file_cut_anywhere_is_refused():
    content = saved(STATE)
    for length in range(len(content)):
        with pytest.raises(RuntimeError, match=r"torch\.load cannot read"):
            loaded(content[:length])


@given(st.data())
def test_flipped_bytes_are_noticed_or_harmless(data):
    content = bytearray(saved(STATE))
    for _ in range(data.draw(st.integers(1, 3))):
        content[data.draw(st.integers(0, len(content) - 1))] ^= data.draw(st.integers(1, 255))
    try:
        found = loaded(bytes(content))
    except RuntimeError as error:
        assert str(error).startswith("torch.load cannot read this file object: ")
    else:
        assert same(found, STATE)


class Bomb:
    def __reduce__(self):
        return (Path.touch, (Path("executed"),))


def pytorch_file() -> bytes:
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w") as file:
        file.writestr("archive/data.pkl", pickle.dumps(Bomb()))
        file.writestr("archive/version", "3\n")
    return buffer.getvalue()


def object_array() -> bytes:
    buffer = io.BytesIO()
    np.save(buffer, np.array([Bomb()], object), allow_pickle=True)
    return buffer.getvalue()


def huge(shape: str) -> bytes:
    header = f"{{'descr': '<f4', 'fortran_order': False, 'shape': {shape}, }}".encode().ljust(117) + b"\n"
    return b"\x93NUMPY\x01\x00" + len(header).to_bytes(2, "little") + header + bytes(8)


def valued(value: object) -> dict:
    return {"gradviz": 1, "value": value}


FOREIGN = {
    "of PyTorch": (pytorch_file(), r"PyTorch wrote it.*reads no pickles.*save_file"),
    "a pickle": (pickle.dumps(Bomb()), "is a Python pickle.*save_file"),
    "empty": (b"", r"it is empty.*f\.seek\(0\)"),
    "text": (b"import torch\nprint(1)\n", "torch.save did not write it"),
    "another zip": (b"PK\5\6" + bytes(18), "not one that torch.save wrote"),
    "newer": (zipped({"gradviz": 2, "value": 1}), "a newer gradviz wrote it"),
    "no index": (zipped("nothing"), "damaged"),
    "no value": (zipped({"gradviz": 1}), "damaged"),
    "deep JSON": (zipped("[" * 100_000), "damaged"),
    "a deep nest": (zipped('{"gradviz": 1, "value": ' + "[" * 200 + "]" * 200 + "}"), "100 deep"),
    "an unknown kind": (zipped(valued({"module": "os"})), "'module', which this version of gradviz does not"),
    "an unhashable key": (zipped(valued({"dict": [[[], 1]]})), "damaged"),
    "a missing array": (zipped(valued({"tensor": 0})), "array 0 that is not there"),
    "a negative number": (zipped(valued({"tensor": -1}), _0=npy(np.zeros(1))), "array -1 that is not"),
    "a part too many": (zipped(valued(1), _7=npy(np.zeros(1))), "parts that torch.save does not write"),
    "objects": (zipped(valued({"array": 0}), _0=object_array()), "holds object, not numbers"),
    "text in a tensor": (zipped(valued({"tensor": 0}), _0=npy(np.array("a"))), "not numbers"),
    "complex": (zipped(valued({"array": 0}), _0=npy(np.zeros(1, complex))), "not numbers"),
    "uint32": (zipped(valued({"tensor": 0}), _0=npy(np.zeros(1, "u4"))), "can't convert"),
    "a huge shape": (zipped(valued({"tensor": 0}), _0=huge("(1000000000000,)")), "length of its shape"),
    "a negative shape": (zipped(valued({"tensor": 0}), _0=huge("(-1, -2)")), "length of its shape"),
    "an empty huge shape": (zipped(valued({"tensor": 0}), _0=huge(f"(0, {10**30})")), "length of its shape"),
    "code as a header": (zipped(valued({"tensor": 0}), _0=huge("__import__('os')")), "damaged"),
    "integers with a gradient": (
        zipped(valued({"tensor": 0, "requires_grad": True}), _0=npy(np.zeros(1, int))),
        "floating point",
    ),
}


@pytest.mark.parametrize("name", FOREIGN)
def test_foreign_files_are_refused_and_not_executed(name, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    content, words = FOREIGN[name]
    path = tmp_path / "file.pt"
    path.write_bytes(content)
    with pytest.raises(RuntimeError, match=rf"torch\.load cannot read '.*file\.pt': .*{words}"):
        torch.load(path, weights_only=False)
    assert list(tmp_path.iterdir()) == [path]


def test_a_compressed_part_is_refused_unread():
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", zipfile.ZIP_DEFLATED) as file:
        file.writestr("index.json", b" " * 100_000_000)
    with pytest.raises(RuntimeError, match=r"index\.json is compressed"):
        loaded(buffer.getvalue())


def test_where_a_file_is_and_how_it_is_opened(tmp_path):
    with pytest.raises(FileNotFoundError):
        torch.load(tmp_path / "none.pt")
    with pytest.raises(TypeError, match="expected a path or a file object, but got list"):
        torch.load([])
    (tmp_path / "text").write_text("text")
    with (tmp_path / "text").open() as file, pytest.raises(RuntimeError, match="mode 'rb'"):
        torch.load(file)


# -- safetensors ---------------------------------------------------------------------------------------------


def safetensors(header: object, data: bytes = b"", length: int | None = None) -> bytes:
    text = header if isinstance(header, bytes) else json.dumps(header).encode()
    return (len(text) if length is None else length).to_bytes(8, "little") + text + data


def entry(dtype: str, shape: list, *offsets: int) -> dict:
    return {"dtype": dtype, "shape": shape, "data_offsets": list(offsets)}


@given(st.dictionaries(st.text().filter(lambda name: name != "__metadata__"), tensors))
def test_safetensors_hold_tensors_by_name(tmp_path_factory, state):
    path = tmp_path_factory.mktemp("save") / "state.safetensors"
    state = {name: torch.from_numpy(array) for name, array in state.items()}
    torch.save(state, path)
    found = torch.load(path)
    assert found.keys() == state.keys()
    assert all(same(found[name], state[name]) for name in state)


def test_safetensors_hold_nothing_else(tmp_path):
    path = tmp_path / "state.safetensors"
    with pytest.raises(TypeError, match=r"dict of tensors by name.*Use another ending"):
        torch.save({"epoch": 3}, path)
    assert not path.exists()


def test_a_safetensors_file_of_another_program():
    header = {
        "__metadata__": {"format": "pt"},
        "b": entry("BF16", [2], 8, 12),
        "a": entry("I64", [], 0, 8),
    }
    data = (7).to_bytes(8, "little") + bytes.fromhex("803f 20c0".replace(" ", ""))
    found = loaded(safetensors(header, data))
    assert list(found) == ["b", "a"]
    assert found["a"].item() == 7
    assert found["b"].tolist() == [1.0, -2.5]
    assert found["b"].dtype is torch.float32


@pytest.mark.parametrize(
    ("content", "words"),
    [
        (safetensors({"a": entry("F32", [1], 0, 4)}), "'a' are not where they should be"),
        (safetensors({"a": entry("F32", [1], 0, 4)}, bytes(8)), "8 bytes of tensors, its header names 4"),
        (safetensors({"a": entry("F32", [1], 4, 8)}, bytes(8)), "not where they should be"),
        (safetensors({"a": entry("F32", [2], 0, 4)}, bytes(4)), "length of its shape"),
        (safetensors({"a": entry("F32", [-1, -1], 0, 4)}, bytes(4)), "length of its shape"),
        (safetensors({"a": entry("F8_E4M3", [4], 0, 4)}, bytes(4)), "dtype F8_E4M3. Convert it to"),
        (safetensors({"a": 5}), "damaged"),
        (safetensors({}, length=2**60), "header of 1152921504606846976 bytes"),
        (safetensors(b'{"a": 1, "a": 2}'), "a name occurs twice"),
        (safetensors(b'{"a": '), "damaged"),
    ],
)
def test_damaged_safetensors_are_refused(content, words):
    with pytest.raises(RuntimeError, match=f"torch.load cannot read this file object: .*{words}"):
        loaded(content)
