"""What to do about an error, in words for people.

English templates; the window and the command line translate them (see `TEMPLATES`) and fill in `{0}`, `{1}`.
"""

from __future__ import annotations

import builtins
import difflib
import re
import sys

from gradviz.engine.explain.check import WORDS as CHECK_WORDS
from gradviz.engine.missing import nearest
from gradviz.session import check_words, loss_inputs
from gradviz.trace import conditions, lint, origin_words

OFFERED = ("train_loader", "test_loader")

NAN_LOSS = (
    "The loss stopped being a number at iteration {0} ({1}). Step back to see which operation went first:"
    " often it is log(0), a division by 0, or a learning rate that is too high."
)
WORKER_ENDED = "The program ended its own process (exit code {0}). Press F5 to run it again."
DID_YOU_MEAN = "Did you mean {0}?"
TOO_SLOW = (
    "The loss takes longer than {0} s on one batch, and was stopped here. F5 runs it without this limit."
)
STUCK = "The loss does not come to an end, and was stopped."
INTERRUPTED = "Stopped while it was running here."
BAD_REPORT = (
    "The worker sent something that is not a report; it was ended. Press F5 to run the program again."
)
TOO_LARGE = (
    "Iteration {0} is larger than what can be drawn: only its first {1} operations are shown. The program"
    " itself runs on unchanged; a smaller model or a shorter sequence is shown whole."
)
DIFFERS = (
    "Iteration {0} did not come out as it did the first time: what is shown is not exactly what was. The"
    " program depends on what cannot be wound back: the clock, an unseeded random source, a file, another"
    " process."
)
DIFFERS_FROM = (
    "Iteration {0} did not come out as it did the first time, from {1} on: what is shown is not exactly what"
    " was. The program depends on what cannot be wound back: the clock, an unseeded random source, a file,"
    " another process."
)
NOT_KEPT = (
    "The file does not hold iteration {0} in full detail, so iteration {1} is shown. Run the program to see"
    " every one."
)
NOT_RUNNING = "This is a recorded run: the program is not running. Run it, and ask again."
NO_RATE = "{0} cannot be a learning rate: give a number that is not negative."
NO_GROUP = "No optimizer has a parameter group {0}: they are counted from 0."
NO_OPTIMIZER = "No variable {0} holds an optimizer. The program has: {1}."
NO_OPTIMIZER_AT_ALL = (
    "The program has no optimizer, and no variable called lr: change the learning rate in its text."
)
SCHEDULED = (
    "The program has a learning rate scheduler. The new rate holds until that sets the next one: most go on"
    " from the new rate, those that follow a fixed plan return to it."
)
NO_TENSOR = "The program has no parameter or buffer {0} at this iteration. Similar: {1}."
NO_ELEMENT = "There is no element {1} in {0}: its shape is {2}."
NO_FRACTIONS = "{0} holds whole numbers ({1}): it cannot become {2}."
OUT_OF_RANGE = "{0} ({1}) holds numbers from {2} to {3}."
EXPANDED = "The elements of {0} share memory (it is expanded): one of them cannot be another number alone."
NO_NUMBER = "Nothing made {0} at iteration {1}: there was no number to change."
NO_LOSS = (
    "No loss was found that could be replaced: the program should hold it in a variable called criterion, or"
    " as a module."
)
NOT_A_LOSS = "This text is a program of its own, not a loss: it should only define criterion."
LOSS_DOES_NOT_LEARN = (
    "The new loss has parameters of its own. The optimizer does not know them: they stay as they are."
)
NO_BATCH = (
    "Iteration {0} got no batch from a DataLoader, so that no sample of it can be changed. Fork an iteration"
    " that begins with one."
)
NO_TENSORS_IN_BATCH = "The batch holds no tensors that could be changed."
NO_LABELS = "The batch is one tensor: there are no labels beside it."
BAD_CONDITION = "The condition {0} cannot be read: {1} It is not looked for."
WHY_NO_NUMBER = "This array is not recorded any more: step to its iteration and ask again."
WHY_OUTSIDE = "The array has no element at this place."
WHY_NOT_REAL = "Only real numbers can be explained."
WHY_LEAF = "No operation of this iteration made it: it came in from outside."
WHY_SEED = "backward() started here: the gradient of a number with respect to itself."
WHY_NO_SOURCE = "It is not recorded where this gradient came from."
CHECK_ASSUMES_FRAMES = "its backward assumes that the probabilities of every frame add up to 1"
CHECK_ASSUMES_SYMMETRIC = "its backward assumes that the matrix is symmetric, and stays so"
CHECK_ASSUMES_TRIANGULAR = "its backward assumes that the factor is triangular, and stays so"
WHY_FAILED = "This number could not be explained: {0}"
OUT_OF_MEMORY = (
    "The program needs more memory than there is. Try a smaller batch or fewer recorded operations."
)

