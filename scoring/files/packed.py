"""Plain values as bytes that are read back without parsing a table: a head in JSON, and after it the arrays as they lie in memory."""

from __future__ import annotations

import hashlib
import json
import math
from collections.abc import Mapping
from dataclasses import fields
from decimal import Decimal
from fractions import Fraction
from typing import TYPE_CHECKING, Any, Final

import numpy as np

if TYPE_CHECKING:
    from collections.abc import Sequence

    Kinds = Sequence[type[Any]]


LENGTH: Final = 8  # bytes that say how long the head is
ALIGNED: Final = 16  # every array begins at a multiple of so many bytes
DTYPES: Final = frozenset({"<f8", "<i8", "|b1", "<u2", "|u1"})


def shape_of(kinds: Kinds) -> str:
    """Return a digest of the classes' names and fields: where it is another, bytes were written by other code."""
    shape = [(kind.__name__, [one.name for one in fields(kind)]) for kind in kinds]
    return hashlib.sha256(json.dumps(shape).encode()).hexdigest()[:16]


def pack_value(value: object, kinds: Kinds) -> bytes:
    """Return a value as bytes: the same value always gives the same ones.

    Parameters
    ----------
    value : object
        Texts, numbers, decimals, fractions, arrays, mappings, tuples, lists, and dataclasses of these ``kinds``.
    kinds : Sequence[type]
        The dataclasses that may stand in it.

    Raises
    ------
    TypeError
        Anything else stands in it.
    """
    writer = _Packing(kinds)
    head = json.dumps(writer.plain(value), separators=(",", ":"), ensure_ascii=False, allow_nan=False).encode()
    gap = b"\0" * (-(LENGTH + len(head)) % ALIGNED)
    return b"".join([len(head).to_bytes(LENGTH, "little"), head, gap, *writer.blocks])


def unpack_value(content: bytes, kinds: Kinds) -> Any:
    """Read back what `pack_value` wrote of kinds of the same shape; the arrays are read where they lie and refuse changes."""
    start = LENGTH + int.from_bytes(content[:LENGTH], "little")
    reader = _Unpacking(content, start + -start % ALIGNED, kinds)
    return json.loads(content[LENGTH:start], object_hook=reader.value)


class _Packing:
    """Turns values into plain JSON, and gathers the arrays as blocks of bytes."""

    def __init__(self, kinds: Kinds) -> None:
        self.kinds = {kind: number for number, kind in enumerate(kinds)}
        self.blocks: list[bytes] = []
        self.size = 0

    def plain(self, value: Any) -> Any:
        if isinstance(value, np.generic):
            value = value.item()
        if value is None or isinstance(value, str | int) or (isinstance(value, float) and math.isfinite(value)):
            return value
        if isinstance(value, list):
            return [self.plain(item) for item in value]
        for kind, (name, write) in WRITTEN.items():
            if isinstance(value, kind):
                return {name: write(self, value)}
        if type(value) in self.kinds:
            return {"k": [self.kinds[type(value)], [self.plain(getattr(value, one.name)) for one in fields(value)]]}
        raise TypeError(f"{type(value).__name__} cannot be packed")

    def mapping(self, value: Mapping[Any, Any]) -> list[list[Any]]:
        return [self.items(tuple(value)), self.items(tuple(value.values()))]

    def items(self, value: tuple[Any, ...]) -> list[Any]:
        return [self.plain(item) for item in value]

    def array(self, value: np.ndarray[Any, Any]) -> list[Any]:
        dtype = value.dtype.newbyteorder("<").str
        if dtype not in DTYPES:
            raise TypeError(f"an array of {value.dtype} cannot be packed")
        block = np.ascontiguousarray(value, dtype=dtype).tobytes()
        offset, self.size = self.size, self.size + len(block) + -len(block) % ALIGNED
        self.blocks += [block, b"\0" * (-len(block) % ALIGNED)]
        return [dtype, list(value.shape), offset]


WRITTEN: Final[Mapping[type[Any], tuple[str, Any]]] = {
    tuple: ("t", _Packing.items),
    Mapping: ("m", _Packing.mapping),
    np.ndarray: ("a", _Packing.array),
    float: ("n", lambda _, value: str(value)),  # the ones that JSON has no word for
    Decimal: ("d", lambda _, value: str(value)),
    Fraction: ("r", lambda _, value: str(value)),
}


class _Unpacking:
    """Builds values from the inside out, as the JSON's objects come."""

    def __init__(self, content: bytes, start: int, kinds: Kinds) -> None:
        self.content, self.start, self.kinds = content, start, kinds

    def value(self, found: dict[str, Any]) -> Any:
        ((what, held),) = found.items()
        if what == "t":
            return tuple(held)
        if what == "m":
            return dict(zip(*held, strict=True))
        if what == "k":
            return self.kinds[held[0]](*held[1])
        if what == "a":
            return self.array(*held)
        return {"n": float, "d": Decimal, "r": Fraction}[what](held)

    def array(self, dtype: str, shape: list[int], offset: int) -> np.ndarray[Any, Any]:
        flat = np.frombuffer(self.content, dtype, math.prod(shape), self.start + offset)
        return flat.reshape(shape)
