"""The moderators' desk: her series, and an edition's chain with a form for each step."""

from __future__ import annotations

from functools import wraps
from typing import TYPE_CHECKING, Any, Concatenate, ParamSpec
from uuid import UUID

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import Http404, HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import redirect, render
from django.template.loader import render_to_string
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe

from accounts.lifecycle import Actor
from accounts.models import Series
from accounts.rules import may_act, moderated_series
from accounts.usecases import name_licence
from scoring.errors import DatasetError, ScoringError
from scoring.numerics.errors import MethodError
from scoring.queries.datasets import groups_of
from scoring.queries.desk import edition as queries
from scoring.queries.desk import series as series_queries
from scoring.queries.freezes import last_freeze
from scoring.recipe import RecipeError
from scoring.states import who_may
from scoring.tasks import enqueue, withdraw
from scoring.usecases import edition_data, editions, freezes, releases, unit_lists
from scoring.usecases.consensus import cancel_consensus
from scoring.usecases.edition_data import cancel_scoring
from scoring.web.desk.forms import ConfirmForm, CorrectionForm, DataForm, LicenceForm, MethodForm, RecipeForm, UnitsForm
from scoring.wording.data_changes import loaded_words, preview_words
from scoring.wording.method_names import stage_words
from scoring.wording.refusals import sentence
from surveys.errors import SurveyError

if TYPE_CHECKING:
    from collections.abc import Callable, Collection

    from django.forms import Form

    from exchange.options import FileReading
    from scoring.models import Edition

REFUSED = 422
P = ParamSpec("P")
START = "version = 1\n"


def _series(request: HttpRequest, slug: str, *, by: Collection[Actor] = (Actor.MODERATOR,)) -> Series:
    """Return the series for its moderators, where they may do the act at hand; for everyone else there is none."""
    found = Series.objects.filter(slug=slug).first()
    if found is None or not may_act(request.user, found, by=by):
        raise Http404
    return found


def edition_permission_required(
    act: str = "",
) -> Callable[[Callable[Concatenate[HttpRequest, Edition, P], HttpResponse]], Callable[..., HttpResponse]]:
    """Open a view to those in the edition's series who may do the act, which is posted; without one it is read by moderators.

    A refusal of the step becomes a message on the chain.
    """

    def decorate(view: Callable[Concatenate[HttpRequest, Edition, P], HttpResponse]) -> Callable[..., HttpResponse]:
        @(require_POST if act else require_safe)
        @wraps(view)
        @login_required
        def opened(request: HttpRequest, series: str, edition: str, *args: P.args, **kwargs: P.kwargs) -> HttpResponse:
            by = who_may(act) if act else (Actor.MODERATOR,)
            found = queries.edition_for_desk(_series(request, series, by=by), edition)
            if found is None:
                raise Http404
            try:
                return view(request, found, *args, **kwargs)
            except (ScoringError, SurveyError) as error:
                messages.error(request, sentence(error.code, error.facts, str(error)))
                return _chain(found)

        return opened

    return decorate


def _refused(request: HttpRequest, edition: Edition, step: str, form: Form) -> HttpResponse:
    """Show the chain with the form that its step refuses."""
    return _show(request, edition, refused=step, form=form, status=REFUSED)


def _done(request: HttpRequest, edition: Edition, message: str, *, reading: FileReading | None = None) -> HttpResponse:
    """Lead back to the chain, which says what was done, and how files were read where anything is to be said of it."""
    messages.success(request, message)
    if reading is not None and reading.notes:
        messages.info(request, render_to_string("scoring/desk_notes.html", {"notes": reading.notes}))
    return _chain(edition)


def _chain(edition: Edition) -> HttpResponse:
    return redirect("scoring:desk_edition", series=edition.series.slug, edition=edition.slug)


def _by(request: HttpRequest) -> dict[str, Any]:
    """Say who does it, and when."""
    return {"by": request.user.get_username(), "at": timezone.now()}


@require_safe
@login_required
def desk(request: HttpRequest) -> HttpResponse:
    """List the series she moderates."""
    return render(request, "scoring/desk.html", {"page": series_queries.desk_page(moderated_series(request.user))})


@require_safe
@login_required
def desk_series(request: HttpRequest, series: str) -> HttpResponse:
    """Show a series' editions, panels and rounds."""
    return _show_series(request, _series(request, series))


