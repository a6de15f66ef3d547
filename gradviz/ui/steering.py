"""The commands that run a program and walk through it: what they do, and when there is something to do."""

from __future__ import annotations

import random
from functools import partial

from PySide6.QtCore import QCoreApplication, QObject, Signal

from gradviz.trace.branches import MAX_LOSS, SetLoss
from gradviz.ui.actions import Actions
from gradviz.ui.branch import Grain
from gradviz.ui.editor import EditorPanel
from gradviz.ui.editor.provenance import remember_run
from gradviz.ui.model import GRAINS, LIVE, SessionModel

ANOTHER_UP_TO = 1000  # seeds that are drawn are short: people read them to each other
_FORWARD = ("step", "step_over", "step_out", "next_phase", "next_iteration")
_BACK = ("first", "step_back", "step_back_over", "step_back_out", "previous_phase", "previous_iteration")


class Steering(QObject):
    """Connects the actions of the Run menu with the model."""

    edited_changed = Signal(bool)  # whether the text differs from the one that was started
    message = Signal(str)

    def __init__(self, model: SessionModel, actions: Actions, editor: EditorPanel) -> None:
        super().__init__(actions)
        self._model, self._actions, self._editor = model, actions, editor
        self._started_with: tuple[str, str] | None = None
        for name, deed in {
            "run": self.run,
            "another_seed": self.run_with_another_seed,
            "stop": model.stop,
            "play": self.toggle_play,
            "step": lambda: self.step(None),
            "step_over": lambda: self.step("over"),
            "step_out": lambda: self.step("out"),
            "next_phase": lambda: self.step("phase"),
            "next_iteration": lambda: self.step("step"),
            "step_back": lambda: self.step_back(None),
            "step_back_over": lambda: self.step_back("over"),
            "step_back_out": lambda: self.step_back("out"),
            "previous_phase": lambda: self.step_back("phase"),
            "previous_iteration": lambda: self.step_back("step"),
            "continue": self.continue_,
            "reverse_continue": model.reverse_continue,
            "cancel": model.cancel,
            "first": model.first,
            "last": model.last,
            "fork": self.fork,
            "swap_branches": self.swap_branches,
            "slower": lambda: model.set_speed(model.speed - 1),
            "faster": lambda: model.set_speed(model.speed + 1),
        }.items():
            actions.bind(name, deed)
        for grain in GRAINS:
            actions.bind(f"grain_{grain}", partial(model.set_grain, grain))
        for signal in (model.moment_changed, model.status_changed, model.playing_changed, model.restarted):
            signal.connect(self.refresh)
        model.branches.changed.connect(self.refresh)
        model.search.changed.connect(self.refresh)
        model.experiment.changed.connect(self.refresh)
        model.search.exhausted.connect(self._tell_of_nothing)
        model.hits_changed.connect(self.refresh)
        for signal in (editor.current_changed, model.status_changed):
            signal.connect(self._use_breakpoints)
        editor.current_changed.connect(self.check_text)
        editor.text_changed.connect(self.check_text)
        editor.run_allowed.connect(self.run)
        self.refresh()

    def run(self) -> None:
        """Runs the editor's text from its beginning, playing."""
        if self._start():
            self._model.play()

    def show_program(self, name: str, text: str) -> None:
        """Shows the program of a run that comes from a file: it counts as the one that was started."""
        self._editor.open_text(name, text, foreign=True)
        self.count_as_started()

    def run_with_seed(self, seed: int) -> None:
        """Runs the editor's text with this seed; later runs have it, too."""
        self._model.options["seed"] = seed
        self.run()

    def run_with_another_seed(self) -> None:
        self.run_with_seed(random.choice([seed for seed in range(ANOTHER_UP_TO) if seed != self._model.seed]))

    def toggle_play(self) -> None:
        """Plays or pauses; where there is nothing (more) to play, runs the editor's text."""
        if self._model.started and not self._is_over():
            self._model.toggle_play()
        else:
            self.run()

    def step(self, grain: Grain | None) -> None:
        """One step forward; the first one starts the program."""
        model = self._model
        if model.playing:
            model.pause()
        if not model.started and model.at_end:
            self._start()
        else:
            model.step_forward(grain)

    def continue_(self) -> None:
        """To the next hit; the first time this starts the program."""
        if not self._model.started and self._model.at_end:
            self._start()
        self._model.continue_()

    def step_back(self, grain: Grain | None) -> None:
        if self._model.playing:
            self._model.pause()
        self._model.step_back(grain)

    def fork(self) -> None:
        """Keeps the experiment as a branch, or begins to put a fork together."""
        if self._model.experiment.active:
            self._model.experiment.keep()
        else:
            self._model.draft.begin()

    def swap_branches(self) -> None:
        """Shows the branch that is compared, and compares with the one that was shown."""
        compared = self._model.branches.compared
        if compared is not None:
            self._model.branches.show(compared)

    def use_editor_as_loss(self) -> None:
        """Puts the editor's text into the fork that is being put together, as its loss."""
        text, path = self._editor.current_text(), self._editor.current_path()
        if len(text) > MAX_LOSS:
            self.message.emit(self.tr("This text is too long for a loss snippet"))
        else:
            self._model.draft.change(SetLoss(text, path))

    def count_as_started(self) -> None:
        """The editor's text is the one that is on view."""
        self._started_with = (self._editor.current_text(), self._editor.current_path())
        self.check_text()

    def check_text(self) -> None:
        """To be called when the editor's text, or which text it shows, has changed."""
        started = self._started_with
        shown = self._editor.current_text(), self._editor.current_path()
        edited = started is not None and shown[1] == started[1] and shown[0] != started[0]
        self.edited_changed.emit(edited)

    def refresh(self) -> None:
        """Enables what has something to do, and shows what is chosen."""
        model, actions = self._model, self._actions
        for name in _BACK:
            actions[name].setEnabled(not model.at_beginning)
        for name in _FORWARD:
            actions[name].setEnabled(not self._is_over())
        actions["last"].setEnabled(not model.at_end)
        actions["stop"].setEnabled(model.workers.in_use)
        actions["check_gradients"].setEnabled(model.can_check_gradients)
        actions["fork"].setEnabled(model.draft.possible or model.experiment.active)
        actions["swap_branches"].setEnabled(model.branches.compared is not None)
        actions["differences"].setEnabled(model.branches.compared is not None)
        breaks, searches = bool(model.breakpoints.enabled), model.search.direction is not None
        actions["continue"].setEnabled(breaks and not searches and not self._is_over())
        actions["reverse_continue"].setEnabled(breaks and not searches and not model.at_beginning)
        actions["cancel"].setEnabled(searches or model.shown.slow or model.experiment.active)
        saves = model.started and model.iteration is not None and not model.from_file
        actions["save_run"].setEnabled(saves and not model.shows_rehearsal)
        actions["slower"].setEnabled(model.speed > 0)
        actions["faster"].setEnabled(model.speed < LIVE)
        actions[f"grain_{model.grain}"].setChecked(True)
        if model.playing or searches:
            actions.show_as("play", QCoreApplication.translate("Commands", "Pause"), "pause")
        else:
            actions.show_as("play", QCoreApplication.translate("Commands", "Play"), "play")

    def _use_breakpoints(self) -> None:
        """Shows the breakpoints of the text on view, unless a program is on view that has its own."""
        if not self._model.started and self._editor.holds_program:
            self._model.breakpoints.use(self._editor.current_path())

    def _tell_of_nothing(self, direction: str) -> None:
        if direction == "forward":
            self.message.emit(self.tr("No breakpoint hit in the rest of the run"))
        else:
            self.message.emit(self.tr("No breakpoint has hit before this"))

    def _start(self) -> bool:
        program = self._program()
        if program is None:
            self.message.emit(self.tr("This is a part of gradviz: go to the program that is to be run"))
            return False
        if not self._editor.may_run():
            return False
        remember_run(program[0])
        self._started_with = program
        self._model.start(*program)
        self.edited_changed.emit(False)
        return True

    def _program(self) -> tuple[str, str] | None:
        """Text and path to run. Who reads a module of gradviz, as steps lead there, runs what ran before."""
        editor = self._editor
        if editor.holds_program:
            return editor.current_text(), editor.current_path()
        if self._started_with is None:
            return None
        text, path = self._started_with
        known = editor.text_of(path)
        return (text if known is None else known), path

    def _is_over(self) -> bool:
        """The program has ended, and its last event is shown."""
        model = self._model
        return model.started and model.at_end and model.status.state in ("finished", "failed")
