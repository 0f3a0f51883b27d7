"""Players, NPCs and what they say to each other."""
from __future__ import annotations

import json
from typing import Any, Dict, Iterator, List, Mapping, Optional, Sequence

from .errors import ConnectionFailed, error_of
from .wire import Event, Wire, query, quoted


class UserId(str):
    """A player's id, which also knows the name that the player got: a taken one gets a number."""

    username: str

    def __new__(cls, value: str, username: str) -> "UserId":
        made = super().__new__(cls, value)
        made.username = username
        return made


class Reply(str):
    """What an NPC said, with all that the service tells of the turn in `turn`."""

    turn: Dict[str, Any]

    def __new__(cls, text: str, turn: Mapping[str, Any]) -> "Reply":
        made = super().__new__(cls, text)
        made.turn = dict(turn)
        return made


class Stream(Iterator[str]):
    """The words of a reply as they come. `reply` is there when they have ended, and then the turn
    is stored; closing it before stops the reply, and nothing is."""

    def __init__(self, events: Iterator[Event], npc_id: str) -> None:
        self._events, self._npc_id = events, npc_id
        self.reply: Optional[Reply] = None

    def __next__(self) -> str:
        if self.reply is not None:
            raise StopIteration
        for event in self._events:
            if event.type == "text":
                return str(event.data["text"])
            if event.type == "error":
                raise error_of(int(event.data.get("status", 500)), event.data, self._npc_id)
            if event.type == "done":
                turn = event.data.get("turn", event.data)
                self.reply = Reply(turn["reply"], turn)
                raise StopIteration
        raise ConnectionFailed("The stream ended without its end.")

    def close(self) -> None:
        close = getattr(self._events, "close", None)
        if close is not None:
            close()

    def __enter__(self) -> "Stream":
        return self

    def __exit__(self, *why: object) -> None:
        self.close()


