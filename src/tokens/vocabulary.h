// The pieces of text a model knows: text -> token ids and back.
#pragma once

#include <cstddef>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/ids.h"
#include "base/result.h"
#include "formats/gguf.h"
#include "tokens/vocabulary_tables.h"

namespace dramatis::tokens {

// What "<|im_end|>" in a text means. Only the template's own text is ever kRecognised: a player, a
// sheet or a model can never form a control token.
enum class Special { kAsLetters, kRecognised };

// Whether a text stands at the start (of everything, or after a control token) or goes on from
// letters that were encoded before: then it gets no leading space.
enum class Place { kStart, kInside };

// Byte-level BPE ("gpt2") or SentencePiece-style ("llama") vocabulary of a GGUF file. Immutable.
class Vocabulary {
 public:
  // Errors: kCorrupt naming the key; kUnsupported for another kind or pre-tokenizer, by name.
  [[nodiscard]] static Result<Vocabulary> from_gguf(const formats::Gguf& file);
  // The same from plain tables.
  [[nodiscard]] static Result<Vocabulary> from_tables(VocabularyTables given);

  Vocabulary(Vocabulary&&) noexcept;
  Vocabulary& operator=(Vocabulary&&) noexcept;
  ~Vocabulary();

  // No begin or end token is added; SentencePiece-style kinds put their leading space where the
  // file says so, and again after each token that is matched whole. User-defined tokens are matched
  // whole in letters too. A byte which the vocabulary lacks becomes the unknown token, or nothing
  // where there is none. Time grows almost linearly. Errors: kInvalidArgument for invalid UTF-8;
  // kOverBudget.
  [[nodiscard]] Result<std::vector<TokenId>> encode(std::string_view text, Special special,
                                                    Place place = Place::kStart) const;

  // The bytes of one token, which may be half a code point; control tokens and the unknown token
  // are empty. Checked: in range.
  [[nodiscard]] std::string_view bytes_of(TokenId id) const&;
  std::string_view bytes_of(TokenId id) && = delete;
  // The token as the file writes it, for people.
  [[nodiscard]] std::string_view name_of(TokenId id) const&;
  std::string_view name_of(TokenId id) && = delete;

  [[nodiscard]] std::size_t size() const;
  // True of control tokens, of the file's begin, end and end of turn, and of "<|...|>" and kin,
  // whatever type the file gives them. encode as letters never makes one.
  [[nodiscard]] bool is_control(TokenId id) const;
  // True of every token after which a model has finished speaking (eos, eot, <|im_end|> and kin).
  [[nodiscard]] bool ends_turn(TokenId id) const;
  // The control token written exactly so, if there is one.
  [[nodiscard]] std::optional<TokenId> control(std::string_view name) const;
  [[nodiscard]] std::optional<TokenId> begin()
      const;  // where the file wants one at the start of a text
  [[nodiscard]] std::optional<TokenId> end() const;  // eos_token_id
  [[nodiscard]] bool begins_texts() const;           // add_bos_token
  [[nodiscard]] std::string_view kind() const&;      // "gpt2" or "llama"
  [[nodiscard]] bool puts_space_first() const;  // add_space_prefix of a SentencePiece-style kind

 private:
  struct Tables;
  explicit Vocabulary(std::unique_ptr<const Tables> tables);
  std::unique_ptr<const Tables> tables_;
};

}  // namespace dramatis::tokens
