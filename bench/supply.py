"""What the service stands on, from the metadata of what is installed: licences, versions and a bill of materials.

python bench/supply.py licences > docs/licences.md
python bench/supply.py sbom > build/sbom.json        (CycloneDX 1.6)
python bench/supply.py floors                        exit 1 where a version is below its floor
"""

from __future__ import annotations

import json
import re
import sys
from collections.abc import Iterator
from importlib.metadata import Distribution, PackageNotFoundError, distribution
from typing import Any

from packaging.requirements import Requirement
from packaging.version import Version

OURS = "ofsted-watch"
# Below these, faults are known that this service could meet: see docs/guarantees.md.
FLOORS = {
    "urllib3": "2.7", "requests": "2.33", "lxml": "6", "beautifulsoup4": "4.13", "apscheduler": "3.11.3",
    "sqlite-utils": "4.2", "feedparser": "6.0.14", "defusedxml": "0.7.1",
}  # fmt: skip
CEILINGS = {"apscheduler": "4"}


def needed(extras: tuple[str, ...] = ("",)) -> dict[str, Distribution]:
    """Every distribution that the wheel needs, by its normal name, those of those too; ours is not among them."""
    found: dict[str, Distribution] = {}
    waiting = [(OURS, extras)]
    while waiting:
        name, wanted = waiting.pop()
        for text in distribution(name).requires or ():
            requirement = Requirement(text)
            if requirement.marker and not any(requirement.marker.evaluate({"extra": extra}) for extra in wanted):
                continue
            key = normal(requirement.name)
            try:
                made = distribution(requirement.name)
            except PackageNotFoundError:
                continue  # of another platform, or another Python
            if key not in found:
                found[key] = made
                waiting.append((requirement.name, ("", *requirement.extras)))
    return dict(sorted(found.items()))


def normal(name: str) -> str:
    return re.sub(r"[-_.]+", "-", name).lower()


def licence(made: Distribution) -> str:
    """As an SPDX expression where the package states one, else in its own words."""
    about = made.metadata
    stated = about.get("License-Expression") or ""
    if stated:
        return str(stated)
    classes = [one.rpartition(" :: ")[2] for one in about.get_all("Classifier") or () if one.startswith("License ::")]
    written = (about.get("License") or "").strip()
    if classes and classes != ["OSI Approved"]:
        return ", ".join(one.removesuffix(" License") for one in classes)
    return written.splitlines()[0][:60] if written else "not stated"


def licences() -> Iterator[str]:
    yield "# Licences\n"
    yield "Everything that a plain installation needs, from the metadata of the packages. Made by `bench/supply.py`;"
    yield "`tests/proof/test_supply.py` checks that no package is missing here.\n"
    yield "| package | licence |\n|---|---|"
    for name, made in needed().items():
        yield f"| {name} | {licence(made)} |"


def sbom() -> dict[str, Any]:
    """CycloneDX, without times or random numbers, so that the same installation gives the same file."""
    ours = distribution(OURS)
    parts = needed()
    return {
        "bomFormat": "CycloneDX", "specVersion": "1.6", "version": 1,
        "metadata": {"component": _component(OURS, ours, "application")},
        "components": [_component(name, made, "library") for name, made in parts.items()],
        "dependencies": [
            {"ref": _purl(name, made), "dependsOn": sorted(
                _purl(key, parts[key]) for text in made.requires or ()
                if (key := normal(Requirement(text).name)) in parts and "extra ==" not in text)}
            for name, made in {OURS: ours, **parts}.items()
        ],
    }  # fmt: skip


def _component(name: str, made: Distribution, kind: str) -> dict[str, Any]:
    return {
        "type": kind, "bom-ref": _purl(name, made), "name": name, "version": made.version,
        "purl": _purl(name, made), "licenses": [{"license": {"name": licence(made)}}],
    }  # fmt: skip


def _purl(name: str, made: Distribution) -> str:
    return f"pkg:pypi/{name}@{made.version}"


def too_old() -> list[str]:
    """Sentences about installed packages that are below their floors, or at a ceiling."""
    said = []
    for name, floor in FLOORS.items():
        version = Version(distribution(name).version)
        if version < Version(floor):
            said.append(f"{name} {version} is below {floor}")
        if name in CEILINGS and version >= Version(CEILINGS[name]):
            said.append(f"{name} {version} is not below {CEILINGS[name]}")
    return said


def main(what: str) -> int:
    if what == "licences":
        print("\n".join(licences()))
    elif what == "sbom":
        print(json.dumps(sbom(), indent=1, sort_keys=True))
    elif what == "floors":
        print("\n".join(too_old()) or "every package is at or above its floor")
        return 1 if too_old() else 0
    else:
        print(__doc__, file=sys.stderr)
        return 2
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1] if len(sys.argv) > 1 else ""))
