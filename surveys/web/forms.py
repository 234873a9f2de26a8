"""What the surveys' pages send."""

from __future__ import annotations

from django import forms
from django.utils.functional import lazy
from django.utils.translation import gettext_lazy as _

from surveys.usecases.judgements import ADDRESS, LONGEST_COMMENT
from surveys.web.words import no_address, number_of, too_long

CHOOSE = {
    "required": _("Please choose one of the answers."),
    "invalid_choice": _("Please choose one of the answers."),
}


class PairForm(forms.Form):
    """A pair in the order of the screen, what was seen of it, and the sender's own key."""

    first = forms.CharField(max_length=64)
    second = forms.CharField(max_length=64)
    version = forms.IntegerField(min_value=0, max_value=1_000_000)
    key = forms.UUIDField()


class TakeBackForm(PairForm):
    """An answer to take back; without version and key it is whichever stands."""

    version = forms.IntegerField(min_value=0, max_value=1_000_000, required=False)
    key = forms.UUIDField(required=False)


class AnswerForm(PairForm):
    """One answer: the ratio of first over second, and a reason."""

    value = forms.ChoiceField(
        choices=[(text, text) for step in range(1, 10) for text in dict.fromkeys((str(step), f"1/{step}"))],
        error_messages=CHOOSE,
    )
    comment = forms.CharField(
        max_length=LONGEST_COMMENT, required=False, error_messages={"max_length": lazy(too_long, str)()}
    )

    def clean_value(self) -> float:
        """Return the ratio: 3 or 1/3 as a number."""
        return number_of(str(self.cleaned_data["value"]))

    def clean_comment(self) -> str:
        """Refuse a reason that tells who wrote it."""
        comment = str(self.cleaned_data["comment"])
        if ADDRESS.search(comment):
            raise forms.ValidationError(no_address())
        return comment


class SettleForm(AnswerForm):
    """Which of two windows' answers stands: the one that is stored (keep) or the late one (use)."""

    stands = forms.ChoiceField(choices=[("keep", "keep"), ("use", "use")], error_messages=CHOOSE)


class CloseForm(forms.Form):
    """How a round closes: now, in some minutes, or at a time (UTC, the project's clock)."""

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
