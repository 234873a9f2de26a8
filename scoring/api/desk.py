"""What is done at the desk by API: the same use-cases as the desk's pages, a job's progress instead of a page that moves."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, ClassVar

from django.http import HttpResponse
from django.utils.translation import get_language
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import extend_schema
from rest_framework.exceptions import NotFound
from rest_framework.parsers import FormParser, MultiPartParser
from rest_framework.renderers import JSONRenderer
from rest_framework.response import Response
from rest_framework.reverse import reverse

from accounts import states as accounts
from accounts.api.doors import Desk, validated
from accounts.doors import actor_and_time, needed_for
from accounts.parsers import FlatJSONParser
from accounts.rules import series_for
from accounts.usecases.series import name_licence
from scoring.api import answers, bodies, desk_answers
from scoring.api.reading import EditionListView, ReleaseListView, context, or_404
from scoring.errors import MissingPartError
from scoring.files.methods import method_from_dict
from scoring.files.templates import FORMS, OF_FRAMEWORK, template_of
from scoring.queries.desk.edition import edition_for_desk
from scoring.queries.desk.jobs import edition_jobs, progress_of
from scoring.queries.freezes import weights_of
from scoring.queries.published.record import edition_record
from scoring.queries.published.release_head import release_head
from scoring.states import capability
from scoring.tasks import enqueue
from scoring.usecases import edition_data, editions, freezes, releases
from scoring.usecases.approvals import approve_method, ask_approval
from scoring.usecases.carrying import carry_weights
from scoring.usecases.editions import create_edition, repeat_edition
from surveys import handover

if TYPE_CHECKING:
    from rest_framework.request import Request

    from scoring import models


class EditionDesk(Desk):
    """Something done with an edition."""

    edition: models.Edition

    def initial(self, request: Request, *args: Any, **kwargs: Any) -> None:
        """Find the edition for those who may."""
        super().initial(request, *args, **kwargs)
        self.edition = or_404(edition_for_desk(self.series, kwargs["edition"]))

    def place(self) -> dict[str, Any]:
        """Return what its answers need to build addresses."""
        return context(self.request, series=self.edition.series.slug, edition=self.edition.slug)

    def queued(self, job: models.Consensus | models.Scoring) -> Response:
        """Tell the workers of queued work, and who asked for it where its progress is."""
        enqueue(job)
        answer = desk_answers.JobSerializer(progress_of(job), context=self.place()).data
        return Response(answer, status=202, headers={"Location": answer["url"]})


class LicenceView(Desk):
    """The licence of a series' own work."""

    needed = {"POST": accounts.capability("name_licence")}

    @extend_schema(
        request=bodies.LicenceSerializer,
        responses=bodies.LicenceSerializer,
        operation_id="name_licence",
        tags=["desk"],
    )
    def post(self, request: Request, series: str) -> Response:
        """Say under which licence weights, scores, ranks and texts stand from the next release on."""
        sent = validated(bodies.LicenceSerializer(data=request.data))
        return Response({"licence": name_licence(self.series, **sent, **actor_and_time(request)).licence})


class EditionsView(EditionListView):
    """The editions of a series, and beginning one."""

    needed: ClassVar = {"POST": capability("create_edition", "repeat_edition")}

    @extend_schema(
        request=bodies.BeginSerializer,
        responses={201: answers.EditionSerializer},
        operation_id="begin_edition",
        tags=["desk"],
    )
    def post(self, request: Request, series: str) -> Response:
        """Begin an edition on a framework with panels, or like one that is there; nobody is mailed.

        Like another it takes over framework, recipe, texts and the panel's willing people.
        """
        owner = series_for(request.user, series, needed_for(self.needed, request))
        sent = validated(bodies.BeginSerializer(data=request.data))
        named: dict[str, Any] = {"slug": sent["slug"], **actor_and_time(request)}
        if "like" in sent:
            made = repeat_edition(or_404(edition_for_desk(owner, sent["like"])), **named)
        else:
            made = create_edition(owner, framework_uid=sent["framework"], panel_uids=sent["panels"], **named)
        place = context(request, series=series, edition=made.slug)
        answer = answers.EditionSerializer(or_404(edition_record(series, made.slug)), context=place).data
        address = reverse("api:edition", kwargs={"series": series, "edition": made.slug}, request=request)
        return Response(answer, status=201, headers={"Location": address})


class TextsView(EditionDesk):
    """What readers of an edition are told beside its numbers."""

    needed = {"GET": capability("describe_edition"), "PUT": capability("describe_edition")}

    @extend_schema(responses=bodies.TextsSerializer, operation_id="edition_texts", tags=["desk"])
    def get(self, request: Request, **_: str) -> Response:
        """Tell what readers must not conclude, and as of which day the edition is."""
        return Response(bodies.TextsSerializer(self.edition).data)

    @extend_schema(
        request=bodies.TextsSerializer,
        responses=bodies.TextsSerializer,
        operation_id="describe_edition",
        tags=["desk"],
    )
    def put(self, request: Request, **_: str) -> Response:
        """Say both anew; possible until something is released, the day until the method is frozen."""
        sent = validated(bodies.TextsSerializer(data=request.data))
        described = editions.describe_edition(self.edition, **sent, **actor_and_time(request))
        return Response(bodies.TextsSerializer(described).data)


