"""Which addresses queue work or take it back, read from the code: from every view along what it names, to a row that workers look for."""

from __future__ import annotations

import ast
from functools import lru_cache
from pathlib import Path

from django.urls import URLPattern, get_resolver

ROOT = Path(__file__).resolve().parents[1]
PACKAGES = {
    "surveys": ROOT,
    "scoring": ROOT,
    **dict.fromkeys(("accounts", "config", "demo", "exchange"), ROOT / "platform"),
}
QUEUES = {"AccountMail", "Mail", "LinkRequest", "Consensus", "Scoring", "Bundle", "Upload"}
"""The models whose rows the sweeps look through."""
WRITES = {"create", "bulk_create", "get_or_create"}
QUEUE, REVOKE = "accounts.workers.queue", "accounts.workers.revoke"
UNSAFE = ("post", "put", "patch", "delete")


def sources():
    """Yield every module of the product: its name and its tree."""
    for package, above in PACKAGES.items():
        for path in sorted((above / package).rglob("*.py")):
            if "migrations" not in path.parts:
                parts = path.relative_to(above).with_suffix("").parts
                name = ".".join(parts[:-1] if parts[-1] == "__init__" else parts)
                yield name, ast.parse(path.read_text(encoding="utf-8"))


@lru_cache
def _names():
    """Every function and method by its dotted name, what each module's names stand for, and the bases of every class."""
    functions, meanings, bases = {}, {}, {}
    for module, tree in sources():
        meanings[module] = dict(_imported(tree))
        for node in tree.body:
            if isinstance(node, ast.FunctionDef | ast.ClassDef):
                meanings[module][node.name] = f"{module}.{node.name}"
            if isinstance(node, ast.FunctionDef):
                functions[f"{module}.{node.name}"] = module, None, node
            if isinstance(node, ast.ClassDef):
                owner = f"{module}.{node.name}"
                bases[owner] = module, [ast.unparse(one) for one in node.bases]
                methods = [one for one in node.body if isinstance(one, ast.FunctionDef)]
                functions |= {f"{owner}.{method.name}": (module, owner, method) for method in methods}
    return functions, meanings, bases


def _imported(tree):
    for node in ast.walk(tree):
        if isinstance(node, ast.ImportFrom):
            yield from ((one.asname or one.name, f"{node.module}.{one.name}") for one in node.names)
        elif isinstance(node, ast.Import):
            yield from (
                (one.asname, one.name) if one.asname else 2 * (one.name.partition(".")[0],) for one in node.names
            )


def _meaning(module, dotted):
    """What a dotted name of a module stands for: followed through imports and packages that pass a name on."""
    _functions, meanings, _bases = _names()
    head, _, rest = dotted.partition(".")
    full = meanings.get(module, {}).get(head)
    if full is None:
        return ""
    full = f"{full}.{rest}" if rest else full
    owner, _, name = full.rpartition(".")
    passed_on = meanings.get(owner, {}).get(name)
    return _meaning(owner, name) if passed_on and passed_on != full else full


def _method(owner, name):
    """The method of a class or of those that it stands on."""
    functions, _meanings, bases = _names()
    if f"{owner}.{name}" in functions:
        return f"{owner}.{name}"
    module, above = bases.get(owner, ("", []))
    found = (_method(_meaning(module, one), name) for one in above)
    return next(filter(None, found), "")


def _named_by(function):
    """What a function names: other functions, and the rows that it writes."""
    functions, _meanings, _bases = _names()
    module, owner, node = functions[function]
    for part in ast.walk(node):
        if isinstance(part, ast.Name | ast.Attribute):
            dotted = ast.unparse(part)
            if owner and dotted.startswith("self."):
                yield _method(owner, dotted.removeprefix("self."))
            yield _meaning(module, dotted)
        if isinstance(part, ast.Call):
            model, _, rest = ast.unparse(part.func).partition(".objects.")
            if model.rpartition(".")[2] in QUEUES and (not rest or rest in WRITES):
                yield QUEUE


@lru_cache
def leads(function, *targets):
    """Say whether what the function names leads to one of the targets."""
    functions, _meanings, _bases = _names()
    seen, open_ = set(), [function]
    while open_:
        one = open_.pop()
        if one in targets:
            return True
        if one in functions and one not in seen:
            seen.add(one)
            open_ += _named_by(one)
    return False


def addresses_that_queue():
    """The names of all addresses whose view queues work or takes it back, with the handler's verb for the API: ``api:consensus post``."""
    return addresses_that_lead(QUEUE, REVOKE)


def addresses_that_lead(*targets, verbs=UNSAFE):
    """The names of all addresses whose view leads to one of these functions or classes, with the handler's verb for the API."""
    found = set()
    for name, callback in _addresses(get_resolver().url_patterns, ""):
        view = getattr(callback, "view_class", None)
        if view is None:
            if leads(f"{callback.__module__}.{callback.__qualname__}", *targets):
                found.add(name)
            continue
        owner = f"{view.__module__}.{view.__qualname__}"
        found |= {f"{name} {verb}" for verb in verbs if leads(_method(owner, verb), *targets)}
    return found


def _addresses(patterns, space):
    for pattern in patterns:
        if isinstance(pattern, URLPattern):
            yield f"{space}{pattern.name or pattern.pattern}", pattern.callback
        else:
            yield from _addresses(pattern.url_patterns, f"{pattern.namespace}:" if pattern.namespace else space)
