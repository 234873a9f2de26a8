"""Build the demonstration through the use-cases alone, up to any stage.

Every number that the demonstration shows is computed here by the chain; nothing is written past it.
"""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from typing import TYPE_CHECKING, Final

from django.db import transaction
from django.utils import timezone

from accounts.models import Role, Series, User
from accounts.usecases.people import let_begin_series
from accounts.usecases.roles import give_role
from accounts.usecases.series import create_series
from demo import data
from demo.judgements import simulate
from scoring.files.licences import SourceLicence
from scoring.files.sources import Source, resolution_of
from scoring.files.tables import read_data
from scoring.files.unit_lists import ListedUnits, PlannedSource
from scoring.files.units import UnitRow
from scoring.models import Job
from scoring.numerics.types import ConsensusMethod
from scoring.usecases.consensus import compute_consensus, request_consensus
from scoring.usecases.datasets import load_dataset
from scoring.usecases.edition_data import request_scoring, score_edition, use_dataset
from scoring.usecases.editions import choose_consensus, create_edition, settle_recipe
from scoring.usecases.freezes import freeze_method
from scoring.usecases.members import add_member
from scoring.usecases.releases import build_bundle, release_edition
from scoring.usecases.unit_lists import settle_units
from surveys.files.framework import read_framework
from surveys.models import FrameworkVersion, Panel
from surveys.queries.frameworks import rows_of
from surveys.usecases.consents import word_consent
from surveys.usecases.frameworks import create_framework, freeze_framework, revise_framework
from surveys.usecases.judgements import record_judgement
from surveys.usecases.mails import drop_waiting_mails
from surveys.usecases.panels import add_panelist, create_panel
from surveys.usecases.rounds import close_round, open_round, plan_round
from surveys.usecases.submissions import submit_round
from surveys.values.choices import AnswerList
from surveys.values.framework import tree_of

if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Sequence

    from scoring.models import Dataset, Edition
    from scoring.numerics.types import Tree
    from surveys.models import Round

STAGES: Final = ("judging", "closed", "consensus", "frozen", "released")
BY: Final = "demonstration"
MODERATOR: Final = "moderator"
PASSWORD: Final = "steelyard-demo"  # noqa: S105  # printed by the demonstration, which runs on one's own machine
DRAWS: Final = 1000
# by language, so that mails show the reader's clock; where none is known a mail says UTC, and pages ask the device
TIME_ZONES: Final = {"ar": "Africa/Cairo", "zh": "Asia/Shanghai", "ru": "Europe/Moscow", "pt": "America/Sao_Paulo"}
PAIRS_KEPT_DAYS: Final = 3650
HANDED_IN_WHILE_OPEN: Final = 12  # of an open round's panelists, so that there is progress to see


def seed(*, stage: str, seed: int, only: Collection[str] = (), tell: Callable[[str], object] = lambda _: None) -> None:
    """Build all series (or ``only`` some), each due edition up to ``stage``; an edition in preparation keeps its round open."""
    moderator = User.objects.create_user(MODERATOR, f"{MODERATOR}@example.org", PASSWORD)
    let_begin_series(moderator)
    for number, edition in enumerate(data.editions()):
        if only and edition.series.lower() not in only:
            continue
        here = stage if edition.stage == "released" else "judging"
        tell(f"{edition.names.en} {edition.year}: {here}")
        _build(edition, moderator, stage=here, seed=seed + number)


def _build(edition: data.EditionRow, moderator: User, *, stage: str, seed: int) -> None:
    """Take one edition through the chain, stopping after ``stage``."""
    reached = STAGES.index(stage)
    at = _asked_at(edition)
    series = _series(edition, moderator, at=at)
    version = _framework(edition, at=at)
    panel = _panel(series, at=at)
    with transaction.atomic():
        round_ = _ask(panel, version, seed=seed, at=at, still_open=reached == 0)
    made = create_edition(
        series,
        slug=str(edition.year),
        framework_uid=version.uid,
        panel_uids=[panel.uid],
        reference_date=date(edition.year, 12, 31),
        limits=data.limits(edition),
        by=BY,
        at=at,
    )
    settle_recipe(made, text=data.recipe(edition), by=BY, at=at)
    settle_units(made, listed=_unit_list(edition), by=BY, at=at)
    if reached >= STAGES.index("closed"):
        close_round(round_, by=BY, at=at + timedelta(days=30))
        drop_waiting_mails(round_, by=BY, at=at + timedelta(days=30))  # of an open round alone the mails are of use
    if reached >= STAGES.index("consensus"):
        _weigh(series, made, round_, seed=seed, at=at + timedelta(days=31))
    if reached >= STAGES.index("frozen"):
        # by the one person who moderates them: nobody else is there to approve it
        freeze_method(made, by=MODERATOR, at=at + timedelta(days=35))
    if reached >= STAGES.index("released"):
        _release(edition, series, made, version, at=at + timedelta(days=60))


