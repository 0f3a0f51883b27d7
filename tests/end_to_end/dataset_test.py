#!/usr/bin/env python3
"""dramatis dataset against a service that behaves like a real, imperfect model: made, killed, resumed, reported, exported,
imported, curated.

    dataset_test.py PROGRAM SOURCE [--soak]
"""
import json
import os
import pathlib
import random
import re
import select
import shutil
import signal
import subprocess
import sys
import tempfile

from imperfect_writer import EXCHANGES, EXPERIENCES, PATIENCE, PROFILE, Writer, records

PROGRAM, SOURCE = os.path.abspath(sys.argv[1]), pathlib.Path(sys.argv[2])
SOAK = "--soak" in sys.argv
KILLS, COUNT, SCENES = (20, 240, 60) if SOAK else (3, 60, 24)


def environment():
    return {**os.environ, "XDG_DATA_HOME": str(HOME), "XDG_CONFIG_HOME": str(HOME), "XDG_CACHE_HOME": str(HOME)}


def command(*args):
    return [PROGRAM, "dataset", *map(str, args), "--config", str(HOME / "dramatis.yaml"), "--cast", str(HOME / "cast")]


def run(*args, code=0, said=None):
    told = subprocess.run(command(*args), capture_output=True, text=True, timeout=PATIENCE, env=environment(),
                          cwd=HOME, input=said)
    assert told.returncode == code, f"{args}: {told.returncode}\n{told.stdout}\n{told.stderr}"
    return told


def kill_at(recipe, folder, journals, more):
    """Starts a run and kills it without mercy when so many records more are in its journals."""
    held = lambda: sum(len(path.read_text().split("\n")) - 1 for path in journals if path.exists())
    before = held()
    child = subprocess.Popen(command("make", recipe, "--folder", folder), stdout=subprocess.DEVNULL,
                             stderr=subprocess.DEVNULL, env=environment(), cwd=HOME)
    while child.poll() is None and held() - before < more:
        select.select([], [], [], 0.002)
    if child.poll() is None:
        child.send_signal(signal.SIGKILL)
    child.wait(timeout=PATIENCE)


