#!/usr/bin/env python3
"""dramatis dataset against a real service, where one is configured; without one it is reported as not run.

    real_writer_test.py PROGRAM SOURCE

DRAMATIS_TEST_SERVICE names an OpenAI-compatible address, such as http://127.0.0.1:8080/v1, DRAMATIS_TEST_SERVICE_MODEL one of
its models, and DRAMATIS_TEST_SERVICE_KEY its key, if it wants one. Some forty short texts are asked for. What a real model writes
is not known beforehand: a few exchanges and scenes are made, killed in the middle and gone on with, and every text that was
paid for is kept or counted with its reason.
"""
import json
import os
import pathlib
import select
import shutil
import signal
import subprocess
import sys
import tempfile

from imperfect_writer import EXCHANGES, EXPERIENCES, PATIENCE, PROFILE, records

PROGRAM, SOURCE = os.path.abspath(sys.argv[1]), pathlib.Path(sys.argv[2])
ADDRESS, MODEL = os.environ.get("DRAMATIS_TEST_SERVICE"), os.environ.get("DRAMATIS_TEST_SERVICE_MODEL")
SKIPPED = 77
if not ADDRESS or not MODEL:
    print("not run: no real service is configured; DRAMATIS_TEST_SERVICE and DRAMATIS_TEST_SERVICE_MODEL name one")
    sys.exit(SKIPPED)


def command(*args):
    return [PROGRAM, "dataset", *map(str, args), "--config", str(HOME / "dramatis.yaml"), "--cast", str(HOME / "cast")]


def run(*args):
    told = subprocess.run(command(*args), capture_output=True, text=True, timeout=PATIENCE, cwd=HOME)
    assert told.returncode == 0, f"{args}: {told.returncode}\n{told.stdout}\n{told.stderr}"
    return told.stdout


def made_in_two(name, text, step):
    """Killed without mercy after its first records; returns what its journal held then, and in the end."""
    recipe, folder = HOME / f"{name}.yaml", HOME / name
    recipe.write_text(text)
    journal = folder / f"orlando-marlo.{step}.jsonl"
    child = subprocess.Popen(command("make", recipe, "--folder", folder), stdout=subprocess.DEVNULL, cwd=HOME)
    while child.poll() is None and len(records(journal)) < 2:
        select.select([], [], [], 0.01)
    child.send_signal(signal.SIGKILL)
    child.wait(timeout=PATIENCE)
    before = records(journal)
    run("make", recipe, "--folder", folder)
    after = records(journal)
    assert all(after[item] == record for item, record in before.items()), "what was there has changed"
    assert sorted(after) == list(range(len(after)))
    return recipe, folder, after


def exchanges():
    count = 8
    recipe, folder, made = made_in_two("exchanges", EXCHANGES % count, "exchanges")
    assert len(made) == count
    for record in made.values():
        texts = record["cost"]["requests"]
        kept = ("question" in record) + ("answer" in record)
        assert texts >= kept and texts - kept <= len(record["drops"]) + len(record["refusals"]), record
    told = json.loads(run("report", recipe, "--folder", folder, "--json"))["characters"][0]
    gone = told["items"].get("exchanges without any", 0) + sum(one["count"] for one in told["refused"].values())
    assert told["all"]["pieces"] + gone == count, told["items"]
    print(f"exchanges: {told['all']['pieces']} of {count} kept")
    print(run("report", recipe, "--folder", folder))


def experiences():
    (HOME / "orlando.txt").write_text(PROFILE)
    recipe, folder, _ = made_in_two("experiences", EXPERIENCES % (2, 4), "scenes")
    told = json.loads(run("report", recipe, "--folder", folder, "--json"))["characters"][0]
    print(f"experiences: {told['items']}")
    print(run("report", recipe, "--folder", folder))


with tempfile.TemporaryDirectory() as folder:
    HOME = pathlib.Path(folder)
    shutil.copytree(SOURCE / "cast", HOME / "cast")
    key = "        key_variable: DRAMATIS_TEST_SERVICE_KEY\n" if os.environ.get("DRAMATIS_TEST_SERVICE_KEY") else ""
    (HOME / "dramatis.yaml").write_text(f"models:\n  - name: writer\n    services:\n      - address: {ADDRESS}#{MODEL}\n{key}")
    exchanges()
    experiences()
