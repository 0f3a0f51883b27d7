"""`dramatis serve` explains its settings, and names a wrong one with its place and the nearest right one.

    settings_test.py PROGRAM SOURCE_FOLDER
"""
import os
import pathlib
import re
import subprocess
import sys
import tempfile
import unittest

PROGRAM, SOURCE = sys.argv[1], pathlib.Path(sys.argv[2])
# What concerns talking in the terminal alone; NPCs have settings of their own.
OF_THE_TERMINAL = {"player", "temperature", "max_tokens", "history", "thoughts", "seed"}


def run(*words, config=None):
    """Exit code, and what was said, in one line."""
    with tempfile.TemporaryDirectory() as home:
        environment = {"PATH": os.environ["PATH"], "HOME": home}
        if config is not None:
            (pathlib.Path(home) / "dramatis.yaml").write_text(config)
        done = subprocess.run([PROGRAM, "serve", *words], capture_output=True, text=True, timeout=60,
                              cwd=home, env=environment)
        return done.returncode, " ".join((done.stdout + done.stderr).split())


class Settings(unittest.TestCase):
    def test_help_explains_every_setting(self):
        code, told = run("--help")
        self.assertEqual(code, 0)
        rows = re.findall(r"^\| `(\w+)` \| `(--[\w-]+)` \| `\w+` \| [^|]*\| (.*) \|$",
                          (SOURCE / "docs/settings.md").read_text(), re.M)
        self.assertGreater(len(rows), 30)
        for key, flag, meaning in rows:
            if key in OF_THE_TERMINAL:
                continue
            self.assertIn(" " + flag + " ", told)
            self.assertIn(" ".join(meaning.split()), told, key)
        self.assertIn("models:", told)

    def test_a_key_that_nobody_knows_is_named_with_its_line(self):
        code, told = run(config="host: 127.0.0.1\n\nprot: 8077\n")
        self.assertNotEqual(code, 0)
        self.assertIn("dramatis.yaml:3: there is no setting 'prot'; did you mean 'port'?", told)
        code, told = run(config="models:\n  - name: big\n    servces: []\n")
        self.assertNotEqual(code, 0)
        self.assertIn("dramatis.yaml:3: A model has no field 'servces'; did you mean 'services'?", told)

    def test_a_value_out_of_its_range_is_named_with_its_line(self):
        for line, right in (("port: 70000", "from 0 to 65535"), ("port: many", "from 0 to 65535"),
                            ("turn_seconds: 0", "from 1 to 3600"), ("metrics: all", "owner or anybody"),
                            ("log: loud", "debug, info, warn or error"), ("keys: maybe", "on or off"),
                            ("listen_compat: olama", "ollama, kobold and webui")):
            code, told = run(config="# a comment\n" + line + "\n")
            self.assertNotEqual(code, 0, line)
            self.assertIn("dramatis.yaml:2: ", told, line)
            self.assertIn(right, told, line)

    def test_a_flag_that_nobody_knows_has_a_neighbour(self):
        code, told = run("--prot", "1")
        self.assertEqual(code, 2)
        self.assertIn("--prot", told)
        self.assertIn("Did you mean --port?", told)

    def test_strangers_need_a_key(self):
        code, told = run("--host", "0.0.0.0", "--keys", "off", "--port", "0", "--model", "http://127.0.0.1:9/v1#any",
                         "--cast", str(SOURCE / "tests/cast-small"))
        self.assertNotEqual(code, 0)
        self.assertIn("strangers could call the service", told)


if __name__ == "__main__":
    unittest.main(argv=sys.argv[:1], verbosity=2)
