// A trained adapter -> a service that runs, here or elsewhere, and an NPC that speaks with it.
#pragma once

#include <filesystem>
#include <optional>
#include <stop_token>
#include <string>

#include "base/clock.h"
#include "base/result.h"
#include "remote/exchange.h"
#include "remote/url.h"
#include "text/json.h"

namespace dramatis::app {

// What the command line says of it.
struct ServeArgs {
  std::string address{};       // http://127.0.0.1:8077; empty: nothing is served
  std::string as{};            // the adapter's name there; empty: the recipe's
  std::string npc{};           // who is to speak with it: an id, a character or a name
  std::string model{};         // for which model of the service; empty: the NPC's, or its first
  std::string key_variable{};  // that holds an owner's key
  std::filesystem::path key_file{};  // the same in its first line
};

// One thread at a time.
class ServiceClient {
 public:
  // Whether the service answers, lets an owner in and knows the NPC: asked before hours of
  // training. The key is that of `args`, or of DRAMATIS_SERVE_KEY_FILE where they name none.
  // `clock` outlives it. Errors: kUnavailable, kRefused, kNotFound; those of parse_url and
  // read_key.
  [[nodiscard]] static Result<ServiceClient> open(const ServeArgs& args, const Clock& clock,
                                                  std::stop_token stop);

  // Puts the file there under `name`, loads it, and gives it to the NPC. Tells what there is now.
  // Errors: as above, and what the service says against it.
  [[nodiscard]] Result<std::string> give(const std::string& name,
                                         const std::filesystem::path& file) const;

 private:
  struct Asked {
    std::string_view method{};
    std::string path{};
    std::string_view type{};
    std::string body{};
  };

  ServiceClient(remote::Url url, remote::Transport transport, const Clock& clock,
                std::stop_token stop)
      : url_(std::move(url)),
        transport_(std::move(transport)),
        clock_(&clock),
        stop_(std::move(stop)) {}
  [[nodiscard]] Result<text::Json> ask(const Asked& asked) const;
  [[nodiscard]] Status find_npc(const std::string& wanted);

  remote::Url url_;
  remote::Transport transport_;
  const Clock* clock_;
  std::stop_token stop_;
  std::string key_{};
  std::string model_{};
  std::string npc_{};  // its id; empty: nobody was named
};

}  // namespace dramatis::app
