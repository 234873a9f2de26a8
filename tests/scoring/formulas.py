"""An edition whose every text begins like a formula, or like a text that was kept from being one."""

import numpy as np

from accounts.models import Series
from scoring.files.licences import SourceLicence
from scoring.files.sources import Source
from scoring.files.unit_lists import ListedUnits, PlannedSource
from scoring.files.units import UnitRow
from scoring.numerics.types import Table
from surveys.usecases.frameworks import create_framework, freeze_framework
from surveys.usecases.judgements import record_judgement
from surveys.usecases.panels import add_panelist, create_panel
from surveys.usecases.rounds import close_round, open_round, plan_round
from surveys.usecases.submissions import submit_round
from surveys.values.framework import FrameworkRow
from tests.scoring.conftest import BY, NOW

PILLARS = ("+A", "-B", "@C")
INDICATORS = ("=A1", "\tA2", "'=A3", "-B1", "\rC1")
UNITS = ("=U1", "+U2", "-U3", "@U4", "\tU5", "\rU6", "''U7", "'-U8")
TIME = "@2025"
REGIONS = ("=N", "+S", "-E", "@W", "'N", "'=S", "\tN", "\rS")
OFFICE, ATLAS = "=Office, 2025", "+Atlas"
NAMES = (
    '=HYPERLINK("https://example.org")',
    "+1+1",
    "-3.5 Town",
    "@Town",
    "\t=Town",
    "\r\n=1",
    "'Town",
    "'\t=Town\r\n=1",
)


def rows():
    return [
        FrameworkRow("=Root", None, kind="Aggregate", names={"en": "=City", "ar": "=مدينة"}, extra={"@note": "=kept"}),
        *(FrameworkRow(code, "=Root", kind="Aggregate", names={"en": f"-{code}"}) for code in PILLARS),
        *(
            FrameworkRow(code, "+A", names={"en": f"@{code}"}, definitions={"en": f"=About {code}"}, unit="=points")
            for code in INDICATORS[:3]
        ),
        FrameworkRow("-B1", "-B", direction=-1, names={"en": "'=B1"}, target=-0.5, source="=somewhere"),
        FrameworkRow("\rC1", "@C", names={"en": "+C1"}, denominator="-Area", source="-somewhere"),
        FrameworkRow("+Region", None, kind="Group", names={"en": "=Region"}),
        FrameworkRow("-Area", None, kind="Denominator", names={"en": "=Area"}),
    ]


def framework():
    return freeze_framework(create_framework(slug="city", names={"en": "=City"}, rows=rows(), **BY), **BY)


def people(series):
    panel = create_panel(series, slug="panel", names={"en": "=Panel"}, is_simulated=True, **BY)
    for number in range(1, 8):
        add_panelist(panel, code=f"={number}", name=f"+Name {number}", group="@academia", **BY)
    return panel


def judged(panel, version):
    """A closed round in which six of seven answered and handed in, each answer with a comment."""
    round_ = open_round(plan_round(panel, version=version, seed=7, **BY), **BY)
    pairs = list(round_.comparisons.select_related("a", "b").order_by("pk"))
    for at, panelist in enumerate(panel.panelists.order_by("code")[:6]):
        for number, pair in enumerate(pairs):
            value = (1, 2, 3, 1 / 2, 5, 1 / 3)[(at + number) % 6]
            comment = "=+-@\t\r'"[number % 7] + "said"
            record_judgement(panelist, round_, a=pair.a.code, b=pair.b.code, value=value, comment=comment, at=NOW)
        submit_round(panelist, round_, at=NOW)
    return close_round(round_, **BY)


def units():
    return tuple(
        UnitRow(
            code=code,
            names={"en": name, "ar": f"={number}"},
            aliases=(f"={code}", "-other"),
            country="MAR",
            country_names={"en": "=Morocco", "ar": "@المغرب"},
            population=number * 100_000,
            latitude=-30.5,
            longitude=-6.25,
        )
        for number, (code, name) in enumerate(zip(UNITS, NAMES, strict=True), start=1)
    )


def listed():
    return ListedUnits(
        rule={"en": "=Cities above 100,000 people.", "ar": "-كل مدينة"},
        units=units(),
        sources=tuple(PlannedSource(code, source, 2024, 2024) for code in INDICATORS for source in (OFFICE, ATLAS)),
        groups={"+Region": REGIONS},
    )


def table(shift=0.0):
    """Values on both sides of nought; the last unit has too few of them to be ranked."""
    values = np.random.default_rng(1).random((8, 5)).round(4) * 100 - 50
    values[2, 1] = values[7, 0] = values[7, 2] = values[7, 3] = np.nan
    values[0, 0] += shift
    areas = {"-Area": np.arange(1.0, 9.0)}
    return Table(UNITS, NAMES, (TIME,) * 8, INDICATORS, values, {"+Region": REGIONS}, areas)


def sources():
    """Two values from elsewhere than was planned; of the others nobody said."""
    return (
        Source("=U1", "=A1", TIME, 2024, "city", OFFICE, given=True),
        Source("+U2", "'=A3", TIME, 2020, "country", ATLAS, given=False),
        Source("-U3", "-B1", TIME, 2024, "city", "'=a note", given=True),
    )


def licences():
    return [SourceLicence(one, "=CC BY 4.0", None, True) for one in ("", OFFICE, ATLAS, "'=a note")]


def series():
    return Series.objects.create(slug="las", names={"en": "=LAS ranking"}, licence="-CC BY 4.0", created_at=NOW)
