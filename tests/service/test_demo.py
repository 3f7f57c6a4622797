"""The demo: as it is in the checkout, and from a wheel in an empty environment."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parent.parent.parent


def test_three_sites_report_one_inspection_and_one_alert_goes_out(tmp_path: Path) -> None:
    run = subprocess.run(
        [sys.executable, "-m", "service", "demo", "--folder", str(tmp_path / "demo")],
        capture_output=True, text=True, timeout=60, cwd=ROOT,
    )  # fmt: skip
    assert run.returncode == 0, run.stdout + run.stderr
    assert run.stderr == ""
    assert "3 pages on Marlshire's inspection: 1 alert." in run.stdout
    assert run.stdout.count("requires improvement → good (announced by") >= 1
    assert run.stdout.count("Correction: Eastmere") == 2  # one mail, one webhook
    assert "answers 503" in run.stdout


def test_a_folder_that_the_demo_did_not_make_is_left_alone(tmp_path: Path) -> None:
    (tmp_path / "mine").mkdir()
    (tmp_path / "mine" / "diary.txt").write_text("dear diary", "utf-8")
    run = subprocess.run(
        [sys.executable, "-m", "service", "demo", "--folder", str(tmp_path / "mine")],
        capture_output=True, text=True, timeout=60, cwd=ROOT,
    )  # fmt: skip
    assert run.returncode == 1
    assert (tmp_path / "mine" / "diary.txt").read_text("utf-8") == "dear diary"


def test_the_wheel_plays_the_demo_in_an_empty_environment(tmp_path: Path) -> None:
    def call(*words: object) -> subprocess.CompletedProcess[str]:
        clean = {name: value for name, value in os.environ.items() if name not in ("PYTHONPATH", "VIRTUAL_ENV")}
        return subprocess.run(
            [str(word) for word in words], capture_output=True, text=True, timeout=240, cwd=tmp_path, env=clean
        )

    built = call(sys.executable, "-m", "build", "--wheel", "--no-isolation", "--outdir", tmp_path, ROOT)
    assert built.returncode == 0, built.stdout + built.stderr
    (wheel,) = tmp_path.glob("*.whl")
    call(sys.executable, "-m", "venv", tmp_path / "empty")
    pip = call(tmp_path / "empty/bin/python", "-m", "pip", "install", "--quiet", "--constraint", ROOT / "constraints.txt",
               f"{wheel}[demo]")  # fmt: skip
    if "No matching distribution found" in pip.stderr and "ofsted" not in pip.stderr:
        pytest.skip("the package registry cannot be reached")
    assert pip.returncode == 0, pip.stderr
    played = call(tmp_path / "empty/bin/ofsted-watch", "demo", "--folder", tmp_path / "demo")
    assert played.returncode == 0, played.stdout + played.stderr
    assert "1 alert." in played.stdout
