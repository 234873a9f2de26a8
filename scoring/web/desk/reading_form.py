"""What a moderator may say of the files she sends, where one of them can be read in two ways."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from django import forms
from django.utils.translation import gettext_lazy as _

from exchange.options import DECIMALS, SAID, THOUSANDS, UNGROUPED

if TYPE_CHECKING:
    from collections.abc import Sequence

    from django.forms.boundfield import BoundField

    from exchange.problems import FileProblem

SIGNS: Final = {".": _("a point (.)"), ",": _("a comma (,)"), " ": _("a space"), "'": _("an apostrophe (')")}
OF_FILE: Final = ("", _("as the file tells"))


class ReadingForm(forms.Form):
    """Files, and what may be said of them; ``problems`` lists what is wrong with them."""

    sheet = forms.CharField(
        label=_("Sheet of the workbook"), help_text=_("Its name in the file."), required=False, max_length=100
    )
    encoding = forms.CharField(
        label=_("Encoding of the text"),
        help_text=_("Such as windows-1252 or windows-1256; a file in UTF-8 needs none."),
        widget=forms.TextInput(attrs={"spellcheck": "false", "dir": "ltr", "class": "code"}),
        required=False,
        max_length=40,
    )
    decimal = forms.ChoiceField(
        label=_("Decimal sign"), choices=[OF_FILE, *((sign, SIGNS[sign]) for sign in DECIMALS)], required=False
    )
    thousands = forms.ChoiceField(
        label=_("Sign that groups thousands"),
        choices=[OF_FILE, *((sign, SIGNS[sign]) for sign in THOUSANDS), (UNGROUPED, _("no sign"))],
        required=False,
    )
    missing = forms.CharField(
        label=_("Texts that mean missing"),
        help_text=_("One a line, as the cells have them. An empty cell and NA always mean missing."),
        widget=forms.Textarea(attrs={"rows": 2, "spellcheck": "false", "dir": "auto"}),
        required=False,
        max_length=1000,
    )

    def __init__(self, *args: Any, problems: Sequence[FileProblem] = (), **options: Any) -> None:
        """Start with what is known to be wrong with the files."""
        super().__init__(*args, **options)
        self.problems = list(problems)

    @property
    def said(self) -> dict[str, str]:
        """What is said of the files, of a form that is valid."""
        return {name: self.cleaned_data[name] for name in SAID if self.cleaned_data[name]}

    @property
    def reading_fields(self) -> list[BoundField]:
        """What may be said of the files."""
        return [self[name] for name in SAID]

    @property
    def sent_fields(self) -> list[BoundField]:
        """What is sent, the files and what belongs to them."""
        return [field for field in self.visible_fields() if field.name not in SAID]

    @property
    def is_reading_open(self) -> bool:
        """Whether something is said of the files, or a problem asks for it."""
        asked = {option.name for problem in self.problems for option in problem.options}
        return any(field.errors or field.value() or field.name in asked for field in self.reading_fields)


class SendingForm(ReadingForm):
    """Files that are to be read; ``preview`` keeps them a draft."""

    preview = forms.BooleanField(required=False, widget=forms.HiddenInput)


class UploadAnswerForm(SendingForm):
    """What is said now of files that were sent before."""
