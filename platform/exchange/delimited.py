"""Text files of cells: which encoding, which separator, and the rows."""

from __future__ import annotations

import codecs
import csv
import io
import re
from typing import TYPE_CHECKING, Final

from exchange.grids import Grid, clean
from exchange.limits import COLUMNS, ROWS, refusal
from exchange.problems import FileProblem, FileProblemsError, listed
from exchange.templates import known_cells

if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Iterator

    from exchange.options import FileReading

MARKS: Final = (
    (codecs.BOM_UTF8, "utf-8-sig"),
    (codecs.BOM_UTF32_LE, "utf-32"),
    (codecs.BOM_UTF32_BE, "utf-32"),
    (codecs.BOM_UTF16_LE, "utf-16"),
    (codecs.BOM_UTF16_BE, "utf-16"),
)
"""The byte order marks that tell an encoding; the longer ones first."""
OLD_ENCODINGS: Final = ("windows-1252", "windows-1256", "windows-1251", "windows-1250", "windows-1254", "gb18030")
"""What spreadsheets still save in, by the language of the computer."""
OF_PYTHON: Final = frozenset({"idna", "punycode", "unicode-escape", "raw-unicode-escape"})
"""What Python calls encodings and no file is written in."""
SHORTEST_TELLING: Final = 4
"""How many bytes of UTF-8 a word has that is not read out of other letters by chance."""
SEPARATORS: Final = {",": ",", ";": ";", "\t": "tab", "|": "|"}
WIDEST_LINE: Final = 10 * COLUMNS
SAID_SEPARATOR: Final = re.compile(r'\A"?sep=(.)"?[ \t]*(?:\r\n|\r|\n|\Z)')


def decode(file: str, content: bytes, reading: FileReading, words: Collection[str] = ()) -> str:
    """Return a file's text.

    Parameters
    ----------
    words : Collection[str]
        Texts that the file may hold. Those beyond ASCII, and the lines of a template, tell old encodings apart.

    Raises
    ------
    FileProblemsError
        It is not in the encoding said, could be in several, or is no text.
    """
    said = reading.options.encoding
    marked = next((name for mark, name in MARKS if content.startswith(mark)), None)
    is_forced = said is not None and not reading.options.is_hint and marked is None
    encoding = _encoding(file, str(said)) if is_forced else marked or "utf-8"
    try:
        text = content.decode(encoding)
    except UnicodeDecodeError as error:
        if is_forced or marked is not None:
            row = content[: error.start].count(b"\n") + 1
            raise FileProblemsError(
                [FileProblem(file, "not_this_encoding", row, facts={"encoding": encoding})]
            ) from error
        if b"\0" in content:
            raise FileProblemsError([FileProblem(file, "binary")]) from error
        text = _old_encoding(file, content, error, reading, words)
    if is_forced:
        reading.note(file, "encoding", encoding=said)
    elif marked not in {None, "utf-8-sig"}:
        reading.note(file, "encoding_fits", encoding=encoding.upper())
    if "\0" in text:
        raise FileProblemsError([FileProblem(file, "binary", text[: text.index("\0")].count("\n") + 1)])
    return text.removeprefix("\ufeff")


def _encoding(file: str, name: str) -> str:
    try:
        found = codecs.lookup(name).name
        "a".encode(found)  # refused by what is no encoding of texts
    except (LookupError, ValueError) as error:
        raise FileProblemsError([FileProblem(file, "unknown_encoding", got=name)]) from error
    if found in OF_PYTHON:
        raise FileProblemsError([FileProblem(file, "unknown_encoding", got=name)])
    return found


def _old_encoding(
    file: str, content: bytes, error: UnicodeDecodeError, reading: FileReading, words: Collection[str]
) -> str:
    """Return the text in the one old encoding that fits: all give the same, or one alone gives words that are known.

    Words that others give as well do not speak against it; a word that it does not give and another does, does.
    """
    texts: dict[str, str] = {}
    said = reading.options.encoding
    for name in OLD_ENCODINGS if said is None else [_encoding(file, said)]:
        try:
            texts.setdefault(content.decode(name), name)
        except UnicodeDecodeError:
            continue
    telling = _telling({*words, *known_cells()})
    found = {text: {word for word in telling if word in text} for text in texts}
    given = set().union(*found.values())
    fitting = [text for text in texts if found[text] or not given]
    whole = [text for text in fitting if found[text] == given]
    if len(whole) == 1:
        reading.note(file, "encoding_fits" if said is None else "encoding", encoding=said or texts[whole[0]])
        return whole[0]
    row = content[: error.start].count(b"\n") + 1
    if not texts:
        raise FileProblemsError([FileProblem(file, "not_this_encoding", row, facts={"encoding": said})]) from error
    names = [texts[text] for text in fitting]
    facts = {"encodings": listed(names), "example": names[0]}
    raise FileProblemsError([FileProblem(file, "encoding", row, facts=facts)]) from error


def _telling(words: Collection[str]) -> set[str]:
    """Return the words that tell an encoding: beyond ASCII, and too long to be met by chance."""
    cleaned = map(clean, words)
    return {word for word in cleaned if not word.isascii() and len(word.encode()) >= SHORTEST_TELLING}


def split_rows(file: str, text: str, separator: str, cleaned: Callable[[str], str] = clean) -> Grid:
    """Return the rows of a text whose cells stand between separators, each cell ``cleaned``.

    Raises
    ------
    FileProblemsError
        Broken quotes, or more rows or columns than are read.
    """
    return Grid("", list(_rows(file, text, separator, cleaned)))


def _rows(file: str, text: str, separator: str, cleaned: Callable[[str], str]) -> Iterator[tuple[int, list[str]]]:
    reader, start = csv.reader(_lines(file, text, separator), delimiter=separator, strict=True), 1
    try:
        for cells in reader:
            texts = list(map(cleaned, cells))
            if any(texts):
                if start > ROWS + 100:
                    raise refusal(file, "too_many_rows", ROWS)
                if len(cells) > COLUMNS and any(texts[COLUMNS:]):
                    raise refusal(file, "too_many_columns", COLUMNS)
                yield start, texts
            start = reader.line_num + 1
    except csv.Error as error:
        raise FileProblemsError([FileProblem(file, "broken_quotes", start)]) from error


def _lines(file: str, text: str, separator: str) -> Iterator[str]:
    """Give the lines of a text; one with more separators than any quoted text holds is refused before it is parted."""
    for line in io.StringIO(text, newline=""):
        if line.count(separator) > WIDEST_LINE:
            raise refusal(file, "too_many_columns", COLUMNS)
        yield line


def said_separator(text: str) -> tuple[str | None, str]:
    """Return the separator that a first line ``sep=;`` says, None without one, and the text with that line left empty."""
    said = SAID_SEPARATOR.match(text)
    return (said[1], "\n" + text[said.end() :]) if said else (None, text)
