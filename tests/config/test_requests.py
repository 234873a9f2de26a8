"""Whatever is sent to whatever address: the answer is never an error of ours."""

import json
import re
import uuid
from contextlib import contextmanager
from copy import copy

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.core.handlers.wsgi import WSGIRequest
from django.db import transaction
from django.http import QueryDict
from django.utils.datastructures import MultiValueDict
from drf_spectacular.generators import SchemaGenerator

from accounts.parameters import Parameters
from tests.addresses import addresses

pytestmark = [
    pytest.mark.django_db,
    pytest.mark.ignore_template_errors,  # the admin's own templates name what is not there
]
TEXTS = {  # percent-encoded, as they stand in an address or in a form
    "nul": "a%00b",
    "no utf-8": "%ff%fe",
    "surrogate": "%ed%a0%80",
    "long": "x" * 3000,
    "huge number": "9" * 400,
    "huge exponent": "1e999",
    "negative": "-1",
    "line end": "%0d%0aSet-Cookie:%20a=b",
    "empty": "",
}
DEEP = "[" * 5000 + "]" * 5000
VALUES = {  # as JSON
    "nul": r'"a\u0000b"',
    "surrogate": r'"\ud800"',
    "long": json.dumps("x" * 3000),
    "huge number": "9" * 400,
    "huger number": "9" * 5000,
    "huge exponent": "1e999",
    "negative": "-1",
    "beyond 32 bits": str(2**33),
    "beyond 64 bits": str(2**65),
    "no number": "NaN",
    "list": "[]",
    "list of nothing": "[null]",
    "list in list": '[["a\\u0000", 1]]',
    "object": "{}",
    "object of numbers": '{"en": 1}',
    "nul in object": r'{"a\u0000": "b\u0000"}',
    "settings": '{"draws": 99999999999999, "seed": -1, "cr_max": 1e308}',
    "deep": DEEP,
    "end of time": '"9999-12-31T23:59:59-14:00"',
    "begin of time": '"0001-01-01T00:00:00+14:00"',
    "nothing": "null",
}
BODIES = {
    "broken json": ("application/json", b'{"a": '),
    "json that is no utf-8": ("application/json", b'{"a": "\xff"}'),
    "json in another encoding": ("application/json; charset=utf-16", b"{}"),
    "deep json": ("application/json", DEEP.encode()),
    "multipart without boundary": ("multipart/form-data", b"x"),
    "broken multipart": ("multipart/form-data; boundary=b", b"--b\r\nContent-Disposition: form-data; name="),
    "multipart in another encoding": (
        "multipart/form-data; boundary=b; charset=idna",
        b'--b\r\nContent-Disposition: form-data; name="a"\r\n\r\nx\r\n--b--\r\n',
    ),
    "form in another encoding": ("application/x-www-form-urlencoded; charset=latin-1", b"a=1"),
    "form with too many fields": ("application/x-www-form-urlencoded", b"a=1&" * 2000),
    "form with a nul in a name": ("application/x-www-form-urlencoded", b"a%00=1"),
    "no kind": ("", b"\x00\xff"),
    "another kind": ("application/xml", b"<a/>"),
}
FILES = {
    "nul": b"uCode,uName\na\x00,b\n",
    "no utf-8": b"uCode,uName\n\xff,b\n",
    "half a workbook": b"PK\x03\x04 and no more",
    "long": b"uCode," + b"x" * 3000 + b"\n" + b"y" * 3000 + b",1\n",
    "huge number": b"uCode,uName,A1,population,latitude,vintage\nU1,a," + (b"9" * 400 + b",") * 2 + b"1e999,9999999\n",
    "empty": b"",
}
GOOD = {  # what lets a form go on to its other fields
    "first": "A",
    "second": "B",
    "key": str(uuid.UUID(int=1)),
    "version": "0",
    "value": "3",
    "sure": "yes",
    "email": "a@example.org",
    "choice": "short",
    "closes_at": "2030-01-01T10:00",
    "until": "2030-01-01T10:00",
    "when": "until",
    "pair": "A%09B",
    "stands": "use",
    "round": str(uuid.UUID(int=1)),
    "language": "ar",
    "rule": '{"en": "All."}',
    "rule_en": "All.",
    "next": "/",
}


