"""Templates that are words in a sentence: what the formatter lays out over lines is read as one line again."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from django import template
from django.template.loader_tags import IncludeNode, do_include
from django.utils.safestring import SafeString

if TYPE_CHECKING:
    from django.template.base import Parser, Token
    from django.template.context import Context

register = template.Library()


class Phrase(IncludeNode):
    """An included template without the line breaks and indents it is written with."""

    def render(self, context: Context) -> SafeString:
        """Include it, with one space wherever HTML knows white space, and none at its ends; no-break spaces stay."""
        return SafeString(re.sub(r"[ \t\r\n]+", " ", super().render(context)).strip(" "))


@register.tag
def phrase(parser: Parser, token: Token) -> Phrase:
    """Include a template in a sentence or an attribute: ``{% phrase "scoring/result.html" with page=page only %}``."""
    included = do_include(parser, token)
    return Phrase(included.template, extra_context=included.extra_context, isolated_context=included.isolated_context)
