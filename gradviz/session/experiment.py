"""One iteration of a program again and again, each time with another number set in it.

The program sleeps before the iteration. A copy of it (a fork) runs the iteration and answers the window,
until that wants to see another number: then the copy ends, and the next one has the connection.
"""

from __future__ import annotations

import os
import random
import socket

import msgspec

from gradviz.trace.branches import DatedEdit, SetNumber
from gradviz.trace.packing import pack, unpack

MAX_WISH = 1 << 16  # bytes of an edit
_exit = os._exit  # the program's own says where it was called
_numbers = msgspec.msgpack.Decoder(SetNumber)


class Experiment:
    """`edits` are what the branch has seen, and last what is tried first."""

    def __init__(self, iteration: int, edits: tuple[DatedEdit, ...]) -> None:
        self.iteration = iteration
        self._edits = edits
        self._program: socket.socket | None = None  # in a copy: to the program that sleeps

    def sleep(self) -> tuple[DatedEdit, ...]:
        """Returns in every copy, with the edits that it is to run with. Ends with a copy that ends otherwise
        than after `wake`."""
        stream = random.getstate()  # Python seeds its random module afresh in a forked process
        edits = self._edits
        while True:
            sleeping, self._program = socket.socketpair(socket.AF_UNIX, socket.SOCK_SEQPACKET)
            process = os.fork()
            if not process:
                sleeping.close()
                random.setstate(stream)
                return edits
            self._program.close()
            wish = sleeping.recv(MAX_WISH)
            sleeping.close()
            _, status = os.waitpid(process, 0)
            if not wish:
                _exit(os.waitstatus_to_exitcode(status) & 0xFF)
            edits = (*self._edits[:-1], DatedEdit(self.iteration, unpack(_numbers, wish)))

    def wake(self, edit: SetNumber) -> None:
        """Lets the next copy try that. This process is to end at once."""
        assert self._program is not None
        self._program.send(pack(edit))
