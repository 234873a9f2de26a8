"""The charts of a release in the reader's language: what each says in words, and the numbers it draws."""

from __future__ import annotations

import hashlib
import json
from dataclasses import dataclass, replace
from importlib.metadata import version
from typing import TYPE_CHECKING, Final

from django.core.cache import cache
from django.utils.translation import get_language_bidi

from accounts.units import gettext, ngettext
from scoring.charts import (
    ChangeSplit,
    EmptyChartError,
    FactorBars,
    IndexInterval,
    Look,
    SplitPart,
    Texts,
    TierName,
    UnitRank,
    UnitTiers,
    WeightInterval,
    change_split,
    rank_intervals,
    render,
    sensitivity_bars,
    tier_shares,
    weight_intervals,
)
from scoring.queries.published.rank_change import unit_change
from scoring.queries.published.uncertainty import robustness_page
from scoring.queries.published.unit import unit_name
from scoring.version import code_version
from scoring.wording.numbers import percent, tier_name, whole, words

if TYPE_CHECKING:
    from scoring.charts import Spec
    from scoring.charts.look import Theme
    from scoring.files.uncertainty_reader import Interval
    from scoring.numerics.robustness.scope import Scope
    from scoring.queries.published.rank_change import UnitChange
    from scoring.queries.published.release_head import ReleaseHead
    from scoring.queries.published.uncertainty import RobustnessPage, UncertaintyRow

NAMES: Final = ("ranks", "tiers", "weights", "sensitivity", "change")
WIDE, NARROW = 720, 320
WIDTHS: Final = (NARROW, WIDE)
KEPT_SECONDS: Final = 30 * 24 * 3600


@dataclass(frozen=True, slots=True)
class ChartSubject:
    """What a chart is drawn from: the study of a release, or one unit's move."""

    page: RobustnessPage | None = None
    name: str = ""
    head: ReleaseHead | None = None
    change: UnitChange | None = None


def subject(head: ReleaseHead, chart: str, unit: str) -> ChartSubject | None:
    """Return what a chart is drawn from; None where the release has no such unit."""
    if chart == "change":
        name = unit_name(head, unit)
        return None if name is None else ChartSubject(name=name, head=head, change=unit_change(head, unit))
    page = robustness_page(head, focus=unit)
    return None if page.focus != unit else ChartSubject(page=page)


def look(theme: Theme = "light", width: int = WIDE) -> Look:
    """Return how a chart looks in the reader's language."""
    return Look(theme=theme, width=width, direction="rtl" if get_language_bidi() else "ltr")


def specification(chart: str, of: ChartSubject, seen: Look) -> Spec | None:
    """Return a chart's specification; None where the release has nothing to draw in it."""
    try:
        if chart == "change":
            return _change(of, seen)
        page = of.page
        if page is None or page.summary is None or page.uncertainty_summary is None:
            return None
        return {"ranks": _ranks, "tiers": _tiers, "weights": _weights, "sensitivity": _sensitivity}[chart](page, seen)
    except EmptyChartError:
        return None


def size(spec: Spec) -> tuple[int, int]:
    """Return width and height of the picture in pixels, without drawing it."""
    padding = spec["padding"]
    return spec["width"] + padding["left"] + padding["right"], spec["height"] + padding["top"] + padding["bottom"]


def digest(spec: Spec) -> str:
    """Return the fingerprint of a picture: of what is drawn and of what draws it."""
    text = json.dumps([spec, code_version(), version("vl-convert-python")], ensure_ascii=False, sort_keys=True)
    return hashlib.sha256(text.encode()).hexdigest()


def svg(spec: Spec) -> str:
    """Return the picture, rendered once for all processes; while the cache is out of reach, once a request."""
    key = f"picture:{digest(spec)}"
    kept = cache.get(key)
    if isinstance(kept, str):
        return kept
    drawn = render(spec)
    cache.set(key, drawn, KEPT_SECONDS)
    return drawn


# --- what they say ------------------------------------------------------------------------------------------------------


def _texts(head: ReleaseHead, *, title: str, subtitle: str) -> Texts:
    source = [
        gettext("%(series)s %(edition)s, release %(number)s. Steelyard.")
        % {"series": head.series_name, "edition": head.edition, "number": head.number}
    ]
    if head.is_demonstration:
        source.append(gettext("Demonstration data, not a published ranking."))
    if head.is_simulated:
        source.append(gettext("Simulated judgements."))
    return Texts(title=title, subtitle=subtitle, source=" ".join(source), description=f"{title}. {subtitle}")