class NPCFactory:
    """A Dramatis service.

    Requests that fail on the way, or for which the service has no time now, are tried again up to
    `retries` times after growing pauses; a key sent with each sees to it that nothing is done twice.
    """

    def __init__(self, address: str = "http://127.0.0.1:8080", key: Optional[str] = None, *,
                 timeout: float = 130.0, retries: int = 2, pause: float = 0.5) -> None:
        self._wire = Wire(address, key, timeout, retries, pause)

    # The notebook's verbs.

    def register_user(self, username: str) -> UserId:
        """A new player. The name may be taken: `username` of what comes back is the one it got."""
        made = self._wire.call("POST", "/v1/users", {"username": username})
        return UserId(made["user_id"], made["username"])

    def register_npc(self, world_description: str = "", character_description: str = "",
                     history_size: int = 10, has_scratchpad: bool = False, *,
                     character: Optional[str] = None, **settings: Any) -> str:
        """A new NPC: described in plain words, or a `character` of the cast by its id. `settings`
        are those of the service: scene, temperature, max_tokens, model ..."""
        wish: Dict[str, Any] = {"history_size": history_size, "has_scratchpad": has_scratchpad,
                                **settings}
        if character is not None:
            wish["character"] = character
        else:
            wish["world_description"] = world_description
            wish["character_description"] = character_description
        return str(self._wire.call("POST", "/v1/npcs", wish)["npc_id"])

    def chat_with_npc(self, npc_id: str, user_id: str, message: str) -> Reply:
        """What the NPC answers; text, with the turn in `turn`. On any error nothing is stored."""
        turn = self._wire.call("POST", "/v1/npcs/%s/chat" % quoted(npc_id),
                               {"user_id": user_id, "message": message}, npc_id)
        return Reply(turn["reply"], turn)

    def get_npc_chat_history(self, npc_id: str, user_id: str) -> List[Dict[str, str]]:
        """What both said, oldest first: {"role": "user" or "assistant", "content": ...}, with
        "thoughts" where the caller may see them and there are some."""
        path = "/v1/npcs/%s/history%s" % (quoted(npc_id), query(user_id=user_id))
        roles = {"player": "user", "npc": "assistant"}
        return [{**line, "role": roles.get(line["role"], line["role"])}
                for line in self._wire.call("GET", path, npc_id=npc_id)["messages"]]

    # What the notebook had not.

    def stream_chat(self, npc_id: str, user_id: str, message: str) -> Stream:
        """The same as chat_with_npc, word by word."""
        return Stream(self._wire.stream("POST", "/v1/npcs/%s/chat" % quoted(npc_id),
                                        {"user_id": user_id, "message": message}, npc_id), npc_id)

    def forget(self, npc_id: str, user_id: str) -> None:
        """Forgets what was said in the pair's current conversation."""
        self._wire.call("DELETE", "/v1/npcs/%s/history%s" % (quoted(npc_id), query(user_id=user_id)),
                        npc_id=npc_id)

    def list_npcs(self) -> List[Dict[str, Any]]:
        return list(self._wire.call("GET", "/v1/npcs")["npcs"])

    def get_npc(self, npc_id: str) -> Dict[str, Any]:
        return dict(self._wire.call("GET", "/v1/npcs/" + quoted(npc_id), npc_id=npc_id))

    def change_npc(self, npc_id: str, **settings: Any) -> Dict[str, Any]:
        return dict(self._wire.call("PATCH", "/v1/npcs/" + quoted(npc_id), settings, npc_id))

    def remove_npc(self, npc_id: str) -> None:
        """With all its conversations."""
        self._wire.call("DELETE", "/v1/npcs/" + quoted(npc_id), npc_id=npc_id)

    def list_users(self) -> List[Dict[str, Any]]:
        return list(self._wire.call("GET", "/v1/users")["users"])

    def remove_user(self, user_id: str) -> None:
        """With all conversations."""
        self._wire.call("DELETE", "/v1/users/" + quoted(user_id))

    # Conversations.

    def start_conversation(self, npc_id: str, user_id: str, *, title: str = "",
                           scene: Optional[Mapping[str, str]] = None,
                           messages: Optional[Sequence[Mapping[str, str]]] = None
                           ) -> Dict[str, Any]:
        """A new conversation, which becomes the pair's current one. `scene` has place, time, status,
        player_is and acquaintance; `messages` were said before."""
        wish: Dict[str, Any] = {"npc_id": npc_id, "user_id": user_id}
        if title:
            wish["title"] = title
        if scene is not None:
            wish["scene"] = dict(scene)
        if messages is not None:
            wish["messages"] = [dict(message) for message in messages]
        return dict(self._wire.call("POST", "/v1/conversations", wish, npc_id))

    def list_conversations(self, npc_id: Optional[str] = None, user_id: Optional[str] = None,
                           limit: Optional[int] = None) -> List[Dict[str, Any]]:
        """Those begun last come first."""
        path = "/v1/conversations" + query(npc_id=npc_id, user_id=user_id, limit=limit)
        return list(self._wire.call("GET", path)["conversations"])

    def get_conversation(self, conversation_id: str) -> Dict[str, Any]:
        return dict(self._wire.call("GET", "/v1/conversations/" + quoted(conversation_id)))

    def change_conversation(self, conversation_id: str, **changes: Any) -> Dict[str, Any]:
        """title, scene, note; current=True makes it the pair's current one."""
        return dict(self._wire.call("PATCH", "/v1/conversations/" + quoted(conversation_id), changes))

    def remove_conversation(self, conversation_id: str) -> None:
        self._wire.call("DELETE", "/v1/conversations/" + quoted(conversation_id))

    def say(self, conversation_id: str, message: str) -> Reply:
        turn = self._wire.call("POST", "/v1/conversations/%s/turns" % quoted(conversation_id),
                               {"message": message})
        return Reply(turn["reply"], turn)

    def stream(self, conversation_id: str, message: str) -> Stream:
        return Stream(self._wire.stream(
            "POST", "/v1/conversations/%s/turns" % quoted(conversation_id), {"message": message}), "")

    def list_turns(self, conversation_id: str, limit: Optional[int] = None,
                   before: Optional[str] = None) -> List[Dict[str, Any]]:
        """The newest ones, oldest first."""
        path = "/v1/conversations/%s/turns%s" % (quoted(conversation_id),
                                                 query(limit=limit, before=before))
        return list(self._wire.call("GET", path)["turns"])

    def regenerate(self, turn_id: str) -> Reply:
        """Another reply to the newest message, beside the others, which stay."""
        turn = self._wire.call("POST", "/v1/turns/%s/regenerate" % quoted(turn_id), {})
        return Reply(turn["reply"], turn)

    def explain(self, turn_id: str) -> Dict[str, Any]:
        """How a reply came about; for owners and writers."""
        return dict(self._wire.call("GET", "/v1/turns/%s/explain" % quoted(turn_id)))

    def export(self, conversation_id: str) -> List[Dict[str, Any]]:
        """Everything that was said, an object for each line of the service's JSONL."""
        text = self._wire.call("GET", "/v1/conversations/%s/export" % quoted(conversation_id))
        return [json.loads(line) for line in (text or "").splitlines() if line.strip()]

    def list_models(self) -> List[Dict[str, Any]]:
        return list(self._wire.call("GET", "/v1/models")["data"])
