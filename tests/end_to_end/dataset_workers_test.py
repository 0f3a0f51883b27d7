#!/usr/bin/env python3
"""dramatis dataset make by three workers on one PostgreSQL, against a service that behaves like a real, imperfect model:
killed at random and started again, the set is the one that a single worker makes alone, and the budget holds for all.

    dataset_workers_test.py PROGRAM SOURCE [--soak]
"""
import glob
import json
import os
import pathlib
import pwd
import random
import select
import shutil
import signal
import subprocess
import sys
import tempfile

from imperfect_writer import EXCHANGES, EXPERIENCES, PATIENCE, PROFILE, Writer, wait_until

PROGRAM, SOURCE = os.path.abspath(sys.argv[1]), pathlib.Path(sys.argv[2])
SOAK = "--soak" in sys.argv
KILLS, COUNT, SCENES = (20, 240, 60) if SOAK else (4, 60, 18)
SKIPPED, WORKERS = 77, 3
started = []


def start(words, **more):
    process = subprocess.Popen([str(word) for word in words], **more)
    started.append(process)
    return process


class Postgres:
    def __init__(self, folder):
        found = sorted(glob.glob("/usr/lib/postgresql/*/bin/initdb"))
        if not found:
            print("skipped: there is no PostgreSQL here")
            sys.exit(SKIPPED)
        self.programs, self.run = os.path.dirname(found[-1]), folder / "run"
        self.run.mkdir(parents=True)
        become = None
        if os.geteuid() == 0:  # it refuses to run as root
            nobody = pwd.getpwnam("nobody")
            for path in (folder, self.run):
                os.chown(path, nobody.pw_uid, nobody.pw_gid)

            def become():
                os.setgid(nobody.pw_gid)
                os.setuid(nobody.pw_uid)
        quiet = {"stdout": subprocess.DEVNULL, "stderr": subprocess.DEVNULL, "cwd": "/", "preexec_fn": become}
        subprocess.run([self.programs + "/initdb", "-D", folder / "data", "-U", "dramatis", "-A", "trust", "-E", "UTF8",
                        "--no-locale", "-N"], check=True, **quiet)
        server = start([self.programs + "/postgres", "-D", folder / "data", "-F", "-k", self.run, "-c",
                        "listen_addresses="], **quiet)
        wait_until(lambda: (self.run / ".s.PGSQL.5432").exists() and subprocess.run(
            [self.programs + "/pg_isready", "-h", self.run], stdout=subprocess.DEVNULL).returncode == 0, [server])
        self.address = f"postgresql:///postgres?user=dramatis&host={self.run}"

    def rows(self, sql):
        told = subprocess.run([self.programs + "/psql", "-XAtq", "-d", self.address, "-c", sql], check=True,
                              capture_output=True, text=True, timeout=PATIENCE)
        return told.stdout.splitlines()


def environment():
    return {**os.environ, "XDG_DATA_HOME": str(HOME), "XDG_CONFIG_HOME": str(HOME), "XDG_CACHE_HOME": str(HOME)}


def command(*args):
    return [PROGRAM, "dataset", *map(str, args), "--config", str(HOME / "dramatis.yaml"), "--cast", str(HOME / "cast")]


def run(*args, code=0):
    told = subprocess.run(command(*args), capture_output=True, text=True, timeout=PATIENCE, env=environment(), cwd=HOME)
    assert told.returncode == code, f"{args}: {told.returncode}\n{told.stdout}\n{told.stderr}"
    return told


def worker(recipe, *more):
    return start(command("make", recipe, "--database", POSTGRES.address, "--lease", "1", *more),
                 stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, text=True, env=environment(), cwd=HOME)


def journal(folder, step):
    lines = (folder / f"orlando-marlo.{step}.jsonl").read_text().splitlines()
    return {one["item"]: one for one in map(json.loads, lines) if "item" in one}


def held(name, step):
    """The records of a run's step by item; the tables keep each once."""
    rows = POSTGRES.rows("SELECT i.record FROM dramatis.dataset_items i JOIN dramatis.dataset_steps s ON s.place = i.step "
                         "JOIN dramatis.dataset_runs r ON r.place = s.run WHERE i.record IS NOT NULL "
                         f"AND r.name = '{name}' AND s.step = '{step}'")
    items = {one["item"]: one for one in map(json.loads, rows)}
    assert len(items) == len(rows), "an item stands twice"
    return items


