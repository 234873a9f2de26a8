"""What is entered of an indicator system: how one begins, one criterion of it, where it stands, and what is pasted."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from django import forms
from django.utils.translation import get_language, gettext_lazy
from django.utils.translation import gettext as _

from accounts.units import gettext_lazy as of_kind
from surveys.files.pasted_framework import LONGEST_TEXT
from surveys.files.shipped_frameworks import SHIPPED, STANDARD_CODE
from surveys.values.framework import LEVER
from surveys.values.framework_edits import AGGREGATE, INDICATOR
from surveys.values.framework_page import told_in, with_texts
from surveys.wording.frameworks import refusal

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence
    from uuid import UUID

    from surveys.errors import CriterionError
    from surveys.values.framework import FrameworkRow
    from surveys.values.framework_page import CriterionLine, SpokenLanguage

EMPTY, PASTE = "empty", "paste"
CODES: Final = {"dir": "ltr", "autocapitalize": "none", "spellcheck": "false"}
LONGEST_NAME: Final = 200
LONGEST_DEFINITION: Final = 2000


class RefusableForm(forms.Form):
    """A form that says beside a field why a use-case refuses what was entered."""

    def refuse(self, error: CriterionError) -> None:
        """Say it at the field of the error, or above all where the form has none of that name."""
        named = str(error.facts["field"])
        first = next((field for field in self.fields if field == named or field.startswith(f"{named}-")), None)
        self.add_error(first, refusal(error))


class BeginFrameworkForm(RefusableForm):
    """What a framework is called, and what it begins with."""

    name = forms.CharField(
        label=gettext_lazy("Name"),
        max_length=LONGEST_NAME,
        error_messages={"required": gettext_lazy("Please give a name in one language at least.")},
    )
    start = forms.ChoiceField(
        label=gettext_lazy("What it begins with"),
        error_messages={"required": gettext_lazy("Please choose what it begins with.")},
        widget=forms.RadioSelect,
    )

    def __init__(self, sent: Any = None, *, copyable: Sequence[tuple[UUID, str]]) -> None:
        """Offer the shipped ones, and those that its reader may see."""
        super().__init__(sent)
        choices: list[tuple[str, str]] = [
            (EMPTY, _("Nothing: criteria are added one by one")),
            (PASTE, _("Cells pasted from a spreadsheet")),
        ]
        choices += [
            (f"shipped:{one.key}", _("Codes of {standard}, with names of our own").format(standard=one.standard))
            for one in SHIPPED
        ]
        choices += [(f"copy:{uid}", _("A copy of {name}").format(name=name)) for uid, name in copyable]
        self.fields["start"].choices = choices  # type: ignore[attr-defined]  # it is a ChoiceField

    def names(self) -> dict[str, str]:
        """Return the name in the language of the page."""
        return {get_language() or "en": self.cleaned_data["name"]}

    def begins_with(self) -> tuple[str, str]:
        """Return what it begins with: a kind, and which one of it."""
        kind, _colon, which = self.cleaned_data["start"].partition(":")
        return kind, which


class CriterionForm(RefusableForm):
    """One criterion: names and definitions in the languages of the series, and, for moderators, all else of it."""

    FACTS = ("code", "kind", "unit", "direction", "lever", "source", "standard")

    code = forms.CharField(
        label=gettext_lazy("Code"),
        required=False,
        max_length=64,
        help_text=gettext_lazy("As files name it. Left empty, it is made from the name."),
        widget=forms.TextInput(attrs=CODES),
    )
    kind = forms.ChoiceField(
        label=gettext_lazy("What it is"),
        choices=[
            (AGGREGATE, gettext_lazy("a group: others stand under it")),
            (INDICATOR, gettext_lazy("an indicator: measured, nothing stands under it")),
        ],
        widget=forms.RadioSelect,
        error_messages={"required": gettext_lazy("Please choose one of both.")},
    )
    unit = forms.CharField(label=gettext_lazy("Unit"), required=False, max_length=200)
    direction = forms.ChoiceField(
        label=gettext_lazy("Direction, of an indicator"),
        choices=[("1", gettext_lazy("more is better")), ("-1", gettext_lazy("less is better"))],
        required=False,
        widget=forms.RadioSelect,
    )
    lever = forms.ChoiceField(
        label=gettext_lazy("Who could change it:"),
        choices=[
            ("", gettext_lazy("not known")),
            ("city", of_kind("the city")),
            ("country", gettext_lazy("the country")),
            ("nobody", gettext_lazy("no one")),
        ],
        required=False,
    )
    source = forms.CharField(label=gettext_lazy("Source"), required=False, max_length=1000)
    standard = forms.CharField(
        label=gettext_lazy("Code in a standard"),
        required=False,
        max_length=200,
        widget=forms.TextInput(attrs={"dir": "ltr"}),
    )

    def __init__(
        self,
        sent: Any = None,
        *,
        languages: Sequence[SpokenLanguage],
        line: CriterionLine | None = None,
        texts_only: bool = False,
    ) -> None:
        """Show what stands of a criterion, or empty fields of a new one."""
        self.row = line.row if line else None
        super().__init__(sent, initial=_stands(line.row) if line else None)
        self.languages = languages
        for name in self.FACTS if texts_only else ():
            del self.fields[name]
        if not texts_only and line and (line.children or line.is_root):
            del self.fields["kind"]
        if not texts_only and line and line.is_group:
            for name in ("unit", "direction", "lever", "source"):
                if line.children or line.is_root:
                    del self.fields[name]
        for language in languages:
            self._add_texts(language)

    def _add_texts(self, language: SpokenLanguage) -> None:
        attributes = {"lang": language.code, "dir": language.direction}
        self.fields[f"name-{language.code}"] = forms.CharField(
            label=f"{_('Name')} · {language.name}",
            required=False,
            max_length=LONGEST_NAME,
            initial=told_in(self.row.names, language.code) if self.row else "",
            widget=forms.TextInput(attrs=attributes),
        )
        self.fields[f"definition-{language.code}"] = forms.CharField(
            label=f"{_('Definition')} · {language.name}",
            required=False,
            max_length=LONGEST_DEFINITION,
            initial=told_in(self.row.definitions, language.code) if self.row else "",
            widget=forms.Textarea(attrs={"rows": 2, **attributes}),
        )

    def clean(self) -> dict[str, Any]:
        """Ask of an indicator which way is better: nobody but its makers knows."""
        cleaned = dict(super().clean() or self.cleaned_data)
        kind = cleaned.get("kind") or (self.row.kind if self.row else "")
        if "direction" in self.fields and kind == INDICATOR and not cleaned.get("direction"):
            self.add_error("direction", _("Please say whether more or less of it is better."))
        return cleaned

    def names_by_language(self) -> list[forms.BoundField]:
        """Give the fields of the names."""
        return [self[f"name-{one.code}"] for one in self.languages]

    def definitions_by_language(self) -> list[forms.BoundField]:
        """Give the fields of the definitions."""
        return [self[f"definition-{one.code}"] for one in self.languages]

    def facts(self) -> Iterator[forms.BoundField]:
        """Give the fields of all else but the code."""
        return (self[name] for name in self.FACTS if name in self.fields and name != "code")

    def texts(self) -> dict[str, dict[str, str]]:
        """Return names and definitions by language; those in other languages than the series' stay."""
        said = self.cleaned_data
        return {
            "names": with_texts(
                self.row.names if self.row else {}, {one.code: said[f"name-{one.code}"] for one in self.languages}
            ),
            "definitions": with_texts(
                self.row.definitions if self.row else {},
                {one.code: said[f"definition-{one.code}"].replace("\r\n", "\n") for one in self.languages},
            ),
        }

    def said(self) -> dict[str, Any]:
        """Return all that was entered, as the use-cases take it."""
        sent = self.cleaned_data
        told: dict[str, Any] = {name: sent[name] for name in ("kind", "unit", "source") if name in sent}
        if sent.get("direction"):
            told["direction"] = int(sent["direction"])
        code = sent.get("code") or (self.row.code if self.row else "")
        kind = told.get("kind") or (self.row.kind if self.row else AGGREGATE)
        kept = {**(self.row.extra if self.row else {})}
        extra = {STANDARD_CODE: sent.get("standard", "")}
        extra |= {LEVER: sent.get("lever", "") if kind == INDICATOR else ""}
        return told | self.texts() | {"code": code, "extra": _filled({**kept, **extra})}


