"""What a series ranks, in templates: its word in messages, and whole parts of a page about another series."""

from __future__ import annotations

from typing import TYPE_CHECKING

from django import template

from accounts import units

if TYPE_CHECKING:
    from django.template.base import FilterExpression, NodeList, Parser, Token
    from django.template.context import Context
    from django.utils.safestring import SafeString

register = template.Library()


@register.filter(is_safe=True)
def of_kind(message: str) -> str:
    """Translate a message that names the unit: ``{% translate "All cities"|of_kind noop %}``.

    ``noop`` leaves the translating to the filter. A context would not do: the node keeps what one thread set while another reads it.
    """
    return units.gettext(message.replace("%", "%%"))


@register.filter
def unit_kind(context: str) -> str:
    """Return the context of a longer message that names the unit: ``{% blocktranslate context ""|unit_kind %}``."""
    return context or units.message_context()


class SpeakingOfNode(template.Node):
    """A part of a page that speaks of one kind of unit."""

    def __init__(self, kind: FilterExpression, nodelist: NodeList) -> None:
        """Keep the kind and the part."""
        self.kind, self.nodelist = kind, nodelist

    def render(self, context: Context) -> SafeString:
        """Render the part as the kind has it."""
        with units.override(self.kind.resolve(context)):
            return self.nodelist.render(context)


@register.tag
def speakingof(parser: Parser, token: Token) -> SpeakingOfNode:
    """Speak of a series' kind of unit on a page of several: ``{% speakingof line.unit_kind %} … {% endspeakingof %}``."""
    _name, kind = token.split_contents()
    nodelist = parser.parse(("endspeakingof",))
    parser.delete_first_token()
    return SpeakingOfNode(parser.compile_filter(kind), nodelist)
