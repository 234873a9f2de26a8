"""Which parameters of an address' query a view reads: it says so by `reads`, and is handed no others.

Pages ignore a parameter that they do not know and name it to the reader; the API refuses it by name.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final, Self

from django.http import QueryDict

if TYPE_CHECKING:
    from collections.abc import Callable
    from typing import TypeVar

    View = TypeVar("View", bound=Callable[..., Any])

# views of other packages, such as Django's admin, read what they like
OURS: Final = ("accounts", "config", "demo", "exchange", "scoring", "surveys")


class UndeclaredParameterError(KeyError):
    """A view reads a parameter that it does not declare; the message names it."""


@dataclass(frozen=True, slots=True)
class Parameters:
    """The parameters that a view reads, by name; ``v.INDICATOR`` stands for every name that begins with ``v.``."""

    names: tuple[str, ...] = ()

    def __contains__(self, name: str) -> bool:
        """Say whether a parameter is one of them."""
        kind, dot, _rest = name.partition(".")
        return name in self.names or (bool(dot) and any(one.startswith(f"{kind}.") for one in self.names))

    def unknown(self, query: QueryDict) -> tuple[str, ...]:
        """Return the names in a query that are none of them."""
        return tuple(name for name in query if name not in self)


class DeclaredQuery(QueryDict):
    """The part of a query that a view declares; to read anything else of it is an error of the view."""

    declared: Parameters | None = None

    @classmethod
    def of(cls, query: QueryDict, declared: Parameters) -> Self:
        """Return what of the query is declared."""
        kept = cls(mutable=True, encoding=query.encoding)
        for name, texts in query.lists():
            if name in declared:
                kept.setlist(name, texts)
        kept.declared, kept._mutable = declared, False
        return kept

    def __getitem__(self, key: str) -> Any:
        """Return the last text of a parameter."""
        return super().__getitem__(self._checked(key))

    def get(self, key: str, default: Any = None) -> Any:
        """Return the last text of a parameter, or the default."""
        return super().get(self._checked(key), default)

    def __contains__(self, key: object) -> bool:
        """Say whether a parameter was sent."""
        return super().__contains__(self._checked(key))

    def getlist(self, key: str, default: Any = None) -> Any:
        """Return all texts of a parameter."""
        return super().getlist(self._checked(key), default)

    def _checked(self, key: Any) -> Any:
        if self.declared is not None and key not in self.declared:
            raise UndeclaredParameterError(
                f"the view reads {key}, and declares {', '.join(self.declared.names) or 'none'}"
            )
        return key


def reads(*names: str) -> Callable[[View], View]:
    """Declare the parameters that a view, or a handler of the API, reads from its address' query."""

    def declare(view: View) -> View:
        view.parameters = Parameters(names)  # type: ignore[attr-defined]  # decorators around it hand it on
        return view

    return declare


def declared_by(view: Callable[..., Any]) -> Parameters | None:
    """Return what a view or a handler declares, nothing where it says nothing; None for views of other packages."""
    if view.__module__.partition(".")[0] not in OURS:
        return None
    return getattr(view, "parameters", Parameters())
