"""Killed before any call of the system that changes a file or sends: nothing lost, nothing twice, one key each.

`make crash` kills before every one of them (CRASH_CALLS=1); here before every send and every 40th of the others.
"""

from __future__ import annotations

import os
import shutil

import pytest

from tests.proof.scene import Scene

EVERY = int(os.environ.get("CRASH_CALLS", "40"))


@pytest.mark.fault("S1")
@pytest.mark.timeout(7200)
@pytest.mark.skipif(not shutil.which("strace"), reason="strace is not installed: `apt-get install strace`")
def test_killed_before_any_write_sync_rename_or_send_nothing_is_lost(
    traced: Scene, capsys: pytest.CaptureFixture[str]
) -> None:
    traced.put_back()
    if "strace: " in (said := traced.run(trace=True)["said"]):
        pytest.skip(f"strace may not hold another process here ({said})")
    counts = {name: times for name, _, times in traced.undisturbed_run()}
    assert counts["pwrite64"] > 50
    assert counts["fdatasync"] > 20
    assert counts["sendto"] > 5
    assert counts["rename"] > 0
    points = [(name, n) for name, times in counts.items() for n in range(1, times + 1)]
    chosen = [point for n, point in enumerate(points) if point[0] == "sendto" or n % EVERY == EVERY // 2]
    killed = repeats = 0
    for name, n in chosen:
        traced.put_back()
        killed += traced.run(at=[name, n])["killed"]
        try:
            traced.check_half_way()
            traced.settled()
            repeats += traced.check_end()
        except AssertionError as error:
            raise AssertionError(f"killed before {name} number {n}: {error}") from error
    with capsys.disabled():
        made = ", ".join(f"{times} {name}" for name, times in counts.items())
        print(f"\ncalls: {made}; {len(chosen)} of {len(points)} tried, {killed} killed; 0 lost, {repeats} repeats")
    assert killed > 0.97 * len(chosen), "most runs ended before their kill"
    assert repeats > 0, "the window between acceptance and note was never hit"
