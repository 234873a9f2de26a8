"""Names in several languages: one mapping from language code to text, read in the reader's language."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TypeAlias

from django.utils.translation import get_language

Names: TypeAlias = Mapping[str, str]


def name_and_language(names: Names, language: str | None = None) -> tuple[str, str]:
    """Return the text as `localised` finds it, and the language it is in where that is not the one asked for (else empty)."""
    code = language or get_language() or "en"
    own = (code, code.split("-")[0])
    for key in (*own, "en", *names):
        if names.get(key):
            return names[key], "" if key in own else key
    return "", ""


def localised(names: Names, language: str | None = None) -> str:
    """Return the text in the language asked for (the active one by default), else English, else any."""
    return name_and_language(names, language)[0]
