"""Pages that say how sure a ranking is and why cities moved: their numbers are the files', in the reader's language."""

import csv
import io
import json
import re
from dataclasses import replace
from fractions import Fraction
from typing import get_args

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from scoring.files.changes import NAME as CHANGE
from scoring.files.changes import change_files, read_change
from scoring.files.uncertainty_reader import READ, read_study
from scoring.models import Release, ReleaseFile, ReleaseUnit
from scoring.numerics.robustness.change import Status, split_change
from scoring.queries.published.rank_change import unit_change
from scoring.queries.published.release_head import release_head
from scoring.queries.published.uncertainty import robustness_page, uncertainty_summary
from scoring.queries.published.unit import profile_page
from tests.kept import forget_rows
from tests.scoring import factories

pytestmark = pytest.mark.django_db
HERE = "/s/las/2024/v1.0/"
SURE = HERE + "robustness/"
DOHA = HERE + "units/doha/"


@pytest.fixture(scope="module")
def study():
    return factories.make_study()


@pytest.fixture(scope="module")
def change():
    return factories.make_change()


@pytest.fixture
def series():
    return factories.make_series()


@pytest.fixture
def bare(series):
    """A release that was computed once, without draws, and compared with nothing."""
    return factories.make_release(factories.make_edition(series))


@pytest.fixture
def release(bare, study, change):
    return factories.add_files(bare, study | change)


def read(path, **options):
    response = Client(**options).get(path)
    assert response.status_code == 200, path
    return response.content.decode()


def text(html):
    return re.sub(r"\s+", " ", re.sub(r"<[^>]+>", " ", html)).replace("\u00a0", " ").strip()


def rows_of(files, name):
    return list(csv.DictReader(io.StringIO(files[f"robustness/{name}"])))


def cells(html, heading):
    """Return the texts of the table row that begins with a heading."""
    rows = [
        re.findall(r"<t[hd][^>]*>(.*?)</t[hd]>", row, re.DOTALL) for row in re.findall(r"<tr.*?</tr>", html, re.DOTALL)
    ]
    return next(found for row in rows if heading in (found := [text(cell) for cell in row]))


# --- reading the files --------------------------------------------------------------------------------------------------


def test_files_are_read_as_they_were_written(study):
    found = read_study({name: study[name] for name in READ if name in study})
    summary = json.loads(study["robustness/summary.json"])

    assert [(one.unit, one.rank, one.drawn.value, one.drawn.low, one.drawn.high) for one in found.ranks] == [
        (row["uCode"], int(row["rank"]), *(float(row[f"rank_{end}"]) for end in ("median", "low", "high")))
        for row in rows_of(study, "ranks.csv")
    ]
    assert found.summary.draws == summary["draws"]
    assert found.summary.gap == summary["convergence"]["largest_difference"]
    assert [(one.first, one.last, *one.units) for one in found.alike] == [
        (3, 4, "cairo", "giza"),
        (4, 5, "giza", "sanaa"),
    ]
    assert found.neighbours == (1, 1, 0.9, 0.875)
    assert found.above("giza") == {"dubai": 0, "doha": 0, "cairo": 0.1, "sanaa": 0.875}
    assert found.left_out[-2].ranks["doha"] == 3
    assert found.sensitivity[3].first.value is None


def test_a_long_ranking_without_pairs_is_read(study):
    found = read_study({name: text for name, text in study.items() if name != "robustness/pairs.csv"})

    assert (found.neighbours, found.above("giza"), uncertainty_summary(found, ()).neighbours) == ((), {}, 0)


def test_files_of_a_release_are_read_once(release, django_assert_num_queries):
    head = release_head("las", "2024")
    with django_assert_num_queries(5):
        first = robustness_page(head)
    with django_assert_num_queries(3):
        assert robustness_page(head) == first


# --- how sure is this ranking -------------------------------------------------------------------------------------------


