"""What moderators enter about panels and their people."""

from __future__ import annotations

import hashlib
from typing import TYPE_CHECKING, Any

from django import forms
from django.conf import settings
from django.utils.text import format_lazy
from django.utils.translation import get_language_info
from django.utils.translation import gettext as _now
from django.utils.translation import gettext_lazy as _

from exchange.grids import clean
from surveys.usecases.panels import LONGEST_PLANNED, MOST_PLANNED
from surveys.values.panel_people import NewPerson, PersonFault, faults_of
from surveys.wording.panel_faults import fault_words, table_words

if TYPE_CHECKING:
    from collections.abc import Iterable

    from accounts.models import Series
    from surveys.errors import BadPanelError
    from surveys.files.panel_table import PeopleTable
    from surveys.queries.desk.panel_page import PersonPage

LONGEST_TABLE = 300_000


def _languages() -> list[tuple[str, Any]]:
    return [("", _("Please choose")), *settings.LANGUAGES]


class NewPanelForm(forms.Form):
    """What a panel is called in the series' languages, and what is promised about names."""

    names_shown = forms.BooleanField(
        label=_("Moderators see names beside how far each person is"),
        help_text=_(
            "Never beside an answer. Panelists are told so when they are asked, and it is not changed afterwards."
        ),
        required=False,
    )

    def __init__(self, data: Any = None, *, series: Series) -> None:
        """Ask for a name in each language of the series."""
        super().__init__(data)
        offered = dict(settings.LANGUAGES)
        self.spoken = [code for code in offered if code in series.languages] or list(offered)
        for code in self.spoken:
            self.fields[f"name-{code}"] = forms.CharField(
                label=format_lazy("{label} ({language})", label=_("Name"), language=offered[code]),
                required=False,
                max_length=200,
                widget=forms.TextInput(attrs={"lang": code, "dir": _direction(code)}),
            )
        self.order_fields([f"name-{code}" for code in self.spoken])

    def clean(self) -> dict[str, Any]:
        """Ask for a name in one language at least."""
        cleaned = dict(super().clean() or self.cleaned_data)
        if not any(cleaned.get(f"name-{code}") for code in self.spoken) and not self.errors:
            self.add_error(f"name-{self.spoken[0]}", _("Please give the panel a name in one language at least."))
        return cleaned

    def said(self) -> dict[str, Any]:
        """Return what was entered, as the use-case takes it."""
        names = {code: self.cleaned_data[f"name-{code}"] for code in self.spoken}
        return {"names": names, "names_shown": self.cleaned_data["names_shown"]}


def _direction(code: str) -> str:
    return "rtl" if get_language_info(code)["bidi"] else "ltr"


