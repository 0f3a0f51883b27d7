// Sets of places, computed when they are first asked for. Source: Thompson 1968 (sets of states);
// the stack of rules as linked frames, equal ones shared.
#include "sampling/matcher.h"

#include <algorithm>

#include <fmt/format.h>

#include "base/check.h"
#include "sampling/limits.h"

namespace dramatis::sampling {
namespace {

std::uint64_t both(std::uint32_t a, std::uint32_t b) {
  return std::uint64_t{a} << 32 | b;
}

// Source: Steele, Lea, Flood 2014, "Fast splittable pseudorandom number generators" (the mixer).
std::uint64_t mix(std::uint64_t value) {
  value = (value ^ (value >> 30)) * 0xBF58476D1CE4E5B9;
  value = (value ^ (value >> 27)) * 0x94D049BB133111EB;
  return value ^ (value >> 31);
}

}  // namespace

Matcher::Matcher(Grammar grammar)
    : grammar_(std::move(grammar)), classes_(grammar_.example_of.size()) {
  clear();
}

void Matcher::clear() {
  steps_.clear();
  states_.clear();
  places_.clear();
  by_digest_.clear();
  frames_.assign(1, {});  // frame 0 is the end of the whole text
  frame_of_.clear();
  const State dead = add_state({}, false);
  DRAMATIS_CHECK(dead == kDead);
  std::ranges::fill(steps_, static_cast<std::uint32_t>(kDead));
}

Matcher::State Matcher::add_state(const std::vector<Place>& places, bool may_end) {
  states_.push_back({.first = places_.size(), .count = places.size(), .may_end = may_end});
  places_.insert(places_.end(), places.begin(), places.end());
  steps_.resize(states_.size() * classes_, kUnknown);
  return static_cast<State>(states_.size() - 1);
}

std::size_t Matcher::remembered() const {
  return places_.size() + steps_.size() + frames_.size();
}

bool Matcher::is_full() const {
  return remembered() > kMaxRemembered / 2;
}

Result<Matcher::State> Matcher::start() {
  open_.assign(1, {.node = grammar_.starts.front(), .frame = 0});
  DRAMATIS_DO(spread());
  return name_reached();
}

Result<Matcher::State> Matcher::step(State from, std::string_view bytes) {
  for (const char byte : bytes) {
    if (from == kDead) break;
    DRAMATIS_TRY(from, step(from, static_cast<std::uint8_t>(byte)));
  }
  return from;
}

Result<Matcher::State> Matcher::compute(State from, std::size_t byte_class) {
  if (remembered() > kMaxRemembered) {
    return fail(ErrorCode::kOverBudget,
                fmt::format("The grammar leads to more than {} states within one token. Write it "
                            "with fewer ways to read the same text.",
                            states_.size()));
  }
  const auto byte = grammar_.example_of[byte_class];
  const auto& known = states_[static_cast<std::size_t>(from)];
  open_.clear();
  for (std::size_t n = 0; n < known.count; ++n) {
    const Place place = places_[known.first + n];
    const auto& node = grammar_.nodes[place.node];
    for (std::uint32_t e = node.first; e < node.first + node.count; ++e) {
      const auto& edge = grammar_.edges[e];
      if (edge.first <= byte && byte <= edge.last)
        open_.push_back({.node = edge.to, .frame = place.frame});
    }
  }
  DRAMATIS_DO(spread());
  DRAMATIS_TRY(const State to, name_reached());
  steps_[static_cast<std::size_t>(from) * classes_ + byte_class] = static_cast<std::uint32_t>(to);
  return to;
}

Status Matcher::spread() {
  visited_.clear();
  reached_.clear();
  may_end_ = false;
  while (!open_.empty()) {
    const Place at = open_.back();
    open_.pop_back();
    if (!visited_.try_emplace(both(at.node, at.frame), true).second) continue;
    if (++work_ > kMaxWork) {
      return fail(ErrorCode::kOverBudget,
                  fmt::format("The grammar leads to more than {} places within one token. Write it "
                              "with fewer alternatives that begin alike.",
                              kMaxWork));
    }
    // Between places that take a byte lie calls, branches and returns: a few for each.
    if (reached_.size() > kMaxPlaces || visited_.size() > 8 * kMaxPlaces) {
      return fail(
          ErrorCode::kOverBudget,
          fmt::format("The grammar can be read in more than {} ways at one place. Write it "
                      "with fewer alternatives that begin alike, and x{{0,n}} for x? x? x?.",
                      kMaxPlaces));
    }
    follow(at);
  }
  return {};
}

void Matcher::follow(Place at) {
  const auto& node = grammar_.nodes[at.node];
  switch (node.kind) {
    case Grammar::Kind::kBytes:
      reached_.push_back(at);
      return;
    case Grammar::Kind::kBranch:
      for (std::uint32_t n = node.first; n < node.first + node.count; ++n)
        open_.push_back({.node = grammar_.branches[n], .frame = at.frame});
      return;
    case Grammar::Kind::kCall: {
      // A rule that has nothing left to do is not returned to: a list needs no stack.
      const bool is_last = grammar_.nodes[node.next].kind == Grammar::Kind::kReturn;
      if (!is_last && frames_[at.frame].depth >= grammar_.max_depth) return;
      open_.push_back({.node = grammar_.starts[node.rule],
                       .frame = is_last ? at.frame : frame(node.next, at.frame)});
      return;
    }
    case Grammar::Kind::kReturn:
      if (at.frame == 0) {
        may_end_ = true;
      } else {
        open_.push_back({.node = frames_[at.frame].node, .frame = frames_[at.frame].outer});
      }
      return;
  }
}

std::uint32_t Matcher::frame(std::uint32_t node, std::uint32_t outer) {
  const auto [found, is_new] =
      frame_of_.try_emplace(both(node, outer), static_cast<std::uint32_t>(frames_.size()));
  if (is_new) frames_.push_back({.node = node, .outer = outer, .depth = frames_[outer].depth + 1});
  return found->second;
}

Result<Matcher::State> Matcher::name_reached() {
  if (reached_.empty() && !may_end_) return kDead;
  std::ranges::sort(reached_);
  std::uint64_t digest = may_end_ ? 1 : 2;
  for (const auto& place : reached_) digest = mix(digest ^ both(place.node, place.frame));
  const auto [begin, end] = by_digest_.equal_range(digest);
  for (auto known = begin; known != end; ++known) {
    const auto& state = states_[known->second];
    const auto places = std::span(places_).subspan(state.first, state.count);
    if (state.may_end == may_end_ && std::ranges::equal(places, reached_))
      return static_cast<State>(known->second);
  }
  const State made = add_state(reached_, may_end_);
  by_digest_.emplace(digest, static_cast<std::uint32_t>(made));
  return made;
}

Matcher::State Matcher::forget(State kept) {
  const auto state = states_[static_cast<std::size_t>(kept)];
  const std::vector<Place> places(
      places_.begin() + static_cast<std::ptrdiff_t>(state.first),
      places_.begin() + static_cast<std::ptrdiff_t>(state.first + state.count));
  const auto frames = frames_;
  clear();
  if (kept == kDead) return kDead;
  reached_.clear();
  for (const auto& place : places) {
    std::vector<std::uint32_t> path;  // from the innermost frame outwards
    for (auto at = place.frame; at != 0; at = frames[at].outer) path.push_back(frames[at].node);
    std::uint32_t rebuilt = 0;
    for (auto node = path.rbegin(); node != path.rend(); ++node) rebuilt = frame(*node, rebuilt);
    reached_.push_back({.node = place.node, .frame = rebuilt});
  }
  may_end_ = state.may_end;
  return name_reached().value();
}

}  // namespace dramatis::sampling