def test_first_line_says_how_far_ranks_move_and_who_cannot_be_told_apart(release, study):
    summary = json.loads(study["robustness/summary.json"])
    pairs = rows_of(study, "pairs.csv")
    order = [row["uCode"] for row in pairs]
    shares = [float(row[order[position + 1]]) for position, row in enumerate(pairs[:-1])]

    html = text(read(SURE))

    assert summary["mean_shift"] == 0.09
    assert "In 40 recomputations a rank moves by 0.1 places in the mean." in html
    assert "0 of 5 cities have an interval wider than 2 places." in html
    assert f"Of 4 pairs of neighbours in the ranking {sum(0.05 < share < 0.95 for share in shares)} cannot" in html


@pytest.mark.parametrize("path", ["/", "/s/las/", "/s/las/2024/", HERE])
def test_headlines_tell_apart_as_the_pairs_do(bare, study, path):
    factories.add_files(bare, study)

    assert [(one.first, one.last) for one in read_study(study).alike] == [(3, 4), (4, 5)]
    assert "Dubai leads; places 3 and 4 cannot be told apart" in text(read(path))


def test_headline_without_counted_pairs_follows_the_intervals(bare, study):
    summary = json.loads(study["robustness/summary.json"]) | {"clear": None}
    factories.add_files(bare, study | {"robustness/summary.json": json.dumps(summary)})

    assert "Dubai leads; places 2 to 5 cannot be told apart" in text(read(HERE))


def test_every_row_of_the_table_is_the_files(release, study):
    html = read(SURE)

    for row in rows_of(study, "ranks.csv"):
        name = ReleaseUnit.objects.get(code=row["uCode"]).names["en"]
        tiers = [float(row[f"tier_{tier}"]) for tier in range(1, 5)]
        shown = cells(html, name)
        assert shown[0] == row["rank"]
        assert shown[2] == row["rank_median"]
        assert shown[4:8] == [f"{share * 100:.1f} %" if share else "–" for share in tiers]
    assert cells(html, "Giza")[8] == "3–5"  # in the groups 3–4 and 4–5
    assert cells(html, "Doha")[8] == "–"


def test_middle_rank_is_the_draws_and_not_the_release(bare, study):
    ranks = study["robustness/ranks.csv"].replace("giza,4,40,4,3,5,", "giza,4,40,3.5,3,5,")
    assert ranks != study["robustness/ranks.csv"]
    factories.add_files(bare, study | {"robustness/ranks.csv": ranks})

    assert cells(read(SURE), "Giza")[:4] == ["4", "Giza", "3.5", "3–5"]
    assert "in the middle one at 3.5." in text(read(HERE + "units/giza/"))


def test_factors_seeds_and_convergence_are_said(release):
    html = text(read(SURE))

    assert "the panel’s weights 40 how indicators are brought to one scale 2 leaving out one indicator 5" in html
    assert "from seed 3, those of the weights from seed 5" in html
    assert "With only the first 20 of them no end of an interval moves by more than 0 places." in html
    assert "That is one place or less" in html


def test_draws_that_were_not_enough_are_said_to_be_few(bare, study):
    summary = json.loads(study["robustness/summary.json"])
    summary["convergence"]["largest_difference"] = 7.35
    factories.add_files(bare, study | {"robustness/summary.json": json.dumps(summary)})

    html = text(read(SURE))

    assert "no end of an interval moves by more than 7.4 places. That is much" in html


def test_factor_with_one_choice_cannot_vary(bare):
    only = {"normalise": ("minmax",)}
    factories.add_files(bare, factories.make_study(factors=("weights", "normalise"), alternatives=only))

    assert cells(read(SURE), "how indicators are brought to one scale")[1] == "one: it cannot vary"


def test_sensitivity_is_the_files_and_the_largest_comes_first(release, study):
    found = {row["factor"]: row for row in rows_of(study, "sensitivity.csv") if not row["uCode"]}
    html = read(SURE).partition('id="matters"')[2]

    shown = cells(html, "the panel’s weights")
    assert shown[3] == f"{float(found['weights']['total']) * 100:.1f} %"
    assert shown[1].strip("\u2066\u2069") == f"{float(found['weights']['first']) * 100:.1f} %"
    assert html.index("the panel’s weights") < html.index("leaving out one indicator")


