"""What may go wrong, each with what the service said of it."""
from __future__ import annotations

from typing import Any, Mapping, Optional


class NPCFactoryError(Exception):
    """Any failure of this package."""


class ConnectionFailed(NPCFactoryError):
    """Nobody answered, or the answer broke off; every attempt that was allowed has failed."""


class APIError(NPCFactoryError):
    """The service refused: the fields of its problem document (RFC 9457)."""

    def __init__(self, status: int, problem: Mapping[str, Any]) -> None:
        self.status = status
        #: One word for programs: "invalid_request", "npc_not_found", "unavailable" ...
        self.code = str(problem.get("code", ""))
        self.title = str(problem.get("title", ""))
        self.detail = str(problem.get("detail", ""))
        #: What the NPC says instead where no model answers, to be shown to the player.
        self.line: Optional[str] = problem.get("line")
        #: Seconds after which it may be tried again, where the service says so.
        self.retry_after: Optional[float] = None
        self.problem = dict(problem)
        super().__init__(self.detail or self.title or "HTTP status %d" % status)


class NPCNotFoundError(APIError):
    """No NPC has this id."""

    def __init__(self, status: int, problem: Mapping[str, Any], npc_id: str = "") -> None:
        super().__init__(status, problem)
        self.npc_id = npc_id

    def __str__(self) -> str:
        return "NPC with ID '%s' not found" % self.npc_id


class UserNotFoundError(APIError):
    """No player has this id."""


class ConversationNotFoundError(APIError):
    """No conversation has this id, or none that the caller may see."""


class RateLimitError(APIError):
    """A quota is used up; `retry_after` says for how long."""


_KINDS = {"npc_not_found": NPCNotFoundError, "user_not_found": UserNotFoundError,
          "conversation_not_found": ConversationNotFoundError}


def error_of(status: int, problem: Mapping[str, Any], npc_id: str = "",
             retry_after: Optional[float] = None) -> APIError:
    """The exception for a problem document."""
    kind = _KINDS.get(str(problem.get("code", "")), RateLimitError if status == 429 else APIError)
    error = (NPCNotFoundError(status, problem, npc_id) if kind is NPCNotFoundError
             else kind(status, problem))
    error.retry_after = retry_after
    return error
