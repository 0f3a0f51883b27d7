// The wires, by protocol.
#include "remote/wire.h"

#include "remote/chat_wire.h"
#include "remote/completion_wire.h"
#include "remote/kobold_wire.h"
#include "remote/ollama_wire.h"

namespace dramatis::remote {

const Wire& wire_of(Protocol protocol) {
  static const ChatWire chat;
  static const CompletionWire completions;
  static const OllamaWire ollama;
  static const KoboldWire kobold;
  switch (protocol) {
    case Protocol::kOpenAi:
      return chat;
    case Protocol::kCompletions:
      return completions;
    case Protocol::kOllama:
      return ollama;
    case Protocol::kKobold:
      return kobold;
  }
  return chat;
}

}  // namespace dramatis::remote