@contextmanager
def undone(client):
    """Undo what a request does, to rows as to cookies: the next one meets the same site and the same person."""
    cookies = copy(client.cookies)
    with transaction.atomic():
        yield
        transaction.set_rollback(True)
    client.cookies = cookies


def texts(address):
    """What is put into an address: all of it, and two of it into those of Django's own admin."""
    return {what: TEXTS[what] for what in ("nul", "huge number")} if address.is_of_admin else TEXTS


def sent(client, method, path, *body, **options):
    """Send a request and undo what it did."""
    with undone(client):
        return client.generic(method, path, *body, **options)


@pytest.fixture
def broken(site):
    """Send requests; return those that are answered by an error of ours."""

    def send(requests):
        answers = {what: sent(site.client, *request) for what, request in requests}
        assert answers
        return {what: answer.status_code for what, answer in answers.items() if answer.status_code >= 500}

    return send


def test_no_place_in_an_address_breaks_it(site, broken):
    assert (
        broken(
            ((method, one.route, name, what), (method, path))
            for one in addresses()
            for name in one.names
            for what, text in texts(one).items()
            for path in site.paths(one, **{name: text})[:1]
            for method in (("GET", "POST") if what == "nul" else ("GET",))
        )
        == {}
    )


def declared(view):
    """The names of what a view reads from an address' query, on any method."""
    handlers = (
        (getattr(view.cls, name, None) for name in ("get", "post", "delete")) if hasattr(view, "cls") else (view,)
    )
    return {name for one in handlers for name in getattr(one, "parameters", Parameters()).names}


def test_no_parameter_breaks_an_address(site, broken):
    assert (
        broken(
            ((one.route, name, what), ("GET", f"{path}?{name}={text}"))
            for one in addresses()
            for name in (*declared(one.view), "q", "language")
            for what, text in texts(one).items()
            for path in site.paths(one)[:1]
        )
        == {}
    )


def test_no_kind_of_body_breaks_an_address(site, broken):
    assert (
        broken(
            ((method, one.route, what), (method, path, body, kind))
            for one in addresses()
            if not one.is_of_admin
            for what, (kind, body) in BODIES.items()
            for path in site.paths(one)[:1]
            for method in ("GET", "POST")
        )
        == {}
    )


class Reads:
    """The names that views ask of a form and of its files."""

    def __init__(self, monkeypatch):
        self.texts, self.files = set(), set()
        monkeypatch.setattr(WSGIRequest, "POST", property(self._recording("POST", QueryDict, self.texts)))
        monkeypatch.setattr(WSGIRequest, "FILES", property(self._recording("FILES", MultiValueDict, self.files)))

    @staticmethod
    def _recording(name, kind, read):
        whole = vars(WSGIRequest)[name]

        class Recording(kind):
            def __getitem__(self, key):
                read.add(key)
                return super().__getitem__(key)

            def __contains__(self, key):
                read.add(key)
                return super().__contains__(key)

            def getlist(self, key, default=None):
                read.add(key)
                return super().getlist(key, default)

        def of(request):
            found = whole.fget(request) if isinstance(whole, property) else whole.__get__(request, WSGIRequest)
            return Recording(found.urlencode()) if kind is QueryDict else Recording(dict(found.lists()))

        return of


def test_no_field_of_a_form_breaks_an_address(site, broken, monkeypatch):
    reads = Reads(monkeypatch)
    found = {}
    kind = "application/x-www-form-urlencoded"

    def body(fields):
        return "&".join(f"{name}={text}" for name, text in fields.items())

    for one in addresses():
        if hasattr(one.view, "cls"):
            continue
        for path in site.paths(one)[:1] if one.is_of_admin else site.paths(one):
            names = set()
            for _deeper in range(3):
                reads.texts.clear()
                sent(site.client, "POST", path, body({name: GOOD.get(name, "1") for name in names}), kind)
                names |= reads.texts - {"csrfmiddlewaretoken"}
            good = {name: GOOD.get(name, "1") for name in names}
            forms = {("all", what): dict.fromkeys(names, text) for what, text in texts(one).items()}
            each = () if one.is_of_admin else names
            forms |= {(name, what): good | {name: text} for name in each for what, text in TEXTS.items()}
            found |= broken(((one.route, what), ("POST", path, body(form), kind)) for what, form in forms.items())
    assert found == {}


