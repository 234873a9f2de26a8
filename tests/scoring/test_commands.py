"""The analyst's commands, run as she runs them: on files, as a process of their own, without any database."""

import csv
import json
from pathlib import Path

import pytest
from openpyxl import Workbook

EXAMPLE = Path(__file__).resolve().parents[2] / "docs" / "example"
FRAMEWORK = ("--framework", EXAMPLE / "framework.csv")
RECIPE = ("--recipe", EXAMPLE / "recipe.toml")


def table(path):
    with path.open(newline="") as file:
        return list(csv.DictReader(file))


def as_workbook(source, path):
    book = Workbook()
    with source.open(newline="") as file:
        for row in csv.reader(file):
            book.active.append([float(cell) if cell.replace(".", "", 1).isdigit() else cell or None for cell in row])
    book.save(path)
    return path


def content(folder):
    return {str(path.relative_to(folder)): path.read_bytes() for path in sorted(folder.rglob("*")) if path.is_file()}


def test_weigh_writes_four_files_with_the_designs_columns(manage, tmp_path):
    out = tmp_path / "out"
    done = manage("weigh", EXAMPLE / "judgements.csv", *FRAMEWORK, "--out", out, "--draws", 100, "--seed", 7)
    assert (done.returncode, done.stderr) == (0, "")
    assert sorted(content(out)) == ["consensus.csv", "consistency.csv", "summary.json", "weights.csv"]
    weights = table(out / "weights.csv")
    assert list(weights[0]) == ["iCode", "Parent", "local_weight", "global_weight", "low", "high"]
    assert all(float(row["low"]) <= float(row["high"]) for row in weights)
    assert list(table(out / "consensus.csv")[0]) == ["node", "experts", "s_star", "homogeneity", "kendall_w"]
    consistency = table(out / "consistency.csv")
    columns = "expert,node,n,answered,lambda_max,ci,cr,random_index,gci"
    assert ",".join(consistency[0]) == columns
    assert {row["random_index"] for row in consistency} == {"alonso-lamata"}


def test_weigh_says_why_there_is_no_agreement(manage, tmp_path):
    framework, judgements = tmp_path / "framework.csv", tmp_path / "judgements.csv"
    framework.write_text(
        "iCode,Parent,Level,Direction,Type\nRoot,,2,1,Aggregate\nA,Root,1,1,Indicator\nB,Root,1,1,Indicator\n"
    )
    told = {}
    for name, values in {"far": ("50", "1/50"), "ends": ("9", "1/9"), "lone": ("3",)}.items():
        rows = (f"P{number},Root,A,B,{value}\n" for number, value in enumerate(values))
        judgements.write_text("expert,node,a,b,value\n" + "".join(rows))
        done = manage("weigh", judgements, "--framework", framework, "--range", "free", "--out", tmp_path / name)
        (row,) = table(tmp_path / name / "consensus.csv")
        told[name] = (
            row["s_star"],
            bool(row["homogeneity"]),
            done.stdout.partition("Agreement S*: ")[2].partition(".")[0],
        )

    assert told == {
        "far": ("", True, "not defined, for the experts lie further apart than it can tell"),
        "ends": ("0", True, "0"),
        "lone": ("", False, "not defined, for it takes two experts and two criteria"),
    }


def test_weigh_without_draws_leaves_low_and_high_empty(manage, tmp_path):
    manage("weigh", EXAMPLE / "judgements.csv", *FRAMEWORK, "--out", tmp_path)
    assert {(row["low"], row["high"]) for row in table(tmp_path / "weights.csv")} == {("", "")}


def test_weigh_and_score_read_workbooks_as_they_read_csv(manage, tmp_path):
    book = {name: as_workbook(EXAMPLE / f"{name}.csv", tmp_path / f"{name}.xlsx") for name in ("framework", "data")}
    weights = tmp_path / "w" / "weights.csv"
    manage("weigh", EXAMPLE / "judgements.csv", "--framework", book["framework"], "--out", tmp_path / "w")
    manage("score", EXAMPLE / "data.csv", *FRAMEWORK, *RECIPE, "--weights", weights, "--out", tmp_path / "a")
    manage("score", book["data"], *FRAMEWORK, *RECIPE, "--weights", weights, "--out", tmp_path / "b")
    assert (tmp_path / "a" / "scores.csv").read_bytes() == (tmp_path / "b" / "scores.csv").read_bytes()


