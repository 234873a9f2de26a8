"""What is typed in about accounts and roles."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any
from zoneinfo import available_timezones

from django import forms
from django.conf import settings
from django.contrib.auth import password_validation
from django.contrib.auth.forms import SetPasswordForm
from django.core.exceptions import ValidationError
from django.utils.translation import get_language, get_language_info
from django.utils.translation import gettext_lazy as _

from accounts.models import Role, User
from accounts.role_words import DUTIES, NAMES
from accounts.units import UnitKind
from accounts.usecases.roles import change_role

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator
    from datetime import datetime

    from django.http import QueryDict
    from django.utils.functional import _StrPromise

    from accounts.models import Series
    from accounts.queries import Colleague, HeldRole

    Words = str | _StrPromise

NO_ADDRESS = _("Please enter a mail address, such as name@example.org.")
UNIT_KINDS = (
    (UnitKind.CITY.value, _("Towns and cities")),
    (UnitKind.COUNTRY.value, _("Countries")),
    (UnitKind.REGION.value, _("Regions")),
    (UnitKind.INSTITUTION.value, _("Institutions")),
)
LONGEST_ADDRESS = 150  # as user names are: who is invited signs in with it
LONG_ENOUGH = _("At least 12 characters; any character, also pasted.")
REQUIRED = {"required": _("Please fill this in.")}
REFUSALS = {
    "last_day": _("Please enter today or a later day; it is needed where somebody has the role afterwards."),
    "successor": _("Please choose somebody else with a role in this series."),
    "deputy": _("Please choose somebody else with a role in this series."),
}


def mail_address(label: Words, hint: Words = "", **attributes: str) -> forms.EmailField:
    """Return a field for a mail address."""
    return forms.EmailField(
        label=label,
        help_text=hint,
        max_length=LONGEST_ADDRESS,
        widget=forms.EmailInput(attrs={"dir": "ltr", **attributes}),
        error_messages={"required": NO_ADDRESS, "invalid": NO_ADDRESS},
    )


def role_choices() -> list[tuple[str, str]]:
    """Return the roles, each with what it is for."""
    return [(kind.value, f"{NAMES[kind]}: {DUTIES[kind]}") for kind in Role.Kind]


def unit_kinds() -> forms.ChoiceField:
    """Return a field for what a series ranks; nothing chosen leaves it as it is."""
    return forms.ChoiceField(
        label=_("What is ranked"),
        help_text=_("Public pages and charts speak of it. It is fixed with the first release."),
        choices=UNIT_KINDS,
        required=False,
        widget=forms.RadioSelect,
    )


def languages() -> forms.ChoiceField:
    """Return a field for one of the site's languages, each named in itself."""
    return forms.ChoiceField(label=_("Language"), choices=settings.LANGUAGES)


class NewAccountForm(forms.Form):
    """Who she is, and how she will sign in, with the address that was ``mailed_to``."""

    name = forms.CharField(
        label=_("Your name"),
        help_text=_("As colleagues read it."),
        max_length=150,
        widget=forms.TextInput(attrs={"autocomplete": "name"}),
        error_messages=REQUIRED,
    )
    password = forms.CharField(
        label=_("Password"),
        help_text=LONG_ENOUGH,
        strip=False,
        widget=forms.PasswordInput(attrs={"autocomplete": "new-password"}),
        error_messages=REQUIRED,
    )
    language = languages()

    def __init__(self, *args: Any, mailed_to: str = "", **kwargs: Any) -> None:
        """Take the address that is known; offer the language of the page."""
        super().__init__(*args, **kwargs)
        self.mailed_to = mailed_to
        self.fields["language"].initial = get_language()

    def clean(self) -> dict[str, Any]:
        """Refuse a password that is easily guessed, also from her name or address."""
        cleaned = dict(super().clean() or self.cleaned_data)
        if password := cleaned.get("password"):
            email = cleaned.get("email", self.mailed_to)
            try:
                password_validation.validate_password(
                    password, User(username=email, email=email, first_name=cleaned.get("name", ""))
                )
            except ValidationError as refused:
                self.add_error("password", refused)
        return cleaned


