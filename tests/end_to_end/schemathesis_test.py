"""schemathesis reads /openapi.json and calls all that it lists, rightly and wrongly: every status, type and shape
that comes back is one that the file tells of.

    schemathesis_test.py PROGRAM SOURCE_FOLDER BUILD_FOLDER
"""
import json
import os
import pathlib
import shutil
import subprocess
import sys
import tempfile
import urllib.request

import service

PROGRAM, SOURCE = sys.argv[1], pathlib.Path(sys.argv[2])
# The same requests every time; so many for each operation that all take less than a minute.
SEED, EXAMPLES = "20261121", "8"
# No 5xx, nothing undocumented, nothing wrong that is taken, no key that is ignored. Methods that are not listed have
# a test of their own: a GET with a body is 400 here before anybody looks whether there is a GET.
CHECKS = ["not_a_server_error", "status_code_conformance", "content_type_conformance",
          "response_headers_conformance", "response_schema_conformance", "negative_data_rejection",
          "ignored_auth"]
# What is too long is 413 here, and an address 414.
REJECTED = "[checks.negative_data_rejection]\nexpected-statuses = [400, 401, 403, 404, 405, 409, 413, 414, 415, 422]\n"


def prepare(running):
    """A player, NPCs, a turn and a talk, a report, a run and a data set, so that there is something to ask for."""
    def post(path, body):
        request = urllib.request.Request(running.address + path, json.dumps(body).encode(), {
            "Content-Type": "application/json", "Authorization": "Bearer " + running.key})
        with urllib.request.urlopen(request, timeout=service.PATIENCE) as answer:
            return json.load(answer)
    user = post("/v1/users", {"username": "Alice"})["user_id"]
    npc = post("/v1/npcs", {"character": "ida-fenn"})["npc_id"]
    post("/v1/npcs/%s/chat" % npc, {"user_id": user, "message": "Hello"})
    other = post("/v1/npcs", {"character": "tom-reed"})["npc_id"]
    talk = post("/v1/arenas", {"npcs": [{"npc_id": npc}, {"npc_id": other}]})["id"]
    post("/v1/arenas/%s/turns" % talk, {})
    data = running.home / ".local/share/dramatis"
    score = {"mean": 6.5, "low": 6, "high": 7, "of": 1}
    write(data / "reports/one.json", {
        "id": "one", "title": "First", "made_ms": 5, "answered_by": "hearth", "asked_by": "lists", "scored_by": "rules",
        "all": {"values": score}, "characters": [{"character": "ida-fenn", "scores": {"values": score}}], "rows": []})
    write(running.home / "build/runs/first/log.jsonl", {"kind": "begin", "update": 0, "updates": 9})
    write(data / "datasets/tarn/ida-fenn.exchanges.jsonl", {"recipe": "00"}, {
        "item": 7, "who": "Bo", "role": "a tinker", "manner": [], "place": "The quay", "emotion": "bored", "reason": "waits",
        "acquaintance": "They have never met.", "question": "Is the ferry late?", "answer": "It is never late.",
        "drops": [], "refusals": []})


def write(path, *lines):
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text("".join(json.dumps(line) + "\n" for line in lines))


def run(running, packages, folder, config, *words):
    """schemathesis over the service; its exit code."""
    (folder / "schemathesis.toml").write_text(config)
    command = [sys.executable, "-m", "schemathesis.cli", "run", running.address + "/openapi.json",
               "--header", "Authorization: Bearer " + running.key, "--checks", ",".join(CHECKS), "--seed", SEED,
               "--max-examples", EXAMPLES, "--workers", "1", "--request-timeout", "30", "--suppress-health-check", "all",
               "--continue-on-failure", "--warnings", "off", "--exclude-path", "/v1/ws", *words]
    done = subprocess.run(command, cwd=folder, text=True, stdout=subprocess.PIPE, stderr=subprocess.STDOUT,
                          env={**os.environ, "PYTHONPATH": str(packages), "HOME": str(folder), "NO_COLOR": "1"})
    print("\n".join(line[:600] for line in done.stdout.splitlines()))
    if "No module named schemathesis" in done.stdout or "No module named 'schemathesis" in done.stdout:
        service.skip("schemathesis does not run on this Python")
    return done.returncode


def main():
    packages = service.install_python(sys.argv[3], "schemathesis")
    with tempfile.TemporaryDirectory() as scratch:
        folder = pathlib.Path(scratch)
        # Sheets are saved into the cast: here, into a copy.
        shutil.copytree(SOURCE / "tests/cast-small", folder / "cast")
        with service.Service(PROGRAM, SOURCE, keys="on", cast=str(folder / "cast")) as running:
            prepare(running)
            failed = run(running, packages, folder, REJECTED, "--phases", "coverage,fuzzing")
    sys.exit(failed)


if __name__ == "__main__":
    main()
