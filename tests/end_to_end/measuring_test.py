#!/usr/bin/env python3
"""dramatis arena, interview and evaluate with hearth: begun, killed, resumed, measured.

    measuring_test.py PROGRAM SOURCE
"""
import json
import os
import pathlib
import signal
import subprocess
import sys
import tempfile

PROGRAM, SOURCE = sys.argv[1], pathlib.Path(sys.argv[2])
# How long anything may take on a busy machine; nothing waits for it to pass.
PATIENCE = 280

if not (SOURCE / "models/hearth.gguf").exists():
    print("skipped: there is no models/hearth.gguf")
    sys.exit(77)


def environment():
    return {**os.environ, "XDG_DATA_HOME": HOME, "XDG_CONFIG_HOME": HOME, "XDG_CACHE_HOME": HOME}


def run(*args, code=0):
    told = subprocess.run([PROGRAM, *map(str, args)], capture_output=True, text=True, timeout=PATIENCE,
                          env=environment(), cwd=SOURCE)
    assert told.returncode == code, f"{args}: {told.returncode}\n{told.stdout}\n{told.stderr}"
    return told


def kill_when(args, is_time, with_signal=signal.SIGKILL):
    """Starts the program and kills it as soon as `is_time`(its line) of standard output or the journal says."""
    child = subprocess.Popen([PROGRAM, *map(str, args)], stdout=subprocess.PIPE, stderr=subprocess.PIPE,
                             text=True, env=environment(), cwd=SOURCE)
    killed = False
    while child.poll() is None:
        if is_time(child):
            child.send_signal(with_signal)
            killed = True
            break
    child.communicate(timeout=PATIENCE)
    return killed, child.returncode


def lines_in(path):
    return path.read_text().count("\n") if path.exists() else 0


def arenas():
    scene = ["arena", "orlando", "gottfried", "--thoughts", "on", "--seed", "7"]
    # The notebook's scene: two with scratchpads, six turns.
    whole = json.loads(run(*scene, "--turns", 6, "--json").stdout)
    assert [line["speaker"] for line in whole["lines"]] == [0, 1, 0, 1, 0, 1], whole
    figures = json.loads(run("arena", "evaluate", "last", "--json").stdout)
    assert figures["figures"]["turns"] == 6
    mean = sum(len(line["text"]) for line in whole["lines"]) / 6
    assert abs(figures["figures"]["mean_characters"] - mean) < 0.01
    waits = [b["at_ms"] - a["at_ms"] for a, b in zip(whole["lines"], whole["lines"][1:])]
    assert abs(figures["figures"]["mean_reply_seconds"] - sum(waits) / 5000) < 0.001
    assert "scratchpad" not in json.dumps(whole)
    # The same, killed after some line: nothing that was said is lost, and the rest is the same.
    def two_said(child):
        return child.stdout.readline().startswith("Gottfried")
    killed, _ = kill_when([*scene, "--turns", 6], two_said)
    assert killed
    said = len(json.loads(run("arena", "show", "last", "--json").stdout)["lines"])
    assert 1 <= said < 6, said
    resumed = json.loads(run("arena", "resume", "last", "--turns", 6 - said, "--json", "--thoughts", "on").stdout)
    assert [line["text"] for line in resumed["lines"]] == [line["text"] for line in whole["lines"]]
    # Ctrl-C gives up a line and is no fault.
    killed, code = kill_when([*scene, "--turns", 500], two_said, signal.SIGINT)
    assert killed and code == 0, code
    assert json.loads(run("arena", "turn", "last", "--json").stdout)["lines"]
    listed = json.loads(run("arena", "list", "--json").stdout)["talks"]
    assert len(listed) == 3 and listed[0]["line_count"] > 0
    run("arena", "remove", listed[0]["id"])
    assert "no talk" in run("arena", "show", "f" * 40, code=3).stderr
    assert "two characters" in run("arena", "orlando", code=2).stderr
    assert "--named names" in run("arena", "orlando", "sarah", "--named", "jeremy", code=2).stderr


