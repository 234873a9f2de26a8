"""What the log may not keep: who has a personal link answers as the panelist, takes up a role or chooses a password."""

from __future__ import annotations

import logging
import re

PERSONAL_LINK = re.compile(r"(/p/|/invitations/|/new-password/[^/\s]+/)[^/\s'\"]+")


class WithoutTokens(logging.Filter):
    """Replace the token of every personal link by an ellipsis, in messages and in tracebacks."""

    def filter(self, record: logging.LogRecord) -> bool:
        """Keep the record, masked."""
        record.msg, record.args = mask(record.getMessage()), ()
        if record.exc_info and not record.exc_text:
            record.exc_text = mask(logging.Formatter().formatException(record.exc_info))
        return True


def mask(text: str) -> str:
    """Return the text with no token in it."""
    return PERSONAL_LINK.sub(r"\1…", text)
