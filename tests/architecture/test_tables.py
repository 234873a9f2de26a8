"""CSV is written and read in one room, so that no text of it can become a formula, or lose the sign that keeps it from one."""

import ast
import re

import pytest

APPS = ("platform", "surveys", "scoring")
ROOM = {"platform/exchange/tables.py", "platform/exchange/delimited.py"}
OF_THEIR_TIME = "/migrations/"  # what is written there stays as it was
JOINED = {
    "scoring/files/comparing.py": "a header inside a message",
    "scoring/files/uncertainty_writer.py": "rows of JSON",
    "surveys/queries/panelist/previous_round.py": "the key of a form's field",
}
HEAD = re.compile(r"\w+(?:[,;\t]\w+)+\n")


def offences(tree):
    """What in a module writes or reads CSV by hand: the module csv, ``to_csv``, cells joined by a delimiter, a header."""
    for node in ast.walk(tree):
        match node:
            case ast.Import(names=names) if "csv" in {name.name for name in names}:
                yield node.lineno, "csv"
            case ast.ImportFrom(module="csv"):
                yield node.lineno, "csv"
            case ast.Attribute(attr="to_csv" | "savetxt" | "writerow" | "writerows"):
                yield node.lineno, node.attr
            case ast.Attribute(attr="join", value=ast.Constant(value="," | ";" | "\t")):
                yield node.lineno, "join"
            case ast.Constant(value=str(text)) if HEAD.match(text):
                yield node.lineno, "header"


def code_of(root):
    for app in APPS:
        for path in sorted((root / app).rglob("*.py")):
            name = path.relative_to(root).as_posix()
            if OF_THEIR_TIME not in name:
                yield name, path.read_text()


def test_nothing_outside_its_room_writes_or_reads_csv(root):
    found = {
        name: told for name, text in code_of(root) if name not in ROOM and (told := list(offences(ast.parse(text))))
    }

    assert {name: {what for _line, what in told} for name, told in found.items()} == {name: {"join"} for name in JOINED}


@pytest.mark.parametrize(
    "code",
    [
        "import csv",
        "import io, csv",
        "from csv import writer",
        "frame.to_csv(path)",
        "out.writerow(row)",
        "numpy.savetxt(path, values)",
        "','.join(cells)",
        "'\\t'.join(cells)",
        "text = 'uCode,uName\\n' + rows",
        "text = f'uCode,uName\\n{rows}'",
    ],
)
def test_every_way_round_is_seen(code):
    assert list(offences(ast.parse(code)))
