"""The files of a release: what can be downloaded, how large it is and how it is checked."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from django.db.models.functions import Length

from scoring.files.licences import licences_from_plain
from scoring.models import Bundle, ReleaseFile

if TYPE_CHECKING:
    from scoring.files.licences import SourceLicence
    from scoring.queries.published.release_head import ReleaseHead

ZIP, WORKBOOK = "release.zip", "release.xlsx"


@dataclass(frozen=True, slots=True)
class FileLine:
    """A file with its size in bytes and the SHA-256 of its bytes."""

    name: str
    size: int
    sha256: str

    @property
    def is_step(self) -> bool:
        """Say whether it is the table after one step."""
        return self.name.startswith("steps/")


@dataclass(frozen=True, slots=True)
class FilesPage:
    """The files of a release; ``bundle`` and ``workbook`` are None until they are built.

    ``licence`` is that of the work, empty where nobody said; a release from before ``licences`` were told has none.
    """

    head: ReleaseHead
    bundle: FileLine | None
    workbook: FileLine | None
    files: tuple[FileLine, ...]
    licence: str
    licences: tuple[SourceLicence, ...]


@dataclass(frozen=True, slots=True)
class FileContent:
    """One file as it is sent."""

    name: str
    content: bytes
    sha256: str


def files_page(head: ReleaseHead) -> FilesPage:
    """Return the files of a release without their content, and its licences; two queries."""
    rows = ReleaseFile.objects.filter(release=head.release_id).annotate(size=Length("content"))
    built = (
        Bundle.objects.filter(release=head.release_id)
        .annotate(zip_size=Length("zip"), workbook_size=Length("workbook"))
        .values_list(
            *("zip_size", "zip_sha256", "workbook_size", "workbook_sha256"),
            *("release__manifest__licence", "release__manifest__sources"),
        )
        .first()
    )
    zip_size, zip_sha256, workbook_size, workbook_sha256, licence, sources = built or (None, "", None, "", None, None)
    return FilesPage(
        head=head,
        bundle=FileLine(ZIP, zip_size, zip_sha256) if zip_size else None,
        workbook=FileLine(WORKBOOK, workbook_size, workbook_sha256) if workbook_size else None,
        files=tuple(FileLine(name, size, sha256) for name, size, sha256 in rows.values_list("name", "size", "sha256")),
        licence=licence or "",
        licences=licences_from_plain(sources or ()),
    )


def file_content(head: ReleaseHead, name: str) -> FileContent | None:
    """Return one file of a release by its name, or None where it has no such file; one query."""
    if name in (ZIP, WORKBOOK):
        kind = "zip" if name == ZIP else "workbook"
        built = Bundle.objects.filter(release=head.release_id).values_list(kind, f"{kind}_sha256").first()
        return FileContent(name, bytes(built[0]), built[1]) if built and built[0] else None
    row = ReleaseFile.objects.filter(release=head.release_id, name=name).first()
    return FileContent(row.name, bytes(row.content), row.sha256) if row else None
