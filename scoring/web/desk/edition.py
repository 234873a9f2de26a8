"""An edition at the desk: its chain, with a form for each step."""

from __future__ import annotations

from functools import wraps
from typing import TYPE_CHECKING, Any, Concatenate, ParamSpec
from uuid import UUID

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _

from accounts.doors import actor_and_time, capability_required
from accounts.rules import actors
from exchange.problems import FileProblemsError
from scoring.errors import DatasetError, ScoringError
from scoring.files.received import sent_file
from scoring.models import Upload
from scoring.numerics.errors import MethodError
from scoring.queries.desk import edition as queries
from scoring.queries.desk.uploads import upload_facts, uploads_of
from scoring.queries.freezes import last_freeze
from scoring.recipe import RecipeError
from scoring.states import capability
from scoring.tasks import enqueue, withdraw
from scoring.usecases import edition_data, editions, freezes, releases, uploads
from scoring.usecases.consensus import cancel_consensus
from scoring.usecases.edition_data import cancel_scoring
from scoring.web.desk.forms import (
    ApprovalForm,
    CarryForm,
    ConfirmForm,
    CorrectionForm,
    DataForm,
    MethodForm,
    RecipeForm,
    UnitsForm,
)
from scoring.web.desk.reading_form import UploadAnswerForm
from scoring.wording.method_names import stage_words
from scoring.wording.refusals import sentence
from surveys.errors import SurveyError

if TYPE_CHECKING:
    from collections.abc import Callable

    from django.forms import Form

    from accounts.lifecycle import Capability
    from accounts.models import Series
    from scoring.models import Edition
    from scoring.queries.desk.edition import DeskEditionPage
    from scoring.queries.desk.uploads import UploadFacts

REFUSED = 422
P = ParamSpec("P")
START = "version = 1\n\n[robustness]\ndraws = 1000\n"
"""What a recipe begins with: every choice at its default, and ranks with their uncertainty."""


def edition_capability_required(
    **needed: Capability,
) -> Callable[[Callable[Concatenate[HttpRequest, Edition, P], HttpResponse]], Callable[..., HttpResponse]]:
    """Open a view of an edition, by method, to those in its series who may do what is needed.

    A refusal of the step becomes a message on the chain.
    """

    def decorate(view: Callable[Concatenate[HttpRequest, Edition, P], HttpResponse]) -> Callable[..., HttpResponse]:
        @capability_required(**needed)
        @wraps(view)
        def opened(
            request: HttpRequest, series: Series, edition: str, *args: P.args, **kwargs: P.kwargs
        ) -> HttpResponse:
            found = queries.edition_for_desk(series, edition)
            if found is None:
                raise Http404
            try:
                return view(request, found, *args, **kwargs)
            except (ScoringError, SurveyError) as error:
                messages.error(request, sentence(error.code, error.facts, str(error)))
                return _chain(found)

        return opened

    return decorate


def refuse_step(request: HttpRequest, edition: Edition, step: str, form: Form) -> HttpResponse:
    """Show the chain with the form that its step refuses."""
    return _show(request, edition, refused=step, form=form, status=REFUSED)


def step_done(request: HttpRequest, edition: Edition, message: str) -> HttpResponse:
    """Lead back to the chain, which says what was done."""
    messages.success(request, message)
    return _chain(edition)


def _chain(edition: Edition, step: str = "") -> HttpResponse:
    """Lead to the chain, or to one step of it."""
    address = reverse("scoring:desk_edition", args=[edition.series.slug, edition.slug])
    return redirect(f"{address}#{step}" if step else address)


@edition_capability_required(GET=capability("desk_edition_page"))
def desk_edition(request: HttpRequest, edition: Edition) -> HttpResponse:
    """Show the chain with the next step."""
    return _show(request, edition)


def _show(
    request: HttpRequest, edition: Edition, *, refused: str = "", form: Form | None = None, status: int = 200
) -> HttpResponse:
    """Render the chain; a refused form stands in its step with what was entered."""
    roles = actors(request.user, edition.series)
    page = queries.desk_edition_page(edition, roles, reader=request.user.get_username())
    forms: dict[str, Form] = {
        "method": MethodForm(rounds=page.closed_rounds),
        "carry": CarryForm(to_carry=page.to_carry),
        "recipe": RecipeForm(initial={"text": page.recipe_text or START}),
        "units": _units_form(edition, **_units_as_sent(page)),
        "freeze": ConfirmForm(),
        "approval": ApprovalForm(),
        "data": _data_form(edition),
        "release": CorrectionForm() if page.releases else ConfirmForm(),
        "correction": CorrectionForm(),
    }
    forms |= {f"answer_{kind}": _answer_form(upload) for kind, upload in page.uploads.items()}
    if form is not None:
        forms[refused] = form
    return render(
        request, "scoring/desk_edition.html", {"page": page, "forms": forms, "refused": refused}, status=status
    )


