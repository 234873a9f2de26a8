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


class NameForm(forms.Form):
    """Her name, in any script; it may stay empty."""

    name = forms.CharField(
        label=_("Your name"),
        max_length=200,
        required=False,
        help_text=_("In any script, as you write it yourself. You may leave it empty."),
        widget=forms.TextInput(attrs={"autocomplete": "name", "dir": "auto"}),
        error_messages={"max_length": _("This name is too long: 200 letters at most.")},
    )


class AddressForm(forms.Form):
    """A mail address that asks for a fresh link."""

    email = forms.EmailField(
        label=_("Your mail address"),
        help_text=_("The one that the invitation came to."),
        widget=forms.EmailInput(attrs={"autocomplete": "email", "dir": "ltr"}),
        error_messages={
            "required": _("Please enter a mail address, such as name@example.org."),
            "invalid": _("Please enter a mail address, such as name@example.org."),
        },
    )


class SomeoneElseForm(forms.Form):
    """Where somebody else whom the link reached may be reached, if she says so."""

    email = forms.EmailField(
        label=_("Your mail address, if the moderators may write to you"),
        required=False,
        widget=forms.EmailInput(attrs={"autocomplete": "email", "dir": "ltr"}),
        error_messages={"invalid": _("Please enter a mail address, such as name@example.org.")},
    )
