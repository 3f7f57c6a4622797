"""Fuzzing that is led by what each input reaches: for as long as one likes, never in the suite.

    pip install atheris
    python tests/proof/covering.py [--seconds 300] [--only NAME] [--corpus FOLDER] [--save FOLDER]

Each parser of fuzzing.py is fed in a process of its own, from the same seeds, with our packages instrumented. Inputs
that reached something new are kept in the corpus and are where the next run begins. Prints a table; exit 1 where a
parser raised what it must not, or took longer than a second.
"""

from __future__ import annotations

import argparse
import hashlib
import importlib.util
import re
import subprocess
import sys
import tempfile
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent.parent
sys.path.insert(0, str(ROOT))

LONGEST = 60_000  # bytes of an input
MEMORY = 3_000  # MB


def one(name: str, seconds: int, corpus: Path, save: Path) -> None:
    """Feed one parser, in this process, which ends with it."""
    import atheris

    with atheris.instrument_imports(include=["scraper", "inspections", "config", "alerts"]):
        from tests.proof.fuzzing import Outcome, feed, targets
    target = next(each for each in targets() if each.name == name)
    for body in target.seeds:
        (corpus / hashlib.sha1(body).hexdigest()).write_bytes(body)
    seen: set[str] = set()

    def given(body: bytes) -> None:
        outcome = Outcome()
        feed(target, body, outcome)
        for said, fault in outcome.faults:
            if said not in seen:
                seen.add(said)
                found = save / f"{re.sub(r'[^A-Za-z]+', '-', name)}-{hashlib.sha1(fault).hexdigest()[:8]}"
                found.write_bytes(fault)
                print(f"FAULT {said} ({found})", flush=True)

    limits = [f"-max_total_time={seconds}", f"-max_len={LONGEST}", f"-rss_limit_mb={MEMORY}", "-timeout=30"]
    atheris.Setup([sys.argv[0], str(corpus), *limits, "-print_final_stats=1"], given)
    atheris.Fuzz()


def main() -> int:
    parser = argparse.ArgumentParser(description=(__doc__ or "").split("\n")[0])
    parser.add_argument("--seconds", type=int, default=300, help="for each parser")
    parser.add_argument("--only", default="", help="parsers whose name contains this")
    parser.add_argument("--corpus", type=Path, help="kept from run to run")
    parser.add_argument("--save", type=Path, default=Path("faults"), help="every input that broke a parser goes here")
    parser.add_argument("--one", help=argparse.SUPPRESS)
    given = parser.parse_args()
    given.save.mkdir(parents=True, exist_ok=True)
    if given.one:
        one(given.one, given.seconds, given.corpus, given.save)
    if importlib.util.find_spec("atheris") is None:
        print("atheris is not installed: `pip install atheris` (Linux, CPython 3.11 to 3.13)", file=sys.stderr)
        return 2
    from tests.proof.fuzzing import targets

    bad = 0
    print("| parser | inputs | a second | edges reached | kinds of fault |\n|---|---|---|---|---|")
    with tempfile.TemporaryDirectory() as temporary:
        for target in targets():
            if given.only not in target.name:
                continue
            corpus = (given.corpus or Path(temporary)) / re.sub(r"[^a-z]+", "-", target.name.lower())
            corpus.mkdir(parents=True, exist_ok=True)
            done = subprocess.run(
                [sys.executable, __file__, "--one", target.name, "--seconds", str(given.seconds), "--corpus", str(corpus),
                 "--save", str(given.save.resolve())], capture_output=True, text=True, errors="replace", check=False,
            )  # fmt: skip
            said = done.stdout + done.stderr
            faults = re.findall(r"^FAULT .*", said, re.MULTILINE)
            edges = re.findall(r"\bcov: (\d+)", said)
            inputs, a_second = (_stat(said, name) for name in ("number_of_executed_units", "average_exec_per_sec"))
            print(
                f"| {target.name} | {inputs} | {a_second} | {edges[-1] if edges else '?'} | {len(faults)} |", flush=True
            )
            print("\n".join(faults), end="\n" if faults else "")
            if done.returncode:
                print(f"{target.name} ended with {done.returncode}: {said[-500:]}", file=sys.stderr)
            bad += len(faults) + bool(done.returncode)
    return 1 if bad else 0


def _stat(said: str, name: str) -> str:
    found = re.search(rf"stat::{name}:\s*(\d+)", said)
    return f"{int(found[1]):,}" if found else "?"


if __name__ == "__main__":
    sys.exit(main())