def test_score_writes_ranks_and_every_step(manage, tmp_path):
    done = manage("score", EXAMPLE / "data.csv", *FRAMEWORK, *RECIPE, "--out", tmp_path / "out")
    assert (done.returncode, done.stderr) == (0, "")
    steps = [f"steps/{step}.csv" for step in ("1_denominated", "2_screened", "3_imputed", "4_treated", "5_normalised")]
    assert sorted(content(tmp_path / "out")) == ["importance.csv", "scores.csv", *steps, "summary.json"]
    scores = table(tmp_path / "out" / "scores.csv")
    header = "uCode,uName,rank,tier,rank_low,rank_high,rank_joint_low,rank_joint_high,score,City,Digital,Green,Reach"
    assert ",".join(scores[0]) == header
    assert [row["rank"] for row in scores] == ["1", "2", "3", "4", "5", "6"]
    assert all(row["score"] == row["City"] for row in scores)


def test_score_draws_intervals_from_the_recipe(manage, tmp_path):
    recipe = tmp_path / "recipe.toml"
    recipe.write_text('[robustness]\ndraws = 50\nseed = 1\nfactors = ["normalise", "leave_one_indicator"]\n')
    manage("score", EXAMPLE / "data.csv", *FRAMEWORK, "--recipe", recipe, "--out", tmp_path / "out")
    rows = table(tmp_path / "out" / "scores.csv")
    assert all(1 <= float(row["rank_low"]) <= float(row["rank_high"]) <= 6 for row in rows)


def test_same_inputs_give_the_same_bytes_whatever_the_order_of_rows(manage, tmp_path):
    lines = (EXAMPLE / "judgements.csv").read_text().splitlines()
    turned = tmp_path / "judgements.csv"
    turned.write_text("\n".join([lines[0], *reversed(lines[1:])]) + "\n")
    manage("weigh", EXAMPLE / "judgements.csv", *FRAMEWORK, "--out", tmp_path / "a", "--draws", 50)
    manage("weigh", turned, *FRAMEWORK, "--out", tmp_path / "b", "--draws", 50, TZ="Pacific/Apia", LANG="C")
    first, second = content(tmp_path / "a"), content(tmp_path / "b")
    del first["summary.json"], second["summary.json"]  # it names the input's own fingerprint
    assert first == second


def test_json_prints_the_summary(manage, tmp_path):
    done = manage("weigh", EXAMPLE / "judgements.csv", *FRAMEWORK, "--out", tmp_path, "--json")
    summary = json.loads(done.stdout)
    assert (summary["experts"], summary["nodes"]) == (3, 4)
    assert sum(summary["weights"][code] for code in ("Digital", "Green", "Reach")) == pytest.approx(1, abs=1e-11)


def test_bad_judgement_is_one_line_with_its_place_and_nothing_is_written(manage, tmp_path):
    bad = tmp_path / "bad.csv"
    text = (EXAMPLE / "judgements.csv").read_text()
    bad.write_text(text.replace("P1,City,Digital,Green,2,", "P1,City,Digital,Green,two,"))
    done = manage("weigh", bad, *FRAMEWORK, "--out", tmp_path / "out", "--json")
    assert done.returncode == 2
    place = (
        "bad.csv:2:value: is not a ratio, allowed a positive ratio such as 3, 1/3 or 0.2, or empty when not answered"
    )
    assert done.stderr.splitlines() == [f"{place}, got two"]
    (problem,) = json.loads(done.stdout)["problems"]
    assert (problem["file"], problem["row"], problem["column"], problem["got"]) == ("bad.csv", 2, "value", "two")
    assert not (tmp_path / "out").exists()


def test_disconnected_judgements_end_with_one_clear_line(manage, tmp_path):
    bad = tmp_path / "bad.csv"
    bad.write_text("expert,node,a,b,value\nP1,City,Digital,Green,2\nP1,Digital,Internet,Broadband,1\n")
    done = manage("weigh", bad, *FRAMEWORK, "--out", tmp_path / "out")
    assert done.returncode == 2
    (line,) = done.stderr.splitlines()
    assert line.startswith("bad.csv::City: ")


def test_recipe_problem_is_told_by_line_and_key(manage, tmp_path):
    recipe = tmp_path / "recipe.toml"
    recipe.write_text('version = 1\n\n[normalise]\nmethod = "minimax"\n')
    done = manage("score", EXAMPLE / "data.csv", *FRAMEWORK, "--recipe", recipe, "--out", tmp_path / "out")
    assert done.returncode == 2
    assert done.stderr.startswith("recipe.toml:4:normalise.method: ")


