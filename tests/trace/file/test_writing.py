"""A trace file is there whole or not at all, and only holds what will be read again."""

from __future__ import annotations

import errno
import os
import stat
from pathlib import Path

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from hypothesis.extra import numpy as arrays_of

from gradviz.errors import TraceFileError
from gradviz.trace import ArrayRef, Event, Iteration, Node, TensorInfo
from gradviz.trace.file import BranchRun, Manifest, Program, TooLargeError, TraceFile, TraceWriter, writing
from tests.trace.file.recorded import PROGRAM, recordings, refs_of, write_run

EMPTY = Manifest(program=Program(text="", path="p.py"), branches=(BranchRun(iterations=0),))


def test_a_file_appears_only_when_it_is_finished(tmp_path):
    path = tmp_path / "run.gvtrace"
    path.write_text("what was there before")
    with TraceWriter(path) as writer:
        recording = recordings()[0]
        writer.add(0, recording.iteration, refs_of(recording), recording.find)
        assert path.read_text() == "what was there before"
        writer.finish(Manifest(program=PROGRAM, branches=(BranchRun(iterations=1),)))
    with TraceFile(path) as file:
        assert file.iterations() == [0]
    assert list(tmp_path.iterdir()) == [path]


def test_what_was_there_stays_when_the_writing_is_given_up(tmp_path):
    path = tmp_path / "run.gvtrace"
    path.write_text("what was there before")
    with pytest.raises(ZeroDivisionError), TraceWriter(path):
        1 / 0  # noqa: B018
    assert path.read_text() == "what was there before"
    assert list(tmp_path.iterdir()) == [path]


def test_a_full_disk_is_told_and_leaves_nothing(tmp_path, monkeypatch):
    def full(*_: object) -> int:
        raise OSError(errno.ENOSPC, "No space left on device")

    path = tmp_path / "run.gvtrace"
    words = r"run\.gvtrace: cannot be written \(No space left on device\)"
    with pytest.raises(TraceFileError, match=words), TraceWriter(path) as writer:
        monkeypatch.setattr(writing.os, "fsync", full)
        writer.finish(EMPTY)
    assert not list(tmp_path.iterdir())


@pytest.mark.parametrize(
    ("name", "words"),
    [(".", "is a folder"), ("no/such/folder.gvtrace", "cannot be written"), ("a\0b", "cannot be written")],
)
def test_a_place_that_cannot_be_written_is_told_before_anything_else(tmp_path, name, words):
    with pytest.raises(TraceFileError, match=words):
        TraceWriter(tmp_path / name)


def test_the_place_of_a_device_or_pipe_is_not_taken(tmp_path):
    os.mkfifo(tmp_path / "pipe")
    with pytest.raises(TraceFileError, match="is not a file"):
        TraceWriter(tmp_path / "pipe")
    with pytest.raises(TraceFileError, match="is not a file"):
        TraceWriter(Path("/dev/null"))


def test_the_file_is_where_a_link_leads_and_has_the_usual_rights(tmp_path):
    (tmp_path / "real").mkdir()
    (tmp_path / "link.gvtrace").symlink_to(tmp_path / "real" / "run.gvtrace")
    write_run(tmp_path / "link.gvtrace")
    assert (tmp_path / "link.gvtrace").is_symlink()
    (tmp_path / "usual").touch()
    usual = (tmp_path / "usual").stat().st_mode
    assert stat.S_IMODE((tmp_path / "real" / "run.gvtrace").stat().st_mode) == stat.S_IMODE(usual)


def test_the_same_run_makes_the_same_file(tmp_path):
    one, two = write_run(tmp_path / "one.gvtrace"), write_run(tmp_path / "two.gvtrace")
    assert one.read_bytes() == two.read_bytes()


def test_what_would_not_be_read_again_is_not_written(tmp_path, monkeypatch):
    recording = recordings()[0]
    with TraceWriter(tmp_path / "run.gvtrace") as writer:
        for bound in ("MAX_PARTS", "MAX_ITERATION"):
            with monkeypatch.context() as patch, pytest.raises(TooLargeError):
                patch.setattr(writing, bound, 5)
                writer.add(0, recording.iteration, refs_of(recording), recording.find)
        writer.finish(EMPTY)
    with TraceFile(tmp_path / "run.gvtrace") as file:
        assert file.iterations() == []


def test_texts_that_utf_8_cannot_hold_do_not_hinder(tmp_path):
    path = tmp_path / "run.gvtrace"
    write_run(path, program=Program(text="x = '\udc80'", path="caf\udce9.py"))
    with TraceFile(path) as file:
        assert file.manifest.program == Program(text="x = '?'", path="caf?.py")


VALUES = st.sampled_from(["float32", "float64", "int64", "bool", "complex64"]).flatmap(
    lambda dtype: arrays_of.arrays(dtype, arrays_of.array_shapes(min_dims=0, min_side=0, max_side=3))
)


@given(st.lists(st.tuples(st.integers(-1, 4), VALUES), max_size=6, unique_by=lambda pair: pair[0]))
@settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_every_version_of_an_array_comes_back_at_its_events(tmp_path: Path, versions):
    node = Node(id=0, key="/w", kind="parameter", name="w", outputs=(TensorInfo((), "float32"),))
    iteration = Iteration(7, nodes=[node], events=[Event("update", 0)] * 5, complete=True, loss=float("nan"))
    refs = {ArrayRef(7, event, 0, "value"): array for event, array in versions}
    with TraceWriter(tmp_path / "run.gvtrace") as writer:
        writer.add(0, iteration, list(refs), refs.get)
        writer.finish(EMPTY)
    with TraceFile(tmp_path / "run.gvtrace") as file:
        for event in range(-1, 5):
            latest = max((ref for ref in refs if ref.event <= event), key=lambda ref: ref.event, default=None)
            found = file.find(ArrayRef(7, event, 0, "value"))
            assert (found is None) == (latest is None)
            if latest is not None:
                assert (found.dtype, found.shape) == (refs[latest].dtype, refs[latest].shape)
                assert found.tobytes() == np.ascontiguousarray(refs[latest]).tobytes()
