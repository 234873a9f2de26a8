"""What the moderators' pages of an edition send."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, get_args
from uuid import UUID

from django import forms
from django.utils.formats import date_format
from django.utils.text import format_lazy
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from accounts.names import localised
from scoring.files.units import ENGLISH
from scoring.models import Edition
from scoring.numerics.types import ConsensusMethod, Group, Incomplete, Priorities, RandomIndex, Scale
from scoring.usecases.editions import MOST_LIMITS
from scoring.web.desk.reading_form import SendingForm
from scoring.wording.method_names import WORDS
from scoring.wording.numbers import language as named_language

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from scoring.errors import BadEditionError
    from scoring.queries.desk.beginning import BeginPage
    from scoring.queries.freezes import CarriedWeights
    from scoring.recipe import RecipeError
    from surveys.values.rounds import FrameworkSummary, RoundSummary

DEFAULT = ConsensusMethod(draws=1000, seed=1)


def named_choices(names: Iterable[str], prefix: str = "") -> list[tuple[str, Any]]:
    """Give the choices of a method in words."""
    return [(name, WORDS[f"{prefix}{name}"]) for name in names]


class EditionNameForm(forms.Form):
    """What a new edition is called in its address."""

    slug = forms.SlugField(
        label=_("Short name of the new edition"),
        help_text=_(
            "Such as its year: letters from a to z, digits and hyphens. It stands in addresses and is not changed."
        ),
        max_length=50,
        widget=forms.TextInput(attrs={"dir": "ltr", "autocapitalize": "none", "spellcheck": "false"}),
        error_messages=dict.fromkeys(
            ("required", "invalid"), _("Letters from a to z, digits, hyphens and underscores only.")
        ),
    )

    def refuse(self, error: BadEditionError) -> None:
        """Say beside the field why no edition can be called so."""
        is_reserved = error.facts.get("reason") == "reserved"
        self.add_error(
            "slug",
            _("This word has another meaning in addresses of the desk. Choose another.")
            if is_reserved
            else _("The series has an edition of this name."),
        )


class BeginForm(EditionNameForm):
    """What an edition stands on, whom it asks, and what it is called."""

    framework_uid = forms.TypedChoiceField(
        label=_("Framework"),
        help_text=_("A frozen version: what is judged and measured does not change under an edition."),
        widget=forms.RadioSelect,
        coerce=UUID,
        error_messages={"required": _("Choose the framework that the edition stands on.")},
    )
    panel_uids = forms.TypedMultipleChoiceField(
        label=_("Panels"),
        help_text=_("Those who are asked what counts how much."),
        widget=forms.CheckboxSelectMultiple,
        coerce=UUID,
        error_messages={"required": _("Choose a panel at least: without judgements there are no weights.")},
    )
    like = forms.ChoiceField(
        label=_("Recipe and texts"),
        help_text=_("Of an edition of this series or of a demonstration, to be changed until the method is frozen."),
        required=False,
    )
    field_order = ("framework_uid", "panel_uids", "like", "slug")

    def __init__(self, data: Any = None, *, page: BeginPage) -> None:
        """Offer what the series has; where there is one alone it is chosen."""
        frameworks = [(str(one.uid), _version_name(one)) for one in page.frameworks]
        panels = [(str(one.uid), localised(one.names)) for one in page.panels]
        alone = {
            "framework_uid": frameworks[0][0] if len(frameworks) == 1 else None,
            "panel_uids": [panels[0][0]] if len(panels) == 1 else [],
        }
        super().__init__(data, initial={"slug": page.proposed} | alone)
        self.models = {str(one.uid): one for one in page.models}
        likes = [
            ("", gettext("none: begin anew")),
            *((uid, f"{one.series.name} {one.slug}") for uid, one in self.models.items()),
        ]
        for name, choices in (("framework_uid", frameworks), ("panel_uids", panels), ("like", likes)):
            field = self.fields[name]
            assert isinstance(field, forms.ChoiceField)  # noqa: S101 - for the type checker
            field.choices = choices

    def clean_like(self) -> Edition | None:
        """Return the edition chosen."""
        return self.models.get(self.cleaned_data["like"])

    def refuse_recipe(self, error: RecipeError) -> None:
        """Say beside the field what the recipe taken over names that the framework does not have."""
        keys = ", ".join(problem.key for problem in error.problems)
        told = gettext("Its recipe names what this framework does not have: {keys}. Choose another, or none.")
        self.add_error("like", told.format(keys=keys))


def _version_name(version: FrameworkSummary) -> str:
    told = {"number": version.number, "count": version.indicators}
    return f"{localised(version.names)}, {gettext('version %(number)s, %(count)s indicators') % told}"


class TextsForm(forms.Form):
    """What readers must not conclude, in each language of the series, and as of which day the edition is."""

    reference_date = forms.DateField(
        label=_("Reference date"),
        help_text=_("The edition is as of this day. Empty: the day it was begun."),
        required=False,
        widget=forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d"),
        input_formats=["%Y-%m-%d"],
    )

    def __init__(self, data: Any = None, *, edition: Edition) -> None:
        """Show what stands; the day of a frozen method is fixed."""
        super().__init__(data, initial={"reference_date": edition.reference_date})
        self.edition = edition
        self.fields["reference_date"].disabled = edition.state == Edition.State.FROZEN
        for language in self._languages():
            self.fields[f"limits-{language}"] = forms.CharField(
                label=named_language(language),
                required=False,
                max_length=MOST_LIMITS,
                initial=edition.limits.get(language, ""),
                widget=forms.Textarea(attrs={"rows": 4, "lang": language, "dir": "auto"}),
            )

    def _languages(self) -> list[str]:
        """Return the languages of the series, and others in which something is said already."""
        return list(dict.fromkeys([*(self.edition.series.languages or [ENGLISH]), *self.edition.limits]))

    @property
    def limits(self) -> list[forms.BoundField]:
        """Return the fields of what readers must not conclude."""
        return [self[f"limits-{language}"] for language in self._languages()]

    def said(self) -> dict[str, Any]:
        """Return what was entered, as the use-case takes it."""
        limits = {language: self.cleaned_data[f"limits-{language}"] for language in self._languages()}
        return {"limits": limits, "reference_date": self.cleaned_data["reference_date"]}


class MethodForm(forms.Form):
    """How a closed round becomes weights."""

    round = forms.ChoiceField(label=_("Round"))
    group = forms.ChoiceField(label=_("How the experts are joined"), choices=named_choices(get_args(Group)))
    priorities = forms.ChoiceField(label=_("From comparisons to weights"), choices=named_choices(get_args(Priorities)))
    incomplete = forms.ChoiceField(label=_("Where answers are missing"), choices=named_choices(get_args(Incomplete)))
    scale = forms.ChoiceField(label=_("Scale of the answers"), choices=named_choices(get_args(Scale), "scale "))
    random_index = forms.ChoiceField(label=_("Table of random indices"), choices=named_choices(get_args(RandomIndex)))
    cr_max = forms.FloatField(
        label=_("Highest consistency ratio"),
        help_text=_("Answers of an expert under a node above it do not count there. Empty: everybody counts."),
        required=False,
        min_value=0,
    )
    draws = forms.IntegerField(
        label=_("Draws"), help_text=_("How often the panel is drawn again to see how sure the weights are. 0: never."),
        min_value=0, max_value=100_000,
    )  # fmt: skip
    seed = forms.IntegerField(
        label=_("Seed"), help_text=_("The same seed gives the same draws."), min_value=0, max_value=2**53
    )

    stratified = forms.BooleanField(label=_("Draw experts within their groups"), required=False)
    combine = forms.BooleanField(
        label=_("Draw the way of joining too"),
        help_text=_("Each draw joins judgements or priorities, by eigenvector or geometric mean."),
        required=False,
    )

    def __init__(self, data: Any = None, *, rounds: Iterable[RoundSummary]) -> None:
        """Offer the rounds that are closed, and the default method."""
        initial = {name: getattr(DEFAULT, name) for name in self.base_fields if name != "round"}
        super().__init__(data, initial=initial)
        field = self.fields["round"]
        assert isinstance(field, forms.ChoiceField)  # noqa: S101 - for the type checker
        field.choices = [(str(one.uid), _("Round {number}").format(number=one.number)) for one in reversed([*rounds])]

    def method(self) -> ConsensusMethod:
        """Return the method chosen."""
        return ConsensusMethod(**{name: value for name, value in self.cleaned_data.items() if name != "round"})


class CarryForm(forms.Form):
    """Whose weights are taken over."""

    source = forms.ChoiceField(
        label=_("Edition"), error_messages={"required": _("Choose the edition whose weights are taken over.")}
    )

    def __init__(self, data: Any = None, *, to_carry: Iterable[CarriedWeights]) -> None:
        """Offer the editions whose weights fit, with the day until which their panels were asked."""
        super().__init__(data)
        field = self.fields["source"]
        assert isinstance(field, forms.ChoiceField)  # noqa: S101 - for the type checker
        field.choices = [
            (
                one.edition,
                gettext("Edition {edition}, asked until {day}").format(
                    edition=one.edition, day=date_format(one.asked_until, "DATE_FORMAT")
                ),
            )
            for one in to_carry
        ]


class RecipeForm(forms.Form):
    """The recipe as it is written."""

    text = forms.CharField(
        label=_("Recipe"),
        help_text=_("Every choice from missing data to ranks, as TOML. What is left out has its default."),
        widget=forms.Textarea(attrs={"rows": 16, "spellcheck": "false", "dir": "ltr", "class": "code"}),
        max_length=100_000,
    )


class UnitsForm(SendingForm):
    """Who is ranked, and where the values are to come from: it becomes fixed with the method."""

    parts = ("units", "sources")
    templates = ("units", "planned")
    units = forms.FileField(
        label=_("Units"),
        help_text=_(
            "CSV, XLSX, XLS or ODS: uCode, uName, country, cName, population, latitude, longitude; every other column is a group."
        ),
    )
    sources = forms.FileField(
        label=_("Planned sources"),
        help_text=_(
            "CSV, XLSX, XLS or ODS: iCode, source, vintage (a year, or the first and the last: 2019-2024); a row a source."
        ),
    )
    two_cities = forms.CharField(
        label=_("Pairs that are two units"),
        help_text=_(
            "Units within 10 km of each other under two states, which could be one unit listed twice: CODE + CODE, a pair a "
            "line."
        ),
        widget=forms.Textarea(attrs={"rows": 2, "spellcheck": "false", "dir": "ltr", "class": "code"}),
        required=False,
        max_length=10_000,
    )

    def __init__(
        self, *args: Any, languages: Iterable[str] = (), rule: Mapping[str, str] | None = None, **options: Any
    ) -> None:
        """Ask for the rule in every language of the series, as it stands."""
        super().__init__(*args, **options)
        self.languages = list(languages) or [ENGLISH]
        for language in self.languages:
            self.fields[f"rule_{language}"] = forms.CharField(
                label=format_lazy(_("Who is listed, and why ({language})"), language=named_language(language)),
                widget=forms.Textarea(attrs={"rows": 3, "lang": language, "dir": "auto"}),
                initial=(rule or {}).get(language, ""),
                required=False,
                max_length=2000,
            )
        self.order_fields([f"rule_{language}" for language in self.languages])

    @property
    def details(self) -> dict[str, Any]:
        """What is sent beside the files."""
        rule = {language: self.cleaned_data[f"rule_{language}"].strip() for language in self.languages}
        return {"rule": rule, "two_cities": self.cleaned_data["two_cities"]}


class ConfirmForm(forms.Form):
    """A step that is not undone."""

    sure = forms.BooleanField(label=_("I have read what becomes fixed. It is not undone."))


class ApprovalForm(ConfirmForm):
    """The approval of what was read, by its fingerprint."""

    sure = forms.BooleanField(label=_("I have read what becomes fixed, and approve it."))
    fingerprint = forms.CharField(max_length=64, widget=forms.HiddenInput)


class CorrectionForm(ConfirmForm):
    """Why a release is corrected."""

    reason = forms.CharField(
        label=_("What is corrected, and why"),
        help_text=_("It stands on the page and in the files of both releases."),
        widget=forms.Textarea(attrs={"rows": 3}),
        max_length=2000,
    )
    field_order = ("reason", "sure")


class LicenceForm(forms.Form):
    """The licence of a series' own work."""

    licence = forms.CharField(
        label=_("Licence of this ranking"),
        help_text=_(
            "Of weights, scores, ranks and texts, such as CC BY 4.0. Every release from the next one on names it."
        ),
        max_length=200,
    )


