"""What the window remembers from one day to the next, apart from its layout and the recent files."""

from __future__ import annotations

from dataclasses import dataclass, fields

from PySide6.QtCore import QSettings

from gradviz.session.protocol import DEFAULT_BYTES
from gradviz.trace.overlays import OVERLAYS, Overlay
from gradviz.ui.branch import Grain
from gradviz.ui.commands import HISTORY_SIZES
from gradviz.ui.graph.layout import MARGINS, Direction
from gradviz.ui.language import LANGUAGES
from gradviz.ui.model import DEFAULT_SPEED, GRAINS, LIVE
from gradviz.ui.theme import THEMES

_GROUP = "preferences"


@dataclass
class Preferences:
    """`language` is "en", "zh_CN" or "" for the system's; `speed` is an index of `SPEEDS`; `history` is the
    memory for checkpoints in MiB."""

    theme: str = "dark"
    language: str = ""
    grain: Grain = "op"
    speed: int = DEFAULT_SPEED
    reduce_motion: bool = False
    direction: Direction = "right"
    overlay: Overlay = "values"
    backward_graph: bool = False
    history: int = DEFAULT_BYTES >> 20
    live_loss: bool = True

    @classmethod
    def load(cls) -> Preferences:
        """What was saved; where that makes no sense, the default."""
        found = cls()
        stored = QSettings()
        stored.beginGroup(_GROUP)
        for field in fields(cls):
            text = str(stored.value(field.name, ""))
            if text in _ALLOWED[field.name]:
                setattr(found, field.name, _ALLOWED[field.name][text])
        return found

    def save(self) -> None:
        stored = QSettings()
        stored.beginGroup(_GROUP)
        for field in fields(self):
            stored.setValue(field.name, str(getattr(self, field.name)))


_ALLOWED: dict[str, dict[str, object]] = {
    "theme": {name: name for name in THEMES},
    "language": {name: name for name in ("", *LANGUAGES)},
    "grain": {name: name for name in GRAINS},
    "speed": {str(speed): speed for speed in range(LIVE + 1)},
    "history": {str(size): size for size in HISTORY_SIZES},
    "overlay": {name: name for name in OVERLAYS},
    "backward_graph": {str(value): value for value in (False, True)},
    "direction": {name: name for name in MARGINS},
    "live_loss": {str(value): value for value in (False, True)},
    "reduce_motion": {str(value): value for value in (False, True)},
}
"""For each preference, what may be stored and what it stands for."""
