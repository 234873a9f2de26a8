"""Empty files of every form, ready to fill in, in the reader's language."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from exchange.names import languages
from exchange.templates import template_text
from scoring.files.licences import COLUMNS as LICENCE_COLUMNS
from scoring.files.results import LABELS
from scoring.files.sources import COLUMNS as SOURCE_COLUMNS
from scoring.files.unit_lists import SOURCE_COLUMNS as PLANNED_COLUMNS
from scoring.files.units import COLUMNS as UNIT_COLUMNS
from scoring.files.units import IN_LANGUAGES
from surveys.files.framework import other_columns
from surveys.files.templates import framework_template, long_template, names_of, wide_template
from surveys.values.framework import ENGLISH, tree_of

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

    from surveys.values.framework import FrameworkRow


def data_template(rows: Sequence[FrameworkRow]) -> str:
    """Return a column for every indicator, after groups, denominators and others of the framework, below their names."""
    names = names_of(rows)
    codes = (*other_columns(rows), *tree_of(rows).indicators)
    return template_text("data", (*LABELS, *codes), names=[*[""] * len(LABELS), *(names[code] for code in codes)])


def units_template() -> str:
    """Return the columns of units, with names in every language."""
    others = [language for language in languages() if language != ENGLISH]
    spoken = [f"{name}_{language}" for name in IN_LANGUAGES for language in others]
    return template_text("units", (*UNIT_COLUMNS, *spoken))


def sources_template() -> str:
    """Return the columns of where values come from."""
    return template_text("sources", SOURCE_COLUMNS)


def planned_template(rows: Sequence[FrameworkRow]) -> str:
    """Return a row an indicator, for where its values are to come from."""
    empty = [""] * (len(PLANNED_COLUMNS) - 1)
    return template_text("planned", PLANNED_COLUMNS, ([code, *empty] for code in tree_of(rows).indicators))


def licences_template() -> str:
    """Return the columns of sources' licences."""
    return template_text("licences", LICENCE_COLUMNS)


OF_FRAMEWORK: Final[Mapping[str, Callable[[Sequence[FrameworkRow]], str]]] = {
    "long": long_template,
    "wide": wide_template,
    "data": data_template,
    "planned": planned_template,
}
"""Forms whose columns or rows are those of a framework."""
OF_ANY: Final[Mapping[str, Callable[[], str]]] = {
    "framework": framework_template,
    "units": units_template,
    "sources": sources_template,
    "licences": licences_template,
}
"""Forms that are the same for every framework."""
FORMS: Final = (*OF_FRAMEWORK, *OF_ANY)


def template_of(form: str, rows: Sequence[FrameworkRow]) -> str:
    """Return an empty file of a form for a framework.

    Raises
    ------
    FileProblemsError
        The framework gives two columns one name.
    """
    return OF_FRAMEWORK[form](rows) if form in OF_FRAMEWORK else OF_ANY[form]()