def test_score_gives_weights_one_interval_each_however_often_ranks_are_drawn(manage, tmp_path):
    recipe = tmp_path / "recipe.toml"
    recipe.write_text('[robustness]\ndraws = 20\nfactors = ["weights"]\nsensitivity = 0\n')
    panel = (EXAMPLE / "judgements.csv", *FRAMEWORK, "--seed", 7)
    asked = ("score", EXAMPLE / "data.csv", "--judgements", *panel, "--recipe", recipe)

    manage("weigh", *panel, "--draws", 100, "--out", tmp_path / "weighed")
    manage(*asked, "--draws", 100, "--out", tmp_path / "same")
    manage(*asked, "--out", tmp_path / "own")

    told = table(tmp_path / "weighed" / "weights.csv")
    for folder, as_weighed in (("same", True), ("own", False)):
        weights = table(tmp_path / folder / "weights.csv")
        repeated = {row["iCode"]: row for row in table(tmp_path / folder / "robustness" / "weights.csv")}
        assert (weights == told) is as_weighed
        assert [(row["local_weight"], row["global_weight"], row["low"], row["high"]) for row in weights] == [
            (own["local_weight"], own["global_weight"], own["global_low"], own["global_high"])
            for own in (repeated[row["iCode"]] for row in weights)
        ]
        assert len(table(tmp_path / folder / "robustness" / "weight_draws.csv")) == 20


@pytest.mark.django_db
def test_commands_give_the_numbers_of_the_release_for_its_inputs(release, manage, tmp_path):
    files = {file.name: bytes(file.content) for file in release.files.all() if "/" not in file.name}
    for name, content in files.items():
        (tmp_path / name).write_bytes(content)
    names = {name: tmp_path / f"{name}.csv" for name in ("judgements", "framework", "data")}
    framework, method = ("--framework", names["framework"]), ("--seed", 5)

    weighed = manage("weigh", names["judgements"], *framework, "--out", tmp_path / "w", "--draws", 40, *method)
    scored = manage(
        "score", names["data"], *framework, "--judgements", names["judgements"], *method, "--draws", 40,
        "--recipe", tmp_path / "recipe.toml", "--out", tmp_path / "s",
    )  # fmt: skip

    assert (weighed.returncode, scored.returncode) == (0, 0), scored.stderr
    assert (tmp_path / "w" / "weights.csv").read_bytes() == files["weights.csv"]
    compared = [file for file in release.files.all() if file.name.startswith(("robustness/", "steps/", "scores."))]
    assert len(compared) > 10
    for file in compared:
        assert (tmp_path / "s" / file.name).read_bytes() == bytes(file.content), file.name


def test_score_takes_weights_or_judgements_never_both(manage, tmp_path):
    done = manage(
        "score", EXAMPLE / "data.csv", *FRAMEWORK, "--weights", "w.csv", "--judgements", EXAMPLE / "judgements.csv",
        "--recipe", EXAMPLE / "recipe.toml", "--out", tmp_path,
    )  # fmt: skip

    assert done.returncode == 2
    assert "not allowed with" in done.stderr


def test_weights_as_factor_need_judgements_and_are_refused_by_name(manage, tmp_path):
    recipe = tmp_path / "recipe.toml"
    recipe.write_text('[robustness]\ndraws = 10\nfactors = ["weights"]\n')
    done = manage("score", EXAMPLE / "data.csv", *FRAMEWORK, "--recipe", recipe, "--out", tmp_path / "out")
    assert done.returncode == 2
    assert done.stderr.startswith('recipe.toml:3:robustness.factors: the factor "weights" draws the panel again')


def test_missing_file_is_refused(manage, tmp_path):
    done = manage("score", tmp_path / "none.csv", *FRAMEWORK, *RECIPE, "--out", tmp_path / "out")
    assert (done.returncode, done.stderr) == (2, "none.csv::: cannot be read (No such file or directory)\n")


def test_results_that_cannot_be_written_are_refused(manage, tmp_path):
    taken = tmp_path / "taken"
    taken.write_text("a file")
    done = manage("score", EXAMPLE / "data.csv", *FRAMEWORK, *RECIPE, "--out", taken)
    assert done.returncode == 2
    assert done.stderr.startswith(f"{taken}::: cannot be written")
