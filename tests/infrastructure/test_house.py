"""The house's own rules: small handlers, imports that point one way, nothing of a machine in the repository."""

import ast
import re
import subprocess

import pytest

from tests.infrastructure.template import ROOT

HANDLERS = sorted(path for path in (ROOT / "functions").rglob("*.py") if path.name != "__init__.py")
PACKAGE = ROOT / "layers/core/besunny"

# A room may import these rooms of the package, and itself; rooms that are not named are foundations.
ARROWS = {
    "api": {"foundations"},
    "orchestration": {"foundations", "inference"},
    "performance": {"foundations"},
    "inference": {"foundations"},
    "foundations": {"foundations"},
}


def room_of(module: str) -> str:
    parts = module.split(".")
    return parts[1] if len(parts) > 1 and parts[1] in ARROWS else "foundations"


def imported(path):
    for node in ast.walk(ast.parse(path.read_text())):
        if isinstance(node, ast.ImportFrom) and node.module:
            yield node.module
            yield from (f"{node.module}.{alias.name}" for alias in node.names if node.module == "besunny")
        elif isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)


@pytest.mark.parametrize("path", sorted(PACKAGE.rglob("*.py")), ids=lambda path: str(path.relative_to(PACKAGE)))
def test_imports_point_one_way(path):
    room = room_of("besunny." + str(path.relative_to(PACKAGE).with_suffix("")).replace("/", "."))
    for module in imported(path):
        if module.startswith("besunny.") and (target := room_of(module)) != room:
            assert target in ARROWS[room], f"{room} may not import {module}"
            if room == "orchestration" and target == "inference":
                assert module.startswith("besunny.inference.contracts."), module


@pytest.mark.parametrize("path", HANDLERS, ids=lambda path: str(path.relative_to(ROOT)))
def test_handlers_are_thin(path):
    source = path.read_text()
    assert len(source.splitlines()) <= 60
    assert not {"boto3", "botocore"} & {module.split(".")[0] for module in imported(path)}
    handler = next(n for n in ast.parse(source).body if isinstance(n, ast.FunctionDef) and n.name == "lambda_handler")
    assert handler.end_lineno - handler.lineno + 1 <= 5


def test_the_environment_is_read_by_the_settings_alone():
    readers = [path for path in PACKAGE.rglob("*.py") if re.search(r"\bos\.(environ|getenv)", path.read_text())]
    assert readers == [PACKAGE / "settings.py"]


def test_there_is_no_utils():
    assert not [path for path in ROOT.rglob("util*.py") if not {".venv", ".local", ".aws-sam"} & set(path.parts)]


def test_lock_files_name_versions_and_hashes_and_no_registry():
    locks = [*ROOT.glob("requirements/*.txt"), *ROOT.glob("layers/*/requirements.txt")]
    assert len(locks) >= 5
    for lock in locks:
        text = lock.read_text()
        assert "--hash=sha256:" in text
        assert "://" not in text


def test_nothing_of_a_machine_is_tracked():
    tracked = subprocess.run(["git", "ls-files", "-z"], cwd=ROOT, capture_output=True, text=True, check=True).stdout
    needles = ("/" + "work/", "/" + "root/", "file:///" + "opt")
    for name in filter(None, tracked.split("\0")):
        path = ROOT / name
        if path.suffix in (".py", ".md", ".yaml", ".json", ".toml", ".txt", ".in", ".sh") and path.is_file():
            text = path.read_text()
            assert not [needle for needle in needles if needle in text], name