@pytest.mark.parametrize(
    ("asked", "sentence"),
    [
        ({"factors": ("weights",)}, "with a single thing varied, all movement is its own"),
        (
            {
                "factors": ("normalise", "aggregate"),
                "alternatives": {"normalise": ("minmax",), "aggregate": ("arithmetic",)},
            },
            "so no choice explains a difference",
        ),
    ],
)
def test_sensitivity_that_is_not_there_is_explained(bare, asked, sentence):
    factories.add_files(bare, factories.make_study(**asked))

    assert sentence in text(read(SURE))


def test_leave_one_out_tells_by_kind_who_moves_most(release):
    html = read(SURE).partition('id="without"')[2]

    assert cells(html, "Network") == ["Network", "0.80", "4", "Doha", "2", "3"]
    assert cells(html, "E0") == ["E0", "0.00", "0", "nobody", "–", "–"]
    assert "Without the experts of one language" not in html


def test_weights_carry_their_intervals_of_group_and_whole(release, study):
    row = next(row for row in rows_of(study, "weights.csv") if row["iCode"] == "Users")
    local, whole = (
        [f"{float(row[f'{kind}_{end}']) * 100:.1f} %" for end in ("weight", "low", "high")]
        for kind in ("local", "global")
    )
    shown = cells(read(SURE).partition('id="weights"')[2], "Internet users")

    assert shown[1:] == [local[0], f"{local[1]} to {local[2]}", whole[0], f"{whole[1]} to {whole[2]}"]


def test_weights_whose_consensus_was_not_drawn_have_no_intervals(bare):
    factories.add_files(bare, factories.make_study(own_draws=0))

    shown = read(SURE).partition('id="weights"')[2]

    assert "The weights were varied, but the panel’s weights were computed without intervals." in text(shown)
    assert "Internet users" not in shown.partition("</section>")[0]


def test_single_expert_is_said_to_leave_the_spread_unknown(bare):
    factories.add_files(bare, factories.make_study(experts=1))
    sentence = "the spread over experts is unknown, and only the noise of her own judgements is in the intervals"

    assert sentence in text(read(SURE))
    assert sentence in text(read(DOHA))
    assert "Without E0 nothing is left to compute from." in text(read(SURE))


def test_panel_of_several_is_not_said_to_be_one(release):
    assert "the spread over experts is unknown" not in read(SURE) + read(DOHA)


def test_release_without_draws_says_that_nothing_was_varied(bare):
    assert "Nobody knows: nothing was varied" in text(read(SURE))
    assert "it does not say how far a rank could move" in text(read(DOHA))
    assert "<picture>" not in read(SURE) + read(DOHA)


def test_a_city_asked_for_is_marked_in_table_and_charts(release):
    html = read(SURE + "?unit=giza")

    assert re.findall(r'<tr class="chosen"[^>]*><td class="numeric">(\d)', html) == ["4"]
    assert "charts/ranks.svg?unit=giza&amp;lang=en" in html
    assert 'class="chosen"' not in read(SURE + '?unit="><script>')
    assert "<script>" not in read(SURE + '?unit="><script>')


