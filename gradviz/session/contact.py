"""How the processes of a worker reach the window: they call it, and say what the call is for."""

from __future__ import annotations

import json
import re
from dataclasses import dataclass
from multiprocessing import AuthenticationError
from multiprocessing.connection import Client, Connection, answer_challenge, deliver_challenge
from typing import Literal, cast

Channel = Literal["reports", "stdout", "stderr"]
MAX_GREETING = 64  # bytes


@dataclass(frozen=True)
class Contact:
    """`notes` is the descriptor on which the supervisor tells the window about branches, -1 for none."""

    address: str
    key: bytes
    notes: int = -1

    def line(self) -> bytes:
        """The first line of the worker's standard input."""
        contact = {"address": self.address, "key": self.key.hex(), "notes": self.notes}
        return json.dumps(contact).encode() + b"\n"

    @classmethod
    def read(cls, line: bytes) -> Contact:
        contact = json.loads(line)
        return cls(contact["address"], bytes.fromhex(contact["key"]), contact["notes"])

    def call(self, branch: int, channel: Channel) -> Connection:
        """A connection to the window for that purpose. Raises OSError when the window is gone."""
        connection = Client(self.address, authkey=self.key)
        connection.send_bytes(f"{branch} {channel}".encode())
        return connection


def purpose_of(connection: Connection, key: bytes) -> tuple[int, Channel] | None:
    """The branch and the channel that a caller is for; None for a stranger, who may be slow."""
    try:
        deliver_challenge(connection, key)
        answer_challenge(connection, key)
        greeting = connection.recv_bytes(MAX_GREETING).decode("ascii", "replace")
    except (AuthenticationError, EOFError, OSError):
        return None
    found = re.fullmatch(r"(\d{1,10}) (reports|stdout|stderr)", greeting)
    return (int(found[1]), cast(Channel, found[2])) if found else None
