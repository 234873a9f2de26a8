"""What anybody may read without a key: series, editions, and everything of a release."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, TypeVar

from django.utils import timezone
from django.utils.http import http_date
from drf_spectacular.utils import extend_schema
from rest_framework import serializers
from rest_framework.exceptions import NotFound
from rest_framework.response import Response
from rest_framework.reverse import reverse
from rest_framework.utils.urls import replace_query_param

from accounts import units
from accounts.api.doors import Reading, asks
from scoring.api import answers, method_answers, studied
from scoring.queries.published.catalogue import home_page, series_page
from scoring.queries.published.files import files_page
from scoring.queries.published.method import dictionary_page, method_page
from scoring.queries.published.rank_change import change_page
from scoring.queries.published.ranking import ranking_page
from scoring.queries.published.record import edition_record, made_from, panel_groups
from scoring.queries.published.release_head import release_head
from scoring.queries.published.uncertainty import pairs_page, robustness_page
from scoring.queries.published.unit import profile_page
from scoring.recipe import recipe_to_dict

if TYPE_CHECKING:
    from rest_framework.request import Request

    from scoring.queries.published.release_head import ReleaseHead

T = TypeVar("T")

LATEST = "latest"
PAGE = 100
MOST = 1000


class RootView(Reading):
    """Where to begin."""

    @extend_schema(responses=answers.RootSerializer, operation_id="root", tags=["start"])
    def get(self, request: Request) -> Response:
        """Name the first addresses."""
        names = {"series": "api:series-list", "schema": "api:schema", "docs": "api:docs"}
        return Response({key: reverse(name, request=request) for key, name in names.items()})


class SeriesListView(Reading):
    """All series."""

    @extend_schema(responses=answers.SeriesListSerializer, operation_id="series_list", tags=["series"])
    def get(self, request: Request) -> Response:
        """List every series that has an edition."""
        page = {"results": home_page().series}
        return Response(answers.SeriesListSerializer(page, context={"request": request}).data)


class SeriesView(Reading):
    """One series."""

    @extend_schema(responses=answers.SeriesSerializer, operation_id="series", tags=["series"])
    def get(self, request: Request, series: str) -> Response:
        """Show a series with its editions."""
        page = or_404(series_page(series, today=timezone.localdate()))
        return Response(answers.SeriesSerializer(page, context=context(request, series=series)).data)


class EditionListView(Reading):
    """The editions of a series."""

    @extend_schema(responses=answers.EditionListSerializer, operation_id="editions", tags=["editions"])
    def get(self, request: Request, series: str) -> Response:
        """List the editions of a series, newest first."""
        page = or_404(series_page(series, today=timezone.localdate()))
        return Response(
            answers.EditionListSerializer({"results": page.editions}, context=context(request, series=series)).data
        )


class EditionView(Reading):
    """One edition."""

    @extend_schema(responses=answers.EditionSerializer, operation_id="edition", tags=["editions"])
    def get(self, request: Request, series: str, edition: str) -> Response:
        """Show an edition with its releases."""
        record = or_404(edition_record(series, edition))
        return Response(
            answers.EditionSerializer(record, context=context(request, series=series, edition=edition)).data
        )


class ReleaseListView(Reading):
    """The releases of an edition."""

    @extend_schema(responses=answers.ReleaseListSerializer, operation_id="releases", tags=["releases"])
    def get(self, request: Request, series: str, edition: str) -> Response:
        """List the releases of an edition, newest first; none before the first."""
        page = {"results": or_404(edition_record(series, edition)).releases}
        return Response(
            answers.ReleaseListSerializer(page, context=context(request, series=series, edition=edition)).data
        )


# --- one release --------------------------------------------------------------------------------------------------------


class OfRelease(Reading):
    """Something of one release: ``v1.0`` never changes, but may come to be superseded; ``latest`` is the newest."""

    release: ReleaseHead

    def initial(self, request: Request, *args: Any, **kwargs: Any) -> None:
        """Find the release, and let a numbered one be kept for a while."""
        super().initial(request, *args, **kwargs)
        self.release = _head(kwargs["series"], kwargs["edition"], kwargs["release"])
        if kwargs["release"] != LATEST:
            self.keep = {"public": True, "max_age": 300}

    def finalize_response(self, request: Request, response: Response, *args: Any, **kwargs: Any) -> Response:
        """Date the answer while nothing but the release itself is told, and name the newest where it is another."""
        answer = super().finalize_response(request, response, *args, **kwargs)
        if answer.status_code == 200:
            if self.release.is_superseded:
                place = {
                    "series": self.release.series,
                    "edition": self.release.edition,
                    "release": f"v{self.release.latest}",
                }
                newest = reverse("api:release", kwargs=place, request=request)
                answer["Link"] = f'<{newest}>; rel="latest-version"'
            elif not self.release.is_withdrawn:
                answer["Last-Modified"] = http_date(self.release.released_at.timestamp())
        return answer

    def context(self) -> dict[str, Any]:
        """Return what its answers need to build addresses."""
        return context(
            self.request,
            series=self.release.series,
            edition=self.release.edition,
            release=f"v{self.release.number}",
            number=self.release.number,
        )


class ReleaseView(OfRelease):
    """One release."""

    @extend_schema(responses=answers.ReleaseSerializer, operation_id="release", tags=["releases"])
    def get(self, request: Request, **_: str) -> Response:
        """Show a release: ``v1.0``, or ``latest``."""
        return Response(answers.ReleaseSerializer(self.release, context=self.context()).data)


class RankingQuerySerializer(serializers.Serializer[Any]):
    """How a ranking is filtered and paged."""

    country = serializers.CharField(
        required=False, default="", allow_blank=True, max_length=3, help_text="ISO 3166-1 alpha-3."
    )
    q = serializers.CharField(
        required=False,
        default="",
        allow_blank=True,
        max_length=100,
        help_text="Part of a name in any language, or of a code.",
    )
    limit = serializers.IntegerField(required=False, default=PAGE, min_value=1, max_value=MOST)
    offset = serializers.IntegerField(required=False, default=0, min_value=0)


class RankingView(OfRelease):
    """The ranking of a release."""

    @asks(RankingQuerySerializer)
    @extend_schema(responses=answers.RankingSerializer, operation_id="ranking", tags=["releases"])
    def get(self, request: Request, **_: str) -> Response:
        """Show the ranked units, filtered and paged as asked."""
        query = RankingQuerySerializer(data=request.query_params)
        query.is_valid(raise_exception=True)
        asked = query.validated_data
        page = ranking_page(self.release, asked=asked["q"], country=asked["country"])
        rows = sorted(page.rows, key=lambda row: (row.rank, row.code))
        first, size = asked["offset"], asked["limit"]
        answer = {
            "release": self.release,
            "total": page.total,
            "count": len(rows),
            "next": self.page(first + size, size) if first + size < len(rows) else None,
            "previous": self.page(max(first - size, 0), size) if first else None,
            "countries": page.beside.countries,
            "scope": page.beside.scope,
            "results": rows[first : first + size],
            "left_out": page.left_out,
            "tiers": page.tiers,
        }
        return Response(answers.RankingSerializer(answer, context=self.context()).data)

    def page(self, offset: int, limit: int) -> str:
        """Return the address of another stretch of the rows, of this very release even where the newest was asked for."""
        place = {"series": self.release.series, "edition": self.release.edition, "release": f"v{self.release.number}"}
        here = f"{reverse('api:ranking', kwargs=place, request=self.request)}?{self.request.GET.urlencode()}"
        return replace_query_param(replace_query_param(here, "limit", limit), "offset", offset)


class UnitView(OfRelease):
    """One unit of a release."""

    @extend_schema(responses=answers.UnitSerializer, operation_id="unit", tags=["releases"])
    def get(self, request: Request, code: str, **_: str) -> Response:
        """Show a unit with all its values, each with its source."""
        return Response(answers.UnitSerializer(or_404(profile_page(self.release, code)), context=self.context()).data)


class UnitPairsView(OfRelease):
    """One unit of a release against all others."""

    @extend_schema(responses=studied.PairsSerializer, operation_id="unit_pairs", tags=["releases"])
    def get(self, request: Request, code: str, **_: str) -> Response:
        """Show how often a unit stands above each other one, draw by draw."""
        return Response(studied.PairsSerializer(or_404(pairs_page(self.release, code)), context=self.context()).data)


class UnitChangeView(OfRelease):
    """Why one unit moved."""

    @extend_schema(responses=studied.UnitChangeSerializer, operation_id="unit_change", tags=["releases"])
    def get(self, request: Request, code: str, **_: str) -> Response:
        """Show why a unit moved since the earlier release, cause by cause."""
        return Response(
            studied.UnitChangeSerializer(or_404(change_page(self.release, code)), context=self.context()).data
        )


class RobustnessView(OfRelease):
    """How sure a release is."""

    @extend_schema(responses=studied.RobustnessSerializer, operation_id="robustness", tags=["releases"])
    def get(self, request: Request, **_: str) -> Response:
        """Show intervals, tier shares, who cannot be told apart, which choice matters, and the ranking without each part."""
        return Response(studied.RobustnessSerializer(robustness_page(self.release), context=self.context()).data)


class WeightsView(OfRelease):
    """The weights of a release."""

    @extend_schema(responses=method_answers.WeightsSerializer, operation_id="weights", tags=["releases"])
    def get(self, request: Request, **_: str) -> Response:
        """Show the tree of weights with their intervals."""
        return Response(method_answers.WeightsSerializer(method_page(self.release), context=self.context()).data)


class IndicatorsView(OfRelease):
    """The framework of a release."""

    @extend_schema(responses=method_answers.IndicatorsSerializer, operation_id="indicators", tags=["releases"])
    def get(self, request: Request, **_: str) -> Response:
        """Show every criterion with names and definitions by language."""
        return Response(method_answers.IndicatorsSerializer(dictionary_page(self.release), context=self.context()).data)


class MethodView(OfRelease):
    """The method of a release."""

    @extend_schema(responses=method_answers.MethodSerializer, operation_id="method", tags=["releases"])
    def get(self, request: Request, **_: str) -> Response:
        """Show how judgements became weights and data became ranks."""
        page = method_page(self.release)
        more = {
            "recipe": recipe_to_dict(page.recipe),
            "made_from": made_from(self.release),
            "groups": panel_groups(self.release),
        }
        return Response(method_answers.MethodSerializer(page, context=self.context() | more).data)


class FilesView(OfRelease):
    """The files of a release."""

    @extend_schema(responses=answers.FilesSerializer, operation_id="files", tags=["releases"])
    def get(self, request: Request, **_: str) -> Response:
        """List the files with sizes and fingerprints."""
        return Response(answers.FilesSerializer(files_page(self.release), context=self.context()).data)


# --- helpers ------------------------------------------------------------------------------------------------------------


def or_404(page: T | None) -> T:
    """Return the page, or refuse where there is none."""
    if page is None:
        raise NotFound
    return page


def _head(series: str, edition: str, release: str) -> ReleaseHead:
    """Return the head of ``v1.0`` or ``latest``; from here on the answer speaks of what it ranks."""
    if release != LATEST and not release.startswith("v"):
        raise NotFound
    number = None if release == LATEST else release.removeprefix("v")
    head = or_404(release_head(series, edition, number))
    units.activate(head.unit_kind)
    return head


def context(request: Request, **place: str) -> dict[str, Any]:
    """Return what answers need to build addresses: the request, and where it is."""
    return {"request": request, "place": place}
