"""The consensus method as plain data and as a file of a release."""

from __future__ import annotations

import json
from dataclasses import asdict, fields
from typing import TYPE_CHECKING, Any, Literal, get_args, get_origin, get_type_hints

from scoring.files.digits import json_text, plain
from scoring.numerics.errors import MethodError
from scoring.numerics.types import ConsensusMethod
from surveys.files.problems import FileProblem, FileProblemsError

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path


def method_to_dict(method: ConsensusMethod) -> dict[str, Any]:
    """Return every choice as plain data."""
    data: dict[str, Any] = plain(asdict(method))
    return data


def method_from_dict(data: Mapping[str, Any]) -> ConsensusMethod:
    """Build the method from plain data; what is left out has its default.

    Raises
    ------
    MethodError
        An unknown choice, or a value that it does not allow.
    """
    hints = get_type_hints(ConsensusMethod)
    unknown = sorted(set(data) - set(hints))
    if unknown:
        raise MethodError(f"method: {unknown[0]} is unknown", parameter=unknown[0], allowed=sorted(hints))
    for name, value in data.items():
        if not _allowed(hints[name], value):
            allowed = get_args(hints[name]) if get_origin(hints[name]) is Literal else "a number from 0"
            raise MethodError(
                f"method: {name} is {value!r}, allowed {allowed}", parameter=name, got=value, allowed=allowed
            )
    return ConsensusMethod(**data)


def _allowed(hint: Any, value: Any) -> bool:
    """Say whether a value is one of a choice's names, a truth, or a number from 0 (None where the choice may be open)."""
    if get_origin(hint) is Literal:
        return value in get_args(hint)
    if hint is bool:
        return isinstance(value, bool)
    if value is None:
        return type(None) in get_args(hint)
    kinds = (int,) if hint is int else (int, float)
    return isinstance(value, kinds) and not isinstance(value, bool) and 0 <= value < float("inf")


def write_method(method: ConsensusMethod) -> str:
    """Write the method as JSON, every choice spelt out."""
    return json_text({field.name: getattr(method, field.name) for field in fields(method)})


def read_method(path: Path) -> ConsensusMethod:
    """Read the method from JSON.

    Raises
    ------
    FileProblemsError
        No JSON, or a choice that is not allowed.
    """
    try:
        return method_from_dict(json.loads(path.read_text(encoding="utf-8")))
    except (ValueError, TypeError, AttributeError) as error:
        raise FileProblemsError([FileProblem(path.name, str(error))]) from error
