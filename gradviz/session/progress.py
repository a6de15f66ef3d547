"""A progress bar for programs that train in a terminal: epoch, batch and last loss."""

import atexit
import io
import shutil
import sys
import time
import weakref
from typing import Any, TextIO

from gradviz.engine import Tensor, observe
from gradviz.engine.observer import Observer
from gradviz.translate import tr

_BAR_WIDTH = 24
_REDRAW_SECONDS = 0.1


class ProgressBar(Observer):
    """Draws on `stream` whenever a DataLoader hands out a batch.

    On a terminal it keeps to one line and makes room for what the program prints; elsewhere, where no
    line can be drawn over, it writes one an epoch.
    """

    def __init__(self, stream: TextIO) -> None:
        self._stream = stream
        self._terminal = stream.isatty()
        self._epochs: weakref.WeakKeyDictionary[Any, int] = weakref.WeakKeyDictionary()
        self._loss: float | None = None
        self._drawn = False
        self._line_open = False  # the program has printed part of a line: keep off it
        self._last_drawn = 0.0

    def start(self) -> None:
        """Begins to listen to the engine, and to the program's output where that shares the terminal."""
        observe(self)
        if self._terminal:
            atexit.register(self._finish)
            sys.stderr = _SharedTerminal(self, 2)
            if sys.stdout.isatty():
                sys.stdout = _SharedTerminal(self, 1)

    def backward_begin(self, roots: tuple[Tensor, ...]) -> None:
        if roots and roots[0].numel() == 1:
            self._loss = float(roots[0].item())

    def batch(self, loader: Any, index: int, count: int | None) -> None:
        if index == 0:
            self._epochs[loader] = self._epochs.get(loader, 0) + 1
        if self._terminal:
            now = time.monotonic()
            if not self._line_open and (now - self._last_drawn > _REDRAW_SECONDS or index + 1 == count):
                self._last_drawn = now
                width = shutil.get_terminal_size().columns - 1
                self._stream.write("\r\x1b[K" + self._text(loader, index, count)[:width])
                self._stream.flush()
                self._drawn = True
        elif index + 1 == count:
            print(self._text(loader, index, count), file=self._stream, flush=True)

    def make_room(self, printed: str) -> None:
        """Takes the bar away before the program writes `printed` to the same terminal."""
        if self._drawn:
            self._stream.write("\r\x1b[K")
            self._stream.flush()
            self._drawn = False
        if printed:
            self._line_open = not printed.endswith(("\n", "\r"))

    def _finish(self) -> None:
        """Leaves the last state of the bar on the screen, and the cursor below it."""
        if self._drawn:
            self._stream.write("\n")
            self._stream.flush()

    def _text(self, loader: Any, index: int, count: int | None) -> str:
        done, width = index + 1, len(str(count))
        batch = f"{done:>{width}}/{count}" if count else str(done)
        text = tr("epoch {0}  batch {1}").format(self._epochs[loader], batch)
        if count:
            filled = _BAR_WIDTH * done // count
            text += f"  [{'#' * filled}{'.' * (_BAR_WIDTH - filled)}]"
        if self._loss is not None:
            text += "  " + tr("loss {0:.4f}").format(self._loss)
        return text


class _SharedTerminal(io.TextIOWrapper):
    """stdout or stderr of a program whose terminal also shows the bar; passes everything on as it is."""

    def __init__(self, bar: ProgressBar, descriptor: int) -> None:
        stream = sys.stdout if descriptor == 1 else sys.stderr
        raw = open(descriptor, "wb", closefd=False)  # noqa: SIM115 - lives as long as the process
        super().__init__(raw, encoding=stream.encoding, errors=stream.errors, line_buffering=True)
        self._bar = bar

    def write(self, text: str) -> int:
        self._bar.make_room(text)
        return super().write(text)