def _asked_at(edition: data.EditionRow) -> datetime:
    """Return when the edition's round opened: in its year, an edition in preparation a week ago."""
    if edition.stage != "released":
        return timezone.now() - timedelta(days=7)
    return datetime(edition.year, 9, 1, 9, tzinfo=UTC)


def _first_day(text: str) -> date:
    """Return the day a membership table names, or the first of its year; a place in a region, undated, has been there ever."""
    if not text:
        return date.min
    return date.fromisoformat(text if "-" in text else f"{text}-01-01")


def _names(names: data.Names) -> dict[str, str]:
    """Return the names that there are, by language."""
    return {language: text for language in data.LANGUAGES if (text := getattr(names, language))}


def _series(edition: data.EditionRow, moderator: User, *, at: datetime) -> Series:
    """Return the edition's series, made with its members at the first edition."""
    slug = edition.series.lower()
    existing = Series.objects.filter(slug=slug).first()
    if existing is not None:
        return existing
    titles = data.texts()["titles"]
    region = _names(edition.names)
    series = create_series(
        slug=slug,
        names={language: titles[language].format(name) for language, name in region.items()},
        descriptions=data.descriptions(edition),
        languages=[language for language in data.LANGUAGES if region.get(language)],
        contact="desk@example.org",
        licence=data.LICENCE,
        is_demonstration=True,
        by=BY,
        at=at,
    )
    # its editions are years old: their links are to open all the same
    word_consent(series, responsible={}, basis={}, recipients={}, days=PAIRS_KEPT_DAYS, by=BY, at=at)
    for kind in (Role.Kind.OWNER, Role.Kind.MODERATOR):
        give_role(moderator, series=series, kind=kind, by=BY, at=at)
    countries = data.countries()
    for member in data.memberships():
        if member.series == edition.series:
            add_member(
                series,
                code=member.iso3,
                names=_names(countries[member.iso3].names),
                since=_first_day(member.since),
                until=_first_day(member.until) if member.until else None,
                source=member.source,
                is_area=member.area,
                by=BY,
                at=at,
            )
    return series


def _framework(edition: data.EditionRow, *, at: datetime) -> FrameworkVersion:
    """Return the frozen framework version with the edition's indicators, made when no version has them."""
    rows = read_framework("framework.csv", data.framework_table(edition).encode())
    for version in FrameworkVersion.objects.filter(framework__slug="smart-city"):
        if rows_of(version) == rows:
            return version
    first = FrameworkVersion.objects.filter(framework__slug="smart-city").first()
    if first is None:
        draft = create_framework(slug="smart-city", names=data.texts()["framework"], rows=rows, by=BY, at=at)
    else:
        draft = revise_framework(first.framework, rows=rows, by=BY, at=at)
    return freeze_framework(draft, by=BY, at=at)


def _panel(series: Series, *, at: datetime) -> Panel:
    """Return the series' simulated panel, made at the first edition."""
    existing = Panel.objects.filter(series=series).first()
    if existing is not None:
        return existing
    names = data.texts()["panel"]
    panel = create_panel(series, slug="experts", names=names, is_simulated=True, by=BY, at=at)
    for panelist in data.panelists():
        add_panelist(
            panel,
            code=panelist.code,
            name=panelist.label,
            email=f"{panelist.code.lower()}@example.org",
            group=panelist.group,
            language={"zh": "zh-hans"}.get(panelist.language, panelist.language),
            time_zone=TIME_ZONES.get(panelist.language, ""),
            field=panelist.field,
            by=BY,
            at=at,
        )
    return panel


