"""Names in several languages: one mapping from language code to text, read in the reader's language."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TypeAlias

from django.utils.translation import get_language

Names: TypeAlias = Mapping[str, str]


def localised(names: Names, language: str | None = None) -> str:
    """Return the text in the language asked for (the active one by default), else English, else any."""
    code = language or get_language() or "en"
    for key in (code, code.split("-")[0], "en"):
        if names.get(key):
            return names[key]
    return next((text for text in names.values() if text), "")
