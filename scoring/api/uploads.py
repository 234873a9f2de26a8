"""Files that are sent to an edition: they are kept, read by a worker, and taken in once they are confirmed."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from drf_spectacular.utils import extend_schema
from rest_framework.parsers import MultiPartParser
from rest_framework.response import Response

from accounts.api.doors import validated
from accounts.doors import actor_and_time
from exchange.options import SAID
from scoring.api import bodies, upload_answers
from scoring.api.desk import EditionDesk
from scoring.api.reading import or_404
from scoring.files.received import sent_file
from scoring.models import Upload
from scoring.queries.desk.uploads import upload_facts, uploads_of
from scoring.states import capability
from scoring.tasks import enqueue
from scoring.usecases import uploads

if TYPE_CHECKING:
    from collections.abc import Mapping
    from uuid import UUID

    from rest_framework.request import Request


MOST: Final = 50  # uploads in a list


class UploadDoor(EditionDesk):
    """Something done with an upload."""

    def found(self, uid: UUID) -> Upload:
        """Return an upload of the edition."""
        upload: Upload = or_404(uploads_of(self.edition).filter(uid=uid).first())
        return upload

    def told(self, upload: Upload, *, status: int = 200) -> Response:
        """Answer with the upload as it stands, and where it is to be found."""
        answer = upload_answers.UploadSerializer(upload_facts(upload), context=self.place()).data
        return Response(answer, status=status, headers={} if status == 200 else {"Location": answer["url"]})

    def reads(self, upload: Upload) -> Response:
        """Tell the workers of files that are to be read, and the moderator where they are."""
        enqueue(upload)
        return self.told(upload, status=202)

    def sent(
        self,
        request: Request,
        kind: str,
        body: Mapping[str, Any],
        *,
        parts: tuple[str, ...],
        details: tuple[str, ...],
    ) -> Response:
        """Keep the files of a request, and let them be read."""
        files = {part: sent_file(body.get(part)) for part in parts}
        return self.reads(
            uploads.send_files(
                self.edition,
                kind=kind,
                files={part: file for part, file in files.items() if file is not None},
                said=said_of(body),
                details={name: body[name] for name in details},
                is_confirmed=not body["preview"],
                **actor_and_time(request),
            )
        )


def said_of(body: Mapping[str, Any]) -> dict[str, str]:
    """Return what a request says of how its files are read."""
    return {name: body[name] for name in SAID if body[name]}


class UnitsView(UploadDoor):
    """The list of units."""

    needed = {"POST": capability("settle_units", "send_files")}
    parser_classes = (MultiPartParser,)

    @extend_schema(
        request={"multipart/form-data": bodies.UnitsSerializer},
        responses={202: upload_answers.UploadSerializer},
        operation_id="settle_units",
        tags=["desk"],
    )
    def post(self, request: Request, **_: str) -> Response:
        """Say who is ranked and where the values are to come from: all that is sent, or none of it with everything wrong."""
        body = validated(bodies.UnitsSerializer(data=request.data))
        return self.sent(request, Upload.Kind.UNITS, body, parts=("units", "sources"), details=("rule", "two_cities"))


class DataView(UploadDoor):
    """Data."""

    needed = {"POST": capability("load_edition_data", "send_files")}
    parser_classes = (MultiPartParser,)

    @extend_schema(
        request={"multipart/form-data": bodies.DataSerializer},
        responses={202: upload_answers.UploadSerializer},
        operation_id="load_data",
        tags=["desk"],
    )
    def post(self, request: Request, **_: str) -> Response:
        """Send data, to be loaded and opened for the edition: all that is sent, or none of it with everything that is wrong.

        Where the edition has data, these are a patch of them, unless all is to be replaced.
        """
        sent = bodies.DataSerializer(data=request.data)
        sent.fields["table"].required = self.edition.dataset is None
        return self.sent(
            request, Upload.Kind.DATA, validated(sent), parts=uploads.DATA_PARTS, details=("replace", "note")
        )


class UploadListView(UploadDoor):
    """The uploads of an edition."""

    needed = {"GET": capability("uploads_of")}

    @extend_schema(responses=upload_answers.UploadListSerializer, operation_id="uploads", tags=["desk"])
    def get(self, request: Request, **_: str) -> Response:
        """List what was sent last, the newest first."""
        results = [upload_facts(row) for row in uploads_of(self.edition)[:MOST]]
        return Response(upload_answers.UploadListSerializer({"results": results}, context=self.place()).data)


class UploadView(UploadDoor):
    """One upload."""

    needed = {
        "GET": capability("uploads_of"),
        "PATCH": capability("answer_upload"),
        "DELETE": capability("drop_upload"),
    }

    @extend_schema(responses=upload_answers.UploadSerializer, operation_id="upload", tags=["desk"])
    def get(self, request: Request, uid: UUID, **_: str) -> Response:
        """Tell how far its reading is, what is wrong with it, and what it changes."""
        return self.told(self.found(uid))

    @extend_schema(
        request=bodies.AnswerSerializer,
        responses={202: upload_answers.UploadSerializer},
        operation_id="answer_upload",
        tags=["desk"],
    )
    def patch(self, request: Request, uid: UUID, **_: str) -> Response:
        """Have the files read again by what is said of them now, beside what was said before, without sending them again.

        They stay a draft unless ``preview`` is false.
        """
        upload, body = self.found(uid), validated(bodies.AnswerSerializer(data=request.data))
        said = upload.said | {name: body[name] for name in SAID if name in body}
        return self.reads(
            uploads.answer_upload(
                upload,
                said={name: text for name, text in said.items() if text},
                is_confirmed=not body["preview"],
                **actor_and_time(request),
            )
        )

    @extend_schema(request=None, responses=upload_answers.UploadSerializer, operation_id="drop_upload", tags=["desk"])
    def delete(self, request: Request, uid: UUID, **_: str) -> Response:
        """Forget files that were not taken in."""
        return self.told(uploads.drop_upload(self.found(uid), **actor_and_time(request)))


class ConfirmationView(UploadDoor):
    """Confirming a draft."""

    needed = {"POST": capability("confirm_upload")}

    @extend_schema(
        request=None,
        responses={202: upload_answers.UploadSerializer},
        operation_id="confirm_upload",
        tags=["desk"],
    )
    def post(self, request: Request, uid: UUID, **_: str) -> Response:
        """Have a draft taken in, as its preview says."""
        return self.reads(uploads.confirm_upload(self.found(uid), **actor_and_time(request)))
