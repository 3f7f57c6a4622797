"""What it stands on: versions at their floors, licences listed, a wheel that two builds make alike, a bill of materials."""

from __future__ import annotations

import hashlib
import os
import re
import shutil
import subprocess
import sys
import tomllib
from pathlib import Path

import pytest

from bench import supply

ROOT = Path(__file__).resolve().parent.parent.parent
COPYLEFT = re.compile(r"\bA?GPL|General Public", re.IGNORECASE)
LESSER = re.compile(r"\bLGPL|Lesser|MPL|Mozilla", re.IGNORECASE)


@pytest.mark.fault("K22")
def test_no_installed_package_is_below_its_floor() -> None:
    assert supply.too_old() == []


@pytest.mark.fault("K22")
def test_the_project_itself_asks_for_no_less_than_the_floors() -> None:
    project = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))["project"]
    asked = {supply.normal(one.name): one.specifier for one in map(supply.Requirement, project["dependencies"])}
    for name, floor in supply.FLOORS.items():
        lowest = min(supply.Version(one.version) for one in asked[name] if one.operator in (">=", "=="))
        assert lowest >= supply.Version(floor), f"{name} {lowest} would be allowed, and the floor is {floor}"


def test_every_package_that_is_needed_stands_among_the_licences() -> None:
    listed = set(re.findall(r"^\| ([a-z0-9-]+) \| ", (ROOT / "docs" / "licences.md").read_text("utf-8"), re.MULTILINE))
    needed = set(supply.needed())
    assert {"requests", "lxml", "sqlite-utils"} <= needed
    assert not needed - listed, "run `python bench/supply.py licences > docs/licences.md`"


def test_no_licence_reaches_into_our_own_code_and_each_is_stated() -> None:
    found = {name: supply.licence(made) for name, made in supply.needed().items()}
    assert not {name: said for name, said in found.items() if COPYLEFT.search(said) and not LESSER.search(said)}
    assert not [name for name, said in found.items() if said == "not stated"]


def test_the_bill_of_materials_names_every_package_once_with_its_version() -> None:
    bill = supply.sbom()
    names = [part["name"] for part in bill["components"]]
    assert sorted(set(names)) == sorted(supply.needed())
    assert len(names) == len(set(names))
    refs = {part["bom-ref"] for part in bill["components"]} | {bill["metadata"]["component"]["bom-ref"]}
    assert {one["ref"] for one in bill["dependencies"]} == refs
    assert {to for one in bill["dependencies"] for to in one["dependsOn"]} <= refs
    assert bill == supply.sbom()


def test_two_builds_of_the_wheel_are_the_same_to_the_byte(tmp_path: Path) -> None:
    hashes = set()
    for name in ("one", "other"):
        tree = tmp_path / name
        for part in ("inspections", "scraper", "archive", "alerts", "web", "config", "service"):
            shutil.copytree(ROOT / part, tree / part, ignore=shutil.ignore_patterns("__pycache__"))
        for part in ("pyproject.toml", "README.md", "LICENSE"):
            shutil.copy(ROOT / part, tree / part)
        (tree / "pyproject.toml").touch()
        run = subprocess.run(
            [sys.executable, "-m", "build", "--wheel", "--no-isolation", "--outdir", str(tmp_path / f"{name}-out"), str(tree)],
            capture_output=True, text=True, timeout=120, env=os.environ | {"SOURCE_DATE_EPOCH": "1767225600"},
        )  # fmt: skip
        assert run.returncode == 0, run.stdout + run.stderr
        (wheel,) = (tmp_path / f"{name}-out").glob("*.whl")
        hashes.add(hashlib.sha256(wheel.read_bytes()).hexdigest())
    assert len(hashes) == 1