class FirstOwnerForm(NewAccountForm):
    """The first account of an installation, and the key that proves whose installation it is."""

    field_order = ("key", "name", "email", "password", "language")
    key = forms.CharField(
        label=_("Key of the installation"),
        help_text=_("“manage.py first_owner” prints it on the server, when the site starts too. It is good for a day."),
        max_length=100,
        widget=forms.TextInput(
            attrs={"autocomplete": "off", "autocapitalize": "none", "spellcheck": "false", "dir": "ltr"}
        ),
        error_messages=REQUIRED,
    )
    email = mail_address(_("Mail address"), _("To sign in with, and for mails of the desk."), autocomplete="username")


class InviteForm(forms.Form):
    """Whom to offer which role, in which language."""

    email = mail_address(_("Mail address"), autocomplete="off")
    kind = forms.ChoiceField(
        label=_("Role"), widget=forms.RadioSelect, error_messages={"required": _("Please choose a role.")}
    )
    language = forms.ChoiceField(label=_("Language of the mail"), choices=settings.LANGUAGES)

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        """Say beside each role what it is for; offer the language of the page."""
        super().__init__(*args, **kwargs)
        choices: Any = role_choices()
        self.fields["kind"].choices = choices  # type: ignore[attr-defined]  # it is a ChoiceField
        self.fields["language"].initial = get_language()


class RoleForm(forms.Form):
    """Another role for somebody: one of those that she has not."""

    kind = forms.ChoiceField(
        label=_("Role"), widget=forms.RadioSelect, error_messages={"required": _("Please choose a role.")}
    )

    def __init__(self, *args: Any, person: Colleague, **kwargs: Any) -> None:
        """Offer the roles that she has not."""
        super().__init__(*args, **kwargs)
        held = {role.kind for role in person.roles}
        self.fields["kind"].choices = [one for one in role_choices() if one[0] not in held]  # type: ignore[attr-defined]


class RoleTermForm(forms.Form):
    """Until when somebody has a role, who has it then, and who acts in a reviewer's place."""

    last_day = forms.DateField(
        label=_("Last day"),
        help_text=_("In UTC. Left empty, the role stands until it is taken away."),
        required=False,
        widget=forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d"),
        input_formats=["%Y-%m-%d"],
        error_messages={"invalid": _("Please enter a day, such as 2026-09-30.")},
    )
    successor = forms.ChoiceField(
        label=_("Who has the role from the next day on"),
        required=False,
    )
    deputy = forms.ChoiceField(
        label=_("Deputy"),
        help_text=_("Acts in this reviewer’s place."),
        required=False,
    )

    def __init__(self, sent: QueryDict | None = None, *, role: HeldRole, others: Iterable[Colleague]) -> None:
        """Offer the others of the series."""
        initial = {"last_day": role.last_day, "successor": role.successor, "deputy": role.deputy}
        super().__init__(sent, initial=initial, auto_id=f"id_{role.kind}_%s")
        self.role = role
        choices: Any = [("", _("nobody")), *((str(one.pk), one.name) for one in others)]
        for name in ("successor", "deputy"):
            self.fields[name].choices = choices  # type: ignore[attr-defined]  # they are ChoiceFields
        if role.kind != Role.Kind.REVIEWER:
            del self.fields["deputy"]

    def refuse(self, field: str) -> None:
        """Say beside a field why the change is refused."""
        self.add_error(field, REFUSALS[field])

    def change(self, role: Role, *, by: str, at: datetime) -> None:
        """Change the role as it was entered."""
        sent = self.cleaned_data
        change_role(
            role,
            last_day=sent["last_day"],
            successor=_user(sent["successor"]),
            deputy=_user(sent.get("deputy", "")),
            by=by,
            at=at,
        )


def _user(account: str) -> User | None:
    return User.objects.filter(pk=account).first() if account else None