def test_page_of_137_cities_is_light(study, series):
    codes = [f"GN{2_500_000 + position}" for position in range(137)]
    release = factories.make_release(factories.make_edition(series))
    ReleaseUnit.objects.bulk_create(
        ReleaseUnit(
            release=release, code=code, names={"en": f"City of some length {position}", "ar": f"مدينة ذات اسم طويل {position}"},
            rank=position + 6, rank_low=position + 1, rank_high=position + 20, tier=4, score=40,
        )
        for position, code in enumerate(codes)
    )  # fmt: skip
    header = study["robustness/ranks.csv"].splitlines()[0]
    ranks = [
        f"{code},{position + 6},40,{position + 7.5},{position + 1},{position + 20},{position + 1},{position + 20},0.025,0.25,0.4,0.325"
        for position, code in enumerate(codes)
    ]
    groups = [
        f"{group},{group + 6},{group + 26},{codes[min(position, 136)]}"
        for group in range(117)
        for position in range(group, group + 20)
    ]
    many = {
        "robustness/ranks.csv": "\n".join([header, *ranks]),
        "robustness/alike.csv": "\n".join(["group,first_rank,last_rank,uCode", *groups]),
    }
    factories.add_files(release, {name: text for name, text in study.items() if "pairs" not in name} | many)

    for language in ("en", "ar"):
        response = Client(headers={"accept-language": language}).get(SURE)
        assert response.content.decode().count("/units/GN") >= 137
        assert len(response.content) < 200_000


def test_pages_cost_the_same_queries_whatever_the_files_hold(bare, study, change, series):
    def queries_of(path):
        forget_rows()
        with CaptureQueriesContext(connection) as captured:
            read(path)
        return len(captured)

    factories.add_files(bare, {})
    before = [queries_of(SURE), queries_of(DOHA)]
    factories.add_files(factories.make_release(factories.make_edition(series, "2023")), study | change)

    assert before == [6, 8]
    assert [queries_of(path.replace("2024", "2023")) for path in (SURE, DOHA)] == before


def test_page_speaks_arabic(release):
    html = read(SURE, headers={"accept-language": "ar"})

    assert '<html lang="ar" dir="rtl">' in html
    assert "ما مدى اليقين في هذا الترتيب؟" in html
    assert "الجيزة" in html
    assert "charts/ranks.svg?lang=ar" in html
    words = text(html.partition("<main")[2].partition('id="cite"')[0])
    assert re.findall(r".{20}\b(?:the|rank|ranks|cities|interval|share)\b.{20}", words) == []


def test_ranking_method_and_navigation_lead_to_it(release):
    for path in (HERE, HERE + "method/", HERE + "files/", DOHA):
        assert f'href="{SURE}"' in read(path), path
    assert read(HERE).count(f'href="{SURE}"') == 2


# --- how sure is this rank ----------------------------------------------------------------------------------------------


def test_city_says_interval_median_tiers_and_neighbours(release, study):
    html = read(HERE + "units/giza/").partition('id="sure"')[2]
    row = next(row for row in rows_of(study, "ranks.csv") if row["uCode"] == "giza")

    assert (
        f"Rank 4 as released. In nine of ten of 40 recomputations it lies from 3 to 5, in the middle one at {row['rank_median']}."
        in text(html)
    )
    assert cells(html, "Cairo") == ["3", "Cairo", "10.0 %", "no"]
    assert cells(html, "Doha") == ["2", "Doha", "0.0 %", "yes"]
    assert cells(html, "60 % to 100 %") == ["60 % to 100 %", "90.0 %"]


def test_city_names_what_moves_it_most(release):
    assert cells(read(DOHA).partition('id="sure"')[2], "Network group of indicators")[1:] == ["3", "−1"]
    assert "On no single part" in text(read(HERE + "units/dubai/"))


def test_city_counts_who_cannot_be_told_apart_by_pairs_where_the_release_did(release):
    assert "2 other cities cannot be told apart from it." in text(read(HERE + "units/giza/"))


def test_city_that_is_not_ranked_has_no_rank_to_be_sure_of(release):
    assert 'id="sure"' not in read(HERE + "units/aden/")
    assert profile_page(release_head("las", "2024"), "aden").sure is None


# --- why did it move ----------------------------------------------------------------------------------------------------