def _show_series(
    request: HttpRequest, found: Series, form: LicenceForm | None = None, *, status: int = 200
) -> HttpResponse:
    """Render the series; a refused form stands with what was entered."""
    page = series_queries.desk_series_page(found)
    form = form or LicenceForm(initial={"licence": page.licence})
    return render(request, "scoring/desk_series.html", {"page": page, "form": form}, status=status)


@require_POST
@login_required
def licence(request: HttpRequest, series: str) -> HttpResponse:
    """Say under which licence the series' own work stands from its next release on."""
    found = _series(request, series)
    form = LicenceForm(request.POST)
    if not form.is_valid():
        return _show_series(request, found, form, status=REFUSED)
    name_licence(found, licence=form.cleaned_data["licence"], **_by(request))
    messages.success(request, _("The licence is kept. The next release names it."))
    return redirect("scoring:desk_series", series=found.slug)


@edition_permission_required()
def desk_edition(request: HttpRequest, edition: Edition) -> HttpResponse:
    """Show the chain with the next step."""
    return _show(request, edition)


def _show(
    request: HttpRequest, edition: Edition, *, refused: str = "", form: Form | None = None, status: int = 200
) -> HttpResponse:
    """Render the chain; a refused form stands in its step with what was entered."""
    page = queries.desk_edition_page(edition)
    forms: dict[str, Form] = {
        "method": MethodForm(rounds=page.closed_rounds),
        "recipe": RecipeForm(initial={"text": page.recipe_text or START}),
        "units": UnitsForm(languages=edition.series.languages, rule=page.unit_list.rule if page.unit_list else {}),
        "freeze": ConfirmForm(),
        "data": DataForm(groups=groups_of(edition.dataset)),
        "release": CorrectionForm() if page.releases else ConfirmForm(),
        "correction": CorrectionForm(),
    }
    if form is not None:
        forms[refused] = form
    return render(
        request, "scoring/desk_edition.html", {"page": page, "forms": forms, "refused": refused}, status=status
    )


@edition_permission_required()
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


@edition_permission_required("weigh_edition")
def weigh(request: HttpRequest, edition: Edition) -> HttpResponse:
    """Start the consensus."""
    rounds = queries.desk_edition_page(edition).closed_rounds
    form = MethodForm(request.POST, rounds=rounds)
    if not form.is_valid():
        return _refused(request, edition, "method", form)
    try:
        method = form.method()
    except MethodError as error:
        form.add_error(None, str(error))
        return _refused(request, edition, "method", form)
    round_uid = UUID(form.cleaned_data["round"])
    enqueue(editions.weigh_edition(edition, round_uid=round_uid, method=method, **_by(request)))
    return _done(request, edition, _("The judgements are being weighed. You may leave this page."))


@edition_permission_required("settle_recipe")
def settle_recipe(request: HttpRequest, edition: Edition) -> HttpResponse:
    """Keep the recipe."""
    form = RecipeForm(request.POST)
    try:
        if form.is_valid():
            editions.settle_recipe(edition, text=form.cleaned_data["text"], **_by(request))
            return _done(request, edition, _("The recipe is kept."))
    except RecipeError as error:
        for problem in error.problems:
            place = f"{problem.line}: " if problem.line else ""
            form.add_error("text", f"{place}{problem.key}: {problem.what}")
    return _refused(request, edition, "recipe", form)


@edition_permission_required("settle_units")
def settle_units(request: HttpRequest, edition: Edition) -> HttpResponse:
    """Keep the list of units, all of it or with everything that is wrong nothing."""
    form = UnitsForm(request.POST, request.FILES, languages=edition.series.languages)
    listed = form.read() if form.is_valid() else None
    if listed is None:
        return _refused(request, edition, "units", form)
    try:
        stored = unit_lists.settle_units(edition, listed=listed, **_by(request))
    except DatasetError as error:
        form.problems += error.problems
        return _refused(request, edition, "units", form)
    kept = _("The list of units is kept, as number {number}.").format(number=stored.number)
    return _done(request, edition, kept, reading=form.reading)


@edition_permission_required("revise_method")
def revise(request: HttpRequest, edition: Edition) -> HttpResponse:
    """Lead a released edition back to its method."""
    freezes.revise_method(edition, **_by(request))
    return _done(request, edition, _("The method may be changed. What is released stays as it is."))


