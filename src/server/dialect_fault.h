// What is wrong with a request of a foreign dialect, and where. Each dialect prints it in a shape
// of its own.
#pragma once

#include <string>

#include <tl/expected.hpp>

#include "base/result.h"
#include "server/http.h"
#include "server/problem.h"

namespace dramatis::server {

struct Fault {
  Fault(ErrorCode why, std::string told, std::string where = {})
      : code(why), what(std::move(told)), field(std::move(where)) {}
  // Of a room below: told as far as a client may know it.
  Fault(const Error& error);  // NOLINT(google-explicit-constructor)
  // With the status and the headers that it has.
  Fault(const Failure& failure);  // NOLINT(google-explicit-constructor)

  ErrorCode code;
  std::string what;   // a sentence for whoever wrote the client
  std::string field;  // "messages[1].content"; empty: none in particular
  int status = 0;     // of the answer; 0: as the dialect has it for `code`
  Headers headers{};  // of the answer
};

template <class T>
using Judged = tl::expected<T, Fault>;

// A wrong field of a request.
inline tl::unexpected<Fault> wrong(std::string field, std::string what) {
  return tl::unexpected<Fault>(
      Fault(ErrorCode::kInvalidArgument, std::move(what), std::move(field)));
}

// The status that Ollama and KoboldAI have for it.
[[nodiscard]] int status_of(const Fault& fault);

// The answer to a fault in a dialect's `body`, with `status` where it has none of its own, and with
// when to come back, where that helps.
[[nodiscard]] Response fault_response(const Fault& fault, int status, std::string body);

}  // namespace dramatis::server
