"""What moderators send in to a round."""

from __future__ import annotations

from django import forms
from django.utils.translation import gettext_lazy as _


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


class AgainForm(forms.Form):
    """When a round that follows closes; the pairs come beside it, each as two codes with a tab between."""

    closes_at = forms.DateTimeField(input_formats=["%Y-%m-%dT%H:%M", "%Y-%m-%d %H:%M"])

    @staticmethod
    def pairs(sent: list[str]) -> list[tuple[str, str]]:
        """Return the pairs as codes."""
        return [(a, b) for a, _tab, b in (one.partition("\t") for one in sent)]
