"""OpenAI's own Python client against the service.

    openai_client_test.py PROGRAM SOURCE_FOLDER BUILD_FOLDER
"""
import json
import pathlib
import sys
import unittest

import service

PROGRAM, SOURCE = sys.argv[1], pathlib.Path(sys.argv[2])
sys.path.insert(0, str(service.install_python(sys.argv[3], "openai")))
try:
    import openai
except ImportError as error:
    service.skip("the openai package does not run on this Python: %s" % error)

HELLO = [{"role": "system", "content": "Be brief."}, {"role": "user", "content": "Hello"}]
OPEN = {"type": "function",
        "function": {"name": "open", "description": "Opens a door.",
                     "parameters": {"type": "object", "required": ["door"],
                                    "properties": {"door": {"enum": ["left", "right"]}}}}}


def client_of(running):
    return openai.OpenAI(base_url=running.address + "/v1", api_key="none", max_retries=0, timeout=60)


class Scripted(unittest.TestCase):
    """A model whose words are known, behind the service."""

    @classmethod
    def setUpClass(cls):
        cls.running = service.Service(PROGRAM, SOURCE)
        cls.client = client_of(cls.running)
        cls.model = cls.client.models.list().data[0].id

    @classmethod
    def tearDownClass(cls):
        cls.running.close()

    def test_models_are_the_model_and_the_cast(self):
        names = [model.id for model in self.client.models.list()]
        self.assertIn("npc/ida-fenn", names)
        self.assertEqual(self.client.models.retrieve("npc/ida-fenn").owned_by, "dramatis")

    def test_a_chat_is_answered(self):
        made = self.client.chat.completions.create(model=self.model, messages=HELLO, seed=7)
        self.assertEqual(made.choices[0].message.content, "You said: Hello. (2 messages, seed 7) ")
        self.assertEqual(made.choices[0].finish_reason, "stop")
        self.assertGreater(made.usage.total_tokens, 0)

    def test_a_chat_streams(self):
        chunks = list(self.client.chat.completions.create(
            model="npc/ida-fenn", messages=HELLO, stream=True, stream_options={"include_usage": True}))
        self.assertEqual(chunks[0].choices[0].delta.role, "assistant")
        words = "".join(chunk.choices[0].delta.content or "" for chunk in chunks if chunk.choices)
        self.assertIn("You said: Hello", words)
        self.assertEqual(chunks[-2].choices[0].finish_reason, "stop")
        self.assertEqual(chunks[-1].choices, [])
        self.assertGreater(chunks[-1].usage.completion_tokens, 0)

    def test_several_replies(self):
        made = self.client.chat.completions.create(model="npc/ida-fenn", messages=HELLO, n=2, seed=1)
        self.assertEqual([choice.index for choice in made.choices], [0, 1])
        self.assertIn("seed 2", made.choices[1].message.content)

    def test_an_npc_answers_by_its_name(self):
        made = self.client.chat.completions.create(
            model="npc/Ida Fenn", messages=HELLO + [
                {"role": "assistant", "content": "Hm."}, {"role": "user", "content": "Bread?"}])
        self.assertIn("You said: Bread?", made.choices[0].message.content)

    def test_errors_are_the_clients_own(self):
        with self.assertRaises(openai.NotFoundError) as told:
            self.client.chat.completions.create(model="gpt-4", messages=HELLO)
        self.assertEqual(told.exception.code, "model_not_found")
        with self.assertRaises(openai.BadRequestError) as told:
            self.client.chat.completions.create(model=self.model, messages=HELLO, n=999)
        self.assertEqual(told.exception.param, "n")
        with self.assertRaises(openai.BadRequestError) as told:
            self.client.chat.completions.create(model=self.model, messages=[
                {"role": "user", "content": [{"type": "image_url", "image_url": {"url": "data:,"}}]}])
        self.assertEqual(told.exception.param, "messages[0].content[0]")

    def test_a_reader_who_leaves_stops_the_reply(self):
        stream = self.client.chat.completions.create(
            model=self.model, messages=[{"role": "user", "content": "slowly"}], stream=True)
        next(iter(stream))
        stream.close()
        made = self.client.chat.completions.create(model=self.model, messages=HELLO)
        self.assertIn("Hello", made.choices[0].message.content)


class Local(unittest.TestCase):
    """The model that comes with the program, which goes on from texts and keeps to every form."""

    @classmethod
    def setUpClass(cls):
        cls.running = service.Service(PROGRAM, SOURCE,
                                      model=str(SOURCE / "models/hearth.gguf"), voice="free")
        cls.client = client_of(cls.running)
        cls.model = cls.client.models.list().data[0].id

    @classmethod
    def tearDownClass(cls):
        cls.running.close()

    def test_a_text_is_gone_on_from(self):
        made = self.client.completions.create(model=self.model, prompt="Once", max_tokens=5, seed=3)
        again = self.client.completions.create(model=self.model, prompt="Once", max_tokens=5, seed=3)
        self.assertEqual(made.choices[0].text, again.choices[0].text)
        echoed = self.client.completions.create(model=self.model, prompt="Once", max_tokens=5,
                                                seed=3, echo=True)
        self.assertEqual(echoed.choices[0].text, "Once" + made.choices[0].text)

    def test_a_form_is_kept(self):
        made = self.client.chat.completions.create(
            model=self.model, messages=HELLO[1:], max_tokens=40,
            response_format={"type": "json_schema", "json_schema": {
                "name": "mood", "strict": True,
                "schema": {"type": "object", "required": ["mood"], "additionalProperties": False,
                           "properties": {"mood": {"enum": ["glad", "sad"]}}}}})
        self.assertIn(json.loads(made.choices[0].message.content)["mood"], ("glad", "sad"))

    def test_a_call_is_made(self):
        made = self.client.chat.completions.create(
            model=self.model, messages=HELLO[1:], tools=[OPEN], tool_choice="required", max_tokens=60)
        call = made.choices[0].message.tool_calls[0]
        self.assertEqual((made.choices[0].finish_reason, call.function.name), ("tool_calls", "open"))
        self.assertIn(json.loads(call.function.arguments)["door"], ("left", "right"))

    def test_vectors_are_of_length_one(self):
        made = self.client.embeddings.create(model=self.model, input=["one", "two"])
        self.assertEqual([entry.index for entry in made.data], [0, 1])
        for entry in made.data:
            self.assertAlmostEqual(sum(x * x for x in entry.embedding), 1, places=5)


if __name__ == "__main__":
    unittest.main(argv=sys.argv[:1], verbosity=2)
