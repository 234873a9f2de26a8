"""Which columns a reader looks for, and which row of a sheet names them."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from exchange.names import KnownWords, language_of

if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Sequence

    from exchange.grids import Grid

SEARCHED: Final = 50
"""How many rows are searched for the names of the columns."""


@dataclass(frozen=True)
class Layout:
    """Which columns a reader looks for.

    Attributes
    ----------
    needed : tuple[str, ...]
        Without these a row does not name the columns.
    known : Collection[str]
        Further names of columns.
    in_languages : Collection[str]
        Names that may be followed by ``_`` and a language.
    choices : tuple[tuple[str, ...], ...]
        Other sets of needed columns, of another form of the file.
    words : Collection[str]
        Texts that the file may hold, which tell old encodings apart.
    fitting : Callable
        Whether columns fit that no list of names can give.
    one_of : Collection[str]
        Names of which one at least stands beside the needed ones.
    codes : Collection[str]
        Columns of codes, where nothing means missing: NA is Namibia.
    """

    needed: tuple[str, ...] = ()
    known: Collection[str] = ()
    in_languages: Collection[str] = ()
    choices: tuple[tuple[str, ...], ...] = ()
    words: Collection[str] = ()
    fitting: Callable[[Sequence[str]], bool] | None = None
    one_of: Collection[str] = ()
    codes: Collection[str] = ()

    def names(self) -> KnownWords:
        """Return the known names."""
        choices = (name for choice in self.choices for name in choice)
        return KnownWords((*self.needed, *choices, *self.one_of, *self.known, *self.in_languages))

    def fits(self, columns: Sequence[str]) -> bool:
        """Say whether the columns are those of one form."""
        is_told = any(set(choice) <= set(columns) for choice in (self.needed, *self.choices))
        is_told = is_told and not (self.one_of and set(self.one_of).isdisjoint(columns))
        return is_told or (self.fitting is not None and self.fitting(columns))

    def count(self, columns: Collection[str], names: Collection[str]) -> int:
        """Return how many of the columns are known."""
        return len(set(columns) & set(names))


ANY: Final = Layout()


def canonical(cells: Sequence[str], layout: Layout, names: KnownWords) -> list[str]:
    """Return names of columns as the reader knows them; others as they stand."""
    found = []
    for cell in cells:
        base, _, tag = cell.partition("_")
        known = names.find(cell)
        language = language_of(tag) if known is None and tag else None
        spoken = names.find(base) if language else None
        found.append(known or (f"{spoken}_{language}" if spoken in layout.in_languages else cell))
    return found


def header_rows(grid: Grid, layout: Layout) -> list[int]:
    """Return the positions of rows that hold the names of the columns."""
    names = layout.names()
    rows = enumerate(grid.rows[:SEARCHED])
    return [position for position, (_, cells) in rows if layout.fits(canonical(cells, layout, names))]


def best_row(grid: Grid, layout: Layout) -> tuple[int, int]:
    """Return how many known columns the row has that comes nearest to naming them, and its position."""
    names = layout.names()
    counts = [layout.count(canonical(cells, layout, names), names.exact) for _, cells in grid.rows[:SEARCHED]]
    best = max(counts, default=0)
    return best, counts.index(best) if best > 1 else 0
