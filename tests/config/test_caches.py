"""A cache in Redis, and what it answers while Redis is away."""

import time

import pytest
from django.core.cache import cache, caches
from django.core.cache.backends.redis import RedisCache

from config import caches as ours

ASKED = {  # every question that may be put to a cache in Redis, and what an empty one answers
    "get": (("key", "nothing"), "nothing"),
    "get_many": ((["key"],), {}),
    "has_key": (("key",), False),
    "set": (("key", 1), None),
    "set_many": (({"key": 1},), ["key"]),
    "add": (("key", 1), True),
    "touch": (("key",), False),
    "incr": (("key", 3), 3),
    "delete": (("key",), False),
    "delete_many": ((["key"],), None),
    "clear": ((), None),
}


def test_every_question_to_redis_has_an_answer_without_it():
    own = {name for name, one in vars(RedisCache).items() if callable(one) and not name.startswith("_")}

    assert own - {"get_backend_timeout"} == set(ASKED)


@pytest.mark.parametrize("question", ASKED)
def test_cache_answers_as_an_empty_one_while_redis_is_away(own_broker, question, caplog):
    words, answer = ASKED[question]
    own_broker.stop()

    assert getattr(cache, question)(*words) == answer
    assert [record.name for record in caplog.records] == ["config.caches"]
    own_broker.start()


def test_cache_keeps_while_redis_is_there(own_broker):
    cache.set("one", 1)
    cache.set_many({"two": 2, "three": 3})

    assert (cache.get("one"), cache.get_many(["two", "three"])) == (1, {"two": 2, "three": 3})
    assert (cache.add("one", 9), cache.add("four", 4), cache.has_key("four")) == (False, True, True)
    assert (cache.incr("one", 2), cache.touch("one"), cache.delete("one"), cache.get("one")) == (3, True, True, None)
    cache.delete_many(["two"])
    assert cache.get_many(["two", "three"]) == {"three": 3}
    cache.clear()
    assert cache.get("three") is None


def test_redis_that_failed_is_left_alone_for_a_while_and_asked_again(own_broker, monkeypatch, caplog):
    cache.set("one", 1)
    own_broker.stop()
    told = [cache.get("one"), cache.get("one")]
    own_broker.start()
    alone = cache.get("one"), cache.set("one", 2)
    monkeypatch.setattr(ours, "LEFT_ALONE_SECONDS", 0)
    caches["default"]._away_until = time.monotonic()
    cache.set("one", 3)

    assert (told, alone, cache.get("one"), len(caplog.records)) == ([None, None], (None, None), 3, 1)


def test_silent_redis_is_waited_for_once(silent_redis):
    before = time.monotonic()
    for _ in range(10):
        cache.get("key")

    assert time.monotonic() - before < 2
