"""As crashing.py, but killed by strace at the n-th call of the system that writes, syncs, renames, removes or sends.

    python tests/proof/traced.py      jobs come as lines of JSON on stdin, answers go to stdout

All is done in one thread, source after source and message after message, so that every call has a number of its own
and the same at every run. The child stops itself, strace takes hold of it, and it goes on; it dies before the call.
"""

from __future__ import annotations

import ctypes
import json
import os
import signal
import subprocess
import sys
import tempfile
import traceback
from collections import Counter
from collections.abc import Callable
from concurrent.futures import Executor, Future
from datetime import datetime
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parent.parent.parent
sys.path.insert(0, str(ROOT))

from service import deliver  # noqa: E402
from service.assembly import assemble  # noqa: E402
from service.poll import poll  # noqa: E402
from tests.proof.crashing import InThisProcess, forked  # noqa: E402

CALLS = ("write", "writev", "pwrite64", "fsync", "fdatasync", "ftruncate", "rename", "renameat", "renameat2", "unlink",
         "unlinkat", "sendto", "sendmsg")  # fmt: skip
_PR_SET_PTRACER = 0x59616D61


class AtOnce(Executor):
    """Stands where the pool of senders stands: sends in the thread that asks."""

    def __init__(self, **_: Any) -> None:
        """Nothing of a pool is needed."""

    def submit(self, work: Callable[..., Any], /, *given: Any, **named: Any) -> Future[Any]:
        done: Future[Any] = Future()
        done.set_result(work(*given, **named))
        return done


def work(job: dict[str, Any]) -> str:
    now, later = datetime.fromisoformat(job["now"]), datetime.fromisoformat(job["later"])
    deliver.ThreadPoolExecutor = AtOnce  # type: ignore[misc, assignment]
    with assemble(Path(job["folder"]), now) as watch, watch.archive.poll_lock(now):
        watch.__dict__["readers"] = InThisProcess(watch.authorities)
        for source in watch.named(()):
            poll(watch, [source], now=now)
        for at in sorted({now, later}):
            deliver.deliver_due(watch, at)
    return "done"


def child(job: dict[str, Any], answer: int) -> None:
    if job.get("at") or job.get("trace"):
        ctypes.CDLL(None).prctl(_PR_SET_PTRACER, ctypes.c_long(-1), 0, 0, 0)
        os.kill(os.getpid(), signal.SIGSTOP)
    try:
        said = work(job)
    except BaseException:
        said = traceback.format_exc()
    os.write(answer, said.encode())
    os._exit(0)


def held(pid: int, job: dict[str, Any], into: str) -> subprocess.Popen[str]:
    """strace, once it has hold of the process. Raises PermissionError where it is not let."""
    at = job.get("at")
    what = ["-e", f"inject={at[0]}:signal=SIGKILL:when={at[1]}"] if at else []
    calls = f"trace={','.join(f'?{name}' for name in ([at[0]] if at else CALLS))}"
    strace = subprocess.Popen(
        ["strace", "-o", into, "-e", calls, *what, "-p", str(pid)], stderr=subprocess.PIPE, text=True
    )
    assert strace.stderr is not None
    said = strace.stderr.readline()
    if "attached" not in said:
        raise PermissionError(said.strip())
    return strace


def run(job: dict[str, Any]) -> dict[str, Any]:
    pid, reading = forked(child, job)
    counts: Counter[str] = Counter()
    with tempfile.NamedTemporaryFile("r", suffix=".strace") as into, os.fdopen(reading) as pipe:
        strace = None
        if job.get("at") or job.get("trace"):
            os.waitpid(pid, os.WUNTRACED)
            try:
                strace = held(pid, job, into.name)
            except PermissionError as error:
                os.kill(pid, signal.SIGKILL)
                os.waitpid(pid, 0)
                return {"killed": False, "status": 0, "said": f"strace: {error}", "lines": []}
            os.kill(pid, signal.SIGCONT)
        said = pipe.read()
        _, status = os.waitpid(pid, 0)
        if strace is not None:
            strace.communicate(timeout=30)
            counts.update(line.partition("(")[0] for line in into if "(" in line)
    killed = os.WIFSIGNALED(status) and os.WTERMSIG(status) == signal.SIGKILL
    lines = [[name, 0, counts[name]] for name in CALLS if counts[name]] if job.get("trace") else []
    return {"killed": killed, "status": status, "said": said, "lines": lines}


def warm(job: dict[str, Any]) -> dict[str, Any]:
    """Do it here, so that all that it needs is loaded in the children to come."""
    return {"killed": False, "status": 0, "said": work(job), "lines": []}


if __name__ == "__main__":
    for line in sys.stdin:
        given = json.loads(line)
        print(json.dumps(warm(given) if given.get("warm") else run(given)), flush=True)
