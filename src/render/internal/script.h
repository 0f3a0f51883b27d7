// Marks and letters in the order of a prompt -> token ids.
#pragma once

#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "base/ids.h"
#include "base/result.h"
#include "tokens/vocabulary.h"

namespace dramatis::render::internal {

// Remembers the first error; what follows it is ignored. One thread at a time.
class Script {
 public:
  // `vocabulary` must outlive this.
  explicit Script(const tokens::Vocabulary& vocabulary) : vocabulary_(&vocabulary) {}

  // The control token of one of `names`, the first that exists. kUnsupported where none does.
  void mark(std::span<const std::string_view> names);
  void mark(std::string_view name) { mark(std::span(&name, 1)); }
  // The control token `name`, or its letters.
  void mark_or_letters(std::string_view name);
  [[nodiscard]] bool has(std::string_view name) const {
    return vocabulary_->control(name).has_value();
  }
  // The vocabulary's end token. kUnsupported where it has none.
  void end();
  // The vocabulary's begin token, or the first of `names`.
  void begin(std::span<const std::string_view> names);
  // The vocabulary's begin token, where it begins texts.
  void begin_if_wanted();
  // Encoded together with the letters before it.
  void letters(std::string_view text) { pending_ += text; }
  // What was written so far no longer depends on what follows.
  void pause();

  [[nodiscard]] Result<std::vector<TokenId>> take();

 private:
  void push(TokenId id);

  const tokens::Vocabulary* vocabulary_;
  std::vector<TokenId> ids_;
  std::string pending_;
  tokens::Place place_ = tokens::Place::kStart;
  std::optional<Error> failed_;
};

// `text` without the white space around it.
[[nodiscard]] std::string_view trimmed(std::string_view text);

// `text` without the white space before it.
[[nodiscard]] std::string_view flush(std::string_view text);

// `text` with a space inside each of `marks` (empty ones aside) that it spells, so that it cannot
// pass for the template.
[[nodiscard]] std::string spelled_apart(std::string_view text,
                                        std::span<const std::string_view> marks);

}  // namespace dramatis::render::internal
