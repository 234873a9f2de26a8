"""What the surveys' pages send."""

from __future__ import annotations

from django import forms
from django.utils.translation import gettext_lazy as _

LONGEST_COMMENT = 2000


class AnswerForm(forms.Form):
    """One answer: two codes in the order of the screen, the ratio of first over second, and what was seen before."""

    first = forms.CharField(max_length=64)
    second = forms.CharField(max_length=64)
    value = forms.ChoiceField(
        choices=[(text, text) for step in range(1, 10) for text in dict.fromkeys((str(step), f"1/{step}"))],
        error_messages={
            "required": _("Please choose one of the answers."),
            "invalid_choice": _("Please choose one of the answers."),
        },
    )
    comment = forms.CharField(max_length=LONGEST_COMMENT, required=False)
    version = forms.IntegerField(min_value=0)
    key = forms.UUIDField()

    def clean_value(self) -> float:
        """Return the ratio: 3 or 1/3 as a number."""
        above, _slash, below = str(self.cleaned_data["value"]).partition("/")
        return float(above) / float(below or 1)


class KeepForm(forms.Form):
    """The pair whose earlier answer is kept, and what was seen before."""

    first = forms.CharField(max_length=64)
    second = forms.CharField(max_length=64)
    version = forms.IntegerField(min_value=0)
    key = forms.UUIDField()


class AgainForm(forms.Form):
    """When a round that follows closes; the pairs come beside it, each as two codes with a tab between."""

    closes_at = forms.DateTimeField(input_formats=["%Y-%m-%dT%H:%M", "%Y-%m-%d %H:%M"])

    @staticmethod
    def pairs(sent: list[str]) -> list[tuple[str, str]]:
        """Return the pairs as codes."""
        return [(a, b) for a, _tab, b in (one.partition("\t") for one in sent)]