class NewPasswordForm(SetPasswordForm):  # type: ignore[type-arg]  # the stubs' parameter does not exist at run time
    """A new password, twice."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        """Say in one line what a password needs."""
        super().__init__(*args, **kwargs)
        self.fields["new_password1"].help_text = LONG_ENOUGH
        self.fields["new_password2"].help_text = ""


class PasswordLinkForm(forms.Form):
    """Whose password is forgotten."""

    email = mail_address(_("Mail address"), autocomplete="username")


class SeriesForm(forms.Form):
    """What a series is called and says of itself in each language, what it ranks, in which languages, whom to ask, its clock."""

    unit_kind = unit_kinds()
    languages = forms.MultipleChoiceField(
        label=_("Languages of its panelists and readers"),
        choices=settings.LANGUAGES,
        widget=forms.CheckboxSelectMultiple,
        error_messages={"required": _("Please choose one language or more.")},
    )
    contact = mail_address(_("Mail address for questions"), _("It stands on public pages and in mails to panelists."))
    time_zone = forms.ChoiceField(
        label=_("Time zone"),
        help_text=_("Its desk shows hours in it, and reads the hours that are typed in there. The API speaks UTC."),
        choices=[(zone, zone) for zone in sorted(available_timezones())],
    )

    def __init__(self, sent: QueryDict | None = None, *, series: Series) -> None:
        """Show what stands, and two texts for each language."""
        initial = {name: getattr(series, name) for name in ("unit_kind", "languages", "contact", "time_zone")}
        super().__init__(sent, initial=initial)
        if series.is_unit_kind_fixed:
            self.fields["unit_kind"].help_text = _("Fixed with the first release.")
            self.fields["unit_kind"].widget.attrs["disabled"] = True
        for language, _name in settings.LANGUAGES:
            attributes = {"lang": language, "dir": "rtl" if get_language_info(language)["bidi"] else "ltr"}
            self.fields[f"name-{language}"] = forms.CharField(
                label=_("Name"),
                required=False,
                max_length=200,
                initial=series.names.get(language, ""),
                widget=forms.TextInput(attrs=attributes),
            )
            self.fields[f"description-{language}"] = forms.CharField(
                label=_("What it ranks, and for whom"),
                required=False,
                max_length=2000,
                initial=series.descriptions.get(language, ""),
                widget=forms.Textarea(attrs={"rows": 3, **attributes}),
            )

    def by_language(self) -> Iterator[tuple[str, str, list[forms.BoundField]]]:
        """Give each language with its name and its texts."""
        for language, name in settings.LANGUAGES:
            yield language, name, [self[f"name-{language}"], self[f"description-{language}"]]

    def clean(self) -> dict[str, Any]:
        """Ask for a name in one language at least."""
        cleaned = dict(super().clean() or self.cleaned_data)
        if not any(cleaned.get(f"name-{language}") for language, _name in settings.LANGUAGES):
            self.add_error(
                f"name-{settings.LANGUAGES[0][0]}", _("Please give the series a name in one language at least.")
            )
        return cleaned

    def said(self) -> dict[str, Any]:
        """Return what was entered, as the use-case takes it."""
        texts = {
            f"{part}s": {language: self.cleaned_data[f"{part}-{language}"] for language, _name in settings.LANGUAGES}
            for part in ("name", "description")
        }
        kept = {name: self.cleaned_data[name] for name in ("languages", "contact", "time_zone")}
        return texts | kept | {"unit_kind": self.cleaned_data["unit_kind"] or None}


class BeginSeriesForm(forms.Form):
    """What a series is called, in which languages it speaks, and whom its readers ask."""

    name = forms.CharField(
        label=_("Name of the ranking"),
        help_text=_("As its readers know it, without a year."),
        max_length=200,
        error_messages=REQUIRED,
    )
    slug = forms.SlugField(
        label=_("Short name for its address"),
        help_text=_("Letters from a to z, digits and hyphens. Left empty, it is made from the name."),
        required=False,
        max_length=50,
        widget=forms.TextInput(attrs={"dir": "ltr", "autocapitalize": "none", "spellcheck": "false"}),
        error_messages={"invalid": _("Letters from a to z, digits, hyphens and underscores only.")},
    )
    unit_kind = unit_kinds()
    languages = forms.MultipleChoiceField(
        label=_("Languages of its panelists and readers"),
        choices=settings.LANGUAGES,
        widget=forms.CheckboxSelectMultiple,
        error_messages={"required": _("Please choose one language or more.")},
    )
    contact = mail_address(_("Mail address for questions"), _("It stands on public pages and in mails to panelists."))
    licence = forms.CharField(
        label=_("Licence of its weights, scores and texts"),
        help_text=_("Such as CC BY 4.0. Left empty, releases say that none was named."),
        required=False,
        max_length=200,
    )

    def clean_unit_kind(self) -> str:
        """Return what is ranked: cities where nothing was chosen."""
        return str(self.cleaned_data["unit_kind"] or UnitKind.CITY)
