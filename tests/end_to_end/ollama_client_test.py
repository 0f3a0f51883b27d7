"""Ollama's own Python client against the service.

    ollama_client_test.py PROGRAM SOURCE_FOLDER BUILD_FOLDER
"""
import json
import os
import pathlib
import socket
import subprocess
import sys
import tempfile
import unittest
import urllib.request

import service

PROGRAM, SOURCE = sys.argv[1], pathlib.Path(sys.argv[2])
sys.path.insert(0, str(service.install_python(sys.argv[3], "ollama")))
try:
    import ollama
except ImportError as error:
    service.skip("the ollama package does not run on this Python: %s" % error)

HELLO = [{"role": "user", "content": "Hello"}]
OPEN = {"type": "function", "function": {"name": "open", "description": "Opens a door.",
                                         "parameters": {"type": "object", "properties": {}}}}


class Scripted(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.running = service.Service(PROGRAM, SOURCE)
        cls.client = ollama.Client(host=cls.running.address)
        cls.model = cls.client.list().models[0].model

    @classmethod
    def tearDownClass(cls):
        cls.running.close()

    def test_models_are_listed_and_shown(self):
        self.assertIn("npc/ida-fenn", [model.model for model in self.client.list().models])
        self.assertIn("completion", self.client.show("npc/ida-fenn").capabilities)
        self.assertEqual(len(self.client.ps().models), 1)

    def test_a_chat_is_answered_whole_and_in_pieces(self):
        whole = self.client.chat(self.model, HELLO, options={"seed": 7})
        self.assertEqual(whole.message.content, "You said: Hello. (1 messages, seed 7) ")
        self.assertTrue(whole.done)
        pieces = list(self.client.chat("npc/ida-fenn", HELLO, stream=True))
        self.assertIn("You said: Hello", "".join(piece.message.content for piece in pieces))
        self.assertEqual((pieces[-1].done, pieces[-1].done_reason), (True, "stop"))
        self.assertFalse(any(piece.done for piece in pieces[:-1]))

    def test_a_prompt_is_answered(self):
        told = self.client.generate("npc/ida-fenn", "Hello", system="It rains.")
        self.assertIn("You said: Hello", told.response)
        self.assertEqual(self.client.generate(self.model).done_reason, "load")

    def test_errors_are_the_clients_own(self):
        with self.assertRaises(ollama.ResponseError) as told:
            self.client.chat("llama3", HELLO)
        self.assertEqual(told.exception.status_code, 404)
        with self.assertRaises(ollama.ResponseError) as told:
            self.client.chat(self.model, [{"role": "user", "content": "x", "images": [b"\x89PNG"]}])
        self.assertIn("messages[0].images", told.exception.error)


class Local(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.running = service.Service(PROGRAM, SOURCE,
                                      model=str(SOURCE / "models/hearth.gguf"), voice="free")
        cls.client = ollama.Client(host=cls.running.address)
        cls.model = cls.client.list().models[0].model

    @classmethod
    def tearDownClass(cls):
        cls.running.close()

    def test_a_raw_text_is_gone_on_from(self):
        options = {"num_predict": 5, "seed": 3}
        told = self.client.generate(self.model, "Once", raw=True, options=options)
        self.assertEqual(told.eval_count, 5)
        self.assertEqual(told.response,
                         self.client.generate(self.model, "Once", raw=True, options=options).response)

    def test_a_form_is_kept(self):
        told = self.client.chat(self.model, HELLO, format={"enum": ["glad", "sad"]},
                                options={"num_predict": 20})
        self.assertIn(json.loads(told.message.content), ("glad", "sad"))

    def test_tools_do_no_harm(self):
        told = self.client.chat(self.model, HELLO, tools=[OPEN], options={"num_predict": 5})
        self.assertTrue(told.done)

    def test_vectors_are_of_length_one(self):
        for vector in self.client.embed(self.model, ["one", "two"]).embeddings:
            self.assertAlmostEqual(sum(x * x for x in vector), 1, places=5)


def is_free(port):
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind(("127.0.0.1", port))
        except OSError:
            return False
    return True


class Compat(unittest.TestCase):
    """The port at which its clients look without being told."""

    def test_the_client_finds_the_service_without_an_address(self):
        if not is_free(11434):
            self.skipTest("somebody listens on port 11434 of this machine")
        with service.Service(PROGRAM, SOURCE, listen_compat="ollama") as running:
            self.assertIn("on 11434 for ollama", running.line)
            names = [model.model for model in ollama.Client(host=None).list().models]
            self.assertIn("npc/ida-fenn", names)
            with urllib.request.urlopen("http://127.0.0.1:11434/") as answer:
                self.assertEqual(answer.read(), b"Ollama is running")
            with urllib.request.urlopen(running.address + "/v1/models") as answer:
                self.assertEqual(answer.status, 200)

    def test_a_port_that_is_taken_ends_the_start_with_its_number(self):
        with socket.socket() as taken:
            taken.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            try:
                taken.bind(("127.0.0.1", 5001))
                taken.listen()
            except OSError:
                pass  # somebody else has it, which serves as well
            with tempfile.TemporaryDirectory() as home:
                started = subprocess.run(
                    [PROGRAM, "serve", "--port", "0", "--listen-compat", "kobold", "--model",
                     "http://127.0.0.1:9/v1#any", "--cast", str(SOURCE / "tests/cast-small"),
                     "--database", home + "/dramatis.sqlite"],
                    capture_output=True, text=True, timeout=service.PATIENCE, cwd=home,
                    env={"PATH": os.environ["PATH"], "HOME": home})
        self.assertNotEqual(started.returncode, 0)
        self.assertIn("127.0.0.1 port 5001 cannot be listened on", started.stderr)


if __name__ == "__main__":
    unittest.main(argv=sys.argv[:1], verbosity=2)
