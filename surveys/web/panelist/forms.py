"""What the surveys' pages send."""

from __future__ import annotations

from typing import Any

from django import forms
from django.utils.functional import lazy
from django.utils.translation import gettext_lazy as _

from surveys.usecases.judgements import LONGEST_COMMENT, holds_address
from surveys.wording.answers import FINER, FIVE, list_of, no_address, number_of, ratio_of, too_long

CHOOSE = {
    "required": _("Please choose one of the answers."),
    "invalid_choice": _("Please choose one of the answers."),
}


def _told_too_long() -> str:
    return too_long().replace("{longest}", str(LONGEST_COMMENT))


class PairForm(forms.Form):
    """A pair in the order of the screen, what was seen of it, and the sender's own key."""

    first = forms.CharField(max_length=64)
    second = forms.CharField(max_length=64)
    version = forms.IntegerField(min_value=0, max_value=1_000_000)
    key = forms.UUIDField()

    def for_use_case(self) -> dict[str, Any]:
        """Return what was sent by the names that the use-cases have for it."""
        sent = self.cleaned_data
        return {"a": sent["first"], "b": sent["second"], "key": sent["key"], "seen_version": sent["version"]}


class TakeBackForm(PairForm):
    """An answer to take back; without version and key it is whichever stands."""

    version = forms.IntegerField(min_value=0, max_value=1_000_000, required=False)
    key = forms.UUIDField(required=False)


class AnswerForm(PairForm):
    """One answer: the ratio of first over second, the list that it was taken from, and a reason."""

    value = forms.ChoiceField(
        choices=[(text, text) for text in (*FIVE, *FINER, "1", "1/1", *map(ratio_of, FINER))], error_messages=CHOOSE
    )
    comment = forms.CharField(
        max_length=LONGEST_COMMENT, required=False, error_messages={"max_length": lazy(_told_too_long, str)()}
    )

    def for_use_case(self) -> dict[str, Any]:
        """Return the pair with the answer."""
        return super().for_use_case() | {name: self.cleaned_data[name] for name in ("value", "taken_from", "comment")}

    def clean_value(self) -> float:
        """Return the ratio as a number, and keep the list beside it."""
        sent = str(self.cleaned_data["value"])
        self.cleaned_data["taken_from"] = list_of(sent)
        return number_of(sent)

    def clean_comment(self) -> str:
        """Refuse a reason that tells who wrote it."""
        comment = str(self.cleaned_data["comment"])
        if holds_address(comment):
            raise forms.ValidationError(no_address())
        return comment


class SettleForm(AnswerForm):
    """Which of two windows' answers stands: the one that is stored (keep) or the late one (use)."""

    stands = forms.ChoiceField(choices=[("keep", "keep"), ("use", "use")], error_messages=CHOOSE)


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
