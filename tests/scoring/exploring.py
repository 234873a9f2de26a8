"""Pages of advice and of what-if, as they are asked for and read."""

import re

from django.test import Client

UNITS = "/s/las/2026/v1.0/units/"
API = "/api/v1/series/las/editions/2026/releases/v1.0/units/"


def files_of(release, without=()):
    return {file.name: bytes(file.content) for file in release.files.all() if file.name not in without}


def page(path, language="en", **options):
    return Client().get(UNITS + path, headers={"accept-language": language}, **options)


def source(response):
    """Return the page with every run of white space, also between attributes, as one space."""
    return re.sub(r"[ \n]+", " ", response.content.decode())


def text(response):
    html = response.content.decode()
    return re.sub(r"\s+", " ", re.sub(r"<[^>]+>", " ", html)).replace("\u00a0", " ").strip()
