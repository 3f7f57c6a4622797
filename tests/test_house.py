"""The rooms hold: who may import whom, how large a file may grow, and what a start may cost."""

from __future__ import annotations

import ast
import importlib.metadata
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).parent.parent
ROOMS = ("inspections", "scraper", "archive", "alerts", "web", "config", "service")
ALLOWED = {
    "inspections": set(),
    "scraper": {"inspections"},
    "archive": {"inspections"},
    "alerts": {"inspections"},
    "web": {"inspections", "archive"},
    "config": {"inspections", "scraper.model", "alerts.model"},
    "service": set(ROOMS),
}
ONLY_IN = {
    "requests": ("scraper/fetch", "scraper/gate", "alerts/transports/"),
    "sqlite_utils": ("archive/",),
    "sqlite3": ("archive/",),
    "apscheduler": ("service/daemon",),
    "click": ("service/commands/",),
    "flask": ("web/",),
}
LONGEST_FILE, LONGEST_FUNCTION = 350, 50
NAMELESS = {"utils", "helpers", "common", "base", "manager", "misc", "core"}


def modules() -> list[Path]:
    return [path for room in ROOMS for path in sorted((ROOT / room).rglob("*.py"))]


def imported(path: Path) -> Iterator[str]:
    """Every module that the file imports, at its top or inside a function, by its whole dotted name."""
    for node in ast.walk(ast.parse(path.read_text("utf-8"))):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            assert node.level == 0, f"{path.relative_to(ROOT)} imports relatively: name the room"
            yield from (f"{node.module}.{alias.name}" for alias in node.names)


@pytest.mark.parametrize("path", modules(), ids=lambda path: str(path.relative_to(ROOT)))
def test_a_file_imports_only_from_the_rooms_that_it_may_know(path: Path) -> None:
    room = path.relative_to(ROOT).parts[0]
    for name in imported(path):
        other = name.split(".")[0]
        if other in ROOMS and other != room:
            known = ALLOWED[room]
            assert other in known or any(name.startswith(one) for one in known), f"{path.name} imports {name}"
        for library, places in ONLY_IN.items():
            if other == library:
                here = path.relative_to(ROOT).as_posix()
                assert here.startswith(places), f"{here} imports {library}, which belongs in {places}"


@pytest.mark.parametrize("path", modules(), ids=lambda path: str(path.relative_to(ROOT)))
def test_files_and_functions_stay_small(path: Path) -> None:
    source = path.read_text("utf-8")
    assert source.count("\n") <= LONGEST_FILE, f"{path.relative_to(ROOT)} has {source.count(chr(10))} lines"
    for node in ast.walk(ast.parse(source)):
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
            length = (node.end_lineno or node.lineno) - node.lineno + 1
            assert length <= LONGEST_FUNCTION, f"{path.relative_to(ROOT)}:{node.name} has {length} lines"


@pytest.mark.parametrize("path", sorted((ROOT / "tests").rglob("*.py")), ids=lambda path: str(path.relative_to(ROOT)))
def test_no_test_patches_what_it_names_by_a_path(path: Path) -> None:
    for node in ast.walk(ast.parse(path.read_text("utf-8"))):
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute):
            called, first = ast.unparse(node.func), node.args[0] if node.args else None
            named = isinstance(first, ast.Constant) and isinstance(first.value, str)
            assert not (called == "monkeypatch.setattr" and named), f"{path.name}:{node.lineno} patches {first.value!r}"
            assert not called.startswith(("mock.", "mocker.")), f"{path.name}:{node.lineno} patches with {called}"


def test_every_module_is_named_for_what_it_holds() -> None:
    assert not [path for path in modules() if path.stem in NAMELESS]


def test_help_imports_no_heavy_package() -> None:
    heavy = {
        "requests", "bs4", "lxml", "sqlite_utils", "apscheduler", "jinja2", "trafilatura", "feedparser", "pypdfium2",
        "flask", "msgspec", "apprise",
    }  # fmt: skip
    run = subprocess.run(
        [sys.executable, "-X", "importtime", "-m", "service", "--help"], capture_output=True, text=True, check=True
    )
    loaded = {line.rsplit("|", 1)[1].strip().split(".")[0] for line in run.stderr.splitlines() if "|" in line}
    assert "click" in loaded
    assert not loaded & heavy


def test_no_dependency_ships_a_top_level_package_with_the_name_of_a_room() -> None:
    owners = importlib.metadata.packages_distributions()
    taken = {room: [name for name in owners.get(room, []) if name != "ofsted-watch"] for room in ROOMS}
    assert not {room: names for room, names in taken.items() if names}


def test_the_wheel_lists_every_room() -> None:
    import tomllib

    project = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))
    assert project["tool"]["hatch"]["build"]["targets"]["wheel"]["packages"] == list(ROOMS)