def test_move_is_told_with_parts_that_add_up(release, change):
    row = next(row for row in read_change(change[CHANGE]) if row.unit == "cairo")
    html = read(HERE + "units/cairo/").partition('id="moved"')[2]

    assert row.rank_parts["own_data"] == Fraction(1, 12)
    assert cells(html, "the city’s own values") == [
        "the city’s own values",
        "+0.08",
        f"+{row.score_parts['own_data']:.2f}",
    ]
    assert cells(html, "the panel’s weights")[1] == "−0.25"
    assert cells(html, "The whole move")[1] == "0"
    assert "Cairo: rank 3 as before. The score went from 35.62 to 49.97." in text(html)
    assert "would have put it at rank 4, with 28.42 points" in text(html)
    assert sum(row.rank_parts.values()) == row.rank_move
    assert sum(row.score_parts.values()) == row.score_move


def test_cause_that_moves_the_score_alone_has_its_part(release):
    html = read(DOHA).partition('id="moved"')[2]

    assert cells(html, "the panel’s weights") == ["the panel’s weights", "0", "+0.07"]


def test_move_up_and_down_are_told_in_words(release):
    assert "Doha: from 1 to 2: 1 place lost." in text(read(DOHA))
    assert "Dubai: from 2 to 1: 1 place gained." in text(read(HERE + "units/dubai/"))


def test_causes_without_a_part_are_named_and_none_is_called_other(release):
    html = text(read(DOHA).partition('id="moved"')[2].partition("</section>")[0])

    assert "No part in it: indicators added, dropped or redefined; the recipe from data to ranks; corrections" in html
    assert re.findall(r"\bother\b(?! cities)", html.replace("all orders", "")) == []


@pytest.mark.parametrize(
    ("status", "sentence"),
    [
        ("new", "Doha was not among the cities then."),
        ("gone", "Doha is no longer among the cities."),
        ("unranked_before", "Doha was not ranked then: too few of its indicators were given."),
        ("unranked_after", "Doha is not ranked now: too few of its indicators are given."),
        ("no_common_indicators", "The two editions have no indicator in common."),
        ("undefined_between", "there is a step at which the method gives Doha no rank"),
    ],
)
def test_what_cannot_be_compared_says_why(bare, status, sentence):
    recipe = factories.RecipeValue(screen=factories.Screen(0, 0))
    basis = factories.Basis(factories.TREE, factories.WEIGHTS, recipe, factories.make_table())
    found = split_change(basis, basis)
    factories.add_files(bare, change_files(replace(found, status=(status,) * len(found.units))))

    html = text(read(DOHA).partition('id="moved"')[2])

    assert f"Not comparable. {sentence}" in html or f"Not comparable. Between the two releases {sentence}" in html
    assert "The whole move" not in html
    assert "charts/change" not in html


def test_every_status_is_tested():
    marks = test_what_cannot_be_compared_says_why.pytestmark
    tested = {case[0] for mark in marks if mark.name == "parametrize" for case in mark.args[1]}

    assert tested == set(get_args(Status)) - {"split"}


def test_move_names_the_release_it_is_counted_from(series, study, change):
    edition = factories.make_edition(series)
    manifest = {"compared": {"edition": "2023", "number": "1.1", "fingerprint": "f" * 64}}
    factories.add_files(factories.make_release(edition, manifest=manifest), study | change)

    html = read(DOHA)

    assert '<a href="/s/las/2023/v1.1/">edition 2023, release 1.1</a>' in html


def test_move_without_a_named_release_is_from_the_last_edition(release):
    assert "Compared with the last edition." in text(read(DOHA))


def test_first_release_is_compared_with_nothing(bare, study):
    factories.add_files(bare, study)

    assert "compared with no earlier one" in text(read(DOHA))
    assert unit_change(release_head("las", "2024"), "doha") is None


def test_releases_keep_their_own_files_apart(release, series):
    factories.make_release(release.edition, minor=1, supersedes=release)

    assert "Nobody knows" in read("/s/las/2024/v1.1/robustness/")
    assert "Nobody knows" not in read(SURE)
    assert Release.objects.count() == 2
    assert ReleaseFile.objects.filter(release__minor=1).count() == 1
