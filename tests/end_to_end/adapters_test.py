"""Adapters of a service that runs: put there, loaded, spoken with, changed, unloaded, and there again after a
restart. With the trainer as a third argument: trained, served and spoken with by one command.

Usage: adapters_test.py PROGRAM SOURCE [TRAINER]
"""
import json
import os
import pathlib
import subprocess
import sys
import tempfile
import unittest
import urllib.error
import urllib.request

import service

PROGRAM, SOURCE = sys.argv[1], pathlib.Path(sys.argv[2])
TRAINER = sys.argv[3] if len(sys.argv) > 3 else None
GOLDEN = SOURCE / "tests" / "golden"
MODEL = GOLDEN / "tiny-f32-tied.gguf"
PEOPLE = "You are Ida, who sells bread."


class Caller:
    def __init__(self, address, key=None):
        self.address, self.key = address, key

    def ask(self, method, path, body=None):
        """Status and JSON; `body` is JSON, or bytes as they are."""
        raw = isinstance(body, bytes)
        data = body if raw or body is None else json.dumps(body).encode()
        request = urllib.request.Request(self.address + path, data=data, method=method)
        request.add_header("Content-Type", "application/octet-stream" if raw else "application/json")
        if self.key:
            request.add_header("Authorization", "Bearer " + self.key)
        try:
            with urllib.request.urlopen(request, timeout=service.PATIENCE) as answer:
                return answer.status, json.loads(answer.read() or b"null")
        except urllib.error.HTTPError as refused:
            return refused.code, json.loads(refused.read())

    def make(self, path, body):
        status, made = self.ask("POST", path, body)
        assert status == 201, made
        return made

    def npc(self, **settings):
        return self.make("/v1/npcs", dict({"character_description": PEOPLE, "temperature": 0,
                                           "max_tokens": 8, "history_size": 0}, **settings))["npc_id"]

    def say(self, npc, user):
        status, said = self.ask("POST", "/v1/npcs/%s/chat" % npc, {"user_id": user, "message": "Bread?"})
        assert status == 200, said
        return said

    def account(self, said):
        status, told = self.ask("GET", "/v1/turns/%s/explain" % said["turn_id"])
        assert status == 200, told
        return told["account"]

    def adapter(self, name):
        status, all_of_them = self.ask("GET", "/v1/adapters")
        assert status == 200, all_of_them
        return next((one for one in all_of_them["adapters"] if one["name"] == name), None)


class Serving(unittest.TestCase):
    def setUp(self):
        self.home = tempfile.TemporaryDirectory()
        self.addCleanup(self.home.cleanup)
        self.folder = pathlib.Path(self.home.name)

    def serve(self, **settings):
        place = {"adapters_folder": str(self.folder / "adapters"),
                 "database": str(self.folder / "dramatis.sqlite")}
        return service.Service(PROGRAM, SOURCE, model=str(MODEL), **dict(place, **settings))


class Adapters(Serving):
    def test_one_comes_speaks_changes_and_goes(self):
        with self.serve() as running:
            caller = Caller(running.address)
            user = caller.make("/v1/users", {"username": "Alice"})["user_id"]
            npc = caller.npc()
            plain = caller.say(npc, user)
            self.assertNotIn("adapters", caller.account(plain))
            status, put = caller.ask("PUT", "/v1/adapters/brogue", (GOLDEN / "tiny-lora.gguf").read_bytes())
            self.assertEqual((status, put["loaded"]), (200, []), put)
            status, loaded = caller.ask("POST", "/v1/adapters", {"name": "brogue"})
            self.assertEqual(status, 200, loaded)
            checksum = loaded["loaded"][0]["checksum"]
            status, changed = caller.ask("PATCH", "/v1/npcs/" + npc, {"adapters": [{"name": "brogue"}]})
            self.assertEqual(status, 200, changed)
            adapted = caller.say(npc, user)
            self.assertNotEqual(adapted["reply"], plain["reply"])
            self.assertEqual(caller.account(adapted)["adapters"], [{"name": "brogue", "checksum": checksum}])
            self.assertEqual(caller.adapter("brogue")["npc_ids"], [npc])
            status, why = caller.ask("DELETE", "/v1/adapters/brogue")
            self.assertEqual(status, 409)
            self.assertIn(npc, why["detail"])
            for bytes_, expected in ((b"GGUF", 400), (MODEL.read_bytes(), 400), (b"", 400)):
                status, refused = caller.ask("PUT", "/v1/adapters/brogue", bytes_)
                self.assertEqual(status, expected, refused)
                self.assertNotIn(str(self.folder), json.dumps(refused))
            self.assertEqual(caller.adapter("brogue")["loaded"][0]["checksum"], checksum)
        self.assertEqual([path.name for path in (self.folder / "adapters").iterdir()], ["brogue.gguf"])
        # What an NPC speaks with is there again.
        with self.serve() as running:
            caller = Caller(running.address)
            again = caller.say(npc, user)
            self.assertEqual(again["reply"], adapted["reply"])
            self.assertEqual(caller.account(again)["adapters"][0]["checksum"], checksum)
            self.assertEqual(caller.ask("PATCH", "/v1/npcs/" + npc, {"adapters": None})[0], 200)
            self.assertEqual(caller.ask("DELETE", "/v1/adapters/brogue")[0], 204)
            self.assertEqual(caller.say(npc, user)["reply"], plain["reply"])

    def test_a_promise_of_memory_has_room_for_what_was_set_aside(self):
        lora = (GOLDEN / "tiny-lora.gguf").read_bytes()
        for size, expected in ((None, 413), ("1M", 200)):
            settings = {"ram": "150M"} if size is None else {"ram": "150M", "adapters_size": size}
            with self.serve(**settings) as running:
                caller = Caller(running.address)
                self.assertEqual(caller.ask("PUT", "/v1/adapters/brogue", lora)[0], 200)
                status, answer = caller.ask("POST", "/v1/adapters", {"name": "brogue"})
                self.assertEqual(status, expected, answer)
                if expected == 413:
                    self.assertIn("adapters_size", answer["detail"])

    def test_they_are_owners_alone(self):
        with self.serve(keys="on") as running:
            owner = Caller(running.address, running.key)
            writer = Caller(running.address, owner.make("/v1/keys", {"role": "writer"})["key"])
            for caller, status in ((Caller(running.address), 401), (writer, 403), (owner, 200)):
                self.assertEqual(caller.ask("GET", "/v1/adapters")[0], status)
                self.assertEqual(caller.ask("PUT", "/v1/adapters/brogue",
                                            (GOLDEN / "tiny-lora.gguf").read_bytes())[0], status)