def _stands(row: FrameworkRow) -> dict[str, Any]:
    return {
        "code": row.code,
        "kind": row.kind,
        "unit": row.unit,
        "direction": str(row.direction),
        "lever": row.lever,
        "source": row.source,
        "standard": row.extra.get(STANDARD_CODE, ""),
    }


def _filled(texts: dict[str, str]) -> dict[str, str]:
    return {name: text for name, text in texts.items() if text}


class MoveForm(RefusableForm):
    """Under which group a criterion is to stand."""

    parent = forms.ChoiceField(label=gettext_lazy("Put it under"))

    def __init__(self, sent: Any = None, *, groups: Sequence[CriterionLine], now: str | None) -> None:
        """Offer every group that may take it, indented as in the tree."""
        super().__init__(sent, initial={"parent": now})
        choices = [(one.code, "\N{EM SPACE}" * one.depth + one.name) for one in groups]
        self.fields["parent"].choices = choices  # type: ignore[attr-defined]  # it is a ChoiceField


class GroupForm(RefusableForm):
    """Which children of a criterion go into a new group, and what it is called."""

    name = forms.CharField(
        label=gettext_lazy("Name of the group"),
        max_length=LONGEST_NAME,
        error_messages={"required": gettext_lazy("Please give a name in one language at least.")},
    )
    members = forms.MultipleChoiceField(
        label=gettext_lazy("What goes into it"),
        widget=forms.CheckboxSelectMultiple,
        error_messages={"required": gettext_lazy("Please choose which ones.")},
    )

    def __init__(self, sent: Any = None, *, children: Sequence[CriterionLine]) -> None:
        """Offer the children."""
        super().__init__(sent)
        choices = [(one.code, one.name) for one in children]
        self.fields["members"].choices = choices  # type: ignore[attr-defined]  # it is a MultipleChoiceField


class PasteForm(RefusableForm):
    """Cells that were copied from a spreadsheet, and the language of an outline's names."""

    text = forms.CharField(
        label=gettext_lazy("Cells copied from a spreadsheet"),
        max_length=LONGEST_TEXT,
        strip=False,
        widget=forms.Textarea(attrs={"rows": 12, "dir": "auto", "class": "cells", "spellcheck": "false"}),
        error_messages={"required": gettext_lazy("Please paste the cells first.")},
    )
    language = forms.ChoiceField(label=gettext_lazy("Language of the names, where no column says it"))

    def __init__(self, sent: Any = None, *, languages: Sequence[SpokenLanguage]) -> None:
        """Offer the languages of the series."""
        own = get_language()
        choices = [(one.code, one.name) for one in languages]
        super().__init__(sent, initial={"language": own if own in dict(choices) else choices[0][0]})
        self.fields["language"].choices = choices  # type: ignore[attr-defined]  # it is a ChoiceField
