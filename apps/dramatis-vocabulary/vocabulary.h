// Learns a vocabulary from text with SentencePiece and encodes with it.
#pragma once

#include <cstdint>
#include <filesystem>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"

namespace dramatis::train {

// Ids that every vocabulary of ours has, in this order.
constexpr std::int32_t kUnknownId = 0;
constexpr std::int32_t kBeginId = 1;
constexpr std::int32_t kEndId = 2;
constexpr std::int32_t kTurnStartId = 3;  // <|im_start|>
constexpr std::int32_t kTurnEndId = 4;    // <|im_end|>

// One entry as GGUF wants it.
struct Piece {
  std::string text;
  float score;        // merges are tried from the highest
  std::int32_t type;  // 1 normal, 2 unknown, 3 control, 6 byte
};

// BPE with byte fallback and no leading space: what runs as a "llama" vocabulary in GGUF. Immutable.
class Vocabulary {
 public:
  // `lines` is the text to learn from. Errors: kInvalidArgument with SentencePiece's own words.
  [[nodiscard]] static Result<Vocabulary> learn(const std::vector<std::string>& lines, std::size_t pieces);
  // The bytes that `serialized` gave. Errors: kCorrupt.
  [[nodiscard]] static Result<Vocabulary> parse(std::string_view serialized);

  Vocabulary(Vocabulary&&) noexcept;
  Vocabulary& operator=(Vocabulary&&) noexcept;
  ~Vocabulary();

  // Ids of `text`, which never becomes a control token.
  [[nodiscard]] std::vector<std::int32_t> encode(std::string_view text) const;
  [[nodiscard]] std::vector<Piece> pieces() const;
  [[nodiscard]] std::string serialized() const;

 private:
  struct Processor;
  explicit Vocabulary(std::unique_ptr<Processor> processor);
  std::unique_ptr<Processor> processor_;
};

}  // namespace dramatis::train