# (pattern of the message, hint): the groups of the pattern fill the hint's places
_PATTERNS: tuple[tuple[str, str], ...] = (
    (
        r"mat1 and mat2 shapes cannot be multiplied \((\d+)x(\d+) and (\d+)x(\d+)\)",
        "The inner sizes must agree: {1} columns meet {2} rows. For a layer, its in_features should be {1}.",
    ),
    (
        r"The size of tensor a \((\d+)\) must match the size of tensor b \((\d+)\)",
        "Sizes {0} and {1} do not broadcast. Compare both shapes in the inspector; reshape or unsqueeze one.",
    ),
    (
        r"Trying to backward through the graph a second time",
        "The first backward() frees the graph. Compute the loss again, or call backward(retain_graph=True)"
        " the first time.",
    ),
    (
        r"grad can be implicitly created only for scalar outputs",
        "backward() starts from one number: reduce the tensor first, for example with .mean() or .sum().",
    ),
    (
        r"does not require grad and does not have a grad_fn",
        "Nothing here leads to a parameter. Look for .detach(), .item(), .data or no_grad() on the way.",
    ),
    (
        r"a leaf Variable that requires grad is being used in an in-place operation",
        "Change a parameter under torch.no_grad(), or leave it to an optimizer.",
    ),
    (
        r"modified by an inplace operation",
        "Backward needs the numbers from before that change. Use the version without the underscore.",
    ),
    (
        r"Target (-?\d+) is out of bounds",
        "The label {0} is not one of the classes: there are fewer scores than that.",
    ),
    (
        r"name '(train_loader|test_loader)' is not defined",
        "gradviz offers {0} only to names at the top level of the program.",
    ),
    (r"name '(\w+)' is not defined", "Define or import {0} before this line."),
    (
        r"No module named '([\w.]+)'",
        "{0} is not installed in gradviz's environment; gradviz itself provides torch, and torchvision's"
        " datasets and transforms.",
    ),
    (
        r"(?:no attribute|has no) .*nearest: ([\w.]+)",
        "gradviz does not have this yet. The nearest it has is {0}.",
    ),
    (r"gradviz has no [\w.]*?(\w+) yet", "gradviz does not have {0} yet."),
    (
        r"EOF when reading a line",
        "There is no keyboard input in the window: write the value into the program, or use gradviz run.",
    ),
    (
        r"maximum recursion depth exceeded",
        "A function calls itself without an end: look at the condition that should stop it.",
    ),
    (
        r"optimizer got an empty parameter list",
        "The model has no parameters: assign its layers to self in __init__.",
    ),
    (
        r"expected scalar type|must have the same dtype|same dtype",
        "Convert one of them with .float() or .long().",
    ),
)

TEMPLATES = (
    NAN_LOSS,
    DID_YOU_MEAN,
    WORKER_ENDED,
    BAD_REPORT,
    INTERRUPTED,
    TOO_SLOW,
    STUCK,
    TOO_LARGE,
    DIFFERS,
    DIFFERS_FROM,
    NOT_KEPT,
    NOT_RUNNING,
    NO_RATE,
    NO_GROUP,
    NO_OPTIMIZER,
    NO_OPTIMIZER_AT_ALL,
    SCHEDULED,
    NO_TENSOR,
    NO_ELEMENT,
    NO_FRACTIONS,
    OUT_OF_RANGE,
    EXPANDED,
    NO_NUMBER,
    NO_LOSS,
    NOT_A_LOSS,
    LOSS_DOES_NOT_LEARN,
    NO_BATCH,
    NO_TENSORS_IN_BATCH,
    NO_LABELS,
    OUT_OF_MEMORY,
    BAD_CONDITION,
    WHY_NO_NUMBER,
    WHY_OUTSIDE,
    WHY_NOT_REAL,
    WHY_LEAF,
    WHY_SEED,
    WHY_NO_SOURCE,
    WHY_FAILED,
    CHECK_ASSUMES_FRAMES,
    CHECK_ASSUMES_SYMMETRIC,
    CHECK_ASSUMES_TRIANGULAR,
    *(hint for _, hint in _PATTERNS),
    *CHECK_WORDS,
    *check_words.WORDS,
    *loss_inputs.WORDS,
    *conditions.TEMPLATES,
    *origin_words.TEMPLATES,
    *lint.TEMPLATES,
)


def hint_for(error: BaseException, message: str) -> tuple[str, tuple[str, ...]]:
    """(template, arguments) for an exception and its message; ("", ()) when nothing useful can be said."""
    if isinstance(error, KeyboardInterrupt):
        return INTERRUPTED, ()
    if isinstance(error, MemoryError):
        return OUT_OF_MEMORY, ()
    if isinstance(error, NameError) and (near := _nearest_name(error)) is not None:
        return DID_YOU_MEAN, (near,)
    if isinstance(error, ImportError) and (near := _nearest_import(error, message)) is not None:
        return DID_YOU_MEAN, (near,)
    if (near := nearest_attribute(error)) is not None:
        return DID_YOU_MEAN, (near,)
    for pattern, hint in _PATTERNS:
        found = re.search(pattern, message)
        if found:
            return hint, found.groups(default="")
    return "", ()


def _nearest_name(error: NameError) -> str | None:
    """The name within reach of the failing line that is most like the unknown one."""
    trace = error.__traceback__
    if error.name is None or trace is None or error.name in OFFERED:
        return None
    while trace.tb_next is not None:
        trace = trace.tb_next
    frame = trace.tb_frame
    names = [*frame.f_locals, *frame.f_globals, *dir(builtins)]
    return next(iter(difflib.get_close_matches(error.name, names, 1)), None)


def nearest_attribute(error: BaseException) -> str | None:
    """The attribute of the object that is most like the one it lacks; None where the message knows one."""
    if (
        not isinstance(error, AttributeError)
        or error.name is None
        or error.obj is None
        or "nearest:" in str(error)
    ):
        return None
    try:
        return nearest(error.name, dir(error.obj))
    except Exception:  # a user's class may fail to list its attributes
        return None


def _nearest_import(error: ImportError, message: str) -> str | None:
    """The name in the module that is most like the one that could not be imported from it."""
    unknown = re.match(r"cannot import name '(\w+)'", message)
    module = sys.modules.get(error.name or "")
    if unknown is None or module is None:
        return None
    return nearest(unknown[1], dir(module))
