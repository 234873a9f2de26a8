"""Mails as files, where no mail server is: only whom they belong to reads them, since they hold personal links."""

from __future__ import annotations

import os
import tempfile
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
        """Open a file that no other connection writes; say whether it is newly opened.

        Django's name for it holds the second and a place in memory: two workers of one kind may share both.
        """
        if self.stream is not None:
            return False
        stem = Path(self._get_filename()).stem
        handle, _ = tempfile.mkstemp(prefix=f"{stem}-", suffix=".log", dir=self.file_path)  # for its owner's eyes alone
        self.stream = os.fdopen(handle, "ab")
        return True