def same_after_kills(name, recipe_text, steps):
    recipe = HOME / f"{name}.yaml"
    recipe.write_text(recipe_text)
    whole, killed = HOME / f"{name}-whole", HOME / f"{name}-killed"
    run("make", recipe, "--folder", whole)
    paths = [killed / f"orlando-marlo.{step}.jsonl" for step in steps]
    draw = random.Random(7)
    of = sum(len(records(whole / path.name)) for path in paths)
    for _ in range(KILLS):
        kill_at(recipe, killed, paths, draw.randrange(1, max(2, of // KILLS)))
        status = json.loads(run("status", recipe, "--folder", killed, "--json").stdout)
        assert [step["made"] for step in status["steps"]] == [len(records(path)) for path in paths]
    run("make", recipe, "--folder", killed)
    for path in paths:
        expected, found = records(whole / path.name), records(path)
        assert expected == found, f"{path.name}: {len(expected)} and {len(found)} items"
        assert sorted(found) == list(range(len(found)))
    return recipe, whole


def exchanges():
    count = COUNT
    recipe, folder = same_after_kills("exchanges", EXCHANGES % count, ["exchanges"])
    made = records(folder / "orlando-marlo.exchanges.jsonl")
    assert len(made) == count
    # Every text that was paid for is a question, an answer, or counted with its reason.
    for record in made.values():
        texts = record["cost"]["requests"]
        kept = ("question" in record) + ("answer" in record)
        assert texts >= kept and texts - kept <= len(record["drops"]) + len(record["refusals"]), record
        assert record["cost"]["micros"] >= 100
    report = json.loads(run("report", recipe, "--folder", folder, "--json").stdout)
    told = report["characters"][0]
    pieces, gone = told["all"]["pieces"], told["items"].get("exchanges without any", 0)
    repeats = sum(one["count"] for one in told["refused"].values())
    assert pieces + gone + repeats == count, told["items"]
    for reason in ("gesture", "empty", "prose"):
        assert told["dropped"][reason]["count"] > 0, told["dropped"].keys()
    assert told["written_again"]["assistant"]["examples"], told["written_again"].keys()
    assert report["cost"]["micros"] == sum(one["cost"]["micros"] for one in made.values())
    text = run("report", recipe, "--folder", folder).stdout
    assert "orlando-marlo" in text and "Dropped" in text and "turns/" in text
    return recipe, folder


def experiences():
    (HOME / "orlando.txt").write_text(PROFILE)
    recipe, folder = same_after_kills("experiences", EXPERIENCES % (12, SCENES), ["scenes", "experiences", "protective"])
    told = json.loads(run("report", recipe, "--folder", folder, "--json").stdout)["characters"][0]
    assert told["items"]["scenes"] == 12 and told["items"]["scenes told before"] > 0
    assert told["items"]["experiences"] == told["items"]["scenes planned"]
    assert told["items"]["protective"] == 3
    for reason in ("others-thought", "thinks-on", "no-speaker"):
        assert told["dropped"][reason]["count"] > 0, told["dropped"].keys()
    gone = told["items"].get("experiences without any", 0) + told["items"].get("protective without any", 0)
    repeats = sum(one["count"] for one in told["refused"].values())
    assert told["all"]["pieces"] + gone + repeats == told["items"]["experiences"] + 3
    for form in ("experience", "messages"):
        out = HOME / f"out-{form}"
        run("export", recipe, "--folder", folder, "--form", form, "--out", out)
        assert "otherthought" not in (out / "train.jsonl").read_text()
    for line in (HOME / "out-experience/train.jsonl").read_text().splitlines():
        one = json.loads(line)
        assert one["output"].endswith("<|eot|>") and "Orlando Marlo" in one["prompt"]
        assert not re.search(r"(Orlando \(thinking\): .*?<\|eot\|>\n){3}", one["output"])


def exports(recipe, folder):
    for form, key in (("messages", "messages"), ("sharegpt", "conversations"), ("alpaca", "instruction")):
        for sheet in ("on", "off"):
            out = HOME / f"{form}-{sheet}"
            told = json.loads(run("export", recipe, "--folder", folder, "--form", form, "--with-sheet", sheet,
                                  "--out", out, "--json").stdout)
            train = [json.loads(line) for line in (out / "train.jsonl").read_text().splitlines()]
            held = [json.loads(line) for line in (out / "held-out.jsonl").read_text().splitlines()]
            assert (len(train), len(held)) == (told["train"], told["held_out"]) and held
            assert all(key in one for one in train + held)
            system = any("Luminaria" in json.dumps(one) and "You are" in json.dumps(one) for one in train)
            assert system == (sheet == "on"), (form, sheet)
            assert (out / "axolotl.yaml").exists() and (out / "trl.yaml").exists() == (form != "alpaca")
    again = HOME / "again"
    run("export", recipe, "--folder", folder, "--out", again)
    assert (again / "train.jsonl").read_bytes() == (HOME / "messages-on/train.jsonl").read_bytes()
    assert "There is no form" in run("export", recipe, "--form", "csv", "--out", again, code=2).stderr
    # Questions that are held out were learnt in no other words.
    words = lambda line: frozenset(re.findall(r"\w+", json.loads(line)["messages"][-2]["content"].lower()))
    train = [words(line) for line in (again / "train.jsonl").read_text().splitlines()]
    for line in (again / "held-out.jsonl").read_text().splitlines():
        assert words(line) not in train


def imports(recipe, folder):
    talks = HOME / "talks.jsonl"
    talks.write_text(json.dumps({"character": "Orlando Marlo", "messages": [
        {"role": "user", "content": "Do you ride at dawn?"},
        {"role": "assistant", "content": "I ride when the bell of the chapel has rung twice, and never before."},
        {"role": "user", "content": "Why?"},
        {"role": "assistant", "content": "As an AI language model, I cannot say."}]}) + "\n")
    assert "agreed" in run("import", recipe, talks, "--folder", folder, code=2).stderr
    ask = ["import", recipe, talks, "--folder", folder, "--agreed", "--character", "orlando", "--json"]
    assert json.loads(run(*ask).stdout) == {"talks": 1, "added": 1}
    assert json.loads(run(*ask).stdout) == {"talks": 1, "added": 0}
    told = json.loads(run("report", recipe, "--folder", folder, "--json").stdout)["characters"][0]
    assert told["figures"]["talk"] == {"pieces": 1, "turns": 2, "thoughts": 0, "words": told["figures"]["talk"]["words"],
                                       "turns_each": 2.0, "words_each": told["figures"]["talk"]["words_each"]}
    assert told["refused"]["assistant"]["count"] == 1
    talks.write_text("{")
    run(*ask, code=4)


def curates(recipe, folder):
    dialogues = HOME / "cast/luminaria/orlando-marlo.dialogues.jsonl"
    before = dialogues.read_bytes()
    told = run("curate", recipe, "--folder", folder, "--seed", "3",
               said="My word is my fence, and the hives are behind it.\n\n/keep\n/what\n/quit\n").stdout
    assert "before:" in told and "now:" in told and "2 examples more" in told, told
    after = dialogues.read_bytes()
    assert after.startswith(before) and after.count(b"\n") == before.count(b"\n") + 2
    added = json.loads(after[len(before):].splitlines()[0])
    assert added["exchanges"][0]["npc"] == "My word is my fence, and the hives are behind it."
    pairs = [json.loads(line) for line in (folder / "preferences.jsonl").read_text().splitlines()]
    assert len(pairs) == 1 and pairs[0]["chosen"][0]["content"].startswith("My word")
    assert [message["role"] for message in pairs[0]["chosen"] + pairs[0]["rejected"]] == ["assistant"] * 2
    assert pairs[0]["rejected"][0]["content"] and pairs[0]["prompt"][0]["role"] == "system"
    assert pairs[0]["prompt"][-1]["content"] in told
    lint = subprocess.run([PROGRAM, "lint", str(HOME / "cast")], capture_output=True, text=True, timeout=PATIENCE)
    assert lint.returncode == 0, lint.stdout
    # The cast is another one now: the old run is not gone on with unless it is put aside.
    assert "--anew" in run("make", recipe, "--folder", folder, code=5).stderr


def ends():
    recipe = HOME / "few.yaml"
    recipe.write_text(EXCHANGES % 500 + "budget: {requests: 30}\n")
    told = run("make", recipe, "--json", code=1)
    assert "budget is spent" in told.stderr
    made = json.loads(told.stdout)
    assert 0 < made["steps"][0]["made"] < 30 and made["cost"]["requests"] <= 34, made
    # Ctrl-C: what is made stays, and the rest is told.
    recipe.write_text(EXCHANGES % 5000)
    child = subprocess.Popen(command("make", recipe, "--folder", HOME / "int"), stdout=subprocess.PIPE,
                             stderr=subprocess.PIPE, text=True, env=environment(), cwd=HOME)
    path = HOME / "int/orlando-marlo.exchanges.jsonl"
    while child.poll() is None and len(records(path)) < 5:
        select.select([], [], [], 0.01)
    child.send_signal(signal.SIGINT)
    _, errors = child.communicate(timeout=PATIENCE)
    assert child.returncode == 1 and "Stopped" in errors, errors
    recipe.write_text("kind: exchanges\ncuont: 3\n")
    assert "line 2: A recipe has no 'cuont'" in run("make", recipe, code=2).stderr


with tempfile.TemporaryDirectory() as folder:
    HOME = pathlib.Path(folder)
    shutil.copytree(SOURCE / "cast", HOME / "cast")
    service = Writer(HOME)
    try:
        made_of, made_in = exchanges()
        experiences()
        exports(made_of, made_in)
        imports(made_of, made_in)
        curates(made_of, made_in)
        ends()
    finally:
        service.close()
