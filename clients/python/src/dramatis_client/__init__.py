"""Talk to the characters of a Dramatis service.

    from dramatis_client import NPCFactory

    factory = NPCFactory("http://127.0.0.1:8080")
    alice = factory.register_user("Alice")
    smith = factory.register_npc("A village by a river.", "You are Iva, the smith.")
    print(factory.chat_with_npc(smith, alice, "Good day!"))
"""
from .errors import (APIError, ConnectionFailed, ConversationNotFoundError, NPCFactoryError,
                     NPCNotFoundError, RateLimitError, UserNotFoundError)
from .factory import NPCFactory, Reply, Stream, UserId

__all__ = ["APIError", "ConnectionFailed", "ConversationNotFoundError", "NPCFactory",
           "NPCFactoryError", "NPCNotFoundError", "RateLimitError", "Reply", "Stream", "UserId",
           "UserNotFoundError"]
