"""One thing, one name: a top-level class of ours stands in one file, so that a search for it ends there."""

from tests.architecture.class_names import classes_by_name, standing_twice


def test_class_names_stand_in_one_file_only(root):
    found = classes_by_name(root)

    assert found["Round"] == ["surveys/models/round.py"]  # so it does look
    assert standing_twice(found) == {}


def test_a_name_in_two_files_is_found(tmp_path):
    for name in ("one", "two"):
        (tmp_path / "surveys" / name).mkdir(parents=True)
        (tmp_path / "surveys" / name / "rows.py").write_text("class Row:\n    pass\n\n\nclass Command:\n    pass\n")

    assert standing_twice(classes_by_name(tmp_path)) == {"Row": ["surveys/one/rows.py", "surveys/two/rows.py"]}
