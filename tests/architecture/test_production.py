"""The site in production: nothing that Django's own checks warn of, no start without a mail server, no open cookie."""

import os
import re
import subprocess
import sys

import pytest

SECRET = "one-that-is-long-enough-and-says-nothing-5Xq2vB9tLr7Wz"
PRODUCTION = {
    "PRODUCTION": "true",
    "PUBLIC_URL": "https://rankings.example.org",
    "DATABASE_URL": "postgresql://user:password@127.0.0.1/steelyard",
    "REDIS_URL": "redis://127.0.0.1",
    "SECRET_KEY": SECRET,
    "EMAIL_URL": "smtp+tls://user:p%40ss@mail.example.org",
}
NO_MAIL_SERVER = (
    "",
    "console://",
    "file:///var/mail",
    "dummymail://",
    "smtp://",
    "mail.example.org",
    "smtp://host:mail",
)
OF_TESTS = {"DJANGO_ALLOW_ASYNC_UNSAFE"}  # set for tests in a browser
COOKIES = """
import django
django.setup()
from django.conf import settings
for name in sorted(dir(settings)):
    if name.endswith(("_COOKIE_SECURE", "_COOKIE_SAMESITE")):
        print(name, getattr(settings, name))
"""
MAIL = """
from django.conf import settings as s
print(s.EMAIL_BACKEND, s.EMAIL_HOST, s.EMAIL_PORT, s.EMAIL_HOST_USER, s.EMAIL_HOST_PASSWORD, s.EMAIL_USE_TLS, s.EMAIL_USE_SSL)
"""


@pytest.fixture
def python(root, tmp_path):
    """Run Python with the variables of production, and others."""

    def run(*words, **variables):
        own = {name: value for name, value in os.environ.items() if name not in {*PRODUCTION, *OF_TESTS}}
        environment = own | PRODUCTION | {"VAR": str(tmp_path)} | variables
        environment = {name: value for name, value in environment.items() if value is not None}
        environment["DJANGO_SETTINGS_MODULE"] = "config.settings"
        command = [sys.executable, *(str(root / word) if word == "manage.py" else word for word in words)]
        return subprocess.run(
            command, cwd=tmp_path, env=environment, capture_output=True, text=True, check=False, timeout=600
        )

    return run


def test_django_warns_of_nothing(python):
    done = python("manage.py", "check", "--deploy", "--fail-level", "DEBUG")

    assert (done.returncode, done.stdout) == (0, "System check identified no issues (1 silenced).\n"), done.stderr


def test_check_would_warn(python):
    done = python("manage.py", "check", "--deploy", "--fail-level", "DEBUG", PUBLIC_URL="http://localhost")

    assert (done.returncode, "SESSION_COOKIE_SECURE" in done.stderr) == (1, True)


@pytest.mark.parametrize("given", [None, *NO_MAIL_SERVER])
def test_nothing_starts_without_a_mail_server(python, given):
    done = python("manage.py", "check", EMAIL_URL=given)
    last = done.stderr.strip().splitlines()[-1]

    assert done.returncode == 1
    assert last.startswith("django.core.exceptions.ImproperlyConfigured: EMAIL_URL must name a mail server:")


@pytest.mark.parametrize("program", [("-m", "gunicorn", "--check-config", "config.wsgi"), ("-m", "celery", "-A", "config", "report")])  # fmt: skip
def test_programs_name_what_they_lack(python, program):
    done = python(*program, EMAIL_URL=None)

    assert done.returncode != 0
    assert "EMAIL_URL must name a mail server" in done.stdout + done.stderr


@pytest.mark.parametrize(
    ("given", "read"),
    [
        ("smtp://localhost", "localhost 25   False False"),
        ("smtp+tls://user:p%40ss@mail.example.org", "mail.example.org 587 user p@ss True False"),
        ("smtp+ssl://user@mail.example.org:4650", "mail.example.org 4650 user  False True"),
    ],
)
def test_mail_server_is_read_from_its_address(python, given, read):
    done = python("-c", MAIL, EMAIL_URL=given)

    assert done.stdout == f"django.core.mail.backends.smtp.EmailBackend {read}\n", done.stderr


def test_refused_mail_server_is_not_repeated(python):
    done = python("-c", MAIL, EMAIL_URL="imap://user:hidden-word@mail.example.org")

    assert (done.returncode, "hidden-word" in done.stderr) == (1, False)


def test_every_cookie_is_for_this_site_and_for_tls_alone(python):
    cookies = dict(line.split() for line in python("-c", COOKIES).stdout.splitlines())

    assert {name.partition("_")[0] for name in cookies} == {"CSRF", "LANGUAGE", "SESSION"}
    assert {value for name, value in cookies.items() if name.endswith("_SECURE")} == {"True"}
    assert {value for name, value in cookies.items() if name.endswith("_SAMESITE")} == {"Lax"}


def test_cookies_of_our_own_are_for_this_site_and_for_tls_alone(root):
    sources = [path for app in ("platform", "surveys", "scoring") for path in (root / app).rglob("*.py")]
    in_code = [
        call
        for path in sources
        for call in re.findall(r"set_(?:signed_)?cookie\((.*?)\n    \)", path.read_text(), re.DOTALL)
    ]
    scripts = [path for app in ("platform", "surveys", "scoring") for path in (root / app).rglob("static/**/*.js")]
    in_scripts = [line for path in scripts for line in re.findall(r"document\.cookie = .*", path.read_text())]

    assert len(in_code) == sum(path.read_text().count("set_cookie(") for path in sources) == 1
    assert all("secure=settings.SESSION_COOKIE_SECURE" in call and 'samesite="Lax"' in call for call in in_code)
    assert len(in_scripts) == 1
    assert all("samesite=lax${secure}" in line for line in in_scripts)
