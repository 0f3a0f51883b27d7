// Requests that were let in -> rooms above the port, and their answers as JSON or events.
#pragma once

#include <chrono>

#include "dialogue/ports.h"
#include "server/http.h"
#include "server/limits.h"

namespace dramatis::server {

// Thread-safe. Whoever is let in is the owner: on loopback without a key, or as the holder of the
// key.
class Api {
 public:
  // What `with` refers to outlives it.
  explicit Api(dialogue::Ports with, std::chrono::milliseconds turn_time = kTurnTime)
      : with_(with), turn_time_(turn_time) {}

  // Answers once, or with events that end in `done` or `error`.
  void handle(const Request& request, Answer& answer) const;

 private:
  [[nodiscard]] Result<Response> make_user(const Request& request) const;
  [[nodiscard]] Result<Response> make_npc(const Request& request) const;
  [[nodiscard]] Result<Response> list_npcs() const;
  [[nodiscard]] Result<Response> show_history(const Request& request, std::string_view npc) const;
  [[nodiscard]] Result<Response> forget(const Request& request, std::string_view npc) const;
  void chat(const Request& request, std::string_view npc, Answer& answer) const;

  dialogue::Ports with_;
  std::chrono::milliseconds turn_time_;
};

}  // namespace dramatis::server