class DataForm(SendingForm):
    """A version of the data: values, and beside them where they come from and who is ranked."""

    parts = ("table", "sources", "units", "licences")
    templates = ("data", "sources", "units", "licences")
    table = forms.FileField(
        label=_("Data"),
        help_text=_("CSV, XLSX, XLS or ODS: uCode, uName, Time, groups, one column an indicator; empty = missing."),
    )
    sources = forms.FileField(
        label=_("Sources"),
        help_text=_("CSV, XLSX, XLS or ODS: uCode, iCode, Time, year, resolution, source, given. May be left out."),
        required=False,
    )
    units = forms.FileField(
        label=_("Units"),
        help_text=_(
            "CSV, XLSX, XLS or ODS of units nobody knows yet: uCode, uName, country, cName, population, latitude, longitude."
        ),
        required=False,
    )
    licences = forms.FileField(
        label=_("Licences"),
        help_text=_(
            "CSV, XLSX, XLS or ODS, a row a source: source, licence, retrieved, redistribution (1: its values may be published, "
            "0: not). Nothing is released before they are known."
        ),
        required=False,
    )
    note = forms.CharField(label=_("Note"), required=False, max_length=500)
    replace = forms.BooleanField(
        label=_("Replace all data"),
        help_text=_("What is not sent is lost. Without this nothing is lost that is not named."),
        required=False,
    )

    def __init__(self, *args: Any, is_patch: bool = False, **options: Any) -> None:
        """Ask for data, or for a patch of those that stand."""
        super().__init__(*args, **options)
        if not is_patch:
            del self.fields["replace"]
            return
        self.fields["table"].required = False
        self.fields["table"].help_text = _(
            "CSV, XLSX, XLS or ODS: uCode, Time, and what is corrected. Cells that are not sent, and empty ones, stay as they are; "
            "the word remove takes a value away."
        )
        self.fields["units"].help_text = _(
            "CSV, XLSX, XLS or ODS: uCode, and what is corrected: uName, country, cName, population, latitude, longitude."
        )

    @property
    def details(self) -> dict[str, Any]:
        """What is sent beside the files."""
        return {"replace": bool(self.cleaned_data.get("replace")), "note": self.cleaned_data["note"]}
