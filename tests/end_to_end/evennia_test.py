"""A game of Evennia from PyPI, whose LLM contrib talks to the service with its own defaults.

    evennia_test.py PROGRAM SOURCE_FOLDER BUILD_FOLDER
"""
import json
import os
import pathlib
import shutil
import subprocess
import sys
import unittest

import service

PROGRAM, SOURCE = sys.argv[1], pathlib.Path(sys.argv[2])
HOME = pathlib.Path(sys.argv[3]).resolve() / "clients" / "evennia"
PYTHON = HOME / "venv/bin/python"


def set_up():
    """Evennia in an environment of its own, and an empty game; once."""
    HOME.mkdir(parents=True, exist_ok=True)
    service.install([sys.executable, "-m", "venv", str(HOME / "venv")], PYTHON, "a Python environment")
    evennia = HOME / "venv/bin/evennia"
    service.install([str(PYTHON), "-m", "pip", "install", "--quiet", "--disable-pip-version-check",
                     "--timeout", "10", "--retries", "1", "evennia"], evennia, "evennia of PyPI")
    game = HOME / "game"
    if not (game / "ready").exists():
        shutil.rmtree(game, ignore_errors=True)
        for command in ([str(evennia), "--init", "game"], [str(evennia), "migrate"]):
            done = subprocess.run(command, cwd=game if game.exists() else HOME, text=True,
                                  stdin=subprocess.DEVNULL, capture_output=True, timeout=400)
            if done.returncode != 0:
                service.skip("evennia does not run here: " + (done.stderr or done.stdout)[-300:])
        shutil.copy(game / "server/evennia.db3", game / "ready")
    # Every run plays in an empty game.
    shutil.copy(game / "ready", game / "server/evennia.db3")
    return game


class Evennia(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        game = set_up()
        with service.Service(PROGRAM, SOURCE) as running:
            done = subprocess.run(
                [str(PYTHON), str(SOURCE / "tests/end_to_end/evennia_talks.py"), str(game),
                 running.address],
                env={**os.environ, "PYTHONDONTWRITEBYTECODE": "1"}, stdin=subprocess.DEVNULL,
                capture_output=True, text=True, timeout=120)
        lines = [line for line in done.stdout.splitlines() if line.startswith("HEARD ")]
        if not lines:
            raise AssertionError(done.stdout[-2000:] + done.stderr[-2000:])
        cls.heard = json.loads(lines[0][6:])
        print(json.dumps(cls.heard, indent=1))

    def test_the_game_had_no_fault(self):
        self.assertNotIn("error", self.heard)

    def test_an_answer_is_heard_by_all_in_the_room(self):
        self.assertRegex(self.heard["Anna"][1],
                         r"^[Vv]illager says \(to You\): You said: Hello there friend, what's up\?\. ")
        self.assertRegex(self.heard["Bob"][1], r"^[Vv]illager says \(to Anna\): You said: Hello there")

    def test_the_memory_of_the_game_is_the_history(self):
        self.assertIn("You said: And now?. (4 messages", self.heard["Anna"][3])

    def test_nothing_in_an_answer_does_anything_in_the_game(self):
        self.assertIn("You said: (curly) You() / and red.", self.heard["Anna"][4])

    def test_an_answer_is_one_line(self):
        self.assertTrue(self.heard["Anna"][6].endswith(": one two three"), self.heard["Anna"][6])

    def test_a_model_that_fails_is_an_npc_that_was_distracted(self):
        self.assertIn("I'm sorry, I was distracted", self.heard["Anna"][8])

    def test_a_character_of_the_cast_answers_to_its_name(self):
        self.assertRegex(self.heard["Bob"][9], r"Ida Fenn says \(to You\): You said: Bread\?")

    def test_the_address_that_its_readme_names_for_openai_works_too(self):
        self.assertRegex(self.heard["Anna"][11], r"[Ss]mith says \(to You\): You said: Hello")


if __name__ == "__main__":
    unittest.main(argv=sys.argv[:1], verbosity=2)
