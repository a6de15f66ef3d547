"""What to say about a name that PyTorch may have and gradviz does not: the nearest that there is."""

from __future__ import annotations

import difflib
from collections.abc import Collection

FEW = 8  # names that can be listed in a message


def nearest(name: str, offered: Collection[str]) -> str | None:
    """The name in `offered` that is most like `name`, whatever the case of its letters."""
    spellings = {other.lower(): other for other in offered if not other.startswith("_")}
    near = difflib.get_close_matches(name.lower(), spellings, 1)
    return spellings[near[0]] if near else None


def words(owner: str, name: str, offered: Collection[str]) -> str:
    """The message for `owner.name`, where `owner` (a module) has the names in `offered`."""
    near = nearest(name, offered)
    hint = f"; nearest: {owner}.{near}" if near else ""
    if not near and len(offered) <= FEW:
        hint = f"; there are: {', '.join(sorted(offered))}"
    return f"gradviz has no {owner}.{name} yet{hint}"


def missing(owner: str, name: str, offered: Collection[str]) -> AttributeError:
    """The error for the attribute `name` of the module `owner`."""
    if name.startswith("__"):  # Python itself is asking
        return AttributeError(f"module '{owner}' has no attribute '{name}'")
    return AttributeError(words(owner, name, offered))