def _units_as_sent(page: DeskEditionPage) -> dict[str, Any]:
    """Return what was said beside a list that is not taken in yet, else the rule that stands."""
    upload = page.uploads.get(Upload.Kind.UNITS)
    if upload is None or upload.state == "kept":
        return {"rule": page.unit_list.rule if page.unit_list else {}}
    return {"rule": upload.details["rule"], "initial": {"two_cities": upload.details["two_cities"]}}


def _answer_form(upload: UploadFacts, *sent: Any) -> UploadAnswerForm:
    """Return the form of what may be said of files that were sent, as it was said."""
    return UploadAnswerForm(*sent, initial=upload.said, problems=upload.problems, auto_id=f"id_{upload.kind}_%s")


@edition_capability_required(GET=capability("desk_edition_page"))
def progress(_request: HttpRequest, edition: Edition) -> JsonResponse:
    """Tell how far the work under way is."""
    running = queries.desk_edition_page(edition).running
    jobs = [
        {"id": f"{one.kind}-{one.pk}", "done": one.done, "total": one.total, "words": stage_words(one.state, one.stage)}
        for one in running
    ]
    answer = JsonResponse({"jobs": jobs})
    answer["Cache-Control"] = "no-store"
    return answer


@edition_capability_required(POST=capability("weigh_edition"))
def weigh(request: HttpRequest, edition: Edition) -> HttpResponse:
    """Start the consensus."""
    rounds = queries.desk_edition_page(edition).closed_rounds
    form = MethodForm(request.POST, rounds=rounds)
    if not form.is_valid():
        return refuse_step(request, edition, "method", form)
    try:
        method = form.method()
    except MethodError as error:
        form.add_error(None, str(error))
        return refuse_step(request, edition, "method", form)
    round_uid = UUID(form.cleaned_data["round"])
    enqueue(editions.weigh_edition(edition, round_uid=round_uid, method=method, **actor_and_time(request)))
    return step_done(request, edition, _("The judgements are being weighed. You may leave this page."))


@edition_capability_required(POST=capability("settle_recipe"))
def settle_recipe(request: HttpRequest, edition: Edition) -> HttpResponse:
    """Keep the recipe."""
    form = RecipeForm(request.POST)
    try:
        if form.is_valid():
            editions.settle_recipe(edition, text=form.cleaned_data["text"], **actor_and_time(request))
            return step_done(request, edition, _("The recipe is kept."))
    except RecipeError as error:
        for problem in error.problems:
            place = f"{problem.line}: " if problem.line else ""
            form.add_error("text", f"{place}{problem.key}: {problem.what}")
    return refuse_step(request, edition, "recipe", form)


@edition_capability_required(POST=capability("settle_units", "send_files"))
def settle_units(request: HttpRequest, edition: Edition) -> HttpResponse:
    """Keep the files of a list of units; a worker reads them."""
    return _send(request, edition, Upload.Kind.UNITS, _units_form(edition, request.POST, request.FILES))


@edition_capability_required(POST=capability("revise_method"))
def revise(request: HttpRequest, edition: Edition) -> HttpResponse:
    """Lead a released edition back to its method."""
    freezes.revise_method(edition, **actor_and_time(request))
    return step_done(request, edition, _("The method may be changed. What is released stays as it is."))


@edition_capability_required(POST=capability("keep_method"))
def keep(request: HttpRequest, edition: Edition) -> HttpResponse:
    """End a revision that came to nothing."""
    freezes.keep_method(edition, **actor_and_time(request))
    return step_done(request, edition, _("The method is as it was frozen."))


@edition_capability_required(POST=capability("freeze_method"))
def freeze(request: HttpRequest, edition: Edition) -> HttpResponse:
    """Freeze the method, once it is confirmed."""
    form = ConfirmForm(request.POST)
    if not form.is_valid():
        return refuse_step(request, edition, "freeze", form)
    freezes.freeze_method(edition, **actor_and_time(request))
    return step_done(request, edition, _("The method is frozen. Data may be opened now."))


@edition_capability_required(POST=capability("load_edition_data", "send_files"))
def load_data(request: HttpRequest, edition: Edition) -> HttpResponse:
    """Keep files of data; a worker reads them, and says what they would change or takes them in."""
    return _send(request, edition, Upload.Kind.DATA, _data_form(edition, request.POST, request.FILES))


def _units_form(edition: Edition, *sent: Any, **more: Any) -> UnitsForm:
    return UnitsForm(*sent, languages=edition.series.languages, **more)


def _data_form(edition: Edition, *sent: Any, **more: Any) -> DataForm:
    return DataForm(*sent, is_patch=edition.dataset_id is not None, **more)


