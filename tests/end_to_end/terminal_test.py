"""The program through pipes and a pseudo-terminal, with a scripted service behind it.

    terminal_test.py PROGRAM SOURCE_FOLDER
"""
import json
import os
import pathlib
import pty
import re
import select
import shutil
import subprocess
import sys
import tempfile
import time
import unittest
import urllib.error
import urllib.request

PROGRAM, SOURCE = sys.argv[1], pathlib.Path(sys.argv[2])
# How long anything may take on a busy machine under a sanitizer; nothing waits for it to pass.
PATIENCE = 20


class Terminal:
    """The program with a person before it."""

    def __init__(self, args, environment):
        self.process, self.screen = pty.fork()
        if self.process == 0:
            os.execve(PROGRAM, [PROGRAM] + args, environment)
        self.seen = ""

    def type(self, keys):
        os.write(self.screen, keys.encode())

    def wait_for(self, words):
        """Reads until `words` come, takes all up to their end, and returns it."""
        until = time.monotonic() + PATIENCE
        while words not in self.seen:
            ready, _, _ = select.select([self.screen], [], [], max(0, until - time.monotonic()))
            try:
                piece = os.read(self.screen, 65536) if ready else b""
            except OSError:
                piece = b""
            if not piece:
                raise AssertionError("%r did not come; the screen shows %r" % (words, self.seen))
            self.seen += piece.decode("utf-8", "replace")
        end = self.seen.index(words) + len(words)
        taken, self.seen = self.seen[:end], self.seen[end:]
        return taken

    def exit_code(self):
        until = time.monotonic() + PATIENCE
        try:
            while select.select([self.screen], [], [], max(0, until - time.monotonic()))[0]:
                self.seen += os.read(self.screen, 65536).decode("utf-8", "replace")
            os.kill(self.process, 9)
        except OSError:
            pass  # the other end is closed: the program has ended
        return os.waitstatus_to_exitcode(os.waitpid(self.process, 0)[1])


