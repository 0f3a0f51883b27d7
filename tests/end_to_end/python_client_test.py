"""The Python client of this repository against the service.

    python_client_test.py PROGRAM SOURCE_FOLDER
"""
import http.client
import http.server
import os
import pathlib
import subprocess
import sys
import threading
import unittest
import urllib.parse

import service

PROGRAM, SOURCE = sys.argv[1], pathlib.Path(sys.argv[2])
sys.path.insert(0, str(SOURCE / "clients/python/src"))
sys.dont_write_bytecode = True
import dramatis_client as dramatis  # noqa: E402

WORLD, SMITH = "A village by a river.", "You are Iva, the smith."


class Lossy(http.server.BaseHTTPRequestHandler):
    """Passes requests on, but loses the answers to the first ones that it is told to lose."""

    target, losing, busy, seen = "", 0, 0, []
    protocol_version = "HTTP/1.1"

    def log_message(self, *args):
        pass

    def do_POST(self):
        kind = type(self)
        kind.seen.append(self.headers["Idempotency-Key"])
        body = self.rfile.read(int(self.headers["Content-Length"]))
        self.close_connection = True
        if kind.busy > 0:
            kind.busy -= 1
            self.send_response(503)
            self.send_header("Content-Type", "application/problem+json")
            self.send_header("Retry-After", "0")
            self.send_header("Content-Length", "2")
            self.end_headers()
            self.wfile.write(b"{}")
            return
        address = urllib.parse.urlsplit(kind.target)
        onward = http.client.HTTPConnection(address.hostname, address.port)
        headers = {name: self.headers[name] for name in ("Content-Type", "Idempotency-Key", "Accept")}
        onward.request("POST", self.path, body, headers)
        answer = onward.getresponse()
        content = answer.read()
        onward.close()
        if kind.losing > 0:
            kind.losing -= 1
            return
        self.send_response(answer.status)
        self.send_header("Content-Type", answer.headers["Content-Type"])
        self.send_header("Content-Length", str(len(content)))
        self.end_headers()
        self.wfile.write(content)