class JobListView(EditionDesk):
    """The work behind an edition."""

    needed = {"GET": capability("edition_jobs")}

    @extend_schema(responses=desk_answers.JobListSerializer, operation_id="jobs", tags=["desk"])
    def get(self, request: Request, **_: str) -> Response:
        """List the work behind an edition and how far it is."""
        return Response(
            desk_answers.JobListSerializer({"results": edition_jobs(self.edition)}, context=self.place()).data
        )


class JobView(EditionDesk):
    """One piece of work."""

    needed = {"GET": capability("edition_jobs")}

    @extend_schema(responses=desk_answers.JobSerializer, operation_id="job", tags=["desk"])
    def get(self, request: Request, kind: str, **_: str) -> Response:
        """Tell how far it is: ``consensus``, ``scoring`` or ``bundle``."""
        job = or_404(next((one for one in edition_jobs(self.edition) if one.kind == kind), None))
        return Response(desk_answers.JobSerializer(job, context=self.place()).data)


class CsvRenderer(JSONRenderer):
    """Lets a program ask for CSV alone; what it renders are refusals, as JSON."""

    media_type = "text/csv"
    format = "csv"


class TemplateView(EditionDesk):
    """Empty files for the edition's framework."""

    needed = {"GET": capability("template_of")}
    renderer_classes = (JSONRenderer, CsvRenderer)

    @extend_schema(
        responses={(200, "text/csv"): OpenApiTypes.STR},
        operation_id="template",
        tags=["desk"],
    )
    def get(self, request: Request, form: str, **_: str) -> HttpResponse:
        """Give an empty file of a form, ready to fill in, in the language of the request."""
        if form not in FORMS:
            raise NotFound
        if form in OF_FRAMEWORK and self.edition.framework_uid is None:
            raise MissingPartError("the edition has no framework", part="framework")
        uid = self.edition.framework_uid
        text = template_of(form, () if uid is None else handover.framework(uid).rows)
        name = f"{self.edition.series.slug}-{self.edition.slug}-{form}-{get_language()}.csv"
        return HttpResponse(
            text.encode(),
            content_type="text/csv; charset=utf-8",
            headers={"Content-Disposition": f'attachment; filename="{name}"'},
        )


class ConsensusView(EditionDesk):
    """Weighing."""

    needed = {"POST": capability("weigh_edition")}

    @extend_schema(
        request=bodies.WeighSerializer,
        responses={202: desk_answers.JobSerializer},
        operation_id="weigh_edition",
        tags=["desk"],
    )
    def post(self, request: Request, **_: str) -> Response:
        """Ask for the consensus of a closed round; the same round and method are the same work."""
        sent = validated(bodies.WeighSerializer(data=request.data))
        method = method_from_dict(sent["method"])
        return self.queued(
            editions.weigh_edition(self.edition, round_uid=sent["round"], method=method, **actor_and_time(request))
        )


class CarriedView(EditionDesk):
    """Weights of another edition."""

    needed = {"POST": capability("carry_weights")}

    @extend_schema(
        request=bodies.CarrySerializer,
        responses=desk_answers.CarriedSerializer,
        operation_id="carry_weights",
        tags=["desk"],
    )
    def post(self, request: Request, **_: str) -> Response:
        """Weigh as another edition did: nobody is asked, and pages and files say how old the weights are."""
        source = validated(bodies.CarrySerializer(data=request.data))["edition"]
        edition = carry_weights(self.edition, source=source, **actor_and_time(request))
        assert edition.carried_id is not None  # noqa: S101 - for the type checker
        return Response(desk_answers.CarriedSerializer(weights_of(edition.carried_id).told).data)


class RecipeView(EditionDesk):
    """The recipe."""

    needed = {"POST": capability("settle_recipe")}

    @extend_schema(
        request=bodies.RecipeSerializer,
        responses={201: desk_answers.StoredRecipeSerializer},
        operation_id="settle_recipe",
        tags=["desk"],
    )
    def post(self, request: Request, **_: str) -> Response:
        """Give the edition a recipe."""
        text = validated(bodies.RecipeSerializer(data=request.data))["text"]
        stored = editions.settle_recipe(self.edition, text=text, **actor_and_time(request))
        return Response(desk_answers.StoredRecipeSerializer(stored).data, status=201)


