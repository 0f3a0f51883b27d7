// The foreign dialects: which addresses they have, what their handlers share, and in whose shape a
// refusal is told.
#pragma once

#include <atomic>
#include <chrono>
#include <cstdint>
#include <functional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "lm/embedder.h"
#include "lm/text_continuer.h"
#include "server/api.h"
#include "server/dialect_fault.h"
#include "server/generations.h"
#include "server/http.h"
#include "server/route.h"

namespace dramatis::server {

enum class Dialect { kOpenAi, kOllama, kKobold };

// What stands at "/": the sentence by which Ollama's clients know it, or something of somebody
// else's.
enum class Root { kOllamas, kAnothers };

struct DialectOptions {
  Root root = Root::kOllamas;
  lm::Embedder* vectors = nullptr;  // null: the models make them
  // What goes on from texts as the model of this name does; null where it takes messages alone.
  // Empty: none does. What it gives outlives the dialects.
  std::function<lm::TextContinuer*(std::string_view model)> continuer_of{};
};

// What handlers share. Thread-safe.
struct Dialects {
  // `native` outlives it.
  explicit Dialects(const Api& native, DialectOptions chosen = {})
      : api(native), with(native.with), options(std::move(chosen)) {}

  const Api& api;
  const dialogue::Ports& with;
  const DialectOptions options;
  Generations generations{};           // that KoboldAI's clients may stop
  std::atomic<std::size_t> talks = 0;  // of Evennia, under way
};

// The addresses of all dialects. `api` and what `options` names outlive them.
[[nodiscard]] std::vector<Route> dialect_routes(const Api& api, DialectOptions options = {});
// The same for what somebody else keeps, and outlives them.
[[nodiscard]] std::vector<Route> dialect_routes(Dialects& with);
// A problem document in the shape of `dialect`, with its status and headers.
[[nodiscard]] Response in_dialect(Dialect dialect, Response problem);

// A service whose clients look for it at a port of its own.
struct CompatPort {
  std::string_view name;
  std::uint16_t port;
  std::string_view greeting{};  // what its clients want to read at "/"; empty: nothing
};
// "ollama", "kobold" and "webui".
[[nodiscard]] std::span<const CompatPort> compat_ports();
// "ollama,kobold" -> its entries, each once. Errors: kInvalidArgument naming the one that is
// unknown, and the known ones.
[[nodiscard]] Result<std::vector<CompatPort>> parse_compat(std::string_view names);

}  // namespace dramatis::server
