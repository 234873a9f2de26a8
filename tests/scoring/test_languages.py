"""The ranking without a language: told by the weights of all others, never by who speaks what."""

import csv
import io
from dataclasses import replace

import numpy as np
import pytest

from exchange.problems import FileProblemsError
from scoring.files.frozen import FrozenMethod
from scoring.files.languages import NAME, read_languages, write_languages
from scoring.files.verification import verify
from scoring.numerics.pipeline import weigh
from scoring.rules import languages_to_leave_out
from surveys import handover
from surveys.usecases.judgements import record_judgement
from surveys.usecases.panels import add_panelist, create_panel
from surveys.usecases.rounds import open_round, plan_round
from surveys.usecases.submissions import submit_round

pytestmark = pytest.mark.django_db
LANGUAGES = ("ar",) * 6 + ("fr",) * 5 + ("ru", "ru", "pt", "pt", "en")  # five people speak others


@pytest.fixture
def panel(series, by):
    panel = create_panel(series, slug="panel", names={"en": "Panel"}, is_simulated=True, **by)
    for number, language in enumerate(LANGUAGES, start=1):
        add_panelist(panel, code=f"P{number:02d}", name=f"Name {number}", group="academia", language=language, **by)
    return panel


@pytest.fixture
def opened(panel, version, by, now):
    round_ = open_round(plan_round(panel, version=version, seed=7, **by), **by)
    pairs = list(round_.comparisons.select_related("a", "b").order_by("pk"))
    for position, panelist in enumerate(panel.panelists.order_by("code")):
        for number, pair in enumerate(pairs):
            value = (1, 2, 3, 1 / 2, 5, 1 / 3)[(position * 5 + number) % 6]
            record_judgement(panelist, round_, a=pair.a.code, b=pair.b.code, value=value, at=now())
        submit_round(panelist, round_, at=now())
    return round_


def test_languages_of_five_that_leave_five_may_be_left_out(closed):
    judged = handover.closed_round(closed.uid).judgements

    assert judged.languages == LANGUAGES
    assert languages_to_leave_out(judged) == ("ar", "fr")
    assert languages_to_leave_out(replace(judged, languages=("ar",) * 12 + ("fr",) * 4)) == ()
    # 16 - 6 - 9: the one who is left would be told by the difference
    assert languages_to_leave_out(replace(judged, languages=("ar",) * 6 + ("fr",) * 9 + ("ru",))) == ("fr",)
    assert languages_to_leave_out(replace(judged, languages=())) == ()


def test_no_published_file_tells_who_speaks_what(release):
    files = {file.name: bytes(file.content).decode() for file in release.files.all()}

    assert "language" not in files["judgements.csv"].splitlines()[0]
    told = {row["language"] for row in csv.DictReader(io.StringIO(files["weights_without_language.csv"]))}
    assert told == {"ar", "fr"}
    assert not any(",ru," in text or ",pt," in text or "Name " in text for text in files.values())


def test_weights_without_a_language_are_those_of_the_others(release, closed):
    frozen = FrozenMethod.from_content(release.edition.freezes.get().content)
    judged = handover.closed_round(closed.uid).judgements
    here = [position for position, language in enumerate(LANGUAGES) if language != "fr"]
    others = replace(
        judged,
        experts=tuple(judged.experts[position] for position in here),
        expert_weights=judged.expert_weights[here],
        groups=tuple(judged.groups[position] for position in here),
        languages=(),
        nodes=tuple(replace(node, matrices=node.matrices[here]) for node in judged.nodes),
    )

    expected = weigh(others, replace(frozen.method, draws=0)).local

    assert frozen.languages["fr"] == pytest.approx({code: expected[code] for code in frozen.languages["fr"]}, rel=1e-11)


def test_ranking_without_a_language_is_released_and_recomputed(release):
    rows = csv.DictReader(io.StringIO(bytes(release.files.get(name="robustness/leave_one_out.csv").content).decode()))

    assert [row["left_out"] for row in rows if row["kind"] == "language"] == ["ar", "fr"]
    verdict = verify("bundle.zip", bytes(release.bundle.zip))
    assert verdict.numbers > 500
    assert verdict.differences == ()


def test_weights_without_language_are_read_as_written(release):
    frozen = FrozenMethod.from_content(release.edition.freezes.get().content)

    read = read_languages(NAME, write_languages(frozen.languages).encode(), frozen.tree)

    assert {
        name: np.allclose([*local.values()], [*frozen.languages[name].values()]) for name, local in read.items()
    } == {
        "ar": True,
        "fr": True,
    }


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("language,iCode\nfr,A\n", "local_weight"),
        ("language,iCode,local_weight\nfr,A,much\n", "is not a number"),
        ("language,iCode,local_weight\nfr,A,1\n", "criteria are not the framework's"),
    ],
)
def test_what_is_no_such_file_is_refused_by_place(release, text, says):
    tree = FrozenMethod.from_content(release.edition.freezes.get().content).tree

    with pytest.raises(FileProblemsError, match=says):
        read_languages(NAME, text.encode(), tree)
