"""Every refusal of the API has the form of RFC 9457."""

import json

import pytest
from django.urls import path
from rest_framework import serializers
from rest_framework.exceptions import NotAuthenticated
from rest_framework.views import APIView

from config import urls
from config.errors import MEDIA_TYPE
from exchange.problems import MOST_LISTED, FileProblem, FileProblemsError
from scoring.errors import EditionStateError
from scoring.numerics.errors import DisconnectedError
from surveys.errors import UnknownLinkError


class Item(serializers.Serializer):
    name = serializers.CharField()


class Basket(serializers.Serializer):
    items = Item(many=True)
    size = serializers.IntegerField(max_value=3)


class Refuse(APIView):
    authentication_classes = permission_classes = ()
    error: Exception

    def get(self, request):
        raise self.error

    def post(self, request):
        Basket(data=request.data).is_valid(raise_exception=True)


ERRORS = {
    "state": EditionStateError("The edition is frozen.", state="frozen", allowed=("draft",)),
    "link": UnknownLinkError("No panelist has this link."),
    "numerics": DisconnectedError("Items are apart.", apart=[["a"], ["b", "c"]]),
    "file": FileProblemsError([FileProblem("data.csv", "number_range", 3, "x1", "high", {"low": 0, "high": 1})]),
    "files": FileProblemsError(FileProblem("data.csv", "not_year", row) for row in range(2, 2 + MOST_LISTED + 3)),
    "anonymous": NotAuthenticated(),
    "broken": ZeroDivisionError("a secret of ours"),
}
urlpatterns = [
    *urls.urlpatterns,
    *(path(f"api/{name}", type("View", (Refuse,), {"error": error}).as_view()) for name, error in ERRORS.items()),
]
handler404, handler500 = urls.handler404, urls.handler500

pytestmark = pytest.mark.urls(__name__)


def members(status, title, code, detail, **more):
    return {
        "type": f"urn:steelyard:problem:{code}",
        "title": title,
        "status": status,
        "detail": detail,
        "code": code,
    } | more


@pytest.mark.parametrize(
    ("name", "expected"),
    [
        (
            "state",
            members(
                409,
                "Conflict",
                "wrong_state",
                "The edition is frozen.",
                facts={"state": "frozen", "allowed": ["draft"]},
            ),
        ),
        ("link", members(404, "Not Found", "unknown_link", "No panelist has this link.", facts={})),
        (
            "numerics",
            members(
                422,
                "Unprocessable Entity",
                "disconnected",
                "Items are apart.",
                facts={"apart": [["a"], ["b", "c"]]},
            ),
        ),
        (
            "file",
            members(
                422,
                "Unprocessable Entity",
                "file_problems",
                "data.csv:3:x1: is out of range, allowed 0 to 1, got high",
                facts={},
                errors=[
                    {
                        "detail": "is out of range",
                        "code": "number_range",
                        "facts": {"low": 0, "high": 1},
                        "file": "data.csv",
                        "sheet": "",
                        "row": 3,
                        "column": "x1",
                        "allowed": "0 to 1",
                        "got": "high",
                    }
                ],
                problems_total=1,
            ),
        ),
        (
            "anonymous",
            members(403, "Forbidden", "not_authenticated", "Authentication credentials were not provided."),
        ),
        (
            "broken",
            members(
                500,
                "Internal Server Error",
                "internal_server_error",
                "An error of ours; the request may have had no effect.",
            ),
        ),
        ("nowhere", members(404, "Not Found", "not_found", "Nothing is at this address.")),
    ],
)
def test_refusal_is_a_problem_that_names_itself(name, expected, client):
    client.raise_request_exception = False
    answer = client.get(f"/api/{name}")
    assert (answer.status_code, answer.headers["Content-Type"]) == (expected["status"], MEDIA_TYPE)
    assert json.loads(answer.content) == expected | {"instance": f"/api/{name}"}


def test_refused_fields_are_listed_with_their_place(client):
    sent = {"items": [{"name": "a"}, {}], "size": 4}
    answer = client.post("/api/state", sent, content_type="application/json")
    assert json.loads(answer.content) == members(
        400,
        "Bad Request",
        "invalid",
        "The request has fields that are refused.",
        instance="/api/state",
        errors=[
            {"field": "items.1.name", "code": "required", "detail": "This field is required."},
            {"field": "size", "code": "max_value", "detail": "Ensure this value is less than or equal to 3."},
        ],
    )


def test_problems_of_files_are_listed_up_to_a_number_and_counted(client):
    told = client.get("/api/files", headers={"Accept-Language": "fr"}).json()
    assert (len(told["errors"]), told["problems_total"]) == (MOST_LISTED, MOST_LISTED + 3)
    assert len(told["detail"].splitlines()) == MOST_LISTED
    assert (told["errors"][0]["row"], told["errors"][0]["detail"]) == (2, "n’est pas une année")


def test_unknown_page_is_a_page(client):
    answer = client.get("/nowhere")
    assert (answer.status_code, answer.headers["Content-Type"]) == (404, "text/html; charset=utf-8")