RECIPE = """kind: tune
seed: 7
numbers: f32
base: {model: %s}
data: {conversations: %s, held_out_share: 0.25, most_tokens: 256}
method: %s
lora: {rank: 4, alpha: 8}
optimizer: {rate: 0.02}
steps: {epochs: 2, pass_tokens: 256}
evaluation: {reply_tokens: 4}
output: {name: ida}
"""


@unittest.skipUnless(TRAINER, "no trainer was built")
class Training(Serving):
    def setUp(self):
        super().setUp()
        lines = [{"messages": [{"role": "system", "content": PEOPLE},
                               {"role": "user", "content": "Bread number %d?" % n},
                               {"role": "assistant", "content": "A penny, or %d." % n}]} for n in range(16)]
        (self.folder / "lessons.jsonl").write_text("".join(json.dumps(line) + "\n" for line in lines))
        self.recipe = self.folder / "ida.yaml"
        self.write_recipe("lora")

    def write_recipe(self, method):
        self.recipe.write_text(RECIPE % (MODEL, self.folder / "lessons.jsonl", method))

    def train(self, *arguments, **environment):
        command = [TRAINER, str(self.recipe), "--run", str(self.folder / "run"), *arguments]
        return subprocess.run(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True,
                              env=dict(os.environ, **environment), timeout=5 * service.PATIENCE)

    def test_what_is_trained_is_served_and_spoken_with(self):
        with self.serve(keys="on") as running:
            caller = Caller(running.address, running.key)
            user = caller.make("/v1/users", {"username": "Alice"})["user_id"]
            npc = caller.npc()
            plain = caller.say(npc, user)
            key = self.folder / "key"
            key.write_text(running.key + "\n")
            arguments = ["--serve", running.address, "--serve-npc", npc]
            refused = self.train(*arguments)
            self.assertNotEqual(refused.returncode, 0)
            self.assertIn("--serve-key-file", refused.stderr)
            self.assertFalse((self.folder / "run").exists(), "nothing was trained for nobody")
            done = self.train(*arguments, DRAMATIS_SERVE_KEY_FILE=str(key))
            self.assertEqual(done.returncode, 0, done.stderr)
            self.assertIn(npc, done.stdout)
            served = caller.adapter("ida")
            self.assertEqual(served["npc_ids"], [npc])
            checksum = served["loaded"][0]["checksum"]
            self.assertIn(checksum, done.stdout)
            adapted = caller.say(npc, user)
            self.assertEqual(caller.account(adapted)["adapters"], [{"name": "ida", "checksum": checksum}])
            self.assertNotEqual(adapted["reply"], plain["reply"])
            self.assertEqual((self.folder / "adapters" / "ida.gguf").read_bytes(),
                             (self.folder / "run" / "result" / "adapter.gguf").read_bytes())

    def test_a_whole_model_is_not_given_to_a_service(self):
        self.write_recipe("full")
        refused = self.train("--serve", "http://127.0.0.1:1")
        self.assertNotEqual(refused.returncode, 0)
        self.assertIn("dramatis serve --model", refused.stderr)

    def test_nobody_there_is_said_before_training(self):
        refused = self.train("--serve", "http://127.0.0.1:1")
        self.assertNotEqual(refused.returncode, 0)
        self.assertFalse((self.folder / "run").exists())

    def test_help_names_the_program_and_its_commands(self):
        told = subprocess.run([TRAINER, "--help"], stdout=subprocess.PIPE, text=True, check=True).stdout
        self.assertIn("Usage: dramatis-train", told)
        for command in ("tune", "compare", "english", "matcher", "cast"):
            self.assertIn(command, told)


if __name__ == "__main__":
    unittest.main(argv=sys.argv[:1], verbosity=2)
