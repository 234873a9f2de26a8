"""Files sent by a page or by API, and read as a worker reads them."""

import threading

from django.urls import reverse
from django.utils import timezone

from scoring.models import Upload
from scoring.usecases.uploads import read_upload


def read_waiting():
    """Read what waits."""
    for pk in Upload.objects.filter(state="queued").values_list("pk", flat=True):
        assert read_upload(pk, now=timezone.now)


def by_page(client, address, data=None):
    """Send a form; return the desk's page once a worker was there, or what the form was refused with."""
    answer = client.post(address, data or {})
    if answer.status_code != 302 or "/desk/" not in answer.url:
        return answer
    read_waiting()
    return client.get(reverse("scoring:desk_edition", args=["las", "2026"]))


def by_api(client, address, data=None, *, method="post", **more):
    """Send to the API; return the upload once a worker was there, or the refusal."""
    answer = getattr(client, method)(address, data, **more)
    if answer.status_code != 202:
        return answer
    read_waiting()
    return client.get(answer["Location"])


def state_of(answer):
    """What became of an upload, and of how many problems its API tells."""
    told = answer.json()
    return told["state"], told["problems_total"]


def watching(seen):
    """A clock that notes how far the one upload is whenever its worker looks at it; the thread that only beats is let be."""

    def now():
        if threading.current_thread() is threading.main_thread():
            seen.append(Upload.objects.values_list("stage", "done", "total").get())
        return timezone.now()

    return now
