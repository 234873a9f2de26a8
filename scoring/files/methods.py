"""The consensus method as plain data and as a file of a release."""

from __future__ import annotations

import json
from dataclasses import asdict, fields
from typing import TYPE_CHECKING, Any

from exchange.problems import FileProblem, FileProblemsError
from scoring.files.digits import json_text, plain
from scoring.numerics.errors import MethodError
from scoring.numerics.types import ConsensusMethod

if TYPE_CHECKING:
    from collections.abc import Mapping


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
    known = {field.name: field.default for field in fields(ConsensusMethod)}
    for name, value in data.items():
        if name not in known:
            raise MethodError(f"{name}: unknown, known are {', '.join(known)}", parameter=name, allowed=list(known))
        kinds = (int, float, type(None)) if known[name] is None else (type(known[name]),)
        if type(value) not in kinds:
            raise MethodError(f"{name}: {value!r} is of the wrong kind", parameter=name, got=value)
    return ConsensusMethod(**data)


def write_method(method: ConsensusMethod) -> str:
    """Write the method as JSON, every choice spelt out."""
    return json_text({field.name: getattr(method, field.name) for field in fields(method)})


def read_method(name: str, content: bytes) -> ConsensusMethod:
    """Read the method from JSON.

    Raises
    ------
    FileProblemsError
        No JSON, or a choice that is not allowed.
    """
    try:
        return method_from_dict(json.loads(content.decode()))
    except (ValueError, TypeError, AttributeError) as error:
        raise FileProblemsError([FileProblem(name, "told", facts={"why": str(error)})]) from error
