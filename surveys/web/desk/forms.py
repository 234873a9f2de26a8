"""What moderators send in to a round."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from django import forms
from django.utils.translation import gettext_lazy as _

from surveys.models.consent import MOST_DAYS
from surveys.wording.rounds import refusal

if TYPE_CHECKING:
    from collections.abc import Collection, Iterator, Mapping
    from datetime import datetime

    from django.http import QueryDict

    from surveys.errors import SurveyError
    from surveys.queries.desk.consent import LanguageWords, WordingVersion


class SeriesTimeField(forms.DateTimeField):
    """A time on the series' clock; one that the clock shows twice, or never, is refused with what to do."""

    def __init__(self, **more: Any) -> None:
        """Take what a browser's field for a day and an hour sends."""
        widget = forms.DateTimeInput(attrs={"type": "datetime-local"}, format="%Y-%m-%dT%H:%M")
        super().__init__(input_formats=["%Y-%m-%dT%H:%M", "%Y-%m-%d %H:%M"], widget=widget, **more)

    def to_python(self, value: Any) -> datetime | None:
        """Read it."""
        try:
            return super().to_python(value)
        except forms.ValidationError as refused:
            if refused.code != "ambiguous_timezone":
                raise
            raise forms.ValidationError(self._why(refused.params or {}), code="ambiguous_timezone") from None

    @staticmethod
    def _why(told: Mapping[str, Any]) -> str:
        zone, local = told["current_timezone"], told["datetime"].replace(tzinfo=told["current_timezone"])
        is_twice = local.replace(fold=0).utcoffset() > local.replace(fold=1).utcoffset()
        words = (
            _("On that day the clock of {zone} is set back and shows this time twice: please choose another hour.")
            if is_twice
            else _(
                "On that day the clock of {zone} is set forward and never shows this time: please choose another hour."
            )
        )
        return words.format(zone=zone)


def _when_it_closes() -> SeriesTimeField:
    missing = _("Please give the day and hour when the new round closes.")
    return SeriesTimeField(label=_("Closes on"), error_messages=dict.fromkeys(("required", "invalid"), missing))


def _new_end() -> SeriesTimeField:
    missing = _("Please give the day and hour until which the round is open.")
    return SeriesTimeField(label=_("New end"), error_messages=dict.fromkeys(("required", "invalid"), missing))


class CloseForm(forms.Form):
    """How a round closes: now, in some minutes, or at a time (on the series' clock); and whether people are mailed."""

    when = forms.ChoiceField(
        label=_("When"),
        choices=[("now", "now"), ("grace", "grace"), ("until", "until")],
        error_messages={"required": _("Please choose when the round closes.")},
    )
    until = SeriesTimeField(label=_("Until this time"), required=False)
    tell = forms.BooleanField(required=False)
    sure = forms.BooleanField(
        label=_("Close the round"), error_messages={"required": _("Please confirm that the round may be closed.")}
    )

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


class HoursForm(forms.Form):
    """When a planned round opens by itself, if it does, and when it closes."""

    opens_at = SeriesTimeField(
        label=_("Opens by itself on"),
        help_text=_("Then the invitations go out. Without a time somebody opens it by hand."),
        required=False,
        error_messages={"invalid": _("Please give a day and an hour, or nothing.")},
    )
    closes_at = _when_it_closes()

    def refuse(self, error: SurveyError) -> None:
        """Say at its field what the use-case refuses."""
        place = {"bad_date": str(error.facts.get("field")), "overlap": "opens_at"}.get(error.code)
        self.add_error(place, refusal(error))


class FirstRoundForm(HoursForm):
    """When a first round opens and closes, and whether answers that nobody handed in count."""

    drafts_count = forms.BooleanField(
        label=_("Complete answers that were not handed in count too"),
        help_text=_("Panelists are told so when they begin; it is not changed afterwards."),
        required=False,
    )


class TickedPairs(forms.Form):
    """The pairs that are ticked beside a form, each as two codes with a tab between."""

    def __init__(self, data: QueryDict | None = None, *, ticked: Collection[str] = (), **more: Any) -> None:
        """Offer what is ticked, or show again what was."""
        super().__init__(data, **more)
        self.ticked = frozenset(ticked if data is None else data.getlist("pair"))

    def pairs(self) -> list[tuple[str, str]]:
        """Return the pairs as codes."""
        return [(a, b) for a, _tab, b in (one.partition("\t") for one in sorted(self.ticked))]


class AgainForm(TickedPairs, HoursForm):
    """When a round that follows opens and closes, and what it asks again."""


class PlanForm(TickedPairs, FirstRoundForm):
    """What may still change of a planned round."""


class MoveEndForm(forms.Form):
    """Until when an open round takes answers, and whether people are mailed."""

    ends_at = _new_end()
    tell = forms.BooleanField(required=False)


class ReopenForm(MoveEndForm):
    """Until when a closed round is open again."""

    sure = forms.BooleanField(
        label=_("Open the round again"),
        error_messages={"required": _("Please confirm that the round may be opened again.")},
    )


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