class RevisionView(EditionDesk):
    """A released edition's way back to its method."""

    needed = {"POST": capability("revise_method"), "DELETE": capability("keep_method")}

    @extend_schema(request=None, responses=desk_answers.RevisionSerializer, operation_id="revise_method", tags=["desk"])
    def post(self, request: Request, **_: str) -> Response:
        """Lead a released edition back to its method, for a second freeze and release 2.0."""
        edition = freezes.revise_method(self.edition, **actor_and_time(request))
        return Response(desk_answers.RevisionSerializer(edition).data)

    @extend_schema(
        request=None, responses={200: desk_answers.RevisionSerializer}, operation_id="keep_method", tags=["desk"]
    )
    def delete(self, request: Request, **_: str) -> Response:
        """End a revision that came to nothing."""
        edition = freezes.keep_method(self.edition, **actor_and_time(request))
        return Response(desk_answers.RevisionSerializer(edition).data)


class ApprovalView(EditionDesk):
    """The approval of the method by a second person."""

    needed = {"POST": capability("ask_approval"), "PUT": capability("approve_method")}

    @extend_schema(
        request=None, responses={201: desk_answers.ApprovalSerializer}, operation_id="ask_approval", tags=["desk"]
    )
    def post(self, request: Request, **_: str) -> Response:
        """Ask somebody else to approve what would be frozen now; an earlier request ends."""
        asked = ask_approval(self.edition, **actor_and_time(request))
        return Response(desk_answers.ApprovalSerializer(asked).data, status=201)

    @extend_schema(
        request=bodies.ApprovingSerializer,
        responses=desk_answers.ApprovalSerializer,
        operation_id="approve_method",
        tags=["desk"],
    )
    def put(self, request: Request, **_: str) -> Response:
        """Approve what has this fingerprint; who asked cannot, and with any change since nobody can."""
        sent = validated(bodies.ApprovingSerializer(data=request.data))
        approved = approve_method(self.edition, **sent, **actor_and_time(request))
        return Response(desk_answers.ApprovalSerializer(approved).data)


class FreezeView(EditionDesk):
    """Freezing."""

    needed = {"POST": capability("freeze_method")}

    @extend_schema(
        request=None, responses={201: desk_answers.FreezeSerializer}, operation_id="freeze_method", tags=["desk"]
    )
    def post(self, request: Request, **_: str) -> Response:
        """Fix the method, before data are opened; it is not undone."""
        return Response(
            desk_answers.FreezeSerializer(freezes.freeze_method(self.edition, **actor_and_time(request))).data,
            status=201,
        )


class ScoringView(EditionDesk):
    """Scoring."""

    needed = {"POST": capability("request_scoring")}

    @extend_schema(
        request=None, responses={202: desk_answers.JobSerializer}, operation_id="score_edition", tags=["desk"]
    )
    def post(self, request: Request, **_: str) -> Response:
        """Ask for the scores of the edition's data by its frozen method; asked twice it is the same work."""
        return self.queued(edition_data.request_scoring(self.edition, **actor_and_time(request)))


class ReleasesView(ReleaseListView):
    """The releases of an edition, and releasing it."""

    needed: ClassVar = {"POST": capability("release_edition")}
    parser_classes = (FlatJSONParser, FormParser, MultiPartParser)  # whatever nothing is sent as

    @extend_schema(
        request=bodies.ReleaseReasonSerializer,
        responses={201: answers.ReleaseSerializer},
        operation_id="release_edition",
        tags=["desk"],
    )
    def post(self, request: Request, series: str, edition: str) -> Response:
        """Publish the edition's scores as release 1.0, or 2.0 after a second freeze; it is never changed again."""
        owner = series_for(request.user, series, needed_for(self.needed, request))
        found = or_404(edition_for_desk(owner, edition))
        reason = validated(bodies.ReleaseReasonSerializer(data=request.data))["reason"]
        return release_created(request, releases.release_edition(found, reason=reason, **actor_and_time(request)))


class CorrectionView(EditionDesk):
    """Correcting."""

    needed = {"POST": capability("correct_release")}

    @extend_schema(
        request=bodies.CorrectionSerializer,
        responses={201: answers.ReleaseSerializer},
        operation_id="correct_release",
        tags=["desk"],
    )
    def post(self, request: Request, **_: str) -> Response:
        """Publish corrected data, scored by the same method, as the next release; the earlier one stays as it is."""
        reason = validated(bodies.CorrectionSerializer(data=request.data))["reason"]
        if self.edition.dataset is None:
            raise MissingPartError("the edition has no data", part="dataset")
        release = releases.correct_release(
            self.edition, dataset=self.edition.dataset, reason=reason, **actor_and_time(request)
        )
        return release_created(request, release)


def release_created(request: Request, release: models.Release) -> Response:
    """Let the files be built, and answer with the release and its address."""
    enqueue(release.bundle)
    series, edition = release.edition.series.slug, release.edition.slug
    head = or_404(release_head(series, edition, release.number))
    place = context(request, series=series, edition=edition, release=f"v{head.number}", number=head.number)
    answer = answers.ReleaseSerializer(head, context=place).data
    return Response(answer, status=201, headers={"Location": answer["url"]})
