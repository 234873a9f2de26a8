"""Names of cities in six languages, from sources that mostly do not say which language a name is in.

GeoNames' alternate names come without a language. A name is taken for a language only when the table kept by hand
says so, when CLDR names the city of its time zone, or when exactly one alternate name can be in that language by its
letters. Otherwise the language has no name, and a page shows the English one.
"""

import re
import unicodedata
from collections.abc import Iterable, Mapping
from typing import Any

from babel import Locale

from demo.data import LANGUAGES

ARABIC = re.compile(r"[ء-غف-ي]+(?: [ء-غف-ي]+)*")  # the letters of Arabic alone: no Persian or Urdu ones, no marks
RUSSIAN = re.compile(r"[А-ЯЁ][а-яё]+(?:[ -][А-ЯЁа-яё]+)*")
HAN = re.compile(r"[一-鿿]{2,}")
SEARCHABLE = ("LATIN", "ARABIC", "CYRILLIC", "CJK")


def city_names(city: Mapping[str, Any], chosen: Mapping[str, str]) -> dict[str, str]:
    """Return the name columns of a city; ``chosen`` is what the table kept by hand says, by language."""
    known = {unicodedata.normalize("NFC", name) for name in (city["name"], *city["alternatenames"])}
    names = {"en": city["name"]} | only_candidates(known) | zone_names(city) | dict(chosen)
    return {"name" if lang == "en" else f"name_{lang}": names.get(lang, "") for lang in LANGUAGES}


def only_candidates(names: Iterable[str]) -> dict[str, str]:
    """Return the name for each language whose letters fit exactly one of ``names``."""
    names = set(names)
    fitting = {
        "ar": {name for name in names if ARABIC.fullmatch(name)},
        "ru": {name for name in names if RUSSIAN.fullmatch(name)},
        "zh": {name.removesuffix("市") for name in names if HAN.fullmatch(name) and is_simplified(name)},
    }
    return {language: found.pop() for language, found in fitting.items() if len(found) == 1}


def is_simplified(name: str) -> bool:
    """Tell whether a name in Han characters fits GB 2312, the character set of simplified Chinese."""
    try:
        name.encode("gb2312")
    except UnicodeEncodeError:
        return False
    return True


def zone_names(city: Mapping[str, Any]) -> dict[str, str]:
    """Return CLDR's names of the city if its time zone is named after it."""
    zone = city["timezone"]
    if plain(zone.rpartition("/")[2].replace("_", " ")) != plain(city["name"]):
        return {}
    named = {language: Locale(language).time_zones.get(zone, {}).get("city") for language in LANGUAGES[1:]}
    return {language: name for language, name in named.items() if name}


def search_names(city: Mapping[str, Any]) -> list[str]:
    """Return the other names a reader may type, in the scripts of the six languages, without machine spellings."""
    names = {unicodedata.normalize("NFC", name) for name in city["alternatenames"]}
    return sorted(name for name in names if len(name) > 1 and not name[0].islower() and is_searchable(name))


def is_searchable(name: str) -> bool:
    """Tell whether a name is in one of the scripts of the six languages and holds no separator of the table."""
    return "|" not in name and unicodedata.name(name[0], "").startswith(SEARCHABLE)


def plain(name: str) -> str:
    """Return a name in lower case without accents."""
    return "".join(c for c in unicodedata.normalize("NFKD", name) if not unicodedata.combining(c)).casefold()
