"""What is known of an array that an operation keeps for its backward pass, with links to the events."""

from __future__ import annotations

from html import escape

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QLabel, QWidget

from gradviz.trace import Iteration, Node
from gradviz.trace.memory import Kept, Memory, Write
from gradviz.ui.memory_words import event_words, storage_name
from gradviz.ui.theme import font, set_color, theme

MOST_SAID = 3  # nodes that share it, writes to it


class SavedFacts(QLabel):
    """Since when an array is kept and until when, who shares its memory, and who overwrote it."""

    event_chosen = Signal(int)
    node_chosen = Signal(str)  # its key

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setFont(font(9))
        self.setWordWrap(True)
        self.setMinimumWidth(1)
        self.setTextFormat(Qt.TextFormat.RichText)
        flags = Qt.TextInteractionFlag
        self.setTextInteractionFlags(flags.LinksAccessibleByMouse | flags.LinksAccessibleByKeyboard)
        self.linkActivated.connect(self._follow)
        theme.changed.connect(self._recolor)
        self._recolor()

    def show_facts(self, iteration: Iteration | None, node: Node, name: str) -> None:
        """Of what `node` keeps under `name`; nothing is shown where nothing is known."""
        kept = None if iteration is None else _kept(iteration.memory, node.id, name)
        self.setVisible(kept is not None)
        if kept is None or iteration is None or iteration.memory is None:
            return
        sentences = [self._span(iteration, kept), self._sharing(iteration, kept)]
        sentences += [
            self._written(iteration, kept, write) for write in _writes_since(iteration.memory, kept)
        ]
        self.setText("<br>".join(sentence for sentence in sentences if sentence))

    def _span(self, iteration: Iteration, kept: Kept) -> str:
        since = self._event(iteration, kept.since)
        if kept.until is None:
            return self.tr("Kept from {0} on: still alive at the iteration's end.").format(since)
        return self.tr("Kept from {0} until {1}.").format(since, self._event(iteration, kept.until))

    def _sharing(self, iteration: Iteration, kept: Kept) -> str:
        """Whose memory it is, and which other nodes keep it; who holds it at the end."""
        memory = iteration.memory
        assert memory is not None
        storage = memory.storages[kept.storage]
        keepers = {other.node for other in memory.kept if other.storage == kept.storage} - {kept.node}
        nodes = ([storage.node] if storage.node not in (-1, kept.node) else []) + sorted(keepers)
        nodes = list(dict.fromkeys(nodes))
        words = []
        if nodes:
            names = ", ".join(self._node(iteration, number) for number in nodes[:MOST_SAID])
            more = "" if len(nodes) <= MOST_SAID else " …"
            words.append(self.tr("Same storage as {0}.").format(names + more))
        if storage.until is None and storage.holder:
            words.append(self.tr("Held by {0} in the program.").format(f"<b>{escape(storage.holder)}</b>"))
        return " ".join(words)

    def _written(self, iteration: Iteration, kept: Kept, write: Write) -> str:
        memory = iteration.memory
        assert memory is not None
        line = str(write.source.line) if write.source is not None else "?"
        who = storage_name(iteration, memory.storages[kept.storage])
        if write.node >= 0:
            who = iteration.nodes[write.node].name
        return self.tr("⚠ Overwritten in place by {0}, line {1}: {2}.").format(
            escape(who), line, self._event(iteration, write.event)
        )

    def _event(self, iteration: Iteration, event: int) -> str:
        return self._link(f"event:{event}", event_words(iteration, event))

    def _node(self, iteration: Iteration, node: int) -> str:
        return self._link(f"node:{iteration.nodes[node].key}", iteration.nodes[node].qualified_name)

    def _link(self, target: str, words: str) -> str:
        color = theme.color("forward").name()
        return f'<a href="{escape(target)}" style="color: {color}">{escape(words)}</a>'

    def _follow(self, link: str) -> None:
        what, _, target = link.partition(":")
        if what == "event":
            self.event_chosen.emit(int(target))
        else:
            self.node_chosen.emit(target)

    def _recolor(self) -> None:
        set_color(self, "text")


def _kept(memory: Memory | None, node: int, name: str) -> Kept | None:
    kept = memory.kept if memory is not None else []
    return next((each for each in kept if (each.node, each.name) == (node, name)), None)


def _writes_since(memory: Memory, kept: Kept) -> list[Write]:
    """The first writes to what is kept, as long as it is."""
    writes = [write for write in memory.writes if write.storage == kept.storage and write.event > kept.since]
    return [write for write in writes if kept.until is None or write.event <= kept.until][:MOST_SAID]
