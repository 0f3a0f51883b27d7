"""What tests of data sets share: a service that writes as a real, imperfect model does, and the recipes that ask it."""
import json
import pathlib
import select
import subprocess
import sys

# How long anything may take on a busy machine; nothing waits for it to pass.
PATIENCE = 280
EXCHANGES = """kind: exchanges
characters: [orlando]
model: writer
seed: 5
count: %d
at_once: 4
authored: off
answers: {price_prompt: 1, price_reply: 10}
"""
EXPERIENCES = """kind: experiences
characters: [orlando]
model: writer
seed: 5
at_once: 4
authored: off
experiences: {scene_prompts: %d, scenes_each: 6, scenes: %d, protective: 1}
profile: orlando.txt
"""
PROFILE = "# Orlando Marlo\nA knight of Luminaria.\n\n## Youth\nBorn in a mill.\n\n## Vows\nHe swore at dawn.\n"


def wait_until(happened, children=()):
    """Looks again and again, as long as nobody it waits for has died."""
    while not happened():
        assert all(child.poll() is None for child in children), "it died"
        select.select([], [], [], 0.01)


def records(path):
    """The whole records of a journal, by item; a torn last line is none."""
    lines = path.read_text().split("\n")[:-1] if path.exists() else []
    made = [one for one in map(json.loads, lines) if "item" in one]
    items = {one["item"]: one for one in made}
    assert len(items) == len(made), "an item stands twice"
    return items


class Writer:
    """The service, and a dramatis.yaml in `home` that names it `writer`."""

    def __init__(self, home):
        port, self.log = home / "port", home / "log.jsonl"
        beside = pathlib.Path(__file__).resolve().parent / "imperfect_server.py"
        self.process = subprocess.Popen([sys.executable, str(beside), str(port), str(self.log)])
        wait_until(port.exists, [self.process])
        (home / "dramatis.yaml").write_text("""models:
  - name: writer
    services:
      - address: http://127.0.0.1:%s/v1#imperfect
        idle_seconds: 0.4
        at_once: 16
""" % port.read_text())

    def told(self):
        """How many texts have gone out."""
        return self.log.read_bytes().count(b"\n") if self.log.exists() else 0

    def close(self):
        self.process.kill()
        self.process.wait()
