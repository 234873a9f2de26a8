"""What a process keeps between requests: found in all of the product's modules, and forgotten between tests.

In production a row that is kept never changes and its number is never given again. In tests it is, with other content.
"""

from __future__ import annotations

import importlib
import pkgutil
import sys
from functools import lru_cache

from django.core.cache import cache
from django.core.cache import caches as stores

CachedFunction = type(lru_cache(len))
PACKAGES = ("accounts", "config", "demo", "exchange", "scoring", "surveys")
NEEDS_MORE = {"demo.build"}  # packages of the dependency group demo-data
PURE = {  # what depends on its arguments and on files of the checkout alone may stay from test to test
    "demo.data._cities",
    "demo.data._observed",
    "demo.data.countries",
    "demo.data.texts",
    "scoring.charts.words._em",
    "scoring.charts.words.width",
    "scoring.version.code_version",
    "surveys.files.judgements._ratio_text",
}


def caches() -> dict[str, CachedFunction]:
    """Return the functions with a cache in the product's modules that are loaded, by name."""
    return _found(len(sys.modules))


@lru_cache(maxsize=1)
def _found(_modules: int) -> dict[str, CachedFunction]:
    modules = [module for name, module in list(sys.modules.items()) if name.partition(".")[0] in PACKAGES]
    owners = [
        *modules,
        *(one for module in modules for one in vars(module).values() if isinstance(one, type)),
    ]
    found = [getattr(one, "__func__", one) for owner in owners for one in vars(owner).values()]
    kept = [one for one in found if isinstance(one, CachedFunction)]
    return {f"{one.__module__}.{one.__qualname__}": one for one in kept if one.__module__.partition(".")[0] in PACKAGES}


def load_everything() -> None:
    """Import every module of the product."""
    for package in map(importlib.import_module, PACKAGES):
        for module in pkgutil.walk_packages(package.__path__, f"{package.__name__}."):
            if "management" not in module.name and module.name not in NEEDS_MORE:
                importlib.import_module(module.name)


def forget_rows() -> None:
    """Forget what was read from rows, and what Django's cache holds: pictures, and who asked how often."""
    for name, kept in caches().items():
        if name not in PURE:
            kept.cache_clear()
    stores["process"].clear()
    redis = cache._cache.get_client(None, write=True)
    if keys := redis.keys(cache.make_key("*")):  # not the whole database: the broker's queues are there too
        redis.delete(*keys)
