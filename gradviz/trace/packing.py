"""Plain data as MessagePack: what travels between processes, and what stands in a trace file."""

from __future__ import annotations

from typing import Any, TypeVar

import msgspec

T = TypeVar("T")

_encoder = msgspec.msgpack.Encoder()


class PackingError(Exception):
    """Bytes are not the data that they should be."""


def pack(value: Any) -> bytes:
    """The bytes of a value. Infinite and NaN floats survive.

    Lone surrogates, which a Python text may hold but UTF-8 may not, become question marks.
    """
    try:
        return _encoder.encode(value)
    except UnicodeEncodeError:
        return _encoder.encode(_encodable(msgspec.to_builtins(value, builtin_types=(bytes,))))


def unpack(decoder: msgspec.msgpack.Decoder[T], data: bytes | msgspec.Raw) -> T:
    """The value that `data` is to the strict decoder. Raises PackingError."""
    try:
        return decoder.decode(data)
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError) as error:
        raise PackingError(str(error)) from error


def _encodable(value: Any) -> Any:
    """The same plain data with texts that UTF-8 can hold."""
    match value:
        case str():
            return value.encode("utf-8", "replace").decode()
        case list() | tuple():
            return [_encodable(item) for item in value]
        case dict():
            return {key: _encodable(item) for key, item in value.items()}
    return value