def test_no_file_breaks_an_address(site, monkeypatch):
    reads = Reads(monkeypatch)
    found, asked = {}, set()
    for one in addresses():
        for path in () if one.is_of_admin else site.paths(one):
            reads.files.clear()
            with undone(site.client):
                site.client.post(path, GOOD)
            for what, content in FILES.items() if reads.files else ():
                asked.add(one.route)
                files = {name: SimpleUploadedFile("x\0" * 300 + ".csv", content) for name in reads.files}
                with undone(site.client):
                    status = site.client.post(path, GOOD | files).status_code
                found |= {(one.route, what): status} if status >= 500 else {}
    assert (found, len(asked) > 1) == ({}, True)


def example(schema, components, places):
    """Return a value that a schema allows."""
    while "$ref" in schema:
        schema = components[schema["$ref"].rpartition("/")[2]]
    kinds = schema.get("type")
    kind = kinds[0] if isinstance(kinds, list) else kinds  # the other one is null
    if kind == "object":
        return {name: example(inner, components, places) for name, inner in schema.get("properties", {}).items()}
    if kind == "array":
        return [example(schema["items"], components, places)] * schema.get("minItems", 1)
    by_kind = {"integer": schema.get("minimum", 1), "number": 1, "boolean": True}
    by_form = {"uuid": places["uid"], "date-time": "2030-01-01T10:00:00Z"}
    return by_kind.get(kind, by_form.get(schema.get("format"), "A"))


def sent_by_schema():
    """Yield every operation of the API that takes a body: method, route, and what the body is."""
    schema = SchemaGenerator().get_schema(request=None, public=True)
    for path, operations in schema["paths"].items():
        for method, operation in operations.items():
            for kind, one in operation.get("requestBody", {}).get("content", {}).items():
                yield method.upper(), path, kind, one["schema"], schema["components"]["schemas"]


def test_no_value_of_a_body_breaks_an_address(site, broken):
    by_path = {"/" + re.sub(r"<\w+:", "<", one.route): one for one in addresses()}
    requests = {}
    for method, place, kind, schema, components in sent_by_schema():
        if kind != "application/json":
            continue
        one = by_path[place.replace("{", "<").replace("}", ">")]
        for path in site.paths(one):
            whole = example(schema, components, site.places[0])
            bodies = {"whole": json.dumps(whole)} | VALUES
            for name in whole:
                others = json.dumps({key: value for key, value in whole.items() if key != name})[1:-1]
                start = f"{others}, " if others else ""
                bodies |= {(name, what): f'{{{start}"{name}": {value}}}' for what, value in VALUES.items()}
            requests |= {(path, method, what): (method, path, body, kind) for what, body in bodies.items()}
    assert broken(requests.items()) == {}


def test_no_cookie_breaks_an_address(site):
    hostile = '"\\000' + "a" * 40 + '"'
    names = ("sessionid", "csrftoken", "messages", "django_language", "device", "zone")
    site.client.cookies.clear()
    answers = {
        (one.route, name): sent(site.client, "GET", path, headers={"cookie": f"{name}={hostile}"}).status_code
        for one in addresses()
        if not one.is_of_admin or one.route == "admin/"
        for path in site.paths(one)[:1]
        for name in names
    }
    assert {what: status for what, status in answers.items() if status >= 500} == {}


@pytest.mark.django_db
@pytest.mark.parametrize("address", ["/", "/api/v1/", "/sign-in/"])
def test_text_in_another_encoding_is_refused_and_not_read_as_something_else(client, address):
    assert client.get(f"{address}?sort=%E9").status_code == 400
    sent = client.post(address, b"login=Ren%E9", content_type="application/x-www-form-urlencoded")
    assert sent.status_code == (400 if address == "/sign-in/" else 405)
    assert client.get(f"{address}?utm_source=caf%E9").status_code == 302  # it is dropped, so nobody reads it