def _send(request: HttpRequest, edition: Edition, kind: Upload.Kind, form: UnitsForm | DataForm) -> HttpResponse:
    """Keep the files of a form, to be read."""
    if not form.is_valid():
        return refuse_step(request, edition, kind, form)
    files = {part: sent_file(form.cleaned_data[part]) for part in form.parts}
    try:
        upload = uploads.send_files(
            edition,
            kind=kind,
            files={part: file for part, file in files.items() if file is not None},
            said=form.said,
            details=form.details,
            is_confirmed=not form.cleaned_data["preview"],
            **actor_and_time(request),
        )
    except FileProblemsError as error:
        form.problems += error.problems
        return refuse_step(request, edition, kind, form)
    return _read(request, edition, upload)


def _read(request: HttpRequest, edition: Edition, upload: Upload) -> HttpResponse:
    """Tell the workers of files, and lead to where their reading is shown."""
    enqueue(upload)
    messages.success(request, _("The files are being read. You may leave this page."))
    return _chain(edition, upload.kind)


def _upload(edition: Edition, uid: UUID) -> Upload:
    """Return an upload of the edition."""
    found = uploads_of(edition).filter(uid=uid).first()
    if found is None:
        raise Http404
    return found


@edition_capability_required(POST=capability("answer_upload"))
def answer_upload(request: HttpRequest, edition: Edition, uid: UUID) -> HttpResponse:
    """Have files read again by what is said of them now."""
    upload = _upload(edition, uid)
    form = _answer_form(upload_facts(upload), request.POST)
    if not form.is_valid():
        return refuse_step(request, edition, f"answer_{upload.kind}", form)
    is_confirmed = not form.cleaned_data["preview"]
    return _read(
        request,
        edition,
        uploads.answer_upload(upload, said=form.said, is_confirmed=is_confirmed, **actor_and_time(request)),
    )


@edition_capability_required(POST=capability("confirm_upload"))
def confirm_upload(request: HttpRequest, edition: Edition, uid: UUID) -> HttpResponse:
    """Have a draft taken in."""
    return _read(request, edition, uploads.confirm_upload(_upload(edition, uid), **actor_and_time(request)))


@edition_capability_required(POST=capability("drop_upload"))
def drop_upload(request: HttpRequest, edition: Edition, uid: UUID) -> HttpResponse:
    """Forget files that were not taken in."""
    upload = uploads.drop_upload(_upload(edition, uid), **actor_and_time(request))
    messages.success(request, _("The files are dropped. Nothing of them was taken in."))
    return _chain(edition, upload.kind)


def _strange_data(request: HttpRequest, edition: Edition, error: DatasetError) -> HttpResponse:
    """Show where the data that stand are not of what was frozen: other data mend it."""
    form = _data_form(edition, problems=error.problems)
    return refuse_step(request, edition, "data", form)


@edition_capability_required(POST=capability("request_scoring"))
def score(request: HttpRequest, edition: Edition) -> HttpResponse:
    """Start the scoring."""
    try:
        scoring = edition_data.request_scoring(edition, **actor_and_time(request))
    except DatasetError as error:
        return _strange_data(request, edition, error)
    enqueue(scoring)
    return step_done(request, edition, _("The data are being scored. You may leave this page."))


@edition_capability_required(POST=capability("release_edition"))
def release(request: HttpRequest, edition: Edition) -> HttpResponse:
    """Release the edition, once it is confirmed."""
    form = (CorrectionForm if edition.releases.exists() else ConfirmForm)(request.POST)
    if not form.is_valid():
        return refuse_step(request, edition, "release", form)
    reason = form.cleaned_data.get("reason", "")
    enqueue(releases.release_edition(edition, reason=reason, **actor_and_time(request)).bundle)
    return step_done(request, edition, _("The edition is released."))


@edition_capability_required(POST=capability("correct_release"))
def correct(request: HttpRequest, edition: Edition) -> HttpResponse:
    """Release a correction, once it is explained and confirmed."""
    form = CorrectionForm(request.POST)
    if not form.is_valid() or edition.dataset is None:
        return refuse_step(request, edition, "correction", form)
    reason = form.cleaned_data["reason"]
    try:
        release = releases.correct_release(edition, dataset=edition.dataset, reason=reason, **actor_and_time(request))
    except DatasetError as error:
        return _strange_data(request, edition, error)
    enqueue(release.bundle)
    return step_done(
        request, edition, _("The correction is released. The earlier release stays as it is, marked as superseded.")
    )


@edition_capability_required(POST=capability("cancel"))
def cancel(request: HttpRequest, edition: Edition, kind: str) -> HttpResponse:
    """Cancel the consensus or the scoring under way."""
    scoring = edition.scorings.filter(freeze=last_freeze(edition), dataset=edition.dataset_id).first()
    if kind == "consensus" and edition.consensus:
        cancel_consensus(edition.consensus, **actor_and_time(request))
    elif kind == "scoring" and scoring:
        withdraw(cancel_scoring(scoring, **actor_and_time(request)))
    else:
        raise Http404
    return step_done(request, edition, _("It is cancelled."))
