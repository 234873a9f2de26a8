"""What the files of the project promise before anything runs: locks, containers, pages, import contracts."""

import re

import pytest
import yaml

APPS = ("platform", "surveys", "scoring")


@pytest.mark.parametrize("name", ["requirements.lock", "requirements-dev.lock"])
def test_lock_names_no_address_and_hashes_every_package(name, root):
    text = (root / name).read_text()
    entries = re.split(r"\n(?=\S)", re.sub(r"^\s*#.*\n", "", text, flags=re.MULTILINE).strip())
    unhashed = [entry for entry in entries if not re.match(r"[\w.-]+==\S+( ;.*?)? \\\n +--hash=sha256:", entry)]
    assert (unhashed, re.findall(r"://|--(?:extra-)?index|--find-links", text)) == ([], [])


def test_running_lock_is_part_of_the_developing_one(root):
    def pins(name):
        return set(re.findall(r"^([\w.-]+==[^\s;]+)", (root / name).read_text(), flags=re.MULTILINE))

    assert pins("requirements.lock") - pins("requirements-dev.lock") == set()


def test_compose_starts_the_whole_product_with_health_checks(root):
    services = yaml.safe_load((root / "docker-compose.yml").read_text())["services"]
    watched = {name for name, service in services.items() if "healthcheck" in service}
    assert set(services) == {"migrate", "web", "worker", "beat", "postgres", "redis"}
    assert watched == set(services) - {"web"}  # web has the image's own
    assert re.search(r"^HEALTHCHECK .*\n? +CMD .*/healthz", (root / "Dockerfile").read_text(), flags=re.MULTILINE)


def test_compose_waits_only_for_services_it_has(root):
    services = yaml.safe_load((root / "docker-compose.yml").read_text())["services"]
    waited_for = {name for service in services.values() for name in service.get("depends_on", {})}
    assert waited_for == {"migrate", "postgres", "redis"}


def test_compose_sets_only_variables_that_the_settings_read(root):
    service = yaml.safe_load((root / "docker-compose.yml").read_text())["services"]["web"]
    read = set(re.findall(r"env\.\w+\(\s*\"(\w+)\"", (root / "platform/config/settings.py").read_text()))
    assert set(service["environment"]) - read == set()


def test_image_runs_as_a_user_without_rights(root):
    stages = (root / "Dockerfile").read_text().split("\nFROM ")
    assert (len(stages), re.findall(r"^USER (\w+)$", stages[-1], flags=re.MULTILINE)) == (2, ["steelyard"])


def test_pages_ask_no_other_host_and_carry_nothing_inline(root):
    loads = re.compile(
        r"""<(?:script|img|iframe|source|video|audio)\b[^>]*\bsrc=["']?(?:https?:)?//"""
        r"""|<link\b[^>]*\bhref=["']?(?:https?:)?//"""
        r"""|@import(?! \{)|url\(\s*["']?(?:https?:)?//"""
        r"""|<script(?![^>]*\bsrc=)|<style\b|\sstyle=["']|\son[a-z]+=["']""",
    )
    pages = [root / "templates", *(root / app for app in APPS)]
    files = [path for folder in pages for kind in ("html", "css", "js") for path in folder.rglob(f"*.{kind}")]
    found = {str(path.relative_to(root)): loads.findall(path.read_text()) for path in files}
    assert {name: words for name, words in found.items() if words} == {}


def test_every_variable_of_the_settings_is_documented(root):
    read = set(re.findall(r"env\.\w+\(\s*\"(\w+)\"", (root / "platform/config/settings.py").read_text()))
    told = set(re.findall(r"^\| `(\w+)` \|", (root / "docs/operating.md").read_text(), flags=re.MULTILINE))
    assert told == read


def test_every_room_is_in_the_list_for_newcomers(root):
    text = (root / "CONTRIBUTING.md").read_text()
    rooms = {
        folder.relative_to(root).as_posix()
        for app in ("surveys", "scoring", "platform")
        for folder in (root / app).iterdir()
        if (folder / "__init__.py").exists() and folder.name not in {"migrations", "static"}
    }
    named = set(re.findall(r"`((?:surveys|scoring|platform)/\w+)`", text))
    assert {room for room in named if (root / room).is_dir()} == rooms
    for reader in ("panelist", "desk", "portal", "published", "explore"):
        assert f"`{reader}`" in text


def test_every_decision_is_in_the_list_of_decisions(root):
    folder = root / "docs" / "decisions"
    listed = re.findall(r"\]\((\d{4}-[\w-]+\.md)\)", (folder / "README.md").read_text())
    assert listed == sorted(path.name for path in folder.glob("0*.md"))


def test_peers_are_linked_where_they_are_made(root):
    """Documents lead to a project's repository or site, where its readers find source, issues and licence."""
    indexes = re.compile(
        r"//(?:www\.)?(?:pypi\.org|npmjs\.com|cran\.r-project\.org/package|anaconda\.org|crates\.io)\b[^\s)]*"
    )
    folders = (root, root / "docs", root / "platform")
    paths = {path for folder in folders for path in folder.glob("**/*.md" if folder != root else "*.md")}
    paths |= {*(root / "platform").rglob("sources.csv")}
    found = {str(path.relative_to(root)): indexes.findall(path.read_text()) for path in sorted(paths)}
    assert {name: links for name, links in found.items() if links} == {}