def _place(rank: float) -> str:
    return whole(rank)


def _percent(share: float) -> str:
    return percent(share)


def _tenths(share: float) -> str:
    return percent(share, 1)


def _hundredths(places: float) -> str:
    return whole(places) if places == int(places) else whole(places, 2)


def _draws(page: RobustnessPage) -> str:
    return whole(page.summary.draws if page.summary else 0)


def _ranks(page: RobustnessPage, seen: Look) -> Spec:
    focused, said = page.focused, page.uncertainty_summary
    if focused is not None:
        title = _could_be(focused, page)
    else:
        wide = said.wide if said else 0
        title = ngettext(
            "%(wide)s of %(total)s cities has a rank interval wider than %(wider)s places",
            "%(wide)s of %(total)s cities have a rank interval wider than %(wider)s places",
            wide,
        ) % {"wide": whole(wide), "total": whole(page.total), "wider": whole(said.wider if said else 0)}
    subtitle = gettext("Rank (dot) and where it lies in nine of ten of %(draws)s recomputations (bar)") % {
        "draws": _draws(page)
    }
    units = [
        UnitRank(
            name=row.name,
            rank=row.rank,
            median=row.drawn.value,
            low=row.drawn.low,
            high=row.drawn.high,
            is_focus=row is focused,
        )
        for row in page.rows
    ]
    texts = _texts(page.head, title=title, subtitle=subtitle)
    if page.summary:
        texts = replace(texts, description=f"{texts.description}. {_scope(page.summary.scope)}")
    return rank_intervals(units, figure=_place, texts=texts, look=seen)


def _scope(scope: Scope) -> str:
    """Say what the intervals vary and what they do not."""
    comma = gettext(",")
    sides = ((gettext("Varied:"), scope.varied), (gettext("Not varied:"), scope.not_varied))
    return " ".join(f"{said} {f'{comma} '.join(map(words, names))}." for said, names in sides if names)


def _could_be(row: UncertaintyRow, page: RobustnessPage) -> str:
    """Say of a city what its page says."""
    total, half = page.total, row.half
    if row.low is not None and row.high is not None and not row.low <= row.rank <= row.high:
        return gettext(
            "%(name)s is ranked %(rank)s of %(total)s, yet lies from %(low)s to %(high)s in nine of ten recomputations"
        ) % {
            "name": row.name,
            "rank": whole(row.rank),
            "total": whole(total),
            "low": whole(row.low),
            "high": whole(row.high),
        }
    if half and row.is_off_half:
        return gettext(
            "%(name)s is ranked %(rank)s of %(total)s, yet half of the recomputations put it from %(low)s to %(high)s"
        ) % {
            "name": row.name,
            "rank": whole(row.rank),
            "total": whole(total),
            "low": whole(half[0]),
            "high": whole(half[1]),
        }
    usual = next((tier for tier in page.tiers if tier.number == row.modal_tier), None)
    if usual and row.is_other_tier:
        return gettext(
            "%(name)s is ranked %(rank)s of %(total)s, yet its recomputations put it most often into another tier, %(tier)s"
        ) % {"name": row.name, "rank": whole(row.rank), "total": whole(total), "tier": tier_name(usual)}
    if row.low is None or row.high is None or row.low == row.high:
        return gettext("%(name)s is ranked %(rank)s") % {"name": row.name, "rank": whole(row.rank)}
    return gettext("%(name)s is ranked %(rank)s and could be anywhere from %(low)s to %(high)s") % {
        "name": row.name,
        "rank": whole(row.rank),
        "low": whole(row.low),
        "high": whole(row.high),
    }


def _tiers(page: RobustnessPage, seen: Look) -> Spec:
    focused, said = page.focused, page.uncertainty_summary
    names = [TierName(tier_name(tier), whole(tier.number)) for tier in page.tiers]
    if focused is not None and focused.shares:
        most = max(focused.shares)
        title = gettext("%(name)s: tier “%(tier)s” in %(share)s of the recomputations") % {
            "name": focused.name,
            "tier": names[focused.shares.index(most)].name,
            "share": percent(most),
        }
    else:
        title = _steady(0 if said is None else said.steady, page.total, is_joint=said is not None and said.is_joint)
    return tier_shares(
        [
            UnitTiers(name=row.name, shares=row.shares, is_focus=row is focused)
            for row in page.rows
            if len(row.shares) == len(names)
        ],
        tiers=names,
        figure=_percent,
        texts=_texts(
            page.head,
            title=title,
            subtitle=gettext("Share of the recomputations by tier; beside the bar the tier of most of them"),
        ),
        look=seen,
    )


