"""What holds at every address alike: methods, HEAD, unknown parameters, and what is said of an address that is none."""

import json
import re

import pytest
from django.http import StreamingHttpResponse
from django.test import Client
from django.urls import path
from drf_spectacular.generators import SchemaGenerator

from accounts import parameters
from accounts.parameters import DeclaredQuery, Parameters, UndeclaredParameterError, declared_by, reads
from config import urls
from config.errors import MEDIA_TYPE
from config.middleware import TRACKING, without_tracking
from config.wsgi import application
from tests.addresses import addresses

METHODS = {"GET", "POST", "PUT", "PATCH", "DELETE", "OPTIONS", "TRACE", "BREW"}
TOKEN = re.compile(rb'(csrfmiddlewaretoken" value="|data-token="|name="key" value=")[^"]*')


def of_ours():
    """Addresses whose views are ours: those of other packages answer as these will."""
    return [
        one
        for one in addresses()
        if one.view.__module__.partition(".")[0] in parameters.OURS and not one.route.startswith("admin/")
    ]


# --- methods --------------------------------------------------------------------------------------------------------------


@pytest.mark.django_db
def test_method_that_an_address_does_not_know_is_answered_with_those_it_knows(site):
    site.client.handler.enforce_csrf_checks = True  # nobody is asked for a token first
    wrong = {}
    for one in of_ours():
        here = site.paths(one)[0]
        answer = site.client.generic("BREW", here)
        allowed = set(answer.headers.get("Allow", "").split(", "))
        statuses = {name: site.client.generic(name, here).status_code for name in METHODS - allowed}
        if (
            answer.status_code != 405
            or not allowed & {"GET", "POST", "PATCH", "DELETE"}
            or set(statuses.values()) != {405}
        ):
            wrong[one.route] = (answer.status_code, allowed, statuses)
    assert wrong == {}


@pytest.mark.django_db
def test_method_is_refused_before_it_is_asked_who_sends_it(client):
    answer = client.delete("/api/v1/series/nobody/consent/")
    assert (answer.status_code, answer.headers["Allow"], answer.json()["code"]) == (
        405,
        "GET, HEAD, POST",
        "method_not_allowed",
    )


@pytest.mark.django_db
def test_head_is_answered_as_get_without_the_content(site):
    answered, differs = 0, {}
    for one in addresses():
        for here in site.paths(one):
            got, head = site.client.get(here), site.client.head(here)
            answered += got.status_code == 200
            changes = {"Expires"}  # with the clock
            changes |= {"ETag"} if TOKEN.search(got.content) else set()  # with each visit
            changes |= {"Content-Length"} if one.route.startswith("admin/") else set()  # messages are shown once
            same = {name: text for name, text in got.headers.items() if name not in changes}
            if (got.status_code, same, head.content) != (head.status_code, {n: head.headers.get(n) for n in same}, b""):
                differs[one.route] = (got.status_code, got.headers, head.status_code, head.headers)
    assert (differs, answered > 60) == ({}, True)


# --- parameters -----------------------------------------------------------------------------------------------------------


@pytest.mark.django_db
def test_unknown_parameter_is_refused_or_named_and_ignored(site):
    silent = {}
    for one in of_ours():
        for here in site.paths(one):
            known = site.client.get(here)
            answer = site.client.get(f"{here}?no-such-thing=1")
            if known.status_code != 200:
                continue
            named = "no-such-thing" in answer.content.decode()
            is_page = answer.headers["Content-Type"].startswith("text/html")
            if not named or answer.status_code != (200 if is_page else 400):
                silent[one.route] = (answer.status_code, answer.content[:300])
    assert silent == {}


def handlers():
    """Every handler of the API by its address and method."""
    for one in addresses():
        if hasattr(one.view, "cls"):
            route = "/" + re.sub(r"<\w+:(\w+)>", r"{\1}", one.route)
            for method in ("get", "post", "put", "patch", "delete"):
                if handler := getattr(one.view.cls, method, None):
                    yield (route, method), handler


def test_schema_names_the_parameters_that_handlers_declare():
    schema = SchemaGenerator().get_schema(request=None, public=True)
    described = {
        (route, method): {one["name"] for one in operation["parameters"] if one.get("in") == "query"}
        for route, operations in schema["paths"].items()
        for method, operation in operations.items()
    }
    declared = {place: set(declared_by(handler).names) for place, handler in handlers() if place in described}

    assert (declared, set(declared)) == (described, set(described))
    assert sum(map(bool, declared.values())) == 3


def test_view_can_read_what_it_declares_alone():
    @reads("q", "v.INDICATOR")
    def view(request):
        """Nothing."""

    view.__module__ = "scoring.web"
    query = DeclaredQuery.of(DeclaredQuery("q=1&q=2&v.A=3&other=4"), declared_by(view))

    assert (query.dict(), query.getlist("q"), "v.B" in query, query.get("q")) == (
        {"q": "2", "v.A": "3"},
        ["1", "2"],
        False,
        "2",
    )
    for read in (query.get, query.getlist, query.__getitem__, query.__contains__):
        with pytest.raises(UndeclaredParameterError, match=r"reads other, and declares q, v\.INDICATOR"):
            read("other")


