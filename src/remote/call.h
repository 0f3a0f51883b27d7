// One attempt: a request goes out, its answer becomes text at a listener, or comes back whole.
#pragma once

#include <stop_token>
#include <string>
#include <string_view>

#include "remote/remote_model.h"
#include "remote/reply.h"

namespace dramatis::remote {

// What one attempt needs to know. All of it outlives the attempt.
struct Call {
  const RemoteOptions& options;
  const Url& url;
  const Transport& transport;
  const Clock& clock;
  const Headers& headers;
  std::string_view resource;  // below the service's address: "/chat/completions"
  const std::string& body;
  SteadyTime deadline;
  std::stop_token stop;
};

// How a reply ended.
struct Ending {
  lm::StopReason why = lm::StopReason::kEndOfTurn;
  Usage usage{};
  std::size_t events = 0;  // that held text: about one per token
};

// Gives the reply to `reply`, finished. Errors as of LanguageModel::generate.
[[nodiscard]] Attempt<Ending> attempt(const Call& call, Reply& reply);

// The JSON of a whole answer, at most kMaxAnswerBytes. Errors as of Embedder::embed.
[[nodiscard]] Attempt<std::string> fetch(const Call& call);

}  // namespace dramatis::remote
