"""Every address of the site, taken from Django's own list: a route that is added is found without being named."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING
from urllib.parse import quote

from django.urls import URLPattern, get_resolver

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from django.test import Client

PLACE = re.compile(r"<(?:(\w+):)?(\w+)>")
BY_KIND = {
    "int": "1",
    "uuid": "00000000-0000-4000-8000-000000000000",
    "path": "a/b",
}  # where nothing is there by the name


@dataclass(frozen=True)
class Site:
    """A client that may do all, and what stands at the places of addresses, by their names: of a release and of a draft."""

    client: Client
    places: tuple[dict[str, str], ...]

    def paths(self, address: Address, **others: str) -> list[str]:
        """Return the address with what stands there."""
        return list(dict.fromkeys(address.at(places, **others) for places in self.places))


@dataclass(frozen=True)
class Address:
    """A route with its places, such as ``s/<slug:series>/``, and the view behind it."""

    route: str
    view: Callable[..., object]

    @property
    def is_of_admin(self) -> bool:
        """Say whether Django's admin answers there."""
        return self.route.startswith("admin/")

    @property
    def names(self) -> list[str]:
        """The names of its places."""
        return [name for _kind, name in PLACE.findall(self.route)]

    def at(self, places: dict[str, str], **others: str) -> str:
        """Return the path with these places; ``others`` are percent-encoded already."""

        def fill(found: re.Match[str]) -> str:
            kind, name = found.groups()
            return others.get(name) or quote(places.get(name, BY_KIND.get(kind, "x")), safe="/")

        return "/" + PLACE.sub(fill, self.route)


def addresses() -> list[Address]:
    """Return all of them."""
    return list(_under(get_resolver().url_patterns, ""))


def _under(patterns: list[object], route: str) -> Iterator[Address]:
    for one in patterns:
        here = route + re.sub(r"\(\?P<(\w+)>\.\*\)\$", r"<path:\1>", str(one.pattern).lstrip("^"))
        if isinstance(one, URLPattern):
            yield Address(here, one.callback)
        else:
            yield from _under(one.url_patterns, here)
