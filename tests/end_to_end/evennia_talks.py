"""Inside a game of Evennia: characters talk to NPCs of its LLM contrib, which stays as it is.

    evennia_talks.py GAME_FOLDER ADDRESS      prints what everybody heard, as JSON
"""
import json
import os
import sys

GAME, ADDRESS = sys.argv[1:]
os.chdir(GAME)
sys.path.insert(0, GAME)
os.environ["DJANGO_SETTINGS_MODULE"] = "server.conf.settings"

import django  # noqa: E402

django.setup()
import evennia  # noqa: E402

evennia._init()
from django.conf import settings  # noqa: E402
from evennia.contrib.rpg.llm.llm_npc import LLMNPC, CmdLLMTalk  # noqa: E402
from evennia.objects.objects import DefaultCharacter, DefaultRoom  # noqa: E402
from twisted.internet import defer, reactor, task  # noqa: E402

settings.LLM_HOST = ADDRESS + "/"  # as an owner may write it: the path begins with a slash too
heard = {}


def listen(character):
    lines = heard.setdefault(character.key, [])

    def hear(text=None, **more):
        lines.append(text[0] if isinstance(text, tuple) else text)
    character.msg = hear
    return character


def make(kind, key, place=None):
    made = evennia.create_object(kind, key=key, location=place, home=place, nohome=place is None)
    made.db.desc = None
    return made


@defer.inlineCallbacks
def wait_for(character, count):
    """Until `character` has heard so many lines, or a while has passed."""
    for _ in range(600):
        if len(heard[character.key]) >= count:
            return
        yield task.deferLater(reactor, 0.02, lambda: None)


def talk(character, words):
    command = CmdLLMTalk()
    command.caller, command.args = character, words
    command.parse()
    command.func()


@defer.inlineCallbacks
def play():
    room = make(DefaultRoom, "The Swan")
    anna = listen(make(DefaultCharacter, "Anna", room))
    bob = listen(make(DefaultCharacter, "Bob", room))
    villager = make(LLMNPC, "villager", room)
    ida = make(LLMNPC, "Ida Fenn", room)

    talk(anna, "villager Hello there friend, what's up?")
    yield wait_for(anna, 2)
    talk(anna, "villager And now?")
    yield wait_for(anna, 4)
    villager.at_talked_to("{curly} $You() \\ and |rred", anna)
    yield wait_for(anna, 5)
    talk(anna, "villager tell many lines")
    yield wait_for(anna, 7)
    talk(anna, "villager broken")
    yield wait_for(anna, 9)
    ida.at_talked_to("Bread?", bob)
    yield wait_for(bob, 10)
    # As its README sets it up for OpenAI.
    settings.LLM_PATH = "/v1/completions"
    settings.LLM_REQUEST_BODY = {"model": "gpt-3.5-turbo", "temperature": 0.7, "max_tokens": 128}
    settings.LLM_HEADERS = {"Content-Type": ["application/json"], "Authorization": ["Bearer none"]}
    make(LLMNPC, "smith", room)
    talk(anna, "smith Hello")
    yield wait_for(anna, 12)


@defer.inlineCallbacks
def run():
    try:
        yield play()
    except Exception as error:  # told by the test that reads it
        heard["error"] = repr(error)
    reactor.stop()


reactor.callWhenRunning(run)
reactor.run()
print("HEARD " + json.dumps(heard))
sys.stdout.flush()
os._exit(0)