def test_every_package_of_ours_declares_its_parameters(root):
    assert {one.name for one in (root / "platform").iterdir() if (one / "__init__.py").exists()} | {
        "scoring",
        "surveys",
    } == set(parameters.OURS)
    assert (declared_by(Client), Parameters().unknown({"a": 1})) == (None, ("a",))


@pytest.mark.django_db
def test_api_refuses_an_unknown_parameter_by_its_name_beside_the_known_ones(site):
    answer = site.client.get("/api/v1/series/las/editions/2026/releases/v1.0/ranking/?contry=MAR&format=json")
    told = "Unknown here; known parameters are country, q, limit, offset, language."
    assert (answer.status_code, answer.json()["errors"]) == (
        400,
        [{"field": name, "code": "unknown_parameter", "detail": told} for name in ("contry", "format")],
    )


@pytest.mark.django_db
def test_file_names_the_parameters_it_does_not_know(site):
    answer = site.client.get("/s/las/2026/v1.0/charts/ranks.svg?them=dark")
    assert (answer.status_code, answer.content.decode()) == (
        400,
        "them: unknown here, known parameters are: unit, theme, width, lang\n",
    )


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("language", "words"),
    [
        ("en", "Parts of this address that the page does not know, and ignores:"),
        ("ar", "أجزاء من هذا العنوان لا تعرفها الصفحة وتتجاهلها:"),
    ],
)
def test_page_names_what_it_ignores_and_no_more_than_fits(client, language, words):
    many = "&".join(f"p{number}=1" for number in range(9))
    page = client.get(f"/?{'x' * 99}=1&<b>=2&{many}", headers={"accept-language": language}).content.decode()
    assert words in page
    assert re.findall("<code>(.*)</code>", page) == ["x" * 39 + "…", "&lt;b&gt;", "p0", "p1", "p2"]
    assert words not in client.get("/").content.decode()


@pytest.mark.django_db
@pytest.mark.parametrize("name", ["utm_source", "utm_anything", "utm%5Fid", *sorted(TRACKING)])
def test_parameter_that_follows_people_is_dropped_by_a_redirect(client, name):
    for start in ("/s/las/", "/api/v1/series/", "/nowhere/é"):
        answer = client.get(f"{start}?q=a%20b&{name}=x&q=%D9%85+")
        assert (answer.status_code, answer.headers["Location"]) == (
            302,
            f"{start.replace('é', '%C3%A9')}?q=a%20b&q=%D9%85+",
        )
    assert client.post(f"/sign-in/?{name}=x").status_code == 200


def test_redirect_stays_on_this_site(rf):
    request = rf.get("/?utm_source=x")
    request.path = "//other.example/"
    assert without_tracking(request) == "/%2Fother.example/"


# --- addresses that are none, and what cannot be read ------------------------------------------------------------------


def test_instance_of_a_refusal_is_an_address(client):
    answer = client.get("/api/v1/no where/<é>/%00")
    assert (answer.status_code, answer.headers["Content-Type"]) == (404, MEDIA_TYPE)
    assert answer.json()["instance"] == "/api/v1/no%20where/%3C%C3%A9%3E/%00"


@pytest.mark.django_db
def test_api_says_what_of_a_request_cannot_be_read(site):
    asked = site.client.get("/api/v1/series/?language=%00")
    posted = site.client.post(
        "/api/v1/series/las/licence/", r'{"licence": "a\u0000", "b": [1e999]}', "application/json"
    )
    assert (asked.status_code, asked.json()["detail"]) == (
        400,
        "'language': the text holds a NUL or half a character.",
    )
    assert (posted.status_code, {(one["field"], one["code"]) for one in posted.json()["errors"]}) == (
        400,
        {("licence", "unreadable"), ("b.0", "unreadable")},
    )


@pytest.mark.django_db
def test_page_that_cannot_be_read_says_so_in_the_readers_language(client):
    answer = client.get("/?q=%00", headers={"accept-language": "fr"})
    assert (answer.status_code, "Cette requête n’a pas pu être lue" in answer.content.decode()) == (400, True)


def stream(request):
    return StreamingHttpResponse([b"piece"])


urlpatterns = [*urls.urlpatterns, path("stream", stream)]
handler404 = urls.handler404


@pytest.mark.urls(__name__)
def test_head_of_what_comes_in_pieces_has_none():
    assert b"".join(Client().get("/stream").streaming_content) == b"piece"
    assert b"".join(Client().head("/stream").streaming_content) == b""


@pytest.mark.django_db
def test_encoding_that_is_none_of_text_is_refused(rf):
    told = {}
    for kind in ("text/plain; charset=hex", "text/plain; charset*=none''x", "application/json; charset=undefined"):
        environ = rf.generic("GET", "/api/v1/nowhere/", content_type=kind).environ | {"CONTENT_TYPE": kind}
        content = b"".join(application(environ, lambda status, headers, kind=kind: told.update({kind: status})))
        assert json.loads(content)["detail"] == "Text is read as UTF-8 alone."
    assert set(told.values()) == {"400 Bad Request"}
