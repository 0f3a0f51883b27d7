"""A list of local and remote models behind one service: every dialect asks each of them, and what a protocol cannot do
is an error that says so. Without models, the service says that it is not ready.

    models_test.py PROGRAM SOURCE_FOLDER
"""
import json
import pathlib
import sys
import time
import unittest
import urllib.error
import urllib.request

import service

PROGRAM, SOURCE = sys.argv[1], pathlib.Path(sys.argv[2])


def models(address):
    host = address[: -len("/v1")]
    return """models:
  - name: local
    file: %s
  - name: chat
    services:
      - address: %s#scripted
  - name: text
    services:
      - address: completions:%s#scripted
  - name: ollama
    services:
      - address: ollama:%s#scripted
""" % (SOURCE / "models/hearth.gguf", address, address, host)


def remote_alone(address):
    return "models:\n  - name: far\n    services:\n      - address: %s#scripted\n" % address


class Asking(unittest.TestCase):
    def ask(self, path, body=None):
        request = urllib.request.Request(self.running.address + path,
                                         None if body is None else json.dumps(body).encode(),
                                         {"Content-Type": "application/json"})
        try:
            with urllib.request.urlopen(request, timeout=service.PATIENCE) as answer:
                return answer.status, json.load(answer)
        except urllib.error.HTTPError as refused:
            with refused:
                return refused.code, json.loads(refused.read())


class Listed(Asking):
    @classmethod
    def setUpClass(cls):
        cls.running = service.Service(PROGRAM, SOURCE, config=models, voice="free")

    @classmethod
    def tearDownClass(cls):
        cls.running.close()

    def test_all_are_listed_and_well(self):
        _, listed = self.ask("/v1/models")
        self.assertEqual([one["id"] for one in listed["data"]][:4], ["local", "chat", "text", "ollama"])
        _, health = self.ask("/health")
        self.assertEqual({one["state"] for one in health["models"]}, {"up"})
        self.assertEqual([len(one.get("places", [])) for one in health["models"]], [0, 1, 1, 1])

    def test_a_message_is_answered_by_each_in_each_dialect(self):
        hello = [{"role": "user", "content": "Hello"}]
        for model in ("local", "chat"):
            for path, body in (("/v1/chat/completions", {"messages": hello, "max_tokens": 5}),
                               ("/api/chat", {"messages": hello, "stream": False, "options": {"num_predict": 5}})):
                status, told = self.ask(path, {"model": model, **body})
                self.assertEqual(status, 200, (model, path, told))
        status, told = self.ask("/v1/chat/completions", {"model": "text", "messages": hello})
        self.assertIn("goes on from: Player: Hello", told["choices"][0]["message"]["content"])

    def test_a_raw_text_is_gone_on_from_where_the_protocol_can(self):
        for model, told_back in (("local", None), ("text", "[completions goes on from: Once upon]"),
                                 ("ollama", "[generate goes on from: Once upon]")):
            for path, body, words in (
                    ("/v1/completions", {"prompt": "Once upon", "max_tokens": 5}, lambda told: told["choices"][0]["text"]),
                    ("/api/generate", {"prompt": "Once upon", "raw": True, "stream": False,
                                       "options": {"num_predict": 5}}, lambda told: told["response"])):
                status, told = self.ask(path, {"model": model, **body})
                self.assertEqual(status, 200, (model, path, told))
                if told_back:
                    self.assertEqual(words(told), told_back)

    def test_a_protocol_of_messages_says_that_it_takes_no_raw_text(self):
        for path, body in (("/v1/completions", {"prompt": "Once"}),
                           ("/api/generate", {"prompt": "Once", "raw": True, "stream": False})):
            status, told = self.ask(path, {"model": "chat", **body})
            self.assertEqual(status, 400, told)
            self.assertIn("no raw text", json.dumps(told))

    def test_an_npc_speaks_with_the_model_that_it_names(self):
        _, npc = self.ask("/v1/npcs", {"character": "ida-fenn", "model": "chat"})
        _, user = self.ask("/v1/users", {"username": "Anna"})
        status, told = self.ask("/v1/npcs/%s/chat" % npc["npc_id"], {"user_id": user["user_id"], "message": "Hello"})
        self.assertEqual((status, told["reply"][:15]), (200, "You said: Hello"))


class Alone(Asking):
    def test_where_no_model_can_be_asked_the_service_is_not_ready(self):
        with service.Service(PROGRAM, SOURCE, config=remote_alone) as self.running:
            self.assertEqual(self.ask("/readyz")[0], 200)
            self.running.script.close()
            hello = {"model": "far", "messages": [{"role": "user", "content": "Hello"}]}
            deadline = time.monotonic() + service.PATIENCE
            while self.ask("/readyz")[0] == 200:
                self.assertLess(time.monotonic(), deadline)
                self.assertEqual(self.ask("/v1/chat/completions", hello)[0], 503)
            status, told = self.ask("/readyz")
            self.assertEqual(status, 503)
            self.assertIn("No model can answer", told["detail"])
            status, health = self.ask("/health")
            self.assertEqual((status, health["status"]), (503, "ill"))
            place = health["models"][0]["places"][0]
            self.assertEqual(place["state"], "down")
            self.assertIn("Last failure", place["detail"])


if __name__ == "__main__":
    unittest.main(argv=sys.argv[:1], verbosity=2)