def same_as_alone(name, text, steps):
    """Three workers, one of whom is killed now and then at any point and replaced; then they end it."""
    recipe = HOME / f"{name}.yaml"
    recipe.write_text(text)
    alone = HOME / f"{name}-alone"
    before = SERVICE.told()
    run("make", recipe, "--folder", alone)
    texts = SERVICE.told() - before
    draw = random.Random(7)
    workers = [worker(recipe) for _ in range(WORKERS)]
    killed = 0
    while killed < KILLS:
        # Between any two texts of the service, and a little earlier or later.
        goal = SERVICE.told() + draw.randrange(1, max(2, texts // KILLS))
        pause = draw.random() * 0.02
        while SERVICE.told() < goal and any(one.poll() is None for one in workers):
            select.select([], [], [], 0.002)
        select.select([], [], [], pause)
        alive = [n for n, one in enumerate(workers) if one.poll() is None]
        if not alive:
            break
        which = draw.choice(alive)
        workers[which].send_signal(signal.SIGKILL)
        workers[which].wait(timeout=PATIENCE)
        killed += 1
        workers[which] = worker(recipe)
    for one in workers:
        _, errors = one.communicate(timeout=PATIENCE)
        assert one.returncode == 0, errors
    assert killed >= min(KILLS, 3), killed
    for step in steps:
        expected, found = journal(alone, step), held(name, step)
        assert expected == found, f"{step}: {len(expected)} and {len(found)} items"
    where = ["--database", POSTGRES.address]
    status = json.loads(run("status", recipe, *where, "--json").stdout)
    single = json.loads(run("status", recipe, "--folder", alone, "--json").stdout)
    assert status["steps"] == single["steps"] and status["under_way"] == 0
    # What the dead had begun was paid for, too, and no request went out uncounted.
    for what, spent in single["cost"].items():
        assert status["cost"][what] >= spent, status["cost"]
    told = json.loads(run("report", recipe, *where, "--json").stdout)
    assert told["characters"] == json.loads(run("report", recipe, "--folder", alone, "--json").stdout)["characters"]
    run("export", recipe, *where, "--out", HOME / f"{name}-out")
    run("export", recipe, "--folder", alone, "--out", HOME / f"{name}-out-alone")
    for file in ("train.jsonl", "held-out.jsonl"):
        assert (HOME / f"{name}-out" / file).read_bytes() == (HOME / f"{name}-out-alone" / file).read_bytes()
    # Nobody asks for anything more.
    before = SERVICE.told()
    run("make", recipe, *where)
    assert SERVICE.told() == before
    print(f"{name}: {killed} kills, {texts} texts alone, the same set")


def the_budget_holds():
    recipe = HOME / "few.yaml"
    recipe.write_text(EXCHANGES % 500 + "budget: {requests: 60}\n")
    before = SERVICE.told()
    workers = [worker(recipe, "--run", "thrift") for _ in range(WORKERS)]
    for one in workers:
        _, errors = one.communicate(timeout=PATIENCE)
        assert one.returncode == 1 and "budget is spent" in errors, (one.returncode, errors)
    status = json.loads(run("status", recipe, "--database", POSTGRES.address, "--run", "thrift", "--json").stdout)
    assert status["cost"]["requests"] == 60 and SERVICE.told() - before <= 60, status
    assert status["steps"][0]["made"] > 0


def others():
    recipe = HOME / "exchanges.yaml"
    recipe.write_text(EXCHANGES.replace("seed: 5", "seed: 6") % 5)
    where = ["--database", POSTGRES.address]
    assert "--anew" in run("make", recipe, *where, code=5).stderr
    run("make", recipe, *where, "--anew")
    assert sorted(held("exchanges", "exchanges")) == list(range(5))
    assert len(held("exchanges", "exchanges.before")) == COUNT
    talks = HOME / "talks.jsonl"
    talks.write_text(json.dumps({"character": "Orlando Marlo", "messages": [
        {"role": "user", "content": "Do you ride at dawn?"},
        {"role": "assistant", "content": "I ride when the bell of the chapel has rung twice, and never before."}]}) + "\n")
    ask = ["import", recipe, talks, *where, "--agreed", "--character", "orlando", "--json"]
    assert json.loads(run(*ask).stdout) == {"talks": 1, "added": 1}
    assert json.loads(run(*ask).stdout) == {"talks": 1, "added": 0}
    told = json.loads(run("report", recipe, *where, "--json").stdout)["characters"][0]
    assert told["figures"]["talk"]["pieces"] == 1
    # One file serves the workers of one machine; looking into one that is not there makes none.
    file = HOME / "made.sqlite"
    assert "there is no database" in run("status", recipe, "--database", file, code=3).stderr and not file.exists()
    pair = [start(command("make", recipe, "--database", file), stdout=subprocess.DEVNULL, env=environment(), cwd=HOME)
            for _ in range(2)]
    assert [one.wait(timeout=PATIENCE) for one in pair] == [0, 0]
    assert json.loads(run("status", recipe, "--database", file, "--json").stdout)["steps"][0]["made"] == 5
    assert "--run names" in run("status", recipe, "--run", "x", code=2).stderr
    assert "--lease is 0" in run("make", recipe, *where, "--lease", "0", code=2).stderr


with tempfile.TemporaryDirectory() as folder:
    os.chmod(folder, 0o755)  # the database's user comes through
    HOME = pathlib.Path(folder)
    try:
        (HOME / "postgres").mkdir()
        POSTGRES = Postgres(HOME / "postgres")
        shutil.copytree(SOURCE / "cast", HOME / "cast")
        (HOME / "orlando.txt").write_text(PROFILE)
        SERVICE = Writer(HOME)
        started.append(SERVICE.process)
        same_as_alone("exchanges", EXCHANGES % COUNT, ["exchanges"])
        same_as_alone("experiences", EXPERIENCES % (9, SCENES), ["scenes", "experiences", "protective"])
        the_budget_holds()
        others()
    finally:
        for process in reversed(started):
            if process.poll() is None:
                process.kill()
            process.wait()
