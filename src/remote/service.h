// What an operator writes to name a service -> how, where and which model it is asked.
#pragma once

#include <string>
#include <string_view>

#include "base/result.h"
#include "remote/wire.h"

namespace dramatis::remote {

// "ollama:http://localhost:11434#llama3.2"
struct Service {
  Protocol protocol = Protocol::kOpenAi;
  std::string url;      // as parse_url takes it
  std::string model{};  // after the #; may be empty

  friend bool operator==(const Service&, const Service&) = default;
};

// Whether `text` is meant as a service, and no file: it begins with http://, https:// or a protocol
// and a colon before them.
[[nodiscard]] bool is_service(std::string_view text);

// [openai:|completions:|ollama:|kobold:]http[s]://HOST[:PORT][/PATH][#MODEL]; without a protocol it
// is OpenAI's chat. Errors: those of parse_url; kInvalidArgument for a protocol that nobody speaks
// or a model's name with other than visible letters.
[[nodiscard]] Result<Service> parse_service(std::string_view text);

// "ollama"
[[nodiscard]] std::string_view protocol_name(Protocol protocol);

}  // namespace dramatis::remote
