"""Runs as files: opening a recorded run, and saving the one that is on view."""

from __future__ import annotations

import shutil
import tempfile
from pathlib import Path, PurePath

from PySide6.QtCore import QObject, Signal

from gradviz.errors import TraceFileError
from gradviz.session.protocol import Export, Exported
from gradviz.trace import HitList
from gradviz.trace.file import BranchRun, Examined, Manifest, Program, TooLargeError, TraceFile, TraceWriter
from gradviz.ui.branch import BranchModel
from gradviz.ui.model import SessionModel

MAX_CHOSEN = 32
"""Iterations that are saved in full detail without being asked for: the first hits, and the ends."""


class RunFiles(QObject):
    """What goes wrong is said in `message`, and leaves the window as it was."""

    message = Signal(str)
    opened = Signal(str, str)  # name and text of the program that an opened file holds

    def __init__(self, model: SessionModel, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._model = model
        self._target: Path | None = None  # what is being saved …
        self._folder = ""  # … the iterations that are ready for it …
        self._waiting: list[tuple[BranchModel, int]] = []  # … and those that are not yet
        self._ready: list[tuple[int, Path]] = []
        self._sought = -1  # the iteration that the program was sent to
        self._back: tuple[int, int] | None = None  # where the window was
        model.exported.connect(self._on_exported)
        model.moment_changed.connect(self._export_next)
        model.restarted.connect(self._give_up)

    def open(self, path: Path) -> bool:
        """Shows the run in a file, in place of the one on view; False when it cannot be read."""
        try:
            file = TraceFile(path)
        except TraceFileError as problem:
            self.message.emit(str(problem))
            return False
        program = file.manifest.program
        self._model.open_run(file)
        self.opened.emit(PurePath(program.path).name or "program.py", program.text)
        words = self.tr("{0}: a recorded run, seed {1}. Nothing of it is executed; F5 runs its program here.")
        self.message.emit(words.format(path.name, program.seed))
        return True

    # ── saving ────────────────────────────────────────────────────────────────────────────────────────────

    def save(self, path: Path) -> None:
        """Writes the run with its program, curves, breakpoints, hits and branches. In full detail it keeps
        the iteration on view, those of hits, the first and the last; the program goes to each of them."""
        model = self._model
        if model.iteration is None or not model.started:
            return
        model.experiment.undo()
        self._give_up()
        self._target, self._folder = path, tempfile.mkdtemp(prefix="gradviz-")
        self._back = model.moment
        self._waiting = [(model.shown, index) for index in self._chosen(model.shown)]
        self._waiting += [
            (branch, branch.iteration.index)
            for branch in model.branches.all
            if branch is not model.shown and branch.iteration is not None
        ]
        self.message.emit(self.tr("Saving {0}: {1} steps").format(path.name, len(self._waiting)))
        self._export_next()

    def _chosen(self, branch: BranchModel) -> list[int]:
        assert branch.iteration is not None
        hits = sorted({hit.iteration for hit in branch.hits.hits(branch.enabled)})[:MAX_CHOSEN]
        wanted = {branch.iteration.index, 0, branch.furthest, *hits}
        return sorted(wanted if branch.kept is None else wanted & set(branch.kept))

    def _export_next(self) -> None:
        """Asks for the next iteration once its branch shows it; the last one ends the work."""
        if self._target is None:
            return
        if not self._waiting:
            self._finish()
            return
        branch, index = self._waiting[0]
        if branch.awaiting:
            return
        if branch.iteration is not None and branch.iteration.index == index:
            part = Path(self._folder) / f"{branch.id}-{index}"
            branch.ask(Export(index, str(part)))
        elif self._sought != index:
            self._sought = index
            branch.record(index, "last")
        else:
            self.message.emit(self.tr("{0} was not written: the window went elsewhere").format(self._target))
            self._give_up()

    def _on_exported(self, branch: BranchModel, report: Exported) -> None:
        if not self._waiting or self._waiting[0] != (branch, report.iteration):
            return
        del self._waiting[0]
        if not report.problem:
            self._ready.append((branch.id, Path(report.path)))
        self._export_next()

    def _finish(self) -> None:
        assert self._target is not None
        path, ready, back = self._target, self._ready, self._back
        self._target = None
        try:
            _write(path, self._model, ready)
        except (TraceFileError, TooLargeError, OSError) as problem:
            self.message.emit(self.tr("{0} was not written: {1}").format(path, problem))
        else:
            words = self.tr("{0} written, with {1} steps in full detail")
            self.message.emit(words.format(path, len(ready)))
        self._give_up()
        if back is not None:
            self._model.go_to(back[0], back[1])

    def _give_up(self) -> None:
        """Another program begins, or all is done."""
        if self._folder:
            shutil.rmtree(self._folder, ignore_errors=True)
        self._target, self._folder, self._back = None, "", None
        self._waiting, self._ready, self._sought = [], [], -1


def _write(path: Path, model: SessionModel, parts: list[tuple[int, Path]]) -> None:
    with TraceWriter(path) as writer:
        for branch, part in parts:
            with TraceFile(part) as file:
                for index in file.iterations():
                    iteration = file.iteration(index)
                    if iteration is not None:
                        writer.add(branch, iteration, file.arrays(index), file.find)
        start = model.start_of_run
        program = Program(
            text=start.text, path=start.path, seed=start.seed, batch_size=start.batch_size, data=start.data
        )
        runs = tuple(_run_of(branch, writer) for branch in model.branches.all)
        writer.finish(Manifest(program=program, branches=runs, breakpoints=tuple(model.breakpoints)))


def _run_of(branch: BranchModel, writer: TraceWriter) -> BranchRun:
    return BranchRun(
        branch=branch.origin,
        iterations=branch.furthest + 1,
        exit_code=branch.status.exit_code if branch.over else None,
        curves=writer.add_curves(branch.run),
        hits=branch.hits.hits(branch.enabled),
        examined=_examined(branch.hits),
    )


def _examined(hits: HitList) -> list[Examined]:
    return [Examined(own, *span) for own, spans in hits.spans.items() for span in spans][:10_000]
