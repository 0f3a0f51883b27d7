// Letters gather until a mark or a pause; only then are they encoded.
#include "render/internal/script.h"

#include <algorithm>

#include <fmt/format.h>

namespace dramatis::render::internal {
namespace {

constexpr std::string_view kSpaces = " \t\r\n\v\f";

}  // namespace

void Script::push(TokenId id) {
  pause();
  ids_.push_back(id);
  place_ = tokens::Place::kStart;
}

void Script::mark(std::span<const std::string_view> names) {
  for (const auto name : names) {
    if (const auto id = vocabulary_->control(name)) {
      push(*id);
      return;
    }
  }
  if (!failed_) {
    failed_ =
        Error{ErrorCode::kUnsupported,
              fmt::format("The model's vocabulary of {} tokens has no control token {}, which the "
                          "prompt's template needs. Choose another template.",
                          vocabulary_->size(), fmt::join(names, " or "))};
  }
}

void Script::mark_or_letters(std::string_view name) {
  if (const auto id = vocabulary_->control(name)) {
    push(*id);
  } else {
    letters(name);
  }
}

void Script::end() {
  if (const auto id = vocabulary_->end()) {
    push(*id);
  } else if (!failed_) {
    failed_ = Error{ErrorCode::kUnsupported,
                    "The model's vocabulary names no end token (eos_token_id), which the prompt's "
                    "template needs. Choose another template."};
  }
}

void Script::begin(std::span<const std::string_view> names) {
  if (const auto id = vocabulary_->begin()) {
    push(*id);
  } else {
    mark(names);
  }
}

void Script::begin_if_wanted() {
  if (const auto id = vocabulary_->begin(); id && vocabulary_->begins_texts()) push(*id);
}

void Script::pause() {
  if (pending_.empty() || failed_) return;
  auto encoded = vocabulary_->encode(pending_, tokens::Special::kAsLetters, place_);
  pending_.clear();
  place_ = tokens::Place::kInside;
  if (!encoded) {
    failed_ = std::move(encoded).error();
    return;
  }
  ids_.insert(ids_.end(), encoded->begin(), encoded->end());
}

Result<std::vector<TokenId>> Script::take() {
  pause();
  if (failed_) return tl::unexpected(std::move(*failed_));
  return std::move(ids_);
}

std::string_view flush(std::string_view text) {
  return text.substr(std::min(text.find_first_not_of(kSpaces), text.size()));
}

std::string_view trimmed(std::string_view text) {
  return flush(text.substr(0, text.find_last_not_of(kSpaces) + 1));
}

std::string spelled_apart(std::string_view text, std::span<const std::string_view> marks) {
  std::string out;
  for (std::size_t at = 0; at < text.size(); ++at) {
    out += text[at];
    for (const auto mark : marks) {
      if (!mark.empty() && text.substr(at).starts_with(mark)) {
        out += ' ';
        break;
      }
    }
  }
  return out;
}

}  // namespace dramatis::render::internal
