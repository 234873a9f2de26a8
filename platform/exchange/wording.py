"""What a person reads of a file's problems and of how it was read, by code and facts, in her language."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final, NamedTuple

from django.utils.translation import gettext
from django.utils.translation import gettext_noop as _

if TYPE_CHECKING:
    from collections.abc import Mapping


class Sentence(NamedTuple):
    """What is wrong, and what is allowed instead."""

    what: str
    allowed: str = ""


class Option(NamedTuple):
    """What answers a problem: a name that a command, a page and the API have for it, and what to say by it.

    ``value`` is empty where only the person knows.
    """

    name: str
    value: str = ""


DID_YOU_MEAN: Final = _("{what}; did you mean {near}?")

PROBLEMS: Final[Mapping[str, Sentence]] = {
    # what no table can be read from
    "empty_file": Sentence(_("the file is empty")),
    "unreadable": Sentence(_("cannot be read ({why})")),
    "wrong_kind": Sentence(_("cannot be read"), _("CSV, XLSX, XLS or ODS")),
    "damaged": Sentence(
        _("cannot be read: the file is damaged, or is another packed file"), _("CSV, XLSX, XLS or ODS")
    ),
    "locked": Sentence(_("cannot be read: the file is protected by a password")),
    "binary": Sentence(_("cannot be read: it holds a character that no text has"), _("CSV, XLSX, XLS or ODS")),
    "broken_quotes": Sentence(_("the quotes or line ends are broken")),
    "too_large": Sentence(_("is too large"), _("up to {most}")),
    "too_many_rows": Sentence(_("has too many rows"), _("up to {most}")),
    "too_many_columns": Sentence(_("has too many columns"), _("up to {most}")),
    "too_many_cells": Sentence(_("has too many cells"), _("up to {most}")),
    "too_marked": Sentence(
        _(
            "is too large for a workbook that hides rows or columns, merges cells, computes or shows percents; save the sheet "
            "as CSV UTF-8"
        ),
        _("up to {most} cells"),
    ),
    "reading_time": Sentence(_("takes too long to read; send it in parts"), _("up to {most} seconds")),
    "reading_memory": Sentence(_("takes too much memory to read; send it in parts"), _("up to {most}")),
    # what can be read in two ways
    "encoding": Sentence(_("the text is not UTF-8 and could be {encodings}; say which it is, or save it as CSV UTF-8")),
    "not_this_encoding": Sentence(_("the text is not {encoding}"), _("another encoding, or UTF-8")),
    "unknown_encoding": Sentence(
        _("nobody knows this encoding"), _("a name such as utf-8, windows-1252 or windows-1256")
    ),
    "separator": Sentence(_("the columns could be separated by {separators}; save it with one of them")),
    "decimal": Sentence(
        _(
            "this could be {point} or {comma}, and no number of the file tells which sign is the decimal one; say which it is"
        )
    ),
    "missing_marker": Sentence(
        _("stands where numbers are (cells: {count}); if it means that a value is missing, say so")
    ),
    "sheets": Sentence(_("more than one sheet can be meant; say which one"), "{sheets}"),
    "no_such_sheet": Sentence(_("there is no such visible sheet"), "{sheets}"),
    "hidden_sheet": Sentence(_("this sheet is hidden; make it visible, or say another one"), "{sheets}"),
    "no_visible_sheet": Sentence(_("no visible sheet holds anything")),
    "headers": Sentence(_("several rows could be the one with the names of the columns: {rows}")),
    # columns and rows
    "no_column": Sentence(_("the column is not there"), "{columns}"),
    "no_column_here": Sentence(_("the column is not there; the sheets of the file are {sheets}"), "{columns}"),
    "nameless_column": Sentence(_("the column has no name")),
    "column_twice": Sentence(_("the column stands twice")),
    "same_column": Sentence(_("the column means the same as {other}")),
    "unknown_column": Sentence(_("unknown column"), "{columns}"),
    "unknown_language": Sentence(_("nobody knows the language of this column"), "{languages}"),
    "row_length": Sentence(_("the row has another number of cells"), _("{most} as in the header")),
    "merged": Sentence(
        _("the cells {cells} are merged, and all but the first would be empty; part them and fill them in")
    ),
    # cells
    "error_cell": Sentence(_("the cell holds an error"), _("a value")),
    "uncomputed": Sentence(_("the formula was never computed; open the file in a spreadsheet and save it")),
    "not_number": Sentence(_("is not a number"), _("a number, or an empty cell when missing")),
    "not_number_here": Sentence(
        _("is not a number as the rest of the file writes numbers ({example})"), _("one way in all of the file")
    ),
    "number_range": Sentence(_("is out of range"), _("{low} to {high}")),
    "number_large": Sentence(_("is too large for a number")),
    "percent": Sentence(
        _("has a percent sign, or none, otherwise than the other cells of the column"),
        _("a percent sign in all of them or in none"),
    ),
    "date_ratio": Sentence(
        _("is a date: a spreadsheet may have made one of 1/3; format the column as text and type it again"),
        _("a ratio such as 3, 1/3 or 0.2"),
    ),
    "date_number": Sentence(
        _("is a date; a spreadsheet may have made one of a number"), _("a number, or an empty cell when missing")
    ),
    # judgements
    "judgement_form": Sentence(
        _("no form of judgements is seen in these columns; `manage.py template` writes an empty file of each form"),
        "{forms}",
    ),
    "no_respondent": Sentence(
        _("no column says who answered; name it expert, or say which one it is"),
        _("one of {columns}"),
    ),
    "no_expert": Sentence(_("the row has no expert"), _("a code")),
    "expert_twice": Sentence(_("the expert stands in row {earlier} and again here"), _("one row an expert")),
    "no_judgement": Sentence(_("there is no judgement below the header")),
    "nothing_answered": Sentence(_("nothing is answered")),
    "not_ratio": Sentence(_("is not a ratio"), _("a positive ratio such as 3, 1/3 or 0.2, or empty when not answered")),
    "ratio_range": Sentence(
        _(
            "lies outside the range of judgements; if it is the ratio of a group, or means that nothing was answered, say so"
        ),
        _("1/9 to 9"),
    ),
    "off_scale": Sentence(_("off the {scale} scale"), _("1/9 to 9")),
    "not_step": Sentence(_("is not a step"), _("1 to 9, or -1 to -9 when the first is preferred")),
    "step_range": Sentence(
        _(
            "lies outside the range of judgements; if it is the ratio of a group, or means that nothing was answered, say so"
        ),
        _("1 to 9, or -1 to -9 when the first is preferred"),
    ),
    "not_weight": Sentence(_("is not a weight"), _("0 or more")),
    "no_node": Sentence(_("the framework has no such node"), "{nodes}"),
    "no_item": Sentence(_("{node} has no such item"), "{items}"),
    "node_of_items": Sentence(_("no node of the framework has these items"), "{items}"),
    "column_of_two": Sentence(
        _("this column could be the pair {one} or the pair {other}"), _("a long table, which names both items")
    ),
    "nodes_of_items": Sentence(_("these items could be those of several nodes: {nodes}")),
    "self_compared": Sentence(_("an item is compared with itself, and the ratio is not 1"), _("1, or another item")),
    "answered_twice": Sentence(_("{expert} answered {a} and {b} otherwise in row {earlier}"), _("one answer a pair")),
    "told_twice": Sentence(_("{expert} has another {column} in row {earlier}"), "{value}"),
    "project_form": Sentence(
        _("is not an AHP-OS project: it needs the list pwc of pwc_part, pwc_node, pwc_ab, pwc_intense ({why})")
    ),
    "project_items": Sentence(
        _("the file does not name the items of {node} in its order; say the order"),
        "{items}",
    ),
    "project_pairs": Sentence(
        _("the pairs are not readable"), _("{pairs} characters of 0 and 1, and {pairs} of 1 to 9")
    ),
    "matrix_size": Sentence(_("the matrix is not square"), _("{size} rows of {size} numbers")),
    # frameworks
    "no_criterion": Sentence(_("there is no criterion below the header")),
    "unknown_type": Sentence(_("unknown Type"), "{types}"),
    "direction": Sentence(_("the direction is a sign"), _("1 or -1")),
    "negative_weight": Sentence(_("the weight is negative"), _("0 or more")),
    "unknown_lever": Sentence(_("unknown Lever"), "{levers}"),
    "lever_elsewhere": Sentence(_("only an indicator has a lever"), _("an empty cell")),
    "no_code": Sentence(_("the row has no code"), _("a code")),
    "code_twice": Sentence(_("{code} stands in row {earlier} and again here"), _("one row a code")),
    "no_parent": Sentence(_("no row has this code")),
    "level": Sentence(_("the level does not fit the tree"), "{level}"),
    "tree": Sentence("{why}"),
    "tree_roots": Sentence(_("{count} rows have no parent: {codes}"), _("one row with an empty cell")),
    "tree_cycle": Sentence(_("each of these stands under another of them: {codes}")),
    "childless": Sentence(_("{code} is no indicator, and no row stands under it"), _("Indicator, or a row under it")),
    "below_indicator": Sentence(_("{code} is an indicator, and rows stand under it"), "Aggregate"),
    "indented_too_far": Sentence(_("the row is indented further than one level below the row above it")),
    "no_top": Sentence(_("every criterion stands under another one"), _("one at the top")),
    # data
    "no_indicator_column": Sentence(_("the indicator has no column")),
    "unknown_data_column": Sentence(
        _("the framework names no such column"), _("an indicator, or a group before the first indicator")
    ),
    "unknown_patch_column": Sentence(
        _("nobody knows this column"), _("an indicator, a group that stands, or one before an indicator")
    ),
    "no_indicator": Sentence(_("the framework has no such indicator")),
    "no_table": Sentence(_("there is no table of values")),
    "nothing_sent": Sentence(_("nothing was sent")),
    "no_unit": Sentence(_("there is no unit below the header")),
    "no_value": Sentence(_("there is no value")),
    "unit_twice": Sentence(_("{unit} stands in row {earlier} and again here"), _("one row a unit and time")),
    "unit_time_twice": Sentence(
        _("{unit} at {time} stands in row {earlier} and again here"), _("one row a unit and time")
    ),
    "settled_twice": Sentence(_("{unit} stands twice at {time}"), _("one row a unit and time")),
    "several_times": Sentence(_("{unit} stands at several times"), "{times}"),
    "unknown_unit": Sentence(_("nobody knows this unit"), _("a known code")),
    "nothing_to_remove": Sentence(
        _("nothing can be taken away: no data stand, or all of them are replaced"), _("a value, or an empty cell")
    ),
    "not_removed_here": Sentence(
        _("nothing can be taken away: write what is so instead"), _("a value, or an empty cell")
    ),
    "nothing_stands": Sentence(_("nothing stands of {unit} that could be taken away"), _("a value")),
    "nothing_stands_at": Sentence(_("nothing stands of {unit} at {time} that could be taken away"), _("a value")),
    "no_unit_of_data": Sentence(_("the data have no such unit")),
    "no_unit_of_data_at": Sentence(_("the data have no such unit at {time}")),
    "no_indicator_of_data": Sentence(_("the data have no such indicator")),
    "no_value_of": Sentence(_("{unit} has no value of {indicator}")),
    # units
    "no_country_code": Sentence(_("is no country code"), _("an ISO 3166-1 alpha-3 code such as MAR")),
    "unnamed_country": Sentence(_("nobody knows this country, and no row names it")),
    # sources
    "not_year": Sentence(_("is not a year"), _("a year such as 2023, or empty")),
    "no_resolution": Sentence(_("is no resolution"), "{resolutions}"),
    "yes_or_no": Sentence(_("is neither yes nor no"), _("1 or 0")),
    "two_sources": Sentence(_("{unit} has two sources of {indicator}")),
    # licences
    "source_twice": Sentence(_("the source stands twice")),
    "not_day": Sentence(_("is no day"), _("a day such as 2026-03-31")),
    # list of units
    "no_rule": Sentence(_("nobody says who is listed and why"), _("a sentence in one language at least")),
    "empty_list": Sentence(_("the list is empty")),
    "empty_cell": Sentence(_("is empty")),
    "unknown_unit_column": Sentence(_("unknown column"), _("{columns}, or the name of a group")),
    "no_member": Sentence(
        _("the country of {unit} does not belong to the series on the edition’s day"), _("the code of a member")
    ),
    "unknown_country": Sentence(
        _("nobody knows the country of {unit}, and no row names it"), _("a known code, or a name in cName")
    ),
    "country_otherwise": Sentence(_("{unit} names its country otherwise than other rows"), "{first}"),
    "no_group": Sentence(_("this is a column of the data, and no group")),
    "no_planned_source": Sentence(_("nobody says where its values are to come from")),
    "planned_twice": Sentence(_("{indicator} has this source twice")),
    "no_vintage": Sentence(_("is no year, and no span of years"), _("2024, or 2019-2024")),
    "no_pair": Sentence(_("is no pair of units"), "CODE + CODE"),
    "unlisted_unit": Sentence(_("the list has no such unit")),
    "near_cities": Sentence(
        _("{a} and {b} lie {apart} km apart under two states, as one unit listed twice would"),
        _("one of them, or {pair} named as two units"),
    ),
    "cities_of_one_name": Sentence(
        _("{a} and {b} have one name under two states, as one unit listed twice would"),
        _("one of them, or {pair} named as two units"),
    ),
    "unit_not_frozen": Sentence(_("the frozen list has no such unit")),
    "frozen_unit_missing": Sentence(_("the frozen list has this unit, and the data have no row of it")),
    "group_not_frozen": Sentence(_("the frozen list has no such group"), "{groups}"),
    "frozen_group_missing": Sentence(_("the frozen list has this group, and the data have no such column")),
    "fixed_otherwise": Sentence(_("{unit} is fixed otherwise in the frozen list"), "{fixed}"),
    "fixed_as_empty": Sentence(_("{unit} is fixed otherwise in the frozen list"), _("an empty cell")),
    "unranked_unit_missing": Sentence(_("the frozen recipe does not rank this unit, and the data have no such unit")),
    # weights
    "weight_missing": Sentence(_("the weight is missing or negative"), _("0 or more")),
    "no_weight": Sentence(_("there is no weight for {code}")),
    "not_in_framework": Sentence(_("{code} is not in the framework")),
    "other_parent": Sentence(_("{code} has another parent in the framework"), "{parent}"),
    "root_has_parent": Sentence(_("{code} has another parent in the framework"), _("an empty cell")),
    "not_share": Sentence(_("is not a number"), _("0 to 1")),
    "other_criteria": Sentence(_("{language}: the criteria are not the framework's")),
    "unknown_criterion_column": Sentence(_("the framework names no such criterion")),
    "no_draw": Sentence(_("there is no draw below the header")),
    "draw_order": Sentence(_("the draws are not numbered one by one")),
    "not_zero_or_more": Sentence(_("is not a number of 0 or more")),
    # releases and receipts
    "folder_too_large": Sentence(_("the folder is too large"), _("up to {most} bytes")),
    "unwritable": Sentence(_("cannot be written ({why})")),
    "file_missing": Sentence(_("is missing")),
    "altered": Sentence(_("is missing or was altered")),
    "no_json": Sentence(_("is no JSON ({why})")),
    "no_own_file": Sentence(_("is no file of an expert's answers, as answers.json of her page is")),
    "no_receipt": Sentence(_("holds no receipt"), "{format}"),
    "other_receipt": Sentence(_("the receipt is not that of the answers in this file"), "{receipt}"),
    "unlisted_receipts": Sentence(
        _("none of the receipts is in the list; the release counts another round, or not these answers")
    ),
    "other_answer": Sentence(_("{node}: {a} over {b} is not as she gave it"), "{value}"),
    # recipes, and what other refusals say
    "told": Sentence("{why}"),
    "not_utf8": Sentence(_("this is not UTF-8")),
    "weights_factor": Sentence(
        _('the factor "weights" draws the panel again and needs its judgements; give them, or leave it out of factors'),
        "normalise, aggregate, outliers, impute, leave_one_indicator",
    ),
}

NOTES: Final[Mapping[str, str]] = {
    "encoding": _("Read as {encoding}, as said."),
    "encoding_fits": _("Read as {encoding}: the one encoding that all of it fits."),
    "separator": _("Columns are separated by {separator}."),
    "decimal_comma": _("Read with a decimal comma: the one way that all numbers of the file fit."),
    "decimal_said": _("Read with the decimal sign {sign}, as said."),
    "thousands": _("Signs that group thousands were read as such, as in {example}."),
    "digits": _("Digits of another script were read as numbers, as in {example}."),
    "percent": _("Percent signs in {column} were left out: “45 %” is read as 45."),
    "missing": _("{marker} was read as missing, as said (cells: {count})."),
    "sentinel": _("{value} stands far outside the other values of {column} (row {row}): if it means missing, say so."),
    "sheet": _("Read from the sheet {sheet}; the sheets of the file are {sheets}."),
    "hidden": _("Hidden and read all the same: {places}."),
    "hidden_unknown": _("Whether rows or columns are hidden cannot be seen in this kind of file."),
    "skipped_rows": _("Rows above the names of the columns were passed over: {rows}."),
    "row_names": _("The first column has no name and was passed over, as R writes its row names."),
    "ignored_columns": _("Columns that nobody knows were passed over: {columns}."),
    "one_expert": _("The file names nobody: its answers are those of expert {expert}."),
    "rows_are_experts": _("No column says who answered: every row was taken as one person."),
    "row_experts": _("{column} names several rows alike: every row was taken as one person."),
    "no_row_at": _("{unit} is left out: it has no row at {time}, the latest time."),
    "rule_idle": _(
        "{method} is asked for {indicator} and did nothing to it: skewness {skewness} and kurtosis {kurtosis} need no treatment."
    ),
    "kept_columns": _("Columns that nobody knows were kept as they stand: {columns}."),
}

MISSING_VALUE: Final = Option("missing", "{value}")
OUTSIDE: Final = (Option("range", "free"), MISSING_VALUE)
OPTIONS: Final[Mapping[str, tuple[Option, ...]]] = {
    "encoding": (Option("encoding", "{example}"),),
    "not_this_encoding": (Option("encoding"),),
    "unknown_encoding": (Option("encoding"),),
    "decimal": (Option("decimal"),),
    "missing_marker": (Option("missing", "{marker}"),),
    "sheets": (Option("sheet"),),
    "no_such_sheet": (Option("sheet"),),
    "hidden_sheet": (Option("sheet"),),
    "no_respondent": (Option("expert_column"),),
    "ratio_range": OUTSIDE,
    "step_range": OUTSIDE,
    "project_items": (Option("hierarchy", "{node}: ITEM, ITEM"),),
    "weights_factor": (Option("judgements"),),
    "sentinel": (MISSING_VALUE,),
}
"""What answers a problem or a note, by its code. The sentences name no option: each place where they are read has its own."""


def options_for(code: str, facts: Mapping[str, object]) -> tuple[Option, ...]:
    """Return what answers a problem or a note; nothing for most."""
    return tuple(Option(one.name, one.value.format(**facts)) for one in OPTIONS.get(code, ()))


KEEP_LINES: Final = _(
    "Keep these lines: they tell in which encoding the file was saved. The languages and their codes are:"
)

TEMPLATES: Final[Mapping[str, str]] = {
    "framework": _(
        "A row is a criterion. Parent is the code of the criterion above it, and empty in one row alone; Type is Aggregate or "
        "Indicator."
    ),
    "long": _(
        "A row is a pair: value says how many times a matters more than b, from 1/9 to 9, such as 3 or 0.333; 1/3 only in a cell "
        "that is formatted as text; empty is not answered. expert is a code of who answered, the same in all of her rows; copy "
        "all rows for another expert. expert_weight, group, language and comment may stay empty."
    ),
    "wide": _(
        "A row is an expert. Under A_B, -3 says that A matters 3 times as much as B, 3 that B matters 3 times as much as A, 1 that "
        "both matter alike; empty is not answered. expert_weight, group and language may stay empty."
    ),
    "data": _("A row is a unit at a time; an empty cell is a missing value."),
    "units": _("A row is a unit; country is the code of three letters, such as MAR."),
    "sources": _("A row says where a value comes from; resolution is city or country, given is 1 or 0."),
    "planned": _(
        "A row says where the values of an indicator are to come from; vintage is a year, or a span of years such as 2019-2024."
    ),
    "licences": _("A row is a source; redistribution is 1 where its values may be published again, else 0."),
}
"""What stands in the first line of an empty file, by form."""


def problem_sentence(code: str, facts: Mapping[str, object]) -> Sentence:
    """Return what is wrong and what is allowed, in the active language; the code of a problem kept before it was reworded."""
    try:
        sentence = PROBLEMS[code]
        what = gettext(sentence.what).format(**facts)
        if "near" in facts:
            what = gettext(DID_YOU_MEAN).format(what=what, near=facts["near"])
        return Sentence(what, (gettext(sentence.allowed) if sentence.allowed else "").format(**facts))
    except KeyError:
        return Sentence(code)


def note_sentence(code: str, facts: Mapping[str, object]) -> str:
    """Return what is to be said of how a file was read, in the active language; the code of a note as of a problem."""
    try:
        return gettext(NOTES[code]).format(**facts)
    except KeyError:
        return code
