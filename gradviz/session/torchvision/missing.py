"""What to say about a name that torchvision has and gradviz does not."""

import difflib
from collections.abc import Collection


def missing(module: str, name: str, offered: Collection[str]) -> AttributeError:
    """The error for `module.name`, with the nearest of the names that are there."""
    spellings = {other.lower(): other for other in offered}
    near = difflib.get_close_matches(name.lower(), spellings, 1)
    hint = f"nearest: {module}.{spellings[near[0]]}" if near else f"there are: {', '.join(sorted(offered))}"
    return AttributeError(f"gradviz has no {module}.{name} yet; {hint}")