class EndToEnd(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.home = pathlib.Path(tempfile.mkdtemp())
        port = cls.home / "port"
        cls.server = subprocess.Popen(
            [sys.executable, str(SOURCE / "tests/end_to_end/scripted_server.py"), str(port)])
        while not port.exists():
            if cls.server.poll() is not None:
                raise AssertionError("the scripted server died")
            select.select([], [], [], 0.01)
        cls.address = "http://127.0.0.1:%s/v1" % port.read_text()

    @classmethod
    def tearDownClass(cls):
        cls.server.kill()
        cls.server.wait()
        shutil.rmtree(cls.home)

    def setUp(self):
        self.folder = pathlib.Path(tempfile.mkdtemp(dir=self.home))
        (self.folder / "cast").mkdir()
        shutil.copytree(SOURCE / "cast/luminaria", self.folder / "cast/luminaria")
        self.environment = {
            "PATH": os.environ["PATH"], "HOME": str(self.folder), "TERM": "xterm", "NO_COLOR": "1",
            "DRAMATIS_MODEL": self.address, "DRAMATIS_MODEL_NAME": "scripted",
            "DRAMATIS_CAST": str(self.folder / "cast"), "DRAMATIS_THOUGHTS": "off",
            "DRAMATIS_PLAYER": "ada", "TMPDIR": str(self.folder)}
        self.environment.update({name: value for name, value in os.environ.items()
                                 if name.endswith("SAN_OPTIONS")})

    def run_with(self, args, said=""):
        return subprocess.run([PROGRAM] + args, input=said, capture_output=True, text=True,
                              env=self.environment, cwd=self.folder, timeout=PATIENCE)

    # Pipes.

    def test_a_pipe_gets_one_line_for_each_line_and_nothing_else(self):
        done = self.run_with(["chat", "--seed", "7"], "Good day\n\nmany lines\nAnd?\n")
        self.assertEqual(done.stdout, "You said: Good day. (2 messages, seed 7)\n"
                                      "one two three\n"
                                      "You said: And?. (6 messages, seed 9)\n")
        self.assertEqual((done.stderr, done.returncode), ("", 0))

    def test_a_failed_line_is_empty_and_tells_the_exit_code(self):
        done = self.run_with(["chat"], "broken\nGood day\n")
        self.assertRegex(done.stdout, "^\nYou said: Good day")
        self.assertIn("the script says so", done.stderr)
        self.assertNotEqual(done.returncode, 0)

    def test_a_pipe_is_a_new_conversation_each_time(self):
        for _ in range(2):
            self.assertIn("(2 messages", self.run_with(["chat", "--database", "d.sqlite"], "Hi\n").stdout)

    def test_a_pipe_leaves_nothing_behind(self):
        self.run_with(["chat"], "Hi\n")
        self.assertEqual([left.name for left in self.folder.iterdir()], ["cast"])

    def test_a_long_line_is_refused_and_the_next_is_heard(self):
        done = self.run_with(["chat"], "a" * 100_000 + "\nGood day\n")
        self.assertRegex(done.stdout, "^\nYou said: Good day")
        self.assertIn("at most 8192", done.stderr)

    def test_no_reply_reaches_the_terminal_with_control_characters(self):
        self.assertEqual(self.run_with(["chat"], "escape\n").stdout, "red [31malert]0;title done\n")

    # Names and settings.

    def test_a_name_may_be_a_part_and_a_wrong_one_gets_a_suggestion(self):
        self.assertEqual(self.run_with(["chat", "MARLO"], "Hi\n").returncode, 0)
        done = self.run_with(["chat", "orlnado"], "Hi\n")
        self.assertEqual(done.returncode, 3)
        self.assertIn("did you mean orlando?", done.stderr)

    def test_the_settings_file_counts_and_doctor_says_so(self):
        (self.folder / "dramatis.yaml").write_text("port: 4000\n")
        report = json.loads(self.run_with(["doctor", "--json"]).stdout)
        settings = {row["key"]: row for row in report["settings"]}
        self.assertEqual(settings["port"], {"key": "port", "value": "4000", "from": "dramatis.yaml:1"})
        self.assertEqual(settings["model"]["from"], "DRAMATIS_MODEL")

    def test_doctor_is_well_with_a_service_and_ill_without_a_model(self):
        self.assertEqual(self.run_with(["doctor"]).returncode, 0)
        self.environment["DRAMATIS_MODEL"] = "none.gguf"
        done = self.run_with(["doctor"])
        self.assertEqual(done.returncode, 1)
        self.assertIn("There is no model file none.gguf", done.stdout)

    def test_embeddings_are_off_until_something_is_named(self):
        done = self.run_with(["model", "embed"], "hello\n")
        self.assertEqual((done.stdout, done.returncode), ("", 2))
        self.assertIn("Name a Hugging Face folder or the address of a service", done.stderr)
        self.assertIn("embeddings off", " ".join(self.run_with(["doctor"]).stdout.split()))

    def test_a_service_or_a_folder_embeds_each_line(self):
        named = ["--embeddings-name", "scripted", "--json"]
        done = self.run_with(["model", "embed", self.address] + named, "hello\n\nthe end")
        self.assertEqual((done.stdout, done.returncode), ("[1,0]\n" * 3, 0))
        self.environment.update({"DRAMATIS_EMBEDDINGS": self.address,
                                 "DRAMATIS_EMBEDDINGS_NAME": "scripted"})
        self.assertEqual(self.run_with(["model", "embed"], "hello\n").stdout, "1.00000 0.00000\n")
        self.assertIn("vectors of 2 numbers", self.run_with(["doctor"]).stdout)
        done = self.run_with(["model", "embed", "nowhere"], "hello\n")
        self.assertEqual(done.returncode, 3)
        self.assertIn("nowhere", done.stderr)

    def test_a_wrong_command_line_is_a_usage_error(self):
        for args in ([], ["dance"], ["chat", "--dance"], ["model"], ["model", "info"]):
            self.assertEqual(self.run_with(args).returncode, 2, args)
        self.assertEqual(self.run_with(["--help"]).returncode, 0)

    def test_lint_names_file_line_and_field(self):
        self.assertEqual(self.run_with(["lint"]).returncode, 0)
        sheet = self.folder / "cast/luminaria/orlando-marlo.yaml"
        sheet.write_text(sheet.read_text().replace("alignment: lawful good", "alignment: lawful nice"))
        done = self.run_with(["lint", "cast"])
        self.assertEqual(done.returncode, 1)
        self.assertRegex(done.stdout, r"^cast/luminaria/orlando-marlo\.yaml:\d+: alignment: ")
        self.assertEqual(json.loads(self.run_with(["lint", "--json"]).stdout)["errors"], 1)

    # The service.

    def test_the_service_answers_until_a_signal_ends_it(self):
        service = subprocess.Popen([PROGRAM, "serve", "--port", "0"], stdout=subprocess.PIPE, text=True,
                                   env=self.environment, cwd=self.folder)
        try:
            address = re.search(r"http://[0-9.:]+", service.stdout.readline()).group()
            with urllib.request.urlopen(address + "/v1/npcs", timeout=PATIENCE) as answer:
                self.assertEqual(json.load(answer), {"npcs": []})
            service.terminate()
            self.assertEqual(service.wait(PATIENCE), 0)
        finally:
            service.kill()
            service.stdout.close()

    def test_the_service_shows_strangers_no_more_than_its_owner_a_key(self):
        done = self.run_with(["serve", "--host", "0.0.0.0", "--port", "0", "--keys", "off"])
        self.assertEqual((done.returncode, done.stdout), (2, ""))
        service = subprocess.Popen([PROGRAM, "serve", "--host", "0.0.0.0", "--port", "0"],
                                   stdout=subprocess.PIPE, text=True, env=self.environment, cwd=self.folder)
        try:
            key = service.stdout.readline().split()[-1]
            port = re.search(r"http://0\.0\.0\.0:(\d+)", service.stdout.readline()).group(1)
            address = "http://127.0.0.1:%s/v1/npcs" % port
            with self.assertRaises(urllib.error.HTTPError) as refused:
                urllib.request.urlopen(address, timeout=PATIENCE)
            self.assertEqual(refused.exception.code, 401)
            refused.exception.close()
            request = urllib.request.Request(address, headers={"Authorization": "Bearer " + key})
            with urllib.request.urlopen(request, timeout=PATIENCE) as answer:
                self.assertEqual(json.load(answer), {"npcs": []})
        finally:
            service.kill()
            service.wait(PATIENCE)
            service.stdout.close()

    # A person.

    def talk(self, *args):
        terminal = Terminal(["chat", *args], self.environment)
        terminal.wait_for("/help lists commands.")
        return terminal

    def test_a_person_is_greeted_and_the_conversation_outlives_the_program(self):
        first = self.talk()
        first.wait_for("Orlando: ")
        first.wait_for("> ")
        first.type("My name is Ada\n")
        first.wait_for("You said: My name is Ada. (3 messages")
        first.type("/bye\n")
        self.assertEqual(first.exit_code(), 0)
        second = self.talk()
        second.wait_for("You have spoken before")
        second.wait_for("ada: My name is Ada")
        second.type("Again\n")
        second.wait_for("You said: Again. (5 messages")
        second.type("\x04")
        self.assertEqual(second.exit_code(), 0)

    def test_control_c_stops_the_reply_and_keeps_the_program(self):
        terminal = self.talk()
        terminal.wait_for("> ")
        terminal.type("slowly\n")
        terminal.wait_for("word word word")
        terminal.type("\x03")
        terminal.wait_for("nothing of this reply is kept")
        terminal.wait_for("> ")
        terminal.type("Still there?\n")
        terminal.wait_for("You said: Still there?. (3 messages")
        terminal.wait_for("> ")
        terminal.type("\x03")
        terminal.wait_for("Ctrl-C again")
        terminal.wait_for("> ")
        terminal.type("\x03")
        self.assertEqual(terminal.exit_code(), 0)

    def test_turns_can_be_taken_back_made_anew_and_forgotten(self):
        terminal = self.talk()
        for typed, answer in (("One\n", "You said: One. (3 messages"), ("Two\n", "You said: Two. (5 messages"),
                              ("/undo\n", "Taken back: Two"), ("/regen\n", "You said: One. (3 messages"),
                              ("/history\n", "ada: One"), ("/explain\n", "Said: the model's own words."),
                              ("/system\n", "Luminaria"),
                              ("/reset\n", "2 turns are forgotten."), ("/help\n", "/regen"),
                              ("/dance\n", "There is no command /dance")):
            terminal.wait_for("> ")
            terminal.type(typed)
            terminal.wait_for(answer)
        terminal.type("/bye\n")
        self.assertEqual(terminal.exit_code(), 0)

    def test_colours_obey_no_color(self):
        self.assertNotIn("\x1b[1;36m", self.talk().wait_for("> "))
        del self.environment["NO_COLOR"]
        self.assertIn("\x1b[1;36m", self.talk("--player", "bob").wait_for("> "))

    def test_a_terminal_that_goes_away_ends_the_program(self):
        terminal = self.talk()
        terminal.wait_for("> ")
        os.kill(terminal.process, 15)
        self.assertEqual(terminal.exit_code(), 0)


unittest.main(argv=[sys.argv[0], "-v"])