@edition_permission_required("keep_method")
def keep(request: HttpRequest, edition: Edition) -> HttpResponse:
    """End a revision that came to nothing."""
    freezes.keep_method(edition, **_by(request))
    return _done(request, edition, _("The method is as it was frozen."))


@edition_permission_required("freeze_method")
def freeze(request: HttpRequest, edition: Edition) -> HttpResponse:
    """Freeze the method, once it is confirmed."""
    form = ConfirmForm(request.POST)
    if not form.is_valid():
        return _refused(request, edition, "freeze", form)
    freezes.freeze_method(edition, **_by(request))
    return _done(request, edition, _("The method is frozen. Data may be opened now."))


@edition_permission_required("load_edition_data")
def load_data(request: HttpRequest, edition: Edition) -> HttpResponse:
    """Take in data, all that is sent or none of it; or only say what they would change."""
    form = DataForm(request.POST, request.FILES, groups=groups_of(edition.dataset))
    framework = queries.desk_edition_page(edition).framework
    sent = form.read(framework) if form.is_valid() and framework else None
    if sent is None:
        return _refused(request, edition, "data", form)
    try:
        if form.cleaned_data["preview"]:
            changes = edition_data.preview_edition_data(edition, sent=sent, replace=form.is_whole)
            return _done(request, edition, preview_words(changes), reading=form.reading)
        loaded = edition_data.load_edition_data(
            edition,
            table=sent.table,
            sources=sent.sources,
            units=sent.units,
            licences=sent.licences,
            removed=sent.removed,
            replace=form.is_whole,
            note=form.cleaned_data["note"],
            **_by(request),
        )
    except DatasetError as error:
        form.problems += error.problems
        return _refused(request, edition, "data", form)
    return _done(request, edition, loaded_words(loaded.changes), reading=form.reading)


def _strange_data(request: HttpRequest, edition: Edition, error: DatasetError) -> HttpResponse:
    """Show where the data that stand are not of what was frozen: other data mend it."""
    form = DataForm(request.POST, groups=groups_of(edition.dataset))
    form.problems += error.problems
    return _refused(request, edition, "data", form)


@edition_permission_required("request_scoring")
def score(request: HttpRequest, edition: Edition) -> HttpResponse:
    """Start the scoring."""
    try:
        scoring = edition_data.request_scoring(edition, **_by(request))
    except DatasetError as error:
        return _strange_data(request, edition, error)
    enqueue(scoring)
    return _done(request, edition, _("The data are being scored. You may leave this page."))


@edition_permission_required("release_edition")
def release(request: HttpRequest, edition: Edition) -> HttpResponse:
    """Release the edition, once it is confirmed."""
    form = (CorrectionForm if edition.releases.exists() else ConfirmForm)(request.POST)
    if not form.is_valid():
        return _refused(request, edition, "release", form)
    reason = form.cleaned_data.get("reason", "")
    enqueue(releases.release_edition(edition, reason=reason, **_by(request)).bundle)
    return _done(request, edition, _("The edition is released."))


@edition_permission_required("correct_release")
def correct(request: HttpRequest, edition: Edition) -> HttpResponse:
    """Release a correction, once it is explained and confirmed."""
    form = CorrectionForm(request.POST)
    if not form.is_valid() or edition.dataset is None:
        return _refused(request, edition, "correction", form)
    reason = form.cleaned_data["reason"]
    try:
        release = releases.correct_release(edition, dataset=edition.dataset, reason=reason, **_by(request))
    except DatasetError as error:
        return _strange_data(request, edition, error)
    enqueue(release.bundle)
    return _done(
        request, edition, _("The correction is released. The earlier release stays as it is, marked as superseded.")
    )


@edition_permission_required("cancel")
def cancel(request: HttpRequest, edition: Edition, kind: str) -> HttpResponse:
    """Cancel the consensus or the scoring under way."""
    scoring = edition.scorings.filter(freeze=last_freeze(edition), dataset=edition.dataset_id).first()
    if kind == "consensus" and edition.consensus:
        cancel_consensus(edition.consensus, **_by(request))
    elif kind == "scoring" and scoring:
        withdraw(cancel_scoring(scoring, **_by(request)))
    else:
        raise Http404
    return _done(request, edition, _("It is cancelled."))
