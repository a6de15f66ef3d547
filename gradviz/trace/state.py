"""The state of a program at a moment, as a hash: the same by whatever route one comes there.

It is derived from what the iteration says of itself, `began` and `digests`, so that whoever has the iteration
(a window, a file, the command line) comes to the same.
"""

from __future__ import annotations

import struct
from hashlib import blake2b

from gradviz.trace.iteration import Iteration

HASH_BYTES = 16


def state_hash(iteration: Iteration, event: int) -> str:
    """The state after `event` (-1: before the first), in hexadecimal digits; "" where it is not known."""
    happened = iteration.digests[: event + 1]
    if not iteration.began or len(happened) <= event:
        return ""
    found = blake2b(iteration.began, digest_size=HASH_BYTES)
    found.update(struct.pack(f"<{len(happened)}Q", *happened))
    return found.hexdigest()


def first_difference(before: Iteration, now: Iteration) -> int | None:
    """The first event that came out otherwise when an iteration was run again, None when all are as before.

    -1: it began in another state already.
    """
    if before.began and now.began and before.began != now.began:
        return -1
    if not (before.digests and now.digests):
        return None
    pairs = zip(before.digests, now.digests, strict=False)
    shared = min(len(before.digests), len(now.digests))
    differing = next((event for event, (old, new) in enumerate(pairs) if old != new), shared)
    same = differing == len(before.digests) == len(now.digests)
    return None if same else min(differing, len(now.digests) - 1)
