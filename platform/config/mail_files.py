"""Mails as files, where no mail server is: only whom they belong to reads them, since they hold personal links."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Any

from django.conf import settings
from django.core.mail.backends import filebased


class EmailBackend(filebased.EmailBackend):
    """Django's own, with files that nobody else on the machine may read."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        """Make the folder, and shut one that stood open."""
        folder = Path(kwargs.get("file_path") or settings.EMAIL_FILE_PATH)
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        folder.chmod(0o700)
        super().__init__(*args, **kwargs)

    def open(self) -> bool:
        """Open the file of this connection; say whether it is newly opened."""
        if self.stream is not None:
            return False
        handle = os.open(self._get_filename(), os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o600)
        self.stream = os.fdopen(handle, "ab")
        return True
