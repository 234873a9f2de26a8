"""Every program of the project starts, from any folder, with no path tricks."""

import os
import subprocess
import sys

import pytest

BIN = f"{sys.prefix}/bin"


def run(*command, cwd, **environment):

    return subprocess.run(
        command, cwd=cwd, capture_output=True, text=True, check=False, timeout=600, env=os.environ | environment
    )


def test_platform_folder_leaves_the_standard_library_alone(root):
    done = run(sys.executable, "-c", "import uuid, platform; print(platform.system())", cwd=root)
    assert (done.returncode, done.stdout.strip()) == (0, __import__("platform").system())
    assert not (root / "platform" / "__init__.py").exists()


@pytest.mark.parametrize(
    "command",
    [
        ("python", "manage.py", "check"),
        ("pytest", "--collect-only", "-q", "tests/architecture"),
        ("celery", "-A", "config", "report"),
        ("gunicorn", "--check-config", "config.wsgi"),
    ],
    ids=lambda command: command[0],
)
def test_program_starts_from_another_folder(command, root, tmp_path):
    program, *words = (str(root / word) if (root / word).exists() else word for word in command)
    done = run(f"{BIN}/{program}", *words, cwd=tmp_path)
    assert done.returncode == 0, done.stdout + done.stderr


@pytest.mark.parametrize(
    ("variable", "value"),
    [
        ("DEBUG", "perhaps"),
        ("REDIS_URL", "http://127.0.0.1"),
        ("PUBLIC_URL", "nowhere"),
        ("DATABASE_URL", "nonsense"),
        ("STALE_AFTER_SECONDS", "0"),
        ("EMAIL_URL", "nowhere"),
        ("PRODUCTION", "true"),
    ],
)
def test_settings_refuse_nonsense_at_boot(variable, value, tmp_path):
    done = run(sys.executable, "-c", "import config.settings", cwd=tmp_path, **{variable: value})
    assert done.returncode == 1


def test_settings_never_make_tasks_eager(root):
    found = [
        str(path.relative_to(root))
        for folder in ("platform", "surveys", "scoring")
        for path in (root / folder).rglob("*.py")
        if "always_eager" in path.read_text().lower()
    ]
    assert found == []
