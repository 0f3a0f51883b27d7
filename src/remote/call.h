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
  const Wire& wire;
  std::string_view resource;  // below the service's address: "/chat/completions"
  Streaming stream = Streaming::kOff;
  const std::string& body;
  SteadyTime deadline;
  std::stop_token stop;
};

// What became of an attempt beside its outcome.
struct Traces {
  bool sent = false;  // the service may be at work on it
};

// How a reply ended.
struct Ending {
  lm::StopReason why = lm::StopReason::kEndOfTurn;
  Usage usage{};
  std::size_t events = 0;  // that held text: about one per token
  bool whole = true;       // the service said how it ended; else it may still be at work
};

// Gives the reply to `reply`, finished. Errors as of LanguageModel::generate.
[[nodiscard]] Attempt<Ending> attempt(const Call& call, Reply& reply, Traces& traces);

// The JSON of a whole answer, at most kMaxAnswerBytes. Errors as of Embedder::embed.
[[nodiscard]] Attempt<std::string> fetch(const Call& call);

// Whether a GET of the call's resource is answered by a service that would take a request.
[[nodiscard]] Attempt<void> feel_pulse(const Call& call);

}  // namespace dramatis::remote
