#!/usr/bin/env python3
"""The promise of --ram, kept under a limit of the address space of that size.

    memory_test.py PROGRAM SOURCE_FOLDER
"""
import json
import os
import pathlib
import resource
import subprocess
import sys
import tempfile

PROGRAM, SOURCE = sys.argv[1], pathlib.Path(sys.argv[2])
RAM = 200_000_000
SKIPPED = 77


def run(*args, home, said="", fails=False):
    told = subprocess.run(
        [PROGRAM, *args], input=said, capture_output=True, text=True, timeout=240, cwd=SOURCE,
        env={**os.environ, "XDG_DATA_HOME": home, "XDG_CACHE_HOME": home},
        preexec_fn=lambda: resource.setrlimit(resource.RLIMIT_AS, (RAM, RAM)))
    assert (told.returncode != 0) == fails, f"{args}: {told.returncode}\n{told.stdout}\n{told.stderr}"
    return told.stderr if fails else told.stdout


if b"__asan_init" in pathlib.Path(PROGRAM).read_bytes():
    print("skipped: AddressSanitizer takes the whole address space")
    sys.exit(SKIPPED)
with tempfile.TemporaryDirectory() as home:
    lines = run("chat", "orlando-marlo", "--seed", "1", "--ram", "200M", home=home,
                said="Good day, sir.\nWho are you?\n").splitlines()
    assert len(lines) == 2 and all(lines), lines
    told = run("chat", "orlando-marlo", "--ram", "40M", home=home, said="Hm.\n", fails=True)
    assert "40 MB were promised" in told, told
    told = run("chat", "orlando-marlo", "--ram", "70M", home=home, said="Hm.\n", fails=True)
    assert "keys and values" in told, told
    measured = json.loads(run("model", "bench", str(SOURCE / "models" / "hearth.gguf"), "--mode", "tavern", "--personas",
                              "2", "--players", "4", "--turns", "1", "--repeat", "1", "--ram", "200M", "--json", home=home))
    assert measured["peak_rss_mib"] * 1024 * 1024 < RAM, measured
    assert measured["cached_tokens"] > 0 and measured["computed_tokens"] > 0, measured
print("kept within 200 MB of address space")
