// One letter after another; only what may still become a mark waits.
#include "dialogue/scratchpad.h"

#include <array>

namespace dramatis::dialogue {
namespace {

enum class Side { kOpens, kCloses };

char lower(char c) {
  return c >= 'A' && c <= 'Z' ? static_cast<char>(c + ('a' - 'A')) : c;
}

bool begins_with(std::string_view text, std::string_view beginning) {
  if (text.size() < beginning.size()) return false;
  for (std::size_t n = 0; n < beginning.size(); ++n) {
    if (lower(text[n]) != beginning[n]) return false;
  }
  return true;
}

bool is_space(char c) {
  return c == ' ' || c == '\n' || c == '\t' || c == '\r';
}

std::string_view trimmed(std::string_view text) {
  while (!text.empty() && is_space(text.front())) text.remove_prefix(1);
  while (!text.empty() && is_space(text.back())) text.remove_suffix(1);
  return text;
}

}  // namespace

struct Scratchpad::Mark {
  std::string_view word;  // in small letters
  Kind kind;
  Side side;

  // No mark begins another, so the first that matches is the one.
  static const std::array<Mark, 6> kAll;
};

const std::array<Scratchpad::Mark, 6> Scratchpad::Mark::kAll{
    {{"#scratchpad", Kind::kHash, Side::kOpens},
     {"#answer", Kind::kHash, Side::kCloses},
     {"<scratchpad>", Kind::kScratchpadTag, Side::kOpens},
     {"</scratchpad>", Kind::kScratchpadTag, Side::kCloses},
     {"<think>", Kind::kThinkTag, Side::kOpens},
     {"</think>", Kind::kThinkTag, Side::kCloses}}};

const Scratchpad::Mark* Scratchpad::mark_at(std::string_view text) {
  for (const auto& mark : Mark::kAll) {
    if (begins_with(text, mark.word)) return &mark;
  }
  return nullptr;
}

bool Scratchpad::may_begin_mark(std::string_view text) {
  for (const auto& mark : Mark::kAll) {
    if (text.size() < mark.word.size() && begins_with(mark.word, text)) return true;
  }
  return false;
}

std::string Scratchpad::push(std::string_view piece) {
  std::string out;
  pending_ += piece;
  consume(false, out);
  return out;
}

std::string Scratchpad::finish() {
  std::string out;
  consume(true, out);
  // Nothing closed anything: what was held back is speech. An open thought stays private.
  if (depth_ == 0) release_held(out);
  if (depth_ > 0) {
    depth_ = 1;
    meet({"", open_, Side::kCloses}, out);
  }
  spaces_.clear();
  return out;
}

void Scratchpad::consume(bool at_end, std::string& out) {
  std::size_t at = 0;
  while (at < pending_.size()) {
    const std::string_view rest = std::string_view(pending_).substr(at);
    if (const Mark* mark = mark_at(rest)) {
      meet(*mark, out);
      at += mark->word.size();
      continue;
    }
    std::string folded(rest.substr(0, 16));  // longer than every mark
    for (char& c : folded) c = lower(c);
    if (!at_end && rest.size() < 16 && may_begin_mark(folded)) break;
    take(pending_[at], out);
    ++at;
  }
  pending_.erase(0, at);
}

void Scratchpad::meet(const Mark& mark, std::string& out) {
  swallow_colon_ = mark.kind == Kind::kHash;
  if (depth_ > 0) {
    if (mark.kind != open_) return;
    if (mark.side == Side::kOpens) {
      if (mark.kind != Kind::kHash) ++depth_;
      return;
    }
    if (--depth_ > 0) return;
  } else if (mark.side == Side::kOpens) {
    release_held(out);
    decided_ = true;
    open_ = mark.kind;
    depth_ = 1;
    return;
  } else if (!decided_ && expect_ == Expect::kThoughts) {
    thought_ = std::move(held_);
    held_.clear();
  }
  decided_ = true;
  const std::string_view kept = trimmed(thought_);
  if (!kept.empty()) {
    if (!thoughts_.empty()) thoughts_ += '\n';
    thoughts_ += kept;
  }
  thought_.clear();
}

void Scratchpad::take(char letter, std::string& out) {
  const bool swallow = swallow_colon_ && letter == ':';
  swallow_colon_ = false;
  if (swallow) return;
  if (depth_ > 0) {
    thought_ += letter;
  } else if (!decided_ && expect_ == Expect::kThoughts) {
    held_ += letter;
  } else {
    say({&letter, 1}, out);
  }
}

void Scratchpad::say(std::string_view text, std::string& out) {
  for (const char c : text) {
    if (is_space(c)) {
      if (said_anything_) spaces_ += c;
      continue;
    }
    out += spaces_;
    spaces_.clear();
    out += c;
    said_anything_ = true;
  }
}

void Scratchpad::release_held(std::string& out) {
  say(held_, out);
  held_.clear();
}

std::string Scratchpad::thoughts() const {
  return thoughts_;
}

}  // namespace dramatis::dialogue
