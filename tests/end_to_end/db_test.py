#!/usr/bin/env python3
"""dramatis db: migrates, checks, backs up, restores and moves; refuses in sentences.

    db_test.py PROGRAM
"""
import json
import os
import pathlib
import sqlite3
import subprocess
import sys
import tempfile

PROGRAM = sys.argv[1]


def run(*args, code=0):
    told = subprocess.run([PROGRAM, "db", *map(str, args)], capture_output=True, text=True, timeout=120,
                          env={**os.environ, "XDG_DATA_HOME": HOME, "XDG_CONFIG_HOME": HOME}, cwd=HOME)
    assert told.returncode == code, f"{args}: {told.returncode}\n{told.stdout}\n{told.stderr}"
    return told.stdout if code in (0, 1) and told.stdout else told.stderr


def rows_of(*args):
    return json.loads(run(*args, "--json"))["rows"]


with tempfile.TemporaryDirectory() as HOME:
    folder = pathlib.Path(HOME)
    a, b, c = folder / "a.sqlite", folder / "b.sqlite", folder / "c.sqlite"
    assert "there is no database" in run("check", "--database", a, code=3)
    assert not a.exists(), "looking makes nothing"
    made = json.loads(run("migrate", "--database", a, "--json"))
    assert made["before"] == 0 and made["version"] >= 3, made
    assert "already" in run("migrate", "--database", a)

    with sqlite3.connect(a) as database:
        database.execute("INSERT INTO users (id, name, registered_ms) VALUES (1, 'Alice', 0)")
        database.execute("INSERT INTO npcs (id, settings, registered_ms) VALUES (2, '{}', 0)")
    database.close()
    assert "Nothing is wrong" in run("check", "--database", a)

    assert "sha256" in run("backup", folder / "kept", "--database", a)
    told = subprocess.run(["sha256sum", "-c", "kept.sha256"], cwd=HOME, capture_output=True, text=True)
    assert told.returncode == 0, told.stderr
    assert "another name" in run("backup", folder / "kept", "--database", a, code=5)
    assert rows_of("restore", folder / "kept", "--database", b) == \
        {"users": 1, "npcs": 1, "conversations": 0, "turns": 0, "alternatives": 0, "keys": 0, "spent": 0, "expenses": 0,
         "npc_players": 0, "talks": 0, "lines": 0, "dataset_runs": 0, "dataset_steps": 0, "dataset_items": 0}
    assert "--force" in run("restore", folder / "kept", "--database", b, code=5)
    run("restore", folder / "kept", "--force", "--database", b)

    damaged = bytearray((folder / "kept").read_bytes())
    damaged[len(damaged) // 2] ^= 1
    (folder / "kept").write_bytes(damaged)
    assert "is damaged" in run("restore", folder / "kept", "--force", "--database", b, code=4)
    assert rows_of("check", "--database", b)["users"] == 1

    assert rows_of("move", c, "--database", b)["npcs"] == 1
    assert "is where everything is already" in run("move", c, "--database", c, code=2)
    assert "no kind of database" in run("move", "mysql://x/y", "--database", c, code=2)
    with sqlite3.connect(c) as database:
        database.execute("INSERT INTO conversations (id, npc, player, title, scene, note, is_current, started_ms) "
                         "VALUES (3, 2, 1, '', '{}', '', 0, 0)")
    database.close()
    assert "pairs have several current conversations, or none" in run("check", "--database", c, code=1)
    for secret in ("postgresql://ann:hush@%2Fnowhere/x", "postgresql://ann:hush@h:hush/x"):
        told = subprocess.run([PROGRAM, "db", "migrate", "--database", secret], capture_output=True, text=True)
        assert told.returncode != 0 and "hush" not in told.stderr + told.stdout, told
print("looked after")
