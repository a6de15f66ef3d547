"""What is kept of the places on a graph, and what is believed of the file that it is kept in."""

import json
import os

import pytest
from PySide6.QtCore import QStandardPaths

from gradviz.ui.graph import kept_places
from gradviz.ui.graph.kept_places import MAX_BYTES, MAX_PINS, KeptPlaces

ODD = "a \"name\"\nwith 'quotes' — ünï " + "x" * 4000


@pytest.fixture
def folder(tmp_path):
    from pathlib import Path

    data = QStandardPaths.writableLocation(QStandardPaths.StandardLocation.AppDataLocation)
    assert Path(data).is_relative_to(tmp_path)
    return Path(data) / "places"


def kept(program: str) -> KeptPlaces:
    places = KeptPlaces()
    places.use(program)
    return places


def test_places_are_there_again_on_another_day_for_each_program_and_direction(folder):
    first = kept("/x/y.py")
    first.pin("right", "net/relu", (1.5, -2.0))
    first.pin("down", ODD, (3.0, 4.0))
    assert kept("/x/y.py").pins("right") == {"net/relu": (1.5, -2.0)}
    assert kept("/x/y.py").pins("down") == {ODD: (3.0, 4.0)}
    assert kept("/x/other.py").pins("right") == {}
    assert [file.parent for file in folder.iterdir()] == [folder]


def test_opening_writes_nothing_and_the_last_unpin_leaves_nothing(folder):
    places = kept("/x/y.py")
    assert not folder.exists()
    places.pin("right", "a", (0, 0))
    places.pin("right", "b", (0, 0))
    places.unpin("right", "a")
    assert kept("/x/y.py").pins("right") == {"b": (0, 0)}
    places.unpin_all("right")
    assert list(folder.iterdir()) == []


def test_pins_are_bounded(monkeypatch):
    monkeypatch.setattr(kept_places, "MAX_PINS", 3)
    places = kept("/x/y.py")
    for key in "abcd":
        places.pin("right", key, (1e300, 0.0))
    assert places.pins("right") == dict.fromkeys("bcd", (1e6, 0.0))


@pytest.mark.parametrize(
    "text",
    [
        b"",
        b"nonsense",
        b"[]",
        b'{"right": {"a": [1]}}',
        b'{"right": {"a": [1, "2"]}}',
        b'{"right": {"a": [1, NaN]}}',
        b'{"right": {"a": [1, 1e9]}}',
        b'{"right": {"a": [1, 2, 3]}}',
        b'{"right": {}, "sideways": {}}',
        b'{"right": ' + b"[" * 100_000,
        json.dumps({"right": {str(number): [0, 0] for number in range(MAX_PINS + 1)}}).encode(),
        b'{"right": {"a": [1, 2]}}' + b" " * MAX_BYTES,
        b"\xff\xfe",
    ],
)
def test_a_file_that_makes_no_sense_is_no_places(folder, text):
    places = kept("/x/y.py")
    places.pin("right", "a", (1.0, 2.0))
    (file,) = folder.iterdir()
    file.write_bytes(text)
    again = kept("/x/y.py")
    assert again.pins("right") == {}
    again.pin("right", "b", (1.0, 2.0))
    assert kept("/x/y.py").pins("right") == {"b": (1.0, 2.0)}


def test_what_is_no_file_is_left_alone(folder):
    places = kept("/x/y.py")
    places.pin("right", "a", (1.0, 2.0))
    (file,) = folder.iterdir()
    file.unlink()
    os.mkfifo(file)
    assert kept("/x/y.py").pins("right") == {}


def test_where_nothing_can_be_written_places_hold_for_the_day(folder):
    folder.parent.mkdir(parents=True, exist_ok=True)
    folder.write_text("not a folder")
    places = kept("/x/y.py")
    places.pin("right", "a", (1.0, 2.0))
    assert places.pins("right") == {"a": (1.0, 2.0)}


def test_a_path_that_is_no_text_is_a_path():
    program = os.fsdecode(b"/x/\xff.py")
    kept(program).pin("right", "a", (1.0, 2.0))
    assert kept(program).pins("right") == {"a": (1.0, 2.0)}
