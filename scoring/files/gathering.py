"""The files of a release by name, however they were brought along: zipped again elsewhere, or unzipped into a folder."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Final

from scoring.errors import BundleError

if TYPE_CHECKING:
    from collections.abc import Iterable

LITTER: Final = frozenset({"__macosx", ".ds_store", "thumbs.db", "desktop.ini"})
"""What file managers leave behind, in small letters; so are names that begin with ``._``."""


def gathered(entries: Iterable[tuple[str, bytes]], *, marker: str) -> dict[str, bytes]:
    """Return files by their names in the release, from names and bytes as an archive or a folder has them.

    Windows' separators become slashes, what file managers add is left out, and names begin where the ``marker`` lies, a
    file that every release has; a file outside that folder keeps its whole name. A file that stands there twice with the same bytes is one file.

    Raises
    ------
    BundleError
        A name leads out of the folder, two files of one name differ, or markers of several releases lie side by side
        (facts["where"] names the file).
    """
    whole: dict[str, bytes] = {}
    for given, content in entries:
        name = _clean(given)
        if name and not _is_litter(name):
            _add(whole, name, content)
    top = _top(whole, marker)
    files: dict[str, bytes] = {}
    for name, content in whole.items():
        _add(files, name.removeprefix(top), content)
    return files


def _clean(name: str) -> str:
    """Return a name with slashes and without ``.``; refuse one that leads elsewhere."""
    slashed = name.replace("\\", "/")
    parts = [part for part in slashed.split("/") if part not in {"", "."}]
    if slashed.startswith("/") or ".." in parts or re.match(r"[A-Za-z]:", slashed):
        raise BundleError("the name leads out of the bundle; nothing of it is read", where=name)
    return "/".join(parts)


def _is_litter(name: str) -> bool:
    return any(part.lower() in LITTER or part.startswith("._") for part in name.split("/"))


def _add(files: dict[str, bytes], name: str, content: bytes) -> None:
    if files.setdefault(name, content) != content:
        raise BundleError(
            "stands twice in the bundle, and the two differ; keep the one that was downloaded", where=name
        )


def _top(names: Iterable[str], marker: str) -> str:
    """Return the folder in which the marker lies, with its slash; nothing where there is no marker."""
    found = [name.removesuffix(marker) for name in names if name.split("/")[-1] == marker]
    least = min((top.count("/") for top in found), default=0)
    tops = sorted(top for top in found if top.count("/") == least)
    if len(tops) > 1:
        raise BundleError(f"lies in {' and '.join(tops)}: more than one release; give one of them", where=marker)
    return tops[0] if tops else ""
