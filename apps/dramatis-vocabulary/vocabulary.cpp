// SentencePiece behind a value type.
#include "train/vocabulary.h"

#include <fmt/format.h>
#include <sentencepiece_processor.h>
#include <sentencepiece_trainer.h>

namespace dramatis::train {
namespace {

// Hands lines to SentencePiece without a file between.
class Lines final : public sentencepiece::SentenceIterator {
 public:
  explicit Lines(const std::vector<std::string>& lines) : lines_(lines) {}
  [[nodiscard]] bool done() const override { return next_ == lines_.size(); }
  void Next() override { ++next_; }
  [[nodiscard]] const std::string& value() const override { return lines_[next_]; }
  [[nodiscard]] sentencepiece::util::Status status() const override { return {}; }

 private:
  const std::vector<std::string>& lines_;
  std::size_t next_ = 0;
};

}  // namespace

struct Vocabulary::Processor {
  sentencepiece::SentencePieceProcessor inner;
};

Vocabulary::Vocabulary(std::unique_ptr<Processor> processor) : processor_(std::move(processor)) {}
Vocabulary::Vocabulary(Vocabulary&&) noexcept = default;
Vocabulary& Vocabulary::operator=(Vocabulary&&) noexcept = default;
Vocabulary::~Vocabulary() = default;

Result<Vocabulary> Vocabulary::learn(const std::vector<std::string>& lines, std::size_t pieces) {
  // Spaces and capitals stay as they are: a reply must come out as it was written.
  const std::string settings = fmt::format(
      "--model_type=bpe --vocab_size={} --byte_fallback=true --character_coverage=1.0 "
      "--normalization_rule_name=identity --add_dummy_prefix=false --remove_extra_whitespaces=false "
      "--split_digits=true --unk_id={} --bos_id={} --eos_id={} --pad_id=-1 "
      "--control_symbols=<|im_start|>,<|im_end|> --num_threads=2 --minloglevel=2 --max_sentence_length=1000000",
      pieces, kUnknownId, kBeginId, kEndId);
  std::string model;
  Lines iterator(lines);
  const auto learnt = sentencepiece::SentencePieceTrainer::Train(settings, &iterator, &model);
  if (!learnt.ok()) return fail(ErrorCode::kInvalidArgument, "SentencePiece: " + learnt.ToString());
  return parse(model);
}

Result<Vocabulary> Vocabulary::parse(std::string_view serialized) {
  auto processor = std::make_unique<Processor>();
  const auto loaded = processor->inner.LoadFromSerializedProto({serialized.data(), serialized.size()});
  if (!loaded.ok()) return fail(ErrorCode::kCorrupt, "SentencePiece: " + loaded.ToString());
  if (processor->inner.PieceToId("<|im_end|>") != kTurnEndId) {
    return fail(ErrorCode::kCorrupt, "The vocabulary lacks <|im_end|> at its place.");
  }
  return Vocabulary(std::move(processor));
}

std::vector<std::int32_t> Vocabulary::encode(std::string_view text) const {
  return processor_->inner.EncodeAsIds({text.data(), text.size()});
}

std::vector<Piece> Vocabulary::pieces() const {
  const auto& inner = processor_->inner;
  std::vector<Piece> pieces;
  for (int id = 0; id < inner.GetPieceSize(); ++id) {
    const std::int32_t type = inner.IsUnknown(id) ? 2 : inner.IsControl(id) ? 3 : inner.IsByte(id) ? 6 : 1;
    pieces.push_back({.text = inner.IdToPiece(id), .score = inner.GetScore(id), .type = type});
  }
  return pieces;
}

std::string Vocabulary::serialized() const {
  const auto proto = processor_->inner.serialized_model_proto();
  return {proto.data(), proto.size()};
}

}  // namespace dramatis::train