class PersonForm(forms.Form):
    """One person of a panel."""

    email = forms.CharField(
        label=_("Mail address"),
        required=False,
        widget=forms.EmailInput(attrs={"dir": "ltr", "autocomplete": "off"}),
    )
    name = forms.CharField(
        label=_("Name of the person"),
        help_text=_("She confirms it, or writes it as she wishes, when she begins."),
        required=False,
        widget=forms.TextInput(attrs={"autocomplete": "off"}),
    )
    group = forms.CharField(label=_("Group or region"), required=False)
    field = forms.CharField(label=_("Field of expertise"), required=False)
    language = forms.ChoiceField(label=_("Language of her pages and mails"), required=False)
    time_zone = forms.CharField(
        label=_("Time zone"),
        help_text=_("Such as Africa/Casablanca. Left empty, hours are told in UTC."),
        required=False,
        widget=forms.TextInput(attrs={"dir": "ltr", "autocomplete": "off"}),
    )
    weight = forms.FloatField(
        label=_("Weight"),
        help_text=_("1 unless some people are to count more than others."),
        initial=1,
        required=False,
        widget=forms.TextInput(attrs={"dir": "ltr", "inputmode": "decimal"}),
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        """Offer the languages; none is chosen."""
        super().__init__(*args, **kwargs)
        self.fields["language"].choices = _languages()  # type: ignore[attr-defined]  # it is a ChoiceField
        self.fields["weight"].error_messages["invalid"] = fault_words(PersonFault("weight", "invalid"))

    def clean(self) -> dict[str, Any]:
        """Say all that is wrong at once."""
        cleaned = dict(super().clean() or self.cleaned_data)
        for fault in faults_of(self._person(cleaned)):
            if fault.field not in self.errors and self._asks_for(fault):
                self.add_error(fault.field, fault_words(fault))
        return cleaned

    def _asks_for(self, fault: PersonFault) -> bool:
        return fault.field in self.fields

    def _person(self, cleaned: dict[str, Any]) -> NewPerson:
        texts = {name: clean(str(cleaned.get(name) or "")) for name in ("email", "name", "group", "field", "time_zone")}
        weight = cleaned.get("weight")
        return NewPerson(language=cleaned.get("language") or "", weight=1.0 if weight is None else weight, **texts)

    @property
    def person(self) -> NewPerson:
        """Who was entered."""
        return self._person(self.cleaned_data)

    def refuse(self, error: BadPanelError) -> None:
        """Say at its field what the use-case refuses."""
        self.add_error(
            str(error.facts["field"]), fault_words(PersonFault(str(error.facts["field"]), str(error.facts["why"])))
        )


class ChangedPersonForm(PersonForm):
    """What is known of a panelist; her name is hers."""

    ends_links = forms.BooleanField(
        label=_("The earlier address was somebody else’s: end the links that were sent there"),
        required=False,
    )
    field_order = ("email", "ends_links", "group", "field", "language", "time_zone", "weight")

    def __init__(self, data: Any = None, *, page: PersonPage) -> None:
        """Show what stands; group and weight not once they count in a closed round."""
        person = page.person
        initial = {"email": page.email, "group": person.group, "field": person.field, "time_zone": page.time_zone}
        super().__init__(data, initial=initial | {"language": page.language_code, "weight": f"{page.weight:g}"})
        del self.fields["name"]
        if page.is_weighed:
            del self.fields["group"], self.fields["weight"]
        if not page.has_address:
            del self.fields["ends_links"]  # nothing was sent anywhere
        elif not page.email:
            self.fields["email"].help_text = _(
                "An address is known and not shown here, as was promised. Left empty, it stays."
            )

    def _asks_for(self, fault: PersonFault) -> bool:
        return super()._asks_for(fault) and (fault.field, fault.code) != ("email", "required")

    def said(self) -> dict[str, Any]:
        """Return what was entered, as the use-case takes it."""
        said = {name: value for name, value in vars(self.person).items() if name in self.fields}
        return said | {"ends_links": self.cleaned_data.get("ends_links", False)}


class PeopleTableForm(forms.Form):
    """Cells of a spreadsheet, as they were pasted, and whether they were looked at."""

    text = forms.CharField(
        label=_("Rows of a spreadsheet"),
        help_text=_(
            "Copy the cells and paste them here, with a first row that names the columns in any order: mail address, name, "
            "group or region, field, language, time zone, weight. Only the address is needed."
        ),
        strip=False,
        max_length=LONGEST_TABLE,
        widget=forms.Textarea(attrs={"rows": 10, "dir": "ltr", "spellcheck": "false", "autocomplete": "off"}),
        error_messages={"required": _("Please paste the rows first.")},
    )
    language = forms.ChoiceField(label=_("Language of rows that name none"), required=False)

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        """Offer the languages; none is chosen."""
        super().__init__(*args, **kwargs)
        self.fields["language"].choices = _languages()  # type: ignore[attr-defined]  # it is a ChoiceField

    @property
    def digest(self) -> str:
        """What tells this text from another one."""
        sent = f"{self.cleaned_data['language']}\n{self.cleaned_data['text']}"
        return hashlib.sha256(sent.encode()).hexdigest()

    def refuse(self, table: PeopleTable) -> None:
        """Say why no row could be read."""
        self.add_error("text", table_words(table.problem, table.facts))


class BalanceForm(forms.Form):
    """How many people are wanted, by group, field and language."""

    group = forms.CharField(required=False, label=_("By group or region"))
    field = forms.CharField(required=False, label=_("By field of expertise"))

    def __init__(self, data: Any = None, *, plan: dict[str, dict[str, int]], languages: Iterable[str]) -> None:
        """Show what is planned: a line for each group and field, and a number for each language."""
        super().__init__(data)
        for name in ("group", "field"):
            self.fields[name].widget = forms.Textarea(attrs={"rows": 5, "dir": "auto"})
            self.fields[name].help_text = _("A line for each, with the number at its end, such as: academia 6")
            self.fields[name].initial = "\n".join(f"{one} {number}" for one, number in plan.get(name, {}).items())
        offered = dict(settings.LANGUAGES)
        self.spoken = [code for code in offered if code in {*languages, *plan.get("language", {})}] or list(offered)
        for code in self.spoken:
            self.fields[f"language-{code}"] = forms.IntegerField(
                label=offered[code],
                required=False,
                min_value=0,
                max_value=MOST_PLANNED,
                initial=plan.get("language", {}).get(code),
                widget=forms.TextInput(attrs={"inputmode": "numeric", "dir": "ltr"}),
                error_messages=dict.fromkeys(
                    ("invalid", "min_value", "max_value"), _("Please enter a whole number, 0 or more.")
                ),
            )

    def clean_group(self) -> dict[str, int]:
        """Read the lines."""
        return self._lines("group")

    def clean_field(self) -> dict[str, int]:
        """Read the lines."""
        return self._lines("field")

    def _lines(self, name: str) -> dict[str, int]:
        wanted: dict[str, int] = {}
        for row, line in enumerate(self.cleaned_data[name].splitlines(), 1):
            text, _blank, number = clean(line).rpartition(" ")
            told = text.rstrip(" :").strip()
            if not line.strip():
                continue
            is_right = told and len(told) <= LONGEST_PLANNED and number.isdecimal() and int(number[:9]) <= MOST_PLANNED
            if not is_right or told in wanted:
                raise forms.ValidationError(
                    _now("Line {row} does not end with a number, or names what another line does.").format(row=row)
                )
            wanted[told] = int(number)
        return wanted

    def plan(self) -> dict[str, dict[str, int]]:
        """Return what was entered, as the use-case takes it."""
        spoken = {code: self.cleaned_data[f"language-{code}"] or 0 for code in self.spoken}
        return {name: self.cleaned_data[name] for name in ("group", "field")} | {"language": spoken}
