"""What every answer says to the browser, whoever makes the answer."""

import pytest

from config.permissions_policy import OFF

pytestmark = pytest.mark.django_db

ASKED = {
    "page": ("get", "/", 200, {}),
    "page that is nowhere": ("get", "/nowhere/", 404, {}),
    "page behind the door": ("get", "/desk/", 302, {}),
    "without its slash": ("get", "/sign-in", 301, {}),
    "way out": ("get", "/sign-out/", 405, {}),
    "form without a token": ("post", "/sign-in/", 403, {}),
    "admin": ("get", "/admin/login/", 302, {}),
    "API": ("get", "/api/v1/series/", 200, {}),
    "API that is nowhere": ("get", "/api/v1/nowhere/", 404, {}),
    "asked for another site": ("options", "/api/v1/series/", 200, {"origin": "https://example.org", "access-control-request-method": "GET"}),
    "file": ("get", "/static/steelyard.css", 200, {}),
    "another host": ("get", "/", 400, {"host": "example.org"}),
    "health": ("get", "/healthz", 200, {}),
}  # fmt: skip


@pytest.mark.parametrize("asked", ASKED.values(), ids=ASKED)
def test_every_answer_leaves_the_browser_s_devices_alone(client, asked):
    method, path, status, headers = asked
    client.handler.enforce_csrf_checks = True

    answer = getattr(client, method)(path, headers=headers)

    assert answer.status_code == status
    assert answer["Permissions-Policy"] == ", ".join(f"{feature}=()" for feature in OFF)
    answer.close()


def test_answer_that_breaks_says_it_too(client, monkeypatch):
    client.raise_request_exception = False
    monkeypatch.setattr("config.health._database", lambda: 1 / 0)

    answer = client.get("/healthz")

    assert answer.status_code == 500
    assert "camera=()" in answer["Permissions-Policy"]
