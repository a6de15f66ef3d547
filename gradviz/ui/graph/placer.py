"""Where the picture of a diagram comes from: it is there, was there lately, grows, or is laid out anew."""

from __future__ import annotations

from collections import deque

from PySide6.QtCore import QObject, Signal

from gradviz.ui.graph.background import Background, Check
from gradviz.ui.graph.layout import Placement, Request, lay_out
from gradviz.ui.graph.mirror import divide
from gradviz.ui.graph.places import arranged

LARGE = 2_000
"""Cards from which a placement is made of very many objects."""


class Placer(QObject):
    """Keeps the placement that is on screen and gets the next one, in its own time.

    What is on screen stays where it is as long as that makes a good picture.
    """

    placed = Signal()  # `placement` is another one, the answer to `request`
    failed = Signal(object)  # the exception; `placement` is still the last one

    def __init__(self, parent: QObject) -> None:
        super().__init__(parent)
        self.placement = Placement()
        self.request: Request | None = None  # what the placement is the answer to
        self.provisional = False  # it is that of an iteration that was not complete
        self._asked: Request | None = None  # what is being laid out
        self._lately: deque[tuple[Request, Placement]] = deque(maxlen=8)
        self._background = Background()
        self._background.done.connect(self._on_done)
        self._background.failed.connect(self._on_failed)

    @property
    def settled(self) -> bool:
        """Whether nothing is being laid out."""
        return self._asked is None

    def clear(self) -> None:
        """Nothing is on screen. What was there lately can still come back."""
        self._background.cancel()
        self._asked = self.request = None
        self.provisional = False
        self.placement = Placement()

    def forget(self) -> None:
        """What was on screen lately belongs to another program."""
        self._lately.clear()

    def place(self, request: Request, *, keep: bool, complete: bool) -> bool:
        """Whether the placement on screen will do; otherwise `placed` follows, at once or after a while.

        `keep`: what is on screen had better stay where it is. `complete`: nothing more is to be expected.
        """
        tidy_up = self.provisional and complete
        if request.same_structure(self.request) and not tidy_up:
            self._background.cancel()
            self._asked = None
            return True
        if not tidy_up and (known := self._known(request)) is not None:
            self._background.cancel()
            self._on_placed(request, known)
        elif not request.same_structure(self._asked) or tidy_up:
            keep = keep and not tidy_up and self._is_growth(request, complete)
            self.provisional = not complete
            self._asked = request
            kept = self.placement if keep else None
            self._background.ask(
                lambda check: (request, _laid_out(request, kept, check)), large=len(request.cards) > LARGE
            )
        return False

    def _is_growth(self, request: Request, complete: bool) -> bool:
        """Whether the picture on screen can stay, with something more or something less. Where cards come and
        go, or change, a new one is better than one with holes and afterthoughts; unless the iteration is
        still being recorded."""
        shown, wanted = self.request.cards.items() if self.request else set(), request.cards.items()
        if complete:
            return wanted <= shown or shown <= wanted
        return 2 * len(shown & wanted) >= max(len(wanted), 1)

    def _known(self, request: Request) -> Placement | None:
        """The placement of a structure that was shown lately, such as training and evaluation in turn."""
        return next((place for known, place in self._lately if request.same_structure(known)), None)

    def _on_done(self, answer: tuple[Request, Placement]) -> None:
        self._on_placed(*answer)

    def _on_failed(self, error: Exception) -> None:
        self._asked = None
        self.failed.emit(error)

    def _on_placed(self, request: Request, placement: Placement) -> None:
        self.request, self.placement, self._asked = request, placement, None
        if not self.provisional and self._known(request) is None:
            self._lately.append((request, placement))
        self.placed.emit()


def _laid_out(request: Request, kept: Placement | None, check: Check) -> Placement:
    """A placement of which everything is found that drawing it asks for."""
    placement = divide(arranged(lay_out(request, kept, check), request), request)
    _ = placement.bounds
    return placement