class Client(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.running = service.Service(PROGRAM, SOURCE)
        cls.factory = dramatis.NPCFactory(cls.running.address, retries=0)

    @classmethod
    def tearDownClass(cls):
        cls.running.close()

    def setUp(self):
        self.alice = self.factory.register_user("Alice")
        self.iva = self.factory.register_npc(WORLD, SMITH, history_size=4)

    def test_the_notebooks_flow(self):
        done = subprocess.run(
            [sys.executable, str(SOURCE / "clients/python/examples/notebook.py"), self.running.address],
            env={**os.environ, "PYTHONPATH": str(SOURCE / "clients/python/src"),
                 "PYTHONDONTWRITEBYTECODE": "1"}, capture_output=True, text=True, timeout=60)
        self.assertEqual((done.stderr, done.returncode), ("", 0))
        self.assertIn("Iva to Alice: You said: Good day! Can you mend a lock?", done.stdout)
        self.assertIn("Oswin to Alice: You said: What is the toll for one barge?", done.stdout)
        self.assertIn("user: Good day! Can you mend a lock?\nassistant: You said:", done.stdout)
        self.assertNotIn("chain cost", done.stdout.split("user:", 1)[1])
        self.assertTrue(done.stdout.endswith("NPC with ID 'npc_0000000000000000' not found\n"))

    def test_the_name_that_a_player_got_is_told(self):
        again = self.factory.register_user("Alice")
        self.assertRegex(again.username, "^Alice_[0-9]+$")
        self.assertIsInstance(again, str)

    def test_a_pair_remembers_and_nobody_else_does(self):
        bob = self.factory.register_user("Bob")
        self.factory.chat_with_npc(self.iva, self.alice, "One")
        reply = self.factory.chat_with_npc(self.iva, self.alice, "Two")
        self.assertIn("(4 messages", reply)
        self.assertTrue(reply.turn["turn_id"])
        self.assertIn("(2 messages", self.factory.chat_with_npc(self.iva, bob, "Three"))
        history = self.factory.get_npc_chat_history(self.iva, self.alice)
        self.assertEqual([line["role"] for line in history], ["user", "assistant"] * 2)
        self.assertEqual(history[0]["content"], "One")
        self.factory.forget(self.iva, self.alice)
        self.assertEqual(self.factory.get_npc_chat_history(self.iva, self.alice), [])

    def test_words_come_as_they_are_made(self):
        with self.factory.stream_chat(self.iva, self.alice, "Hello") as words:
            pieces = list(words)
        self.assertGreater(len(pieces), 3)
        self.assertEqual("".join(pieces).strip(), words.reply.strip())

    def test_who_leaves_early_leaves_nothing_behind(self):
        with self.factory.stream_chat(self.iva, self.alice, "slowly") as words:
            self.assertTrue(next(words))
        self.assertIsNone(words.reply)
        self.assertEqual(self.factory.get_npc_chat_history(self.iva, self.alice), [])

    def test_errors_are_exceptions_with_what_the_service_said(self):
        with self.assertRaises(dramatis.NPCNotFoundError) as told:
            self.factory.chat_with_npc("npc_0000000000000001", self.alice, "Hello")
        self.assertEqual(told.exception.npc_id, "npc_0000000000000001")
        self.assertEqual(str(told.exception), "NPC with ID 'npc_0000000000000001' not found")
        with self.assertRaises(dramatis.UserNotFoundError):
            self.factory.chat_with_npc(self.iva, "user_0000000000000001", "Hello")
        with self.assertRaises(dramatis.APIError) as told:
            self.factory.register_npc(WORLD, SMITH, temperature=9)
        self.assertEqual((told.exception.status, told.exception.code), (400, "invalid_request"))
        self.assertIn("temperature", told.exception.detail)
        with self.assertRaises(dramatis.APIError):
            self.factory.chat_with_npc(self.iva, self.alice, "broken")
        self.assertEqual(self.factory.get_npc_chat_history(self.iva, self.alice), [])
        with self.assertRaises(dramatis.ConnectionFailed):
            dramatis.NPCFactory("http://127.0.0.1:9", retries=0).register_user("Alice")

    def test_a_lost_answer_is_asked_for_again_and_the_turn_is_one(self):
        proxy = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Lossy)
        threading.Thread(target=proxy.serve_forever, daemon=True).start()
        try:
            Lossy.target, Lossy.losing, Lossy.busy, Lossy.seen = self.running.address, 1, 1, []
            flaky = dramatis.NPCFactory("http://127.0.0.1:%d" % proxy.server_address[1], retries=2,
                                        pause=0.01)
            self.assertIn("You said: Hello", flaky.chat_with_npc(self.iva, self.alice, "Hello"))
        finally:
            proxy.shutdown()
            proxy.server_close()
        self.assertEqual(len(Lossy.seen), 3)
        self.assertEqual(len(set(Lossy.seen)), 1)
        self.assertEqual(len(self.factory.get_npc_chat_history(self.iva, self.alice)), 2)

    def test_npcs_are_listed_changed_and_removed(self):
        self.assertIn(self.iva, [npc["npc_id"] for npc in self.factory.list_npcs()])
        self.factory.change_npc(self.iva, history_size=2)
        self.assertEqual(self.factory.get_npc(self.iva)["settings"]["history_size"], 2)
        self.factory.remove_npc(self.iva)
        with self.assertRaises(dramatis.NPCNotFoundError):
            self.factory.get_npc(self.iva)
        self.assertIn(str(self.alice), [user["user_id"] for user in self.factory.list_users()])

    def test_conversations(self):
        begun = self.factory.start_conversation(
            self.iva, self.alice, title="At the forge", scene={"place": "The forge", "time": "Dusk"})
        conversation = begun["conversation_id"]
        first = self.factory.say(conversation, "Hello")
        self.assertIn("You said: Hello", first)
        with self.factory.stream(conversation, "And now?") as words:
            self.assertIn("You said: And now?", "".join(words))
        again = self.factory.regenerate(words.reply.turn["turn_id"])
        self.assertIn("You said: And now?", again)
        self.assertEqual(len(self.factory.list_turns(conversation)), 2)
        self.assertGreaterEqual(len(self.factory.export(conversation)), 2)
        self.assertEqual(self.factory.change_conversation(conversation, title="Later")["title"], "Later")
        self.assertEqual(self.factory.get_conversation(conversation)["scene"]["place"], "The forge")
        listed = self.factory.list_conversations(self.iva, self.alice)
        self.assertEqual([entry["conversation_id"] for entry in listed], [conversation])
        self.assertTrue(self.factory.explain(first.turn["turn_id"]))
        self.factory.remove_conversation(conversation)
        with self.assertRaises(dramatis.ConversationNotFoundError):
            self.factory.get_conversation(conversation)

    def test_models_are_listed(self):
        self.assertTrue(self.factory.list_models())


if __name__ == "__main__":
    unittest.main(argv=sys.argv[:1], verbosity=2)
