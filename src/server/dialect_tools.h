// A client's tools: how they are told to a model, and how a call is known in a reply.
//
// A call is a reply that is one JSON object, {"name": NAME, "arguments": {...}}, with the name of a
// tool that was offered. Where a call is asked for, a grammar sees to it; where the reply may be
// words or a call, it is a call exactly if its first letter is '{' and the whole of it is one.
#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "lm/language_model.h"
#include "server/dialect_ask.h"

namespace dramatis::server {

// OpenAI's `tools` and `tool_choice`, which Ollama has too. kAsItLikes where there are tools and no
// choice; a named function leaves that one alone in the list, to be called.
[[nodiscard]] Judged<Tools> read_tools(const text::Json* tools, const text::Json* choice);

// For the prompt: what can be called and how; empty where nothing can.
[[nodiscard]] std::string tell_tools(const Tools& tools);

// The form of a reply that is a call. Checked: there is a tool.
[[nodiscard]] lm::GrammarText call_grammar(const Tools& tools);

struct ToolCall {
  std::string name{};
  text::Json arguments{};  // an object

  friend bool operator==(const ToolCall&, const ToolCall&) = default;
};

// A call as a model writes it, and as a history shows it to a model.
[[nodiscard]] std::string print_call(const ToolCall& call);
// The call that `reply` is, or nothing.
[[nodiscard]] std::optional<ToolCall> call_in(std::string_view reply, const Tools& tools);

// Passes words on, but keeps a reply back that may be a call until it has ended. One thread at a
// time.
class CallSieve final : public lm::TextSink {
 public:
  // What it is given outlives it.
  CallSieve(const Tools& tools, lm::TextSink& words) : tools_(tools), words_(words) {}

  [[nodiscard]] lm::Go write(std::string_view text) override;
  // At the end: the call, if it was one; else the rest of the words goes out.
  [[nodiscard]] std::optional<ToolCall> finish();

 private:
  const Tools& tools_;
  lm::TextSink& words_;
  std::string held_;
  bool is_words_ = false;  // true: nothing is kept back any more
};

}  // namespace dramatis::server
