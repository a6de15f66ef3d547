"""A trace file is walked piece by piece; a damaged, hostile or newer one is refused in words."""

from __future__ import annotations

import contextlib
import os
import random
import struct
import subprocess
import sys
import zipfile
from collections.abc import Callable
from pathlib import Path

import msgspec
import numpy as np
import pytest

from gradviz.errors import TraceFileError
from gradviz.trace import ArrayRef
from gradviz.trace.file import TraceFile
from gradviz.translate import set_language
from tests.trace.file.recorded import BRANCH, HIT, KEPT, PROGRAM, curves, recordings, refs_of, write_run

MANIFEST = "manifest.msgpack"
FIRST = "iterations/0/0.msgpack"


@pytest.fixture(scope="module")
def run(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return write_run(tmp_path_factory.mktemp("file") / "run.gvtrace")


def read_all(path: Path) -> list[object]:
    """Everything that a window could ask of the file."""
    with TraceFile(path) as file:
        found: list[object] = [file.manifest]
        for branch in [run.id for run in file.manifest.branches]:
            found += file.curves(branch)
            for index in file.iterations(branch):
                found.append(file.iteration(index, branch))
                for ref in file.arrays(index, branch):
                    found += (ref, file.find(ref, branch).tobytes())
    return found


def refusal(path: Path) -> str:
    with pytest.raises(TraceFileError) as refused:
        read_all(path)
    text = str(refused.value)
    assert text.startswith(f"{path}: ") and "\n" not in text
    return text.removeprefix(f"{path}: ")


def parts_of(path: Path) -> dict[str, bytes]:
    with zipfile.ZipFile(path) as file:
        return {name: file.read(name) for name in file.namelist()}


def rewritten(run: Path, path: Path, change: Callable[[dict[str, bytes]], None], **options: int) -> Path:
    """The same file with other parts."""
    parts = parts_of(run)
    change(parts)
    with zipfile.ZipFile(path, "w", **options) as file:  # type: ignore[call-overload]
        for name, data in parts.items():
            file.writestr(name, data)
    return path


def with_part(name: str, data: object) -> Callable[[dict[str, bytes]], None]:
    packed = data if isinstance(data, bytes) else msgspec.msgpack.encode(data)
    return lambda parts: parts.update({name: packed})


# ── what is in a file ─────────────────────────────────────────────────────────────────────────────────────


def test_a_run_comes_back_as_it_was(run):
    with TraceFile(run) as file:
        assert file.manifest.program == PROGRAM
        main, branch = file.manifest.branches
        assert (main.id, main.iterations, main.exit_code, main.hits) == (0, 9, 0, [HIT])
        assert (branch.branch, branch.iterations) == (BRANCH, 7)
        assert file.iterations(BRANCH.id) == [6]
        assert file.iterations() == list(KEPT)
        for index, recording in recordings().items():
            assert file.iteration(index) == recording.iteration
            assert len(file.arrays(index)) == len(refs_of(recording))
        for metric in file.curves():
            iterations, values = curves().curve(metric.name)
            assert (metric.iterations, metric.values) == (iterations.tolist(), values.tolist())


def test_an_array_is_what_it_was_at_every_event(run):
    with TraceFile(run) as file:
        for recording in recordings().values():
            index = recording.iteration.index
            for ref in refs_of(recording):
                for event in range(-1, len(recording.iteration.events)):
                    at = msgspec.structs.replace(ref, event=event)
                    found = file.find(at)
                    if event >= ref.event:
                        np.testing.assert_array_equal(found, recording.find(at))
                    elif ref.role == "value" and ref.event > -1:  # before its update
                        np.testing.assert_array_equal(found, recording.arrays[ref.node, "value"])
            assert file.find(ArrayRef(index, 0, 999, "value")) is None
            assert file.find(ArrayRef(index, 0, 0, "saved", name="nothing")) is None
        assert file.find(ArrayRef(3, 0, 0, "value")) is None
        assert file.iteration(3) is None and file.iteration(0, BRANCH.id) is None


def test_equal_arrays_are_kept_once(run):
    names = [name for name in parts_of(run) if name.startswith("arrays/")]
    asked = sum(len(refs_of(recording)) for recording in recordings().values())
    assert len(names) < asked


# ── what is refused ───────────────────────────────────────────────────────────────────────────────────────


def test_what_is_no_file_is_refused(tmp_path):
    assert "there is no such file" in refusal(tmp_path / "nowhere.gvtrace")
    assert "is a folder" in refusal(tmp_path)
    os.mkfifo(tmp_path / "pipe")
    assert "is not a file" in refusal(tmp_path / "pipe")
    (tmp_path / "loop").symlink_to(tmp_path / "loop")
    assert "cannot be read" in refusal(tmp_path / "loop")
    assert "cannot be read" in refusal(tmp_path / "a\0b")


@pytest.mark.parametrize("data", [b"", b"PK", b"hello\n" * 100, b"\x80\x04K\x01.", b"\x93NUMPY" + bytes(99)])
def test_what_is_no_zip_is_refused(tmp_path, data):
    path = tmp_path / "x.gvtrace"
    path.write_bytes(data)
    assert "is not a trace file" in refusal(path)


def test_a_zip_of_something_else_is_refused(tmp_path):
    path = tmp_path / "x.gvtrace"
    with zipfile.ZipFile(path, "w") as file:
        file.writestr("word/document.xml", "<xml/>")
    assert "it has a part called 'word/document.xml'" in refusal(path)


@pytest.mark.parametrize("share", [0.001, 0.3, 0.9, 0.999])
def test_a_file_that_was_cut_off_is_refused(run, tmp_path, share):
    path = tmp_path / "x.gvtrace"
    data = run.read_bytes()
    path.write_bytes(data[: int(len(data) * share)])
    assert "is damaged" in refusal(path)


@pytest.mark.parametrize(
    "name",
    [
        "../../evil.npy",
        "/etc/passwd",
        "arrays/../manifest.msgpack",
        "C:\\evil",
        "iterations/0/",
        "iterations/0/00.msgpack",
        "iterations/٣/0.msgpack",
        "iterations/7/0.msgpack",
        "data.pkl",
        "manifest.msgpack\n",
    ],
)
def test_a_part_that_does_not_belong_is_refused(run, tmp_path, name):
    path = rewritten(run, tmp_path / "x.gvtrace", with_part(name, b""))
    assert "is damaged" in refusal(path)


@pytest.mark.filterwarnings("ignore:Duplicate name")
def test_a_part_that_is_there_twice_is_refused(run, tmp_path):
    path = rewritten(run, tmp_path / "x.gvtrace", lambda parts: None)
    with zipfile.ZipFile(path, "a") as file:
        file.writestr(MANIFEST, b"\x80")
    assert "a part is there twice" in refusal(path)


def test_a_wrong_checksum_is_refused(run, tmp_path):
    data = bytearray(run.read_bytes())
    with zipfile.ZipFile(run) as file:
        info = next(info for info in file.infolist() if info.filename.startswith("arrays/"))
    data[info.header_offset + 300] ^= 1
    path = tmp_path / "x.gvtrace"
    path.write_bytes(data)
    assert "CRC" in refusal(path)


def test_a_newer_file_says_so(run, tmp_path):
    newer = {"version": 2, "program": "something else", "unheard": [1, 2, 3]}
    path = rewritten(run, tmp_path / "x.gvtrace", with_part(MANIFEST, newer))
    assert refusal(path).startswith("was written by a newer gradviz (format 2, this one reads 1)")


MAIN_RUN = {"iterations": 3}


def a_branch(number: int, parent: int = 0) -> dict[str, object]:
    return {"iterations": 3, "branch": {"id": number, "parent": parent}}


@pytest.mark.parametrize(
    "data",
    [
        b"",
        b"\xc1",
        b"\x80",
        b"\x91" * 1_000_000,  # a list in a list in a list …
        b"\xdb\x3f\xff\xff\xff",  # a text of 1 GB
        b"\xdd\xff\xff\xff\xff",  # a list of 4,000,000,000
        b"\xc6\x7f\xff\xff\xff",
        {"version": 1},
        {"version": -1, "program": {"text": "", "path": ""}, "branches": []},
        {"version": "1"},
        {"version": 1, "program": {"text": "", "path": "x" * 5000}, "branches": []},
        {"version": 1, "program": {"text": "", "path": "", "batch_size": 0}, "branches": [MAIN_RUN]},
        {"version": 1, "program": {"text": "", "path": ""}, "branches": []},
        {"version": 1, "program": {"text": "", "path": ""}, "branches": [MAIN_RUN, MAIN_RUN]},
        {"version": 1, "program": {"text": "", "path": ""}, "branches": [a_branch(1), MAIN_RUN]},
        {"version": 1, "program": {"text": "", "path": ""}, "branches": [MAIN_RUN, a_branch(3, 2)]},
        {"version": 1, "program": {"text": "", "path": ""}, "branches": [MAIN_RUN, a_branch(0)]},
    ],
)
@pytest.mark.parametrize("part", [MANIFEST, FIRST])
def test_a_part_that_does_not_decode_is_refused(run, tmp_path, part, data):
    path = rewritten(run, tmp_path / "x.gvtrace", with_part(part, data))
    assert part in refusal(path)


def test_a_missing_part_is_named(run, tmp_path):
    path = rewritten(run, tmp_path / "x.gvtrace", lambda parts: parts.pop(MANIFEST))
    assert f"the part {MANIFEST} is missing" in refusal(path)
    array = next(name for name in parts_of(run) if name.startswith("arrays/"))
    path = rewritten(run, tmp_path / "y.gvtrace", lambda parts: parts.pop(array))
    assert f"the part {array} is missing" in refusal(path)


def test_an_iteration_under_another_number_is_refused(run, tmp_path):
    path = rewritten(
        run, tmp_path / "x.gvtrace", lambda parts: parts.update({"iterations/0/4.msgpack": parts[FIRST]})
    )
    assert "its part iterations/0/4.msgpack is another iteration" in refusal(path)


def test_an_iteration_whose_graph_cannot_be_is_refused(run, tmp_path):
    def go_in_circles(parts: dict[str, bytes]) -> None:
        detail = msgspec.msgpack.decode(parts[FIRST])
        detail["iteration"]["nodes"][0]["inputs"] = [[5]]
        parts[FIRST] = msgspec.msgpack.encode(detail)

    assert FIRST in refusal(rewritten(run, tmp_path / "x.gvtrace", go_in_circles))


def test_curves_that_are_none_are_refused(run, tmp_path):
    def swap(parts: dict[str, bytes]) -> None:
        manifest = msgspec.msgpack.decode(parts[MANIFEST])
        curve = manifest["branches"][0]["curves"][0]
        curve["iterations"], curve["values"] = curve["values"], curve["iterations"]
        parts[MANIFEST] = msgspec.msgpack.encode(manifest)

    assert "its curve 'accuracy' is none" in refusal(rewritten(run, tmp_path / "x.gvtrace", swap))


def test_compressed_arrays_are_refused_and_compressed_texts_read(run, tmp_path):
    path = rewritten(run, tmp_path / "x.gvtrace", lambda parts: None, compression=zipfile.ZIP_DEFLATED)
    assert "is compressed" in refusal(path)
    read_all(rewritten(run, tmp_path / "y.gvtrace", lambda parts: None))


def patched(run: Path, path: Path, change: Callable[[bytearray, int, int], None]) -> Path:
    """The file with other bytes: `change` is told where the last entry of the list, and the end, begin."""
    data = bytearray(run.read_bytes())
    change(data, data.rindex(b"PK\x01\x02"), len(data) - 22)
    path.write_bytes(data)
    return path


@pytest.mark.parametrize(
    ("change", "words"),
    [
        (lambda data, entry, end: struct.pack_into("<H", data, entry + 8, 1), "is encrypted"),
        (lambda data, entry, end: struct.pack_into("<H", data, entry + 10, 14), "is compressed"),
        (lambda data, entry, end: struct.pack_into("<L", data, entry + 24, 1 << 31), "would take 2048 MiB"),
        (lambda data, entry, end: struct.pack_into("<L", data, entry + 42, 0), "overlaps another"),
        (lambda data, entry, end: struct.pack_into("<2H", data, end + 8, 9, 9), "claims to have 9"),
        (lambda data, entry, end: struct.pack_into("<L", data, end + 12, 1 << 30), "claims to have"),
        (lambda data, entry, end: struct.pack_into("<L", data, end + 16, 5), "not where it should be"),
        (lambda data, entry, end: data.extend(b"comment"), "its end is missing"),
        (lambda data, entry, end: data.__setitem__(slice(entry, entry + 4), b"PK\0\0"), "claims to have"),
    ],
)
def test_a_list_of_parts_that_lies_is_refused(run, tmp_path, change, words):
    assert words in refusal(patched(run, tmp_path / "x.gvtrace", change))


def test_a_billion_parts_are_not_believed(run, tmp_path):
    """They are claimed in the record that large files have."""
    data = run.read_bytes()
    end = len(data) - 22
    record = struct.pack("<4sQ2H2L4Q", b"PK\x06\x06", 44, 45, 45, 0, 0, 10**9, 10**9, 46 * 10**9, 0)
    locator = struct.pack("<4sLQL", b"PK\x06\x07", 0, end, 1)
    path = tmp_path / "x.gvtrace"
    path.write_bytes(data[:end] + record + locator + data[end:])
    assert "it claims to have 1000000000 parts" in refusal(path)


def test_refusals_are_in_the_language_that_was_set(tmp_path):
    set_language("zh_CN")
    with pytest.raises(TraceFileError, match="没有这个文件"):
        TraceFile(tmp_path / "nowhere.gvtrace")


# ── bounds ────────────────────────────────────────────────────────────────────────────────────────────────

READ_WITH_LITTLE_MEMORY = """
import resource, sys
from pathlib import Path
from tests.trace.file.test_reading import read_all
pages = int(Path("/proc/self/statm").read_text().split()[0])
limit = pages * resource.getpagesize() + (int(sys.argv[2]) << 20)
resource.setrlimit(resource.RLIMIT_AS, (limit, limit))
try:
    read_all(Path(sys.argv[1]))
except Exception as error:
    print(type(error).__name__, error)
"""


def read_within(mib: int, path: Path) -> str:
    done = subprocess.run(
        [sys.executable, "-c", READ_WITH_LITTLE_MEMORY, path, str(mib)],
        capture_output=True,
        text=True,
        cwd=Path(__file__).parents[3],
    )
    assert done.returncode == 0, done.stderr
    return done.stdout


def most_edges() -> bytes:
    """An iteration of the length that is read at most, made of the parts that take the most memory."""
    count = 8_000_000
    node = {"id": 0, "key": "k", "kind": "operation", "name": "n", "outputs": [[[], "f"]], "inputs": []}
    node_with_edges = (
        msgspec.msgpack.encode(node)[:-1] + b"\xdd" + count.to_bytes(4, "big") + b"\x91\x00" * count
    )
    return b"\x82\xa6arrays\x90\xa9iteration\x82\xa5index\x00\xa5nodes\x91" + node_with_edges


@pytest.mark.skipif(sys.platform != "linux", reason="the limit is kept on Linux")
@pytest.mark.parametrize(
    ("part", "make", "mib"),
    [
        (MANIFEST, lambda: bytes(256 << 20), 128),
        (FIRST, lambda: bytes(256 << 20), 128),
        ("arrays/" + "0" * 32 + ".npy", lambda: bytes(256 << 20), 128),
        (FIRST, most_edges, 640),
    ],
)
def test_no_file_makes_its_reader_take_more_than_it_may(run, tmp_path, part, make, mib):
    path = rewritten(
        run,
        tmp_path / "x.gvtrace",
        with_part(part, make()),
        compression=zipfile.ZIP_DEFLATED,
        compresslevel=1,
    )
    assert path.stat().st_size < 8 << 20
    assert read_within(mib, path).startswith("TraceFileError")


@pytest.mark.skipif(sys.platform != "linux", reason="the limit is kept on Linux")
def test_a_file_is_read_with_little_memory(run):
    assert read_within(64, run) == ""


# ── fuzz ──────────────────────────────────────────────────────────────────────────────────────────────────

ROUNDS = int(os.environ.get("GRADVIZ_FUZZ_ROUNDS", "300"))


def damaged(data: bytes, chance: random.Random, begin: int = 0) -> bytes:
    """Bytes are flipped, replaced, cut out and doubled, once or a few times from `begin` on."""
    changed = bytearray(data)
    for _ in range(chance.choice((1, 1, 2, 8))):
        at = chance.randrange(min(begin, len(changed) - 1), len(changed))
        match chance.randrange(4):
            case 0:
                changed[at] = chance.randrange(256)
            case 1:
                changed[at] ^= 1 << chance.randrange(8)
            case 2 if len(changed) > 100:
                del changed[at : at + chance.randrange(1, 50)]
            case 3:
                changed[at:at] = changed[at : at + chance.randrange(1, 50)]
    return bytes(changed)


def test_a_damaged_file_is_refused_or_reads_as_it_was_written(run, tmp_path):
    whole, written = run.read_bytes(), read_all(run)
    structure = whole.index(b"PK\x01\x02")  # most of the damage is done where it is not only a checksum's
    path = tmp_path / "x.gvtrace"
    for number in range(ROUNDS):
        chance = random.Random(number)
        path.write_bytes(damaged(whole, chance, structure if chance.random() < 0.7 else 0))
        try:
            assert read_all(path) == written, number
        except TraceFileError as error:
            assert str(error).startswith(f"{path}: "), number


def test_made_up_parts_raise_nothing_but_refusals(run, tmp_path):
    """The damage is done before the checksums are taken."""
    names = [MANIFEST, FIRST, next(name for name in parts_of(run) if name.endswith(".npy"))]
    for number in range(ROUNDS // 3):
        chance = random.Random(number)
        name = chance.choice(names)
        data = parts_of(run)[name]
        made_up = damaged(data[:2000], chance) + data[2000:]
        path = rewritten(run, tmp_path / "x.gvtrace", with_part(name, made_up))
        with contextlib.suppress(TraceFileError):
            read_all(path)
