"""What moderators send in to a round."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from django import forms
from django.utils.translation import gettext_lazy as _

from surveys.models.consent import MOST_DAYS

if TYPE_CHECKING:
    from collections.abc import Iterator

    from surveys.queries.desk.consent import LanguageWords, WordingVersion


class CloseForm(forms.Form):
    """How a round closes: now, in some minutes, or at a time (on the series' clock)."""

    when = forms.ChoiceField(
        choices=[("now", "now"), ("grace", "grace"), ("until", "until")],
        error_messages={"required": _("Please choose when the round closes.")},
    )
    until = forms.DateTimeField(
        required=False,
        input_formats=["%Y-%m-%dT%H:%M", "%Y-%m-%d %H:%M"],
        widget=forms.DateTimeInput(attrs={"type": "datetime-local"}),
    )
    sure = forms.BooleanField(error_messages={"required": _("Please confirm that the round may be closed.")})

    def clean(self) -> dict[str, object]:
        """Ask for the time where one is needed."""
        cleaned = dict(super().clean() or self.cleaned_data)
        if cleaned.get("when") == "until" and not cleaned.get("until") and "until" not in self.errors:
            self.add_error("until", _("Please say until when the panel may finish."))
        return cleaned


class PanelistAddressForm(forms.Form):
    """The address of a panelist who had none, so that a fresh link can be mailed to her."""

    email = forms.EmailField(
        label=_("Mail address of this panelist"),
        widget=forms.EmailInput(attrs={"autocomplete": "off", "dir": "ltr"}),
        error_messages={
            "required": _("Please enter a mail address, such as name@example.org."),
            "invalid": _("Please enter a mail address, such as name@example.org."),
        },
    )


class FirstRoundForm(forms.Form):
    """When a first round closes, and whether answers that nobody handed in count."""

    closes_at = forms.DateTimeField(
        label=_("Closes on"),
        input_formats=["%Y-%m-%dT%H:%M", "%Y-%m-%d %H:%M"],
        widget=forms.DateTimeInput(attrs={"type": "datetime-local"}, format="%Y-%m-%dT%H:%M"),
        error_messages=dict.fromkeys(
            ("required", "invalid"), _("Please give the day and hour when the new round closes.")
        ),
    )
    drafts_count = forms.BooleanField(
        label=_("Complete answers that were not handed in count too"),
        help_text=_("Panelists are told so when they begin; it is not changed afterwards."),
        required=False,
    )


class AgainForm(forms.Form):
    """When a round that follows closes; the pairs come beside it, each as two codes with a tab between."""

    closes_at = forms.DateTimeField(input_formats=["%Y-%m-%dT%H:%M", "%Y-%m-%d %H:%M"])

    @staticmethod
    def pairs(sent: list[str]) -> list[tuple[str, str]]:
        """Return the pairs as codes."""
        return [(a, b) for a, _tab, b in (one.partition("\t") for one in sent)]


class ConsentForm(forms.Form):
    """The words of a consent: three texts in each language, none of which must be given, and for how many days pairs are kept."""

    TEXTS = {
        "responsible": _("Who is responsible for the data"),
        "basis": _("On what basis they are used"),
        "recipients": _("Who is given names and addresses"),
    }

    days = forms.IntegerField(
        label=_("For how many days the table of codes is kept"),
        help_text=_(
            "From the last correction of the ranking on. Then names, addresses and the table that connects people with "
            "their codes are destroyed, and nobody can withdraw any more."
        ),
        widget=forms.NumberInput(attrs={"inputmode": "numeric"}),
    )

    def __init__(self, data: Any = None, *, stands: WordingVersion, may_say_days: bool = True) -> None:
        """Offer the languages of the words that stand, with these words in them."""
        super().__init__(data, initial={"days": stands.days})
        self.languages = stands.words
        if may_say_days:
            self.fields["days"].error_messages |= dict.fromkeys(("required", "invalid"), self._days())
        else:
            del self.fields["days"]
        for language in stands.words:
            for name, label in self.TEXTS.items():
                self.fields[f"{name}-{language.code}"] = forms.CharField(
                    label=label,
                    required=False,
                    initial=getattr(language, name),
                    widget=forms.Textarea(attrs={"rows": 3, "lang": language.code, "dir": language.direction}),
                )

    @staticmethod
    def _days() -> str:
        return _("Please enter a whole number of days, from 1 to {most}.").format(most=MOST_DAYS)

    def by_language(self) -> Iterator[tuple[LanguageWords, list[forms.BoundField]]]:
        """Give each language with the fields of its texts."""
        return ((one, [self[f"{name}-{one.code}"] for name in self.TEXTS]) for one in self.languages)

    def words(self) -> dict[str, Any]:
        """Return what is said, as the use-case takes it."""
        said = {
            name: {
                one.code: text.replace("\r\n", "\n")  # as browsers end the lines of a text
                for one in self.languages
                if (text := self.cleaned_data[f"{name}-{one.code}"])
            }
            for name in self.TEXTS
        }
        return said | {name: self.cleaned_data[name] for name in ("days",) if name in self.fields}

    def refuse(self, field: str) -> None:
        """Say at its field what the use-case refuses."""
        assert field == "days"  # noqa: S101 - the languages are those that the form offers
        self.add_error(field, self._days())
