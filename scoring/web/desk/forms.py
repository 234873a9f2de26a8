"""What the moderators' pages of an edition send."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, get_args

from django import forms
from django.utils.text import format_lazy
from django.utils.translation import gettext_lazy as _

from scoring.files.units import ENGLISH
from scoring.numerics.types import ConsensusMethod, Group, Incomplete, Priorities, RandomIndex, Scale
from scoring.web.desk.reading_form import SendingForm
from scoring.wording.method_names import WORDS
from scoring.wording.numbers import language as named_language

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from surveys.values.rounds import RoundSummary

DEFAULT = ConsensusMethod(draws=1000, seed=1)


def named_choices(names: Iterable[str], prefix: str = "") -> list[tuple[str, Any]]:
    """Give the choices of a method in words."""
    return [(name, WORDS[f"{prefix}{name}"]) for name in names]


class RepeatForm(forms.Form):
    """What the next edition is called in its address."""

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
