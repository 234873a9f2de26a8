"""The demonstration's mail box: mails as a person reads them, and nothing of the kind anywhere else."""

import os
import stat

import pytest
from django.core.mail import EmailMessage, EmailMultiAlternatives, get_connection

from demo.mails import letters

FILES = "config.mail_files.EmailBackend"

pytestmark = pytest.mark.django_db


@pytest.fixture
def box(settings, tmp_path):
    settings.EMAIL_BACKEND, settings.EMAIL_FILE_PATH = FILES, str(tmp_path / "mail")
    settings.PUBLIC_URL = "http://127.0.0.1:8000"


def mail(number, subject="دعوة"):
    headers = {"Message-ID": f"<key-{number}@localhost>", "Content-Language": "ar"}
    message = EmailMultiAlternatives(
        subject, f"نص {number}\nhttp://127.0.0.1:8000/p/x/", to=["p@example.org"], headers=headers
    )
    message.attach_alternative(f'<html lang="ar" dir="rtl"><p style="color:red">نص {number}</p></html>', "text/html")
    message.send()


def test_box_is_empty_until_the_first_mail(client, box):
    assert "No mail yet" in client.get("/mails/").content.decode()


def test_mails_are_listed_and_read_as_text_and_as_html(client, box):
    mail(1)
    mail(2, subject="Zweite")

    listed = client.get("/mails/").content.decode()
    read = client.get("/mails/key-1/").content.decode()
    shown = client.get("/mails/key-1/html/")

    assert ("دعوة" in listed, "Zweite" in listed, "p@example.org" in listed) == (True, True, True)
    assert "نص 1" in read
    assert 'href="http://127.0.0.1:8000/p/x/"' in read
    assert '<p style="color:red">نص 1</p>' in shown.content.decode()
    assert "default-src 'none'" in shown["Content-Security-Policy"]
    assert client.get("/mails/key-3/").status_code == 404


@pytest.mark.parametrize(
    "changed",
    [
        {"EMAIL_BACKEND": "django.core.mail.backends.smtp.EmailBackend"},
        {"PRODUCTION": True},
        {"PUBLIC_URL": "https://rankings.example.org"},
    ],
)
def test_box_is_nowhere_but_on_ones_own_machine(client, box, settings, changed):
    mail(1)
    assert client.get("/mails/key-1/").status_code == 200

    for name, value in changed.items():
        setattr(settings, name, value)

    assert [client.get(f"/mails/{page}").status_code for page in ("", "key-1/", "key-1/html/")] == [404, 404, 404]


def test_mails_are_read_by_whom_they_belong_to_alone(box, tmp_path):
    folder = tmp_path / "mail"
    folder.mkdir(mode=0o755)
    before = os.umask(0)
    try:
        mail(1)
    finally:
        os.umask(before)

    assert [stat.S_IMODE(path.stat().st_mode) for path in (folder, *folder.iterdir())] == [0o700, 0o600]


def test_mails_of_one_connection_are_one_file(box, tmp_path):
    with get_connection() as connection:
        connection.send_messages([EmailMessage("one", to=["p@example.org"]), EmailMessage("two", to=["p@example.org"])])

    assert len(list((tmp_path / "mail").iterdir())) == 1
    assert [letter.subject for letter in letters()] == ["one", "two"]


def test_workers_that_share_a_second_and_a_place_in_memory_write_two_files(box, tmp_path):
    first, second = get_connection(), get_connection()
    second._fname = first._get_filename()  # as in two processes that are forked from one
    for number, connection in enumerate((first, second)):
        connection.send_messages([EmailMessage(str(number), to=["p@example.org"])])

    assert len(list((tmp_path / "mail").iterdir())) == 2
    assert sorted(letter.subject for letter in letters()) == ["0", "1"]
