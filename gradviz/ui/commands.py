"""Everything a person can do: one table for menus, buttons, the shortcut sheet and accessible names.

The table says what there is; `actions.py` makes Qt's actions of it, and who owns a deed binds it there.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from PySide6.QtCore import QT_TRANSLATE_NOOP

HISTORY_SIZES = (128, 256, 512, 1024, 2048, 4096)
"""MiB that the checkpoints of a run may take."""


@dataclass(frozen=True)
class Command:
    """One thing to do. Texts are English and translated in the context "Commands"."""

    id: str
    text: str
    tip: str
    keys: tuple[str, ...] = ()
    """Shortcuts. One without Ctrl or Alt yields to a text field that has the focus."""
    icon: str = ""
    toggle: bool = False
    choice: str = ""
    """Name of a set of commands of which exactly one is checked."""


@dataclass(frozen=True)
class Menu:
    """A menu; None is a separator. The window fills one that has no entries here."""

    id: str
    text: str
    entries: tuple[Command | Menu | None, ...] = ()
    icon: str = ""


MENUS = (
    Menu(
        "file",
        QT_TRANSLATE_NOOP("Commands", "File"),
        (
            Command(
                "new",
                QT_TRANSLATE_NOOP("Commands", "New"),
                QT_TRANSLATE_NOOP("Commands", "Start an empty program in a new tab"),
                ("Ctrl+N",),
                "new",
            ),
            Command(
                "open",
                QT_TRANSLATE_NOOP("Commands", "Open…"),
                QT_TRANSLATE_NOOP("Commands", "Open a program, a loss snippet or a recorded run"),
                ("Ctrl+O",),
                "open",
            ),
            Menu("recent", QT_TRANSLATE_NOOP("Commands", "Open recent")),
            Menu("examples", QT_TRANSLATE_NOOP("Commands", "Examples"), icon="examples"),
            None,
            Command(
                "save",
                QT_TRANSLATE_NOOP("Commands", "Save"),
                QT_TRANSLATE_NOOP("Commands", "Write the text to its file"),
                ("Ctrl+S",),
                "save",
            ),
            Command(
                "save_as",
                QT_TRANSLATE_NOOP("Commands", "Save as…"),
                QT_TRANSLATE_NOOP("Commands", "Write the text to another file"),
                ("Ctrl+Shift+S",),
            ),
            Command(
                "save_run",
                QT_TRANSLATE_NOOP("Commands", "Save run…"),
                QT_TRANSLATE_NOOP(
                    "Commands",
                    "Write the run into a file that can be walked on any machine without running anything",
                ),
                ("Ctrl+Alt+S",),
                "save",
            ),
            Command(
                "close_tab",
                QT_TRANSLATE_NOOP("Commands", "Close tab"),
                QT_TRANSLATE_NOOP("Commands", "Close the tab; it can be opened again"),
                ("Ctrl+W",),
                "close",
            ),
            Command(
                "reopen_tab",
                QT_TRANSLATE_NOOP("Commands", "Reopen closed tab"),
                QT_TRANSLATE_NOOP("Commands", "Bring back the tab that was closed last, with its text"),
                ("Ctrl+Shift+T",),
            ),
            None,
            Menu(
                "export",
                QT_TRANSLATE_NOOP("Commands", "Export"),
                (
                    Command(
                        "export_graph",
                        QT_TRANSLATE_NOOP("Commands", "Picture of the graph…"),
                        QT_TRANSLATE_NOOP("Commands", "Save the whole graph as SVG, PDF or PNG"),
                        ("Ctrl+Shift+E",),
                    ),
                    Command(
                        "export_window",
                        QT_TRANSLATE_NOOP("Commands", "Picture of the window…"),
                        QT_TRANSLATE_NOOP("Commands", "Save the window as it looks now as PNG"),
                    ),
                ),
                icon="export",
            ),
            None,
            Command(
                "quit",
                QT_TRANSLATE_NOOP("Commands", "Quit"),
                QT_TRANSLATE_NOOP("Commands", "Close gradviz; texts that are not saved are offered again"),
                ("Ctrl+Q",),
            ),
        ),
    ),
    Menu(
        "edit",
        QT_TRANSLATE_NOOP("Commands", "Edit"),
        (
            Command(
                "complete",
                QT_TRANSLATE_NOOP("Commands", "Complete name"),
                QT_TRANSLATE_NOOP("Commands", "List the names that can stand at the caret"),
                ("Ctrl+Space", "Alt+/"),
            ),
            Command(
                "signature",
                QT_TRANSLATE_NOOP("Commands", "Show parameters"),
                QT_TRANSLATE_NOOP("Commands", "Show the parameters of the call around the caret"),
                ("Ctrl+Shift+Space",),
            ),
            Command(
                "describe_name",
                QT_TRANSLATE_NOOP("Commands", "What is this name?"),
                QT_TRANSLATE_NOOP(
                    "Commands", "Say what the name at the caret is, with its formula and backward"
                ),
                ("Ctrl+I",),
            ),
        ),
    ),
    Menu(
        "run",
        QT_TRANSLATE_NOOP("Commands", "Run"),
        (
            Command(
                "run",
                QT_TRANSLATE_NOOP("Commands", "Run"),
                QT_TRANSLATE_NOOP("Commands", "Run the text in the editor from its beginning"),
                ("F5",),
                "run",
            ),
            Command(
                "another_seed",
                QT_TRANSLATE_NOOP("Commands", "Run with another seed"),
                QT_TRANSLATE_NOOP("Commands", "Run from the beginning with other random numbers"),
                ("Ctrl+Shift+F5",),
                "dice",
            ),
            Command(
                "live_loss",
                QT_TRANSLATE_NOOP("Commands", "Live loss"),
                QT_TRANSLATE_NOOP(
                    "Commands",
                    "Compute a loss snippet on one batch whenever you stop typing, and show its graph",
                ),
                ("Ctrl+L",),
                toggle=True,
            ),
            Command(
                "stop",
                QT_TRANSLATE_NOOP("Commands", "Stop"),
                QT_TRANSLATE_NOOP("Commands", "End the program; what was recorded stays on view"),
                ("Shift+F5",),
                "stop",
            ),
            None,
            Command(
                "play",
                QT_TRANSLATE_NOOP("Commands", "Play or pause"),
                QT_TRANSLATE_NOOP("Commands", "Play from here, or pause"),
                ("Space",),
                "play",
            ),
            Command(
                "step",
                QT_TRANSLATE_NOOP("Commands", "Step forward"),
                QT_TRANSLATE_NOOP("Commands", "One step forward, as long as the grain says"),
                ("Right",),
                "step",
            ),
            Command(
                "step_back",
                QT_TRANSLATE_NOOP("Commands", "Step back"),
                QT_TRANSLATE_NOOP("Commands", "One step back, as long as the grain says"),
                ("Left",),
                "step-back",
            ),
            Command(
                "step_over",
                QT_TRANSLATE_NOOP("Commands", "Step over"),
                QT_TRANSLATE_NOOP("Commands", "One operation forward, or all of a layer or of a closed box"),
                ("N",),
                "step-over",
            ),
            Command(
                "step_back_over",
                QT_TRANSLATE_NOOP("Commands", "Step back over"),
                QT_TRANSLATE_NOOP("Commands", "One operation back, or all of a layer or of a closed box"),
                ("Shift+N",),
                "step-over-back",
            ),
            Command(
                "step_out",
                QT_TRANSLATE_NOOP("Commands", "Step out"),
                QT_TRANSLATE_NOOP("Commands", "Forward to the end of the module around this operation"),
                ("O",),
                "step-out",
            ),
            Command(
                "step_back_out",
                QT_TRANSLATE_NOOP("Commands", "Step back out"),
                QT_TRANSLATE_NOOP("Commands", "Back to before the module around this operation"),
                ("Shift+O",),
                "step-out-back",
            ),
            Command(
                "next_phase",
                QT_TRANSLATE_NOOP("Commands", "Next phase"),
                QT_TRANSLATE_NOOP("Commands", "To the end of forward, backward or update"),
                ("Shift+Right",),
                "next-phase",
            ),
            Command(
                "previous_phase",
                QT_TRANSLATE_NOOP("Commands", "Previous phase"),
                QT_TRANSLATE_NOOP("Commands", "Back to the end of the phase before"),
                ("Shift+Left",),
                "previous-phase",
            ),
            Command(
                "next_iteration",
                QT_TRANSLATE_NOOP("Commands", "Next iteration"),
                QT_TRANSLATE_NOOP("Commands", "Train on the next batch and show it"),
                ("Ctrl+Right",),
            ),
            Command(
                "previous_iteration",
                QT_TRANSLATE_NOOP("Commands", "Previous iteration"),
                QT_TRANSLATE_NOOP("Commands", "Back to the end of the iteration before"),
                ("Ctrl+Left",),
            ),
            Command(
                "first",
                QT_TRANSLATE_NOOP("Commands", "First"),
                QT_TRANSLATE_NOOP("Commands", "Before the first operation of the run"),
                ("Home",),
                "first",
            ),
            Command(
                "last",
                QT_TRANSLATE_NOOP("Commands", "Last"),
                QT_TRANSLATE_NOOP("Commands", "To the last operation that has run"),
                ("End",),
                "last",
            ),
            None,
            Command(
                "check_gradients",
                QT_TRANSLATE_NOOP("Commands", "Check gradients"),
                QT_TRANSLATE_NOOP(
                    "Commands",
                    "Compare the backward of every operation of this iteration with finite differences",
                ),
                ("Ctrl+Shift+G",),
                "check",
            ),
            Command(
                "fork",
                QT_TRANSLATE_NOOP("Commands", "Fork here"),
                QT_TRANSLATE_NOOP(
                    "Commands", "Change something at this moment and go on as a second branch of the run"
                ),
                ("B",),
                "fork",
            ),
            Command(
                "swap_branches",
                QT_TRANSLATE_NOOP("Commands", "Swap branches"),
                QT_TRANSLATE_NOOP("Commands", "Show the branch that is compared, at the same moment"),
                ("V",),
                "swap",
            ),
            None,
            Menu(
                "grain",
                QT_TRANSLATE_NOOP("Commands", "Grain"),
                (
                    Command(
                        "grain_op",
                        QT_TRANSLATE_NOOP("Commands", "Op"),
                        QT_TRANSLATE_NOOP("Commands", "A step is one operation"),
                        ("1",),
                        choice="grain",
                    ),
                    Command(
                        "grain_phase",
                        QT_TRANSLATE_NOOP("Commands", "Phase"),
                        QT_TRANSLATE_NOOP(
                            "Commands", "A step is a forward pass, a backward pass or an update"
                        ),
                        ("2",),
                        choice="grain",
                    ),
                    Command(
                        "grain_step",
                        QT_TRANSLATE_NOOP("Commands", "Step"),
                        QT_TRANSLATE_NOOP("Commands", "A step is a whole iteration: one batch"),
                        ("3",),
                        choice="grain",
                    ),
                    Command(
                        "grain_epoch",
                        QT_TRANSLATE_NOOP("Commands", "Epoch"),
                        QT_TRANSLATE_NOOP("Commands", "A step goes on to the next epoch"),
                        ("4",),
                        choice="grain",
                    ),
                ),
            ),
            Command(
                "slower",
                QT_TRANSLATE_NOOP("Commands", "Slower"),
                QT_TRANSLATE_NOOP("Commands", "Fewer steps a second"),
                ("[", "-"),
            ),
            Command(
                "faster",
                QT_TRANSLATE_NOOP("Commands", "Faster"),
                QT_TRANSLATE_NOOP("Commands", "More steps a second; the fastest is live training"),
                ("]", "+"),
            ),
            None,
            Menu(
                "data",
                QT_TRANSLATE_NOOP("Commands", "Training data"),
                (
                    Command(
                        "data_sample",
                        QT_TRANSLATE_NOOP("Commands", "MNIST sample"),
                        QT_TRANSLATE_NOOP(
                            "Commands", "Train on the digits that come with gradviz, from the next run on"
                        ),
                        choice="data",
                    ),
                    Command(
                        "data_folder",
                        QT_TRANSLATE_NOOP("Commands", "Folder of IDX files…"),
                        QT_TRANSLATE_NOOP("Commands", "Train on a folder of IDX files, from the next run on"),
                        choice="data",
                    ),
                ),
                icon="data",
            ),
            Menu(
                "history",
                QT_TRANSLATE_NOOP("Commands", "Memory for going back"),
                tuple(
                    Command(
                        f"history_{size}",
                        f"{size} MiB",
                        QT_TRANSLATE_NOOP(
                            "Commands",
                            "All checkpoints of a run together take no more; from the next run on",
                        ),
                        choice="history",
                    )
                    for size in HISTORY_SIZES
                ),
            ),
        ),
    ),
    Menu(
        "breakpoints",
        QT_TRANSLATE_NOOP("Commands", "Breakpoints"),
        (
            Command(
                "continue",
                QT_TRANSLATE_NOOP("Commands", "Continue"),
                QT_TRANSLATE_NOOP("Commands", "Run to where a breakpoint hits next"),
                ("F8",),
                "continue",
            ),
            Command(
                "reverse_continue",
                QT_TRANSLATE_NOOP("Commands", "Reverse continue"),
                QT_TRANSLATE_NOOP("Commands", "Run back to where a breakpoint hit last"),
                ("Shift+F8",),
                "reverse-continue",
            ),
            Command(
                "cancel",
                QT_TRANSLATE_NOOP("Commands", "Cancel"),
                QT_TRANSLATE_NOOP(
                    "Commands", "Undo the experiment; stop searching for a hit, or going to another step"
                ),
                ("Esc",),
            ),
            None,
            Command(
                "toggle_breakpoint",
                QT_TRANSLATE_NOOP("Commands", "Breakpoint here"),
                QT_TRANSLATE_NOOP(
                    "Commands",
                    "Set or remove a breakpoint at the editor's line, or at the graph's selected node",
                ),
                ("F9",),
                "breakpoint",
            ),
            Command(
                "add_breakpoint",
                QT_TRANSLATE_NOOP("Commands", "Break when…"),
                QT_TRANSLATE_NOOP("Commands", "Choose or write a condition that stops the run"),
                ("Ctrl+F9",),
                "plus",
            ),
            None,
            Command(
                "find_origin",
                QT_TRANSLATE_NOOP("Commands", "Where did the NaN come from?"),
                QT_TRANSLATE_NOOP(
                    "Commands",
                    "Follow the numbers of the selected node back to where they stopped being finite",
                ),
                ("Ctrl+Shift+O",),
                "find",
            ),
        ),
        icon="breakpoint",
    ),
    Menu(
        "view",
        QT_TRANSLATE_NOOP("Commands", "View"),
        (
            Command(
                "fit",
                QT_TRANSLATE_NOOP("Commands", "Fit graph"),
                QT_TRANSLATE_NOOP("Commands", "Show the whole graph"),
                ("F",),
                "fit",
            ),
            Command(
                "actual_size",
                QT_TRANSLATE_NOOP("Commands", "Actual size"),
                QT_TRANSLATE_NOOP("Commands", "Show the graph at 100 %"),
                ("Ctrl+0",),
                "actual-size",
            ),
            Command(
                "turn_graph",
                QT_TRANSLATE_NOOP("Commands", "Turn the graph"),
                QT_TRANSLATE_NOOP(
                    "Commands", "Let data flow from top to bottom, or again from left to right"
                ),
                ("Ctrl+K",),
                "turn",
            ),
            Menu(
                "places",
                QT_TRANSLATE_NOOP("Commands", "Places on the graph"),
                (
                    Command(
                        "nudge_left",
                        QT_TRANSLATE_NOOP("Commands", "Move left"),
                        QT_TRANSLATE_NOOP("Commands", "Move the selected node or box, and pin it there"),
                        ("Alt+Shift+Left",),
                    ),
                    Command(
                        "nudge_right",
                        QT_TRANSLATE_NOOP("Commands", "Move right"),
                        QT_TRANSLATE_NOOP("Commands", "Move the selected node or box, and pin it there"),
                        ("Alt+Shift+Right",),
                    ),
                    Command(
                        "nudge_up",
                        QT_TRANSLATE_NOOP("Commands", "Move up"),
                        QT_TRANSLATE_NOOP("Commands", "Move the selected node or box, and pin it there"),
                        ("Alt+Shift+Up",),
                    ),
                    Command(
                        "nudge_down",
                        QT_TRANSLATE_NOOP("Commands", "Move down"),
                        QT_TRANSLATE_NOOP("Commands", "Move the selected node or box, and pin it there"),
                        ("Alt+Shift+Down",),
                    ),
                    None,
                    Command(
                        "unpin",
                        QT_TRANSLATE_NOOP("Commands", "Unpin"),
                        QT_TRANSLATE_NOOP("Commands", "Let the selected node or box go back to its place"),
                        ("U",),
                    ),
                    Command(
                        "unpin_all",
                        QT_TRANSLATE_NOOP("Commands", "Unpin all"),
                        QT_TRANSLATE_NOOP("Commands", "Let all that was moved go back to its place"),
                        ("Shift+U",),
                    ),
                ),
            ),
            Command(
                "find",
                QT_TRANSLATE_NOOP("Commands", "Find node"),
                QT_TRANSLATE_NOOP("Commands", "Find an operation or a parameter on the graph"),
                ("Ctrl+F",),
                "find",
            ),
            Menu(
                "focus",
                QT_TRANSLATE_NOOP("Commands", "Focus"),
                (
                    Command(
                        "focus_loss",
                        QT_TRANSLATE_NOOP("Commands", "Only what reaches the loss"),
                        QT_TRANSLATE_NOOP("Commands", "Let all that no loss is computed from step back"),
                        ("L",),
                    ),
                    Command(
                        "focus_ancestors",
                        QT_TRANSLATE_NOOP("Commands", "Ancestors"),
                        QT_TRANSLATE_NOOP("Commands", "Show what the selected node is computed from"),
                        ("A",),
                    ),
                    Command(
                        "focus_descendants",
                        QT_TRANSLATE_NOOP("Commands", "Descendants"),
                        QT_TRANSLATE_NOOP("Commands", "Show what is computed from the selected node"),
                        ("Shift+A",),
                    ),
                    Command(
                        "focus_paths",
                        QT_TRANSLATE_NOOP("Commands", "Paths between two nodes"),
                        QT_TRANSLATE_NOOP(
                            "Commands",
                            "Show all ways from one node to another: select the one, P, select the other, P."
                            " Or select the one, and choose this in the other's context menu",
                        ),
                        ("P",),
                    ),
                    None,
                    Command(
                        "focus_end",
                        QT_TRANSLATE_NOOP("Commands", "Show everything"),
                        QT_TRANSLATE_NOOP("Commands", "End the focus; Esc does so on the graph"),
                        ("Shift+L",),
                    ),
                ),
            ),
            Menu(
                "overlay",
                QT_TRANSLATE_NOOP("Commands", "Overlay"),
                (
                    Command(
                        "overlay_values",
                        QT_TRANSLATE_NOOP("Commands", "Values"),
                        QT_TRANSLATE_NOOP("Commands", "Nothing is laid over the graph's values"),
                        choice="overlay",
                    ),
                    Command(
                        "overlay_gradients",
                        QT_TRANSLATE_NOOP("Commands", "Gradient flow"),
                        QT_TRANSLATE_NOOP("Commands", "How large gradients are, and of which sign"),
                        choice="overlay",
                    ),
                    Command(
                        "overlay_memory",
                        QT_TRANSLATE_NOOP("Commands", "Memory"),
                        QT_TRANSLATE_NOOP("Commands", "How many bytes are computed and saved for backward"),
                        choice="overlay",
                    ),
                    Command(
                        "overlay_time",
                        QT_TRANSLATE_NOOP("Commands", "Time"),
                        QT_TRANSLATE_NOOP("Commands", "How long forward and backward of each operation took"),
                        choice="overlay",
                    ),
                    Command(
                        "overlay_units",
                        QT_TRANSLATE_NOOP("Commands", "Dead or saturated"),
                        QT_TRANSLATE_NOOP(
                            "Commands", "Which share of an activation's units passes no gradient on"
                        ),
                        choice="overlay",
                    ),
                    Command(
                        "overlay_change",
                        QT_TRANSLATE_NOOP("Commands", "Change"),
                        QT_TRANSLATE_NOOP("Commands", "How much values have changed since the step before"),
                        choice="overlay",
                    ),
                    None,
                    Command(
                        "next_overlay",
                        QT_TRANSLATE_NOOP("Commands", "Next overlay"),
                        QT_TRANSLATE_NOOP("Commands", "Lay the next thing over the graph"),
                        ("G",),
                    ),
                ),
                icon="overlay",
            ),
            Command(
                "backward_graph",
                QT_TRANSLATE_NOOP("Commands", "Backward graph"),
                QT_TRANSLATE_NOOP(
                    "Commands",
                    "Show the nodes of the backward graph by torch's names, each with its forward node",
                ),
                ("Ctrl+B",),
                toggle=True,
            ),
            Command(
                "differences",
                QT_TRANSLATE_NOOP("Commands", "Differences"),
                QT_TRANSLATE_NOOP("Commands", "Show on the graph how far the compared branches differ"),
                ("D",),
                "difference",
                toggle=True,
            ),
            None,
            Command(
                "to_editor",
                QT_TRANSLATE_NOOP("Commands", "Go to editor or graph"),
                QT_TRANSLATE_NOOP("Commands", "Move the keyboard between the editor and the graph"),
                ("Ctrl+E",),
            ),
            Command(
                "show_editor",
                QT_TRANSLATE_NOOP("Commands", "Editor"),
                QT_TRANSLATE_NOOP("Commands", "Show or hide the editor"),
                ("Ctrl+1",),
                toggle=True,
            ),
            Command(
                "show_messages",
                QT_TRANSLATE_NOOP("Commands", "Problems, console, outline"),
                QT_TRANSLATE_NOOP("Commands", "Show or hide problems, console and outline"),
                ("Ctrl+2",),
                toggle=True,
            ),
            Command(
                "show_inspector",
                QT_TRANSLATE_NOOP("Commands", "Inspector"),
                QT_TRANSLATE_NOOP("Commands", "Show or hide the inspector"),
                ("Ctrl+3",),
                toggle=True,
            ),
            Command(
                "show_timeline",
                QT_TRANSLATE_NOOP("Commands", "Timeline"),
                QT_TRANSLATE_NOOP("Commands", "Show or hide the timeline"),
                ("Ctrl+4",),
                toggle=True,
            ),
            Command(
                "show_plots",
                QT_TRANSLATE_NOOP("Commands", "Plots"),
                QT_TRANSLATE_NOOP("Commands", "Show or hide the plots"),
                ("Ctrl+5",),
                toggle=True,
            ),
            Command(
                "lock_panels",
                QT_TRANSLATE_NOOP("Commands", "Lock panels"),
                QT_TRANSLATE_NOOP("Commands", "Without the lock panels have titles to drag them by"),
                toggle=True,
            ),
            Command(
                "reset_layout",
                QT_TRANSLATE_NOOP("Commands", "Reset layout"),
                QT_TRANSLATE_NOOP("Commands", "Put all panels back where they were at first"),
                icon="layout",
            ),
            None,
            Menu(
                "theme",
                QT_TRANSLATE_NOOP("Commands", "Theme"),
                (
                    Command(
                        "theme_dark",
                        QT_TRANSLATE_NOOP("Commands", "Dark"),
                        QT_TRANSLATE_NOOP("Commands", "Light text on a dark ground"),
                        choice="theme",
                    ),
                    Command(
                        "theme_light",
                        QT_TRANSLATE_NOOP("Commands", "Light"),
                        QT_TRANSLATE_NOOP("Commands", "Dark text on a light ground"),
                        choice="theme",
                    ),
                ),
                icon="theme",
            ),
            Menu(
                "language",
                QT_TRANSLATE_NOOP("Commands", "Language"),
                (
                    Command("language_en", "English", "English", choice="language"),
                    Command("language_zh_CN", "简体中文", "简体中文", choice="language"),
                ),
                icon="language",
            ),
            Command(
                "reduce_motion",
                QT_TRANSLATE_NOOP("Commands", "Reduce motion"),
                QT_TRANSLATE_NOOP("Commands", "Mark what runs instead of moving it"),
                icon="motion",
                toggle=True,
            ),
        ),
    ),
    Menu(
        "help",
        QT_TRANSLATE_NOOP("Commands", "Help"),
        (
            Command(
                "shortcuts",
                QT_TRANSLATE_NOOP("Commands", "Keyboard shortcuts"),
                QT_TRANSLATE_NOOP("Commands", "Show all shortcuts"),
                ("F1", "?"),
                "keyboard",
            ),
            Command(
                "menu",
                QT_TRANSLATE_NOOP("Commands", "All commands"),
                QT_TRANSLATE_NOOP("Commands", "Open the menu of everything gradviz can do"),
                ("F10",),
                "menu",
            ),
            Command(
                "about",
                QT_TRANSLATE_NOOP("Commands", "About gradviz"),
                QT_TRANSLATE_NOOP("Commands", "Version, licence and libraries"),
                icon="info",
            ),
        ),
    ),
)


def menus_in(menus: tuple[Command | Menu | None, ...]) -> Iterator[Menu]:
    """The menus among the entries, and those inside them, in order."""
    for entry in menus:
        if isinstance(entry, Menu):
            yield entry
            yield from menus_in(entry.entries)


def commands_in(menu: Menu) -> Iterator[Command]:
    """The commands of a menu and of the menus in it, in order."""
    for entry in menu.entries:
        if isinstance(entry, Menu):
            yield from commands_in(entry)
        elif entry is not None:
            yield entry


MENU = {menu.id: menu for menu in menus_in(MENUS)}
COMMAND = {command.id: command for menu in MENUS for command in commands_in(menu)}
