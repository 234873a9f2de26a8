"""The documents and the containers run the same processes, and whatever ends is started again."""

import json
import re

import pytest
import yaml

from tests.supervising import documented_units, words_of

STAY = ("web", "worker", "beat")


@pytest.fixture(scope="module")
def units():
    return documented_units()


@pytest.fixture(scope="module")
def services(root):
    return yaml.safe_load((root / "docker-compose.yml").read_text())["services"]


def without_address(words):
    return [word for word in words if not word.startswith("--bind=")]


def test_documents_and_containers_run_the_same_commands(root, units, services):
    image = json.loads(re.findall(r"^CMD (\[.*\])$", (root / "Dockerfile").read_text(), flags=re.MULTILINE)[-1])
    in_containers = {name: services[name].get("command", image) for name in STAY}

    assert {name: without_address(words_of(unit)) for name, unit in units.items()} == {
        name: without_address(words) for name, words in in_containers.items()
    }


@pytest.mark.parametrize("name", STAY)
def test_unit_is_started_again_however_often_it_ends(units, name):
    unit = units[name]

    assert (unit["Service"]["Restart"], unit["Unit"]["StartLimitIntervalSec"]) == ("always", "0")
    assert unit["Service"]["KillMode"] == "mixed"
    assert (unit["Service"]["User"], unit["Service"]["EnvironmentFile"]) == ("steelyard", "/etc/steelyard.env")
    assert unit["Install"]["WantedBy"] == "multi-user.target"


def test_worker_is_given_the_same_time_to_end(units, services):
    assert f"{units['worker']['Service']['TimeoutStopSec']}s" == services["worker"]["stop_grace_period"]


def test_every_container_is_started_again(services):
    again = {name: service["restart"] for name, service in services.items()}

    assert again.pop("migrate") == "on-failure"  # it ends once the database is up to date
    assert set(again.values()) == {"unless-stopped"}


def test_site_starts_while_redis_is_away(services):
    assert {services[name]["depends_on"]["redis"]["condition"] for name in STAY} == {"service_started"}