def interviews():
    journal = pathlib.Path(HOME) / "journal"
    ask = ["interview", "orlando", "sarah", "--single", 30, "--multi", "4x3", "--journal", journal]
    def some_kept(child):
        return lines_in(pathlib.Path(f"{journal}.single.jsonl")) > 10
    killed, _ = kill_when(ask, some_kept)
    assert killed
    before = lines_in(pathlib.Path(f"{journal}.single.jsonl"))
    out = pathlib.Path(HOME) / "a.json"
    told = run(*ask, "--resume", "--out", out, "--json")
    resumed = json.loads(told.stdout)
    assert lines_in(pathlib.Path(f"{journal}.single.jsonl")) == 61, "a head, and a row for each question"
    assert len(resumed["rows"]) == 2 * 34
    kept = [json.loads(line) for line in pathlib.Path(f"{journal}.single.jsonl").read_text().splitlines()[1:]]
    assert len({(row["character"], row["question"]) for row in kept}) == 60, "nothing was asked twice"
    assert before < 61
    again = json.loads(run(*ask, "--json").stdout)
    points = lambda report: {(row["character"], row["question"]): row["points"] for row in report["rows"]}
    assert points(again) == points(resumed), "resumed or not, the answers are the same"
    assert "since" in again and again["since"]["pairs"][0]["all"]["mean"] == 0
    assert again["answered_by"] == "hearth" and again["asked_by"] == "script"
    written = run("interview", "orlando", "--single", 5, "--write-questions").stdout
    questions = pathlib.Path(HOME) / "q.yaml"
    questions.write_text(written)
    few = json.loads(run("interview", "orlando", "--questions", questions, "--multi", 0, "--json").stdout)
    assert len(few["rows"]) == 5
    assert "is no threshold" in run("interview", "orlando", "--fail-under", "wit=3", code=2).stderr
    assert "neither a file nor a model" in run("interview", "orlando", "--judge", "nobody", code=3).stderr
    return out


def guarded():
    """hearth is surely better than an assistant, and not surely worse than the nearest line."""
    suite = pathlib.Path(HOME) / "suite.yaml"
    suite.write_text("""
name: guard
characters: [sarah, jeremy, orlando, gottfried, reginald, lorenz]
single: 10
candidates:
  - name: hearth
  - name: nearest
    baseline: nearest
  - name: assistant
    baseline: assistant
""")
    junit, page = pathlib.Path(HOME) / "j.xml", pathlib.Path(HOME) / "r.html"
    told = run("evaluate", "suite", suite, "--fail-under", "memory=1", "--junit", junit, "--html", page, "--json")
    compared = json.loads(told.stdout)["compared"]
    pairs = {(pair["a"], pair["b"]): pair for pair in compared["pairs"]}
    assert pairs["hearth", "assistant"]["all"]["high"] < 0, pairs["hearth", "assistant"]
    for dimension in ("memory", "values", "personality"):
        assert pairs["hearth", "assistant"]["difference"][dimension]["high"] < 0, dimension
    assert pairs["hearth", "nearest"]["all"]["low"] <= 0.0, pairs["hearth", "nearest"]
    strengths = {row["name"]: row["strength"] for row in compared["candidates"]}
    assert strengths["assistant"]["high"] < strengths["hearth"]["low"], strengths
    assert 'failures="0"' in junit.read_text()
    assert "<script" not in page.read_text() and "http" not in page.read_text()
    suite.write_text("name: low\nsingle: 3\ncandidates: [{name: low, baseline: assistant}]\nfail_under: [memory=7]\n")
    assert "at least 7 is wanted" in run("evaluate", "suite", suite, code=1).stderr
    suite.write_text("single: 3\ncandidates: [{name: a, wit: 3}]\n")
    assert "'wit', which is no setting" in run("evaluate", "suite", suite, code=2).stderr


def others(report):
    assert "either" in run("evaluate", "benign", "orlando").stdout
    preached = run("evaluate", "benign", "orlando", "--baseline", "assistant", code=1).stderr
    assert "refuse or preach" in preached
    transcript = pathlib.Path(HOME) / "t.jsonl"
    transcript.write_text(json.dumps({"character": "Orlando Marlo", "messages": [
        {"role": "user", "content": "Who are you?"},
        {"role": "assistant", "content": "As an AI language model I have no name."}]}) + "\n")
    scored = json.loads(run("evaluate", "--transcripts", transcript, "--json").stdout)["transcripts"][0]
    assert scored["character"] == "orlando-marlo" and scored["signs"]["assistant"] == 1, scored
    transcript.write_text("{")
    assert "t.jsonl" in run("evaluate", "--transcripts", transcript, code=4).stderr
    assert json.loads(run("evaluate", "collapse", "--json").stdout)["plots"] == []
    assert "Same openings" in run("evaluate", "collapse", "--strict", "--report", report, code=1).stdout
    assert "not surely" in run("evaluate", "compare", report, report, "--name", "a", "--name", "b").stdout
    assert "common question" not in run("evaluate", "compare", report, report, "--name", "a", "--name", "b").stderr
    assert "What is to be measured" in run("evaluate", code=2).stderr


with tempfile.TemporaryDirectory() as HOME:
    arenas()
    kept_report = interviews()
    guarded()
    others(kept_report)