def _ask(panel: Panel, version: FrameworkVersion, *, seed: int, at: datetime, still_open: bool) -> Round:
    """Open the edition's round and let the simulated panel answer; of an open round only some have handed in."""
    closes_at = (timezone.now() if still_open else at) + timedelta(days=30)
    planned = plan_round(panel, version=version, closes_at=closes_at, seed=seed, by=BY, at=at)
    round_ = open_round(planned, by=BY, at=at)
    people = {panelist.code: panelist for panelist in panel.panelists.all()}
    asked = data.panelists()[: HANDED_IN_WHILE_OPEN if still_open else None]
    tree = tree_of(rows_of(version))
    reasons = data.texts()["reason"]
    given: set[str] = set()
    for judgement in simulate(asked, _means(tree), _asked(tree), seed=seed):
        record_judgement(
            people[judgement.panelist],
            round_,
            a=judgement.a,
            b=judgement.b,
            value=float(judgement.value),
            taken_from=AnswerList.FIVE,
            comment="" if judgement.panelist in given else reasons[people[judgement.panelist].language],
            at=at + timedelta(days=1),
        )
        given.add(judgement.panelist)
    for panelist in asked:
        submit_round(people[panelist.code], round_, at=at + timedelta(days=2))
    return round_


def _asked(tree: Tree) -> dict[str, Sequence[str]]:
    """Return the nodes that ask anything, with their items."""
    return {node: items for node, items in tree.children.items() if len(items) > 1}


def _means(tree: Tree) -> dict[str, dict[str, dict[str, float]]]:
    """Return the groups' stated points for the items of this tree."""
    return {
        group: {
            node: {item: points for item, points in items.items() if item in tree.by_code}
            for node, items in nodes.items()
        }
        for group, nodes in data.group_means().items()
    }


def _weigh(series: Series, edition: Edition, round_: Round, *, seed: int, at: datetime) -> None:
    """Compute the consensus and choose it for the edition."""
    method = ConsensusMethod(draws=DRAWS, seed=seed)
    consensus = request_consensus(series, round_uid=round_.uid, method=method, by=BY, at=at)
    compute_consensus(consensus.pk, now=lambda: at)
    _check_done(consensus)
    choose_consensus(edition, consensus=consensus, by=BY, at=at)


def _release(
    spec: data.EditionRow, series: Series, edition: Edition, version: FrameworkVersion, *, at: datetime
) -> None:
    """Load the data, score and release."""
    edition.refresh_from_db()
    use_dataset(edition, dataset=_dataset(spec, series, version, at=at), by=BY, at=at)
    edition.refresh_from_db()
    scoring = request_scoring(edition, by=BY, at=at)
    score_edition(scoring.pk, now=lambda: at)
    _check_done(scoring)
    edition.refresh_from_db()
    release = release_edition(edition, by=BY, at=at + timedelta(days=7))
    build_bundle(release.bundle.pk, now=lambda: at + timedelta(days=7))
    _check_done(release.bundle)


def _units(spec: data.EditionRow) -> tuple[UnitRow, ...]:
    return tuple(
        UnitRow(
            code=city.code,
            names=_names(city.names),
            aliases=city.aliases,
            country=city.country.iso3,
            country_names=_names(city.country.names),
            population=city.population,
            latitude=city.latitude,
            longitude=city.longitude,
        )
        for city in data.cities(spec)
    )


def _unit_list(spec: data.EditionRow) -> ListedUnits:
    """Return who is listed, and where the values are to come from."""
    groups = [data.groups(city) for city in data.cities(spec)]
    listed = {city.code for city in data.cities(spec)}
    return ListedUnits(
        rule=data.rule(spec),
        units=_units(spec),
        sources=tuple(PlannedSource(*one) for one in data.planned_sources(spec)),
        groups={name: tuple(one[name] for one in groups) for name in groups[0]},
        two_cities=tuple(pair for pair in data.neighbours(cities=2) if {*pair} <= listed),
    )


def _check_done(job: Job) -> None:
    """Stop the seed where a computation was refused."""
    job.refresh_from_db()
    if job.state != Job.State.DONE:
        raise RuntimeError(f"{job}: {job.state} {job.error_code} {job.error_facts}")


def _dataset(spec: data.EditionRow, series: Series, version: FrameworkVersion, *, at: datetime) -> Dataset:
    """Load the edition's cities and observations, each with its source."""
    tree = tree_of(rows_of(version))
    table = read_data("data.csv", data.wide_table(spec).encode(), tree)
    titles = {source.code: source.name for source in data.sources()}
    return load_dataset(
        series,
        framework_uid=version.uid,
        table=table,
        sources=[
            Source(
                unit=one.city,
                indicator=one.indicator,
                time=str(spec.year),
                year=one.year,
                resolution=resolution_of(one.resolution),
                source=titles.get(one.source, one.source),
                given=one.given,
            )
            for one in data.observations(spec)
        ],
        units=_units(spec),
        licences=[
            SourceLicence(source.name, source.licence, source.retrieved, source.redistribution)
            for source in data.sources()
        ],
        note=data.NOTICE,
        by=BY,
        at=at,
    )
