"""A bundle is read by its files' names, whoever zipped it again and wherever it was unzipped."""

import pytest

from scoring.errors import BundleError
from scoring.files.gathering import gathered

FILES = {"manifest.json": b"m", "steps/1_denominated.csv": b"s"}


def read(*entries):
    return gathered(entries, marker="manifest.json")


@pytest.mark.parametrize("top", ["", "las-2024/", "Downloads/las 2024/", "./", "las//"])
@pytest.mark.parametrize("separator", ["/", "\\"])
def test_top_folder_and_separators_do_not_matter(top, separator):
    entries = [(f"{top}{name}".replace("/", separator), content) for name, content in FILES.items()]

    assert read(*entries) == FILES


@pytest.mark.parametrize(
    "name",
    ["las/.DS_Store", "__MACOSX/las/._manifest.json", "las/steps/Thumbs.db", "las/Desktop.ini", "las/._weights.csv"],
)
def test_what_file_managers_add_is_left_out(name):
    assert read(*((f"las/{own}", content) for own, content in FILES.items()), (name, b"?")) == FILES


def test_file_beside_the_top_folder_keeps_its_name():
    assert read(("las/manifest.json", b"m"), ("notes.txt", b"n")) == {"manifest.json": b"m", "notes.txt": b"n"}


@pytest.mark.parametrize("name", ["../weights.csv", "las/../../weights.csv", "/etc/passwd", "C:\\weights.csv", "..\\x"])
def test_name_that_leads_out_is_refused(name):
    with pytest.raises(BundleError, match="leads out") as refused:
        read(("las/manifest.json", b"m"), (name, b"w"))

    assert refused.value.facts["where"] == name


@pytest.mark.parametrize("again", ["las/weights.csv", "las\\weights.csv", "weights.csv", "las/./weights.csv"])
def test_two_files_of_one_name_are_refused_where_they_differ(again):
    one = [("las/manifest.json", b"m"), ("las/weights.csv", b"1")]

    assert read(*one, (again, b"1")) == {"manifest.json": b"m", "weights.csv": b"1"}
    with pytest.raises(BundleError, match="twice") as refused:
        read(*one, (again, b"2"))

    assert refused.value.facts["where"].endswith("weights.csv")


def test_two_releases_are_not_guessed_between():
    with pytest.raises(BundleError, match="a/ and b/"):
        read(("a/manifest.json", b"1"), ("b/manifest.json", b"2"))
