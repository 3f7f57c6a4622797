from __future__ import annotations

import platform
import subprocess
import sys

import pytest

SAYS_HOW_MUCH = """
import ctypes, sys, threading
from service.memory import share_arenas
if sys.argv[1] == "few":
    share_arenas()
libc, held = ctypes.CDLL(None), threading.Barrier(9)
libc.malloc.restype, libc.malloc.argtypes = ctypes.c_void_p, [ctypes.c_size_t]
def take():
    libc.malloc(5000)
    held.wait(20)
threads = [threading.Thread(target=take) for _ in range(8)]
[one.start() for one in threads]
held.wait(20)
[one.join() for one in threads]
libc.malloc_info.argtypes = [ctypes.c_int, ctypes.c_void_p]
libc.fdopen.restype, libc.fflush.argtypes = ctypes.c_void_p, [ctypes.c_void_p]
out = libc.fdopen(1, b"w")
libc.malloc_info(0, out)
libc.fflush(out)
"""


@pytest.mark.fault("O6")
@pytest.mark.skipif(platform.libc_ver()[0] != "glibc", reason="arenas are of glibc")
def test_threads_share_two_arenas_where_each_would_have_its_own() -> None:
    def arenas(which: str) -> int:
        said = subprocess.run([sys.executable, "-c", SAYS_HOW_MUCH, which], capture_output=True, text=True, timeout=60)
        return said.stdout.count("<heap nr=")

    assert arenas("few") == 2
    assert arenas("as they come") > 4
