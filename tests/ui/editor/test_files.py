"""Files come back byte for byte."""

import os

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gradviz.ui.editor.files import MAX_BYTES, MAX_LINE, FileError, read_text, write_text


@pytest.mark.parametrize(
    "data",
    [
        b"",
        b"x = 1\n",
        b"no newline at the end",
        b"x = 1\r\ny = 2\r\n",
        b"old = 1\rmac = 2\r",
        "损失 = '🎉'\n".encode(),
        b"\xef\xbb\xbf" + "# 带签名\r\n".encode(),
        "# -*- coding: gbk -*-\ns = '中文'\n".encode("gbk"),
        "s = '中文'\n".encode("gb18030"),
        b"s = '\xff\xfe\x81'\n",
        b"# coding: no-such-codec\nx = 1\n",
        b"# coding: rot13\nx = 1\n",
        "a = 'no\u00a0break\u2028line'\n".encode(),
    ],
)
def test_reading_and_writing_changes_nothing(tmp_path, data):
    path = tmp_path / "program.py"
    path.write_bytes(data)
    file = read_text(path)
    assert "\r" not in file.text
    write_text(path, file.text, file.encoding, file.newline)
    assert path.read_bytes() == data


@given(st.binary(max_size=200).filter(lambda data: b"\0" not in data and b"\r" not in data))
def test_any_bytes_survive(tmp_path_factory, data):
    path = tmp_path_factory.mktemp("bytes") / "program.py"
    path.write_bytes(data)
    try:
        file = read_text(path)
    except FileError as error:  # it says so of what it could not keep
        assert "U+2029" in str(error)
        return
    write_text(path, file.text, file.encoding, file.newline)
    assert path.read_bytes() == data


def test_says_when_line_endings_are_mixed_and_which_is_the_most_frequent(tmp_path):
    path = tmp_path / "mixed.py"
    path.write_bytes(b"a = 1\r\nb = 2\r\nc = 3\n")
    file = read_text(path)
    assert (file.mixed, file.newline) == (True, "\r\n")
    path.write_bytes(b"a = 1\r\nb = 2\r\n")
    assert not read_text(path).mixed


def test_a_character_that_would_become_a_line_break_is_refused_with_its_line(tmp_path):
    path = tmp_path / "separator.py"
    path.write_text("a = 1\nb = '\u2029'\n", "utf-8")
    with pytest.raises(FileError, match=r"U\+2029 \(line 2\)"):
        read_text(path)


def test_says_when_the_encoding_is_a_guess(tmp_path):
    path = tmp_path / "gbk.py"
    path.write_bytes("s = '中文字'\n".encode("gb18030"))
    file = read_text(path)
    assert file.guessed
    assert file.text == "s = '中文字'\n"


@pytest.mark.parametrize(
    ("data", "words"),
    [
        (b"\x89PNG\0\1", "binary"),
        (b"x" * (MAX_BYTES + 1), "larger than 5 MiB"),
        (b"x" * (MAX_LINE + 1), "a line of 200,001 characters"),
    ],
)
def test_refuses_what_is_no_program(tmp_path, data, words):
    path = tmp_path / "picture.png"
    path.write_bytes(data)
    with pytest.raises(FileError, match=words) as problem:
        read_text(path)
    assert str(path) in str(problem.value)


def test_refuses_folders_pipes_and_missing_files(tmp_path):
    os.mkfifo(tmp_path / "pipe")  # opening it would wait for ever
    for name in (".", "pipe", "missing.py"):
        with pytest.raises(FileError, match=r"not a file|cannot be opened"):
            read_text(tmp_path / name)


def test_saving_never_replaces_what_is_no_file(tmp_path):
    pipe, link = tmp_path / "pipe", tmp_path / "link.py"
    os.mkfifo(pipe)
    link.symlink_to(pipe)
    for path in (pipe, link, tmp_path):
        with pytest.raises(FileError, match="not a file") as problem:
            write_text(path, "x = 1", "utf-8", "\n")
        assert str(path) in str(problem.value)
    assert pipe.is_fifo() and link.is_symlink()


def test_saving_through_a_link_keeps_the_link(tmp_path):
    real, link = tmp_path / "real.py", tmp_path / "link.py"
    real.write_text("old")
    real.chmod(0o640)
    link.symlink_to(real)
    write_text(link, "new", "utf-8", "\n")
    assert link.is_symlink()
    assert real.read_text() == "new"
    assert real.stat().st_mode & 0o777 == 0o640
