"""What the check of a loss or program says, as English templates (see `hints`)."""

# why the gradient of a whole loss is not its derivative, or not judged
NOT_DIFFERENTIABLE = "the loss does not lead back to its inputs: no gradient reaches them"
ROUNDED = "it computes in float32 on the way, too coarsely for finite differences"
AT_KINKS = "it is at a kink: its operations are right, each by itself"
NOT_REPEATABLE = "it does not compute the same twice"
MEANT = "the program cuts the gradient off itself, so that it is not the derivative of the whole"
CUT = "it depends on its inputs in a way that the gradient does not see"
PARTS_RIGHT = "its operations are right, each by itself, but the gradient as a whole is not its derivative"
SURROGATE = "it goes through a gradient that is not meant to be the derivative"
PARTS_WRONG = "one of its operations is wrong"

# where numbers go on without a gradient
BY_HAND = "a number or array that was taken out of a tensor"  # .item(), float(), .data, numpy()

# what is wrong
WRONG_AT = "{0}.backward: the gradient of {1} is wrong: element {2} expected {3}, found {4}"
WRONG = "{0}.backward: the gradient of {1} is wrong"
FAILED = "{0}.backward: the gradient of {1} cannot be computed: {2}"
LOSS_WRONG = "The gradient of the whole loss is not its derivative: element {0} expected {1}, found {2}"
LOSS_CUT = "Numbers go on here that depend on the loss's inputs, but no gradient comes back: {0}"
LOSS_OFF = "No gradient reaches the loss's inputs."

# what it may be
SIGN = "Its sign is wrong: look for a minus that is missing, or one too many."
FACTOR = "It is {0} times what it should be: a factor is missing, or there is one too many."
NOTHING = (
    "Nothing comes back: is None returned, a mask the wrong way round, the gradient detached, or"
    " ctx.needs_input_grad asked about another input?"
)
SPURIOUS = "Something comes back where the output does not depend on the input: is a mask missing?"
COMPARE = "Compare its backward with the derivative of its forward at this element."
KEEP_TENSORS = "Compute with tensors up to the end; write .detach() where the gradient is meant to stop."


WORDS = (
    *(NOT_DIFFERENTIABLE, ROUNDED, AT_KINKS, NOT_REPEATABLE, MEANT, CUT, PARTS_RIGHT, SURROGATE, PARTS_WRONG),
    BY_HAND,
    *(
        WRONG_AT,
        WRONG,
        FAILED,
        LOSS_WRONG,
        LOSS_CUT,
        LOSS_OFF,
        SIGN,
        FACTOR,
        NOTHING,
        SPURIOUS,
        COMPARE,
        KEEP_TENSORS,
    ),
)
