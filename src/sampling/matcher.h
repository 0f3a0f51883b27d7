// A grammar and the bytes so far -> which bytes may come next.
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "base/result.h"
#include "sampling/grammar.h"

namespace dramatis::sampling {

// Walks all readings of a text at once. The places at which a text may stand in the grammar are one
// state; states that are equal are one, and a step from one of them by one byte is computed once
// and then looked up, whatever token, text or reply asks for it. One thread at a time.
class Matcher {
 public:
  enum class State : std::uint32_t {};
  // Nothing that begins so is allowed.
  static constexpr State kDead{0};

  explicit Matcher(Grammar grammar);

  // Before the first byte. Errors: kOverBudget where the text could stand at more than kMaxPlaces.
  [[nodiscard]] Result<State> start();
  // After one more byte. Errors: kOverBudget as above, where more than kMaxRemembered is known
  // (forget() mends it), or where more than kMaxWork was done since refill().
  [[nodiscard]] Result<State> step(State from, std::uint8_t byte) {
    if (const auto known = known_step(from, byte)) return *known;
    return compute(from, grammar_.class_of[byte]);
  }
  // The same where it was computed before, or nothing.
  [[nodiscard]] std::optional<State> known_step(State from, std::uint8_t byte) const {
    const auto known = steps_[static_cast<std::size_t>(from) * classes_ + grammar_.class_of[byte]];
    if (known == kUnknown) return std::nullopt;
    return static_cast<State>(known);
  }
  [[nodiscard]] Result<State> step(State from, std::string_view bytes);

  // The whole text may end here.
  [[nodiscard]] bool may_end(State at) const {
    return states_[static_cast<std::size_t>(at)].may_end;
  }
  // Something may follow. Where nothing may and the text may not end, it has come to a dead end.
  [[nodiscard]] bool may_go_on(State at) const {
    return states_[static_cast<std::size_t>(at)].count > 0;
  }

  // Steps may look at kMaxWork places more before they fail with kOverBudget.
  void refill() { work_ = 0; }

  // True once more than half of what may be remembered is.
  [[nodiscard]] bool is_full() const;
  // Drops every state but `kept`, which is given back under its new name.
  [[nodiscard]] State forget(State kept);

 private:
  // A node of the grammar, and what follows when its rule returns: a frame, 0 for nothing.
  struct Place {
    std::uint32_t node;
    std::uint32_t frame;
    friend auto operator<=>(const Place&, const Place&) = default;
  };
  struct Frame {
    std::uint32_t node;  // where the caller goes on
    std::uint32_t outer;
    std::uint32_t depth;
  };
  struct Known {
    std::size_t first;  // of places_
    std::size_t count;
    bool may_end;
  };
  static constexpr std::uint32_t kUnknown = 0xFFFF'FFFF;

  [[nodiscard]] Result<State> compute(State from, std::size_t byte_class);
  // Follows everything that takes no byte, from open_ to reached_ and may_end_.
  [[nodiscard]] Status spread();
  void follow(Place at);
  [[nodiscard]] std::uint32_t frame(std::uint32_t node, std::uint32_t outer);
  [[nodiscard]] Result<State> name_reached();
  void clear();
  [[nodiscard]] State add_state(const std::vector<Place>& places, bool may_end);
  [[nodiscard]] std::size_t remembered() const;

  Grammar grammar_;
  std::size_t classes_;
  std::vector<std::uint32_t> steps_;  // [states, classes]
  std::vector<Known> states_;
  std::vector<Place> places_;
  std::unordered_multimap<std::uint64_t, std::uint32_t> by_digest_;
  std::vector<Frame> frames_;
  std::unordered_map<std::uint64_t, std::uint32_t> frame_of_;  // (node, outer) -> frame

  // Of the step under way.
  std::vector<Place> open_;
  std::vector<Place> reached_;
  std::unordered_map<std::uint64_t, bool> visited_;
  bool may_end_ = false;
  std::size_t work_ = 0;  // places looked at since refill()
};

}  // namespace dramatis::sampling