def _steady(steady: int, total: int, *, is_joint: bool) -> str:
    """Say how many units have one tier, whatever was varied."""
    if is_joint:
        text = ngettext(
            "%(steady)s of %(total)s cities is in one tier in every set of ranks that holds all cities at once",
            "%(steady)s of %(total)s cities are in one tier in every set of ranks that holds all cities at once",
            steady,
        )
    else:
        text = ngettext(
            "%(steady)s of %(total)s cities keeps one tier in 95 %% of the recomputations",
            "%(steady)s of %(total)s cities keep one tier in 95 %% of the recomputations",
            steady,
        )
    return text % {"steady": whole(steady), "total": whole(total)}


def _weights(page: RobustnessPage, seen: Look) -> Spec:
    rows = [
        WeightInterval(
            name=row.criterion.name,
            node=row.parent,
            weight=row.local.value or 0.0,
            low=row.local.low,
            high=row.local.high,
        )
        for row in page.weights
    ]
    widest = max(page.weights, key=lambda row: row.local.width, default=None)
    title = (
        gettext("Least sure is the weight of %(name)s: %(low)s to %(high)s of its group")
        % {
            "name": widest.criterion.name,
            "low": percent(widest.local.low, 1),
            "high": percent(widest.local.high, 1),
        }
        if widest
        else ""
    )
    subtitle = gettext("Share of its group (dot), and where it lies in nine of ten of %(draws)s redraws (bar)") % {
        "draws": whole(page.summary.weights_draws if page.summary else None)
    }
    if not rows:
        raise EmptyChartError("weights: no panel was drawn")
    texts = _texts(page.head, title=title, subtitle=subtitle)
    return weight_intervals(rows, figure=_tenths, tick=_percent, texts=texts, look=seen)


def _sensitivity(page: RobustnessPage, seen: Look) -> Spec:
    known = [one for one in page.shares if one.first.value is not None and one.total.value is not None]
    if not known:
        raise EmptyChartError("sensitivity: nothing varies")
    return sensitivity_bars(
        [FactorBars(name=words(one.factor), first=_index(one.first), total=_index(one.total)) for one in known],
        first_name=gettext("on its own"),
        total_name=gettext("with the others"),
        figure=_percent,
        texts=_texts(
            page.head,
            title=gettext("What moves the ranks most: %(factor)s") % {"factor": words(known[0].factor)},
            subtitle=gettext(
                "Share of the variation in the mean shift of rank; thin lines: 5th to 95th percentile of resamples"
            ),
        ),
        look=seen,
    )


def _index(ends: Interval) -> IndexInterval:
    return IndexInterval(ends.value or 0.0, ends.low, ends.high)


def moved(change: UnitChange) -> str:
    """Say how far a unit moved: from 12 to 17: 5 places lost."""
    ends = {"before": whole(change.rank_before), "after": whole(change.rank_after), "places": whole(change.distance)}
    if not change.rank_move:
        return gettext("rank %(after)s as before") % ends
    if change.rank_move > 0:
        text = ngettext(
            "from %(before)s to %(after)s: %(places)s place gained",
            "from %(before)s to %(after)s: %(places)s places gained",
            change.distance,
        )
    else:
        text = ngettext(
            "from %(before)s to %(after)s: %(places)s place lost",
            "from %(before)s to %(after)s: %(places)s places lost",
            change.distance,
        )
    return text % ends


def _change(of: ChartSubject, seen: Look) -> Spec | None:
    change, head = of.change, of.head
    if change is None or head is None or change.rank_before is None or change.rank_after is None:
        return None
    parts = tuple(SplitPart(words(part.cause, "cause"), float(part.places)) for part in change.parts if part.places)
    title = gettext("%(name)s moved %(how)s") % {"name": of.name, "how": moved(change)}
    if not change.rank_move:
        title = gettext("%(name)s: %(how)s") % {"name": of.name, "how": moved(change)}
    split = ChangeSplit(
        start_name=gettext("Rank before"),
        start=change.rank_before,
        parts=parts,
        end_name=gettext("Rank now"),
        end=change.rank_after,
        is_rank=True,
    )
    subtitle = gettext("Places gained (to the right) and lost (to the left), by cause")
    return change_split(split, figure=_hundredths, texts=_texts(head, title=title, subtitle=subtitle), look=seen)
