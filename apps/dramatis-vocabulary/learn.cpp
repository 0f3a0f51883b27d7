// SentencePiece behind one function. Its protobuf clashes with libtorch's, hence a program of its
// own.
#include "learn.h"

#include <fmt/format.h>
#include <sentencepiece_processor.h>
#include <sentencepiece_trainer.h>

namespace dramatis::app {
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

std::int32_t type_of(const sentencepiece::SentencePieceProcessor& model, int id) {
  if (model.IsUnknown(id)) return 2;
  if (model.IsControl(id)) return 3;
  return model.IsByte(id) ? 6 : 1;
}

}  // namespace

Result<std::vector<Piece>> learn_pieces(const std::vector<std::string>& lines, std::size_t count) {
  // Spaces and capitals stay as they are: a reply must come out as it was written.
  const std::string settings = fmt::format(
      "--model_type=bpe --vocab_size={} --byte_fallback=true --character_coverage=1.0 "
      "--normalization_rule_name=identity --add_dummy_prefix=false "
      "--remove_extra_whitespaces=false "
      "--split_digits=true --unk_id=0 --bos_id=1 --eos_id=2 --pad_id=-1 "
      "--control_symbols=<|im_start|>,<|im_end|> --num_threads=2 --minloglevel=2 "
      "--max_sentence_length=1000000",
      count);
  std::string serialized;
  Lines iterator(lines);
  const auto learnt = sentencepiece::SentencePieceTrainer::Train(settings, &iterator, &serialized);
  if (!learnt.ok()) return fail(ErrorCode::kInvalidArgument, "SentencePiece: " + learnt.ToString());
  sentencepiece::SentencePieceProcessor model;
  if (const auto loaded = model.LoadFromSerializedProto(serialized); !loaded.ok()) {
    return fail(ErrorCode::kInternal, "SentencePiece: " + loaded.ToString());
  }
  std::vector<Piece> pieces;
  for (int id = 0; id < model.GetPieceSize(); ++id) {
    pieces.push_back(
        {.text = model.IdToPiece(id), .score = model.GetScore(id), .type = type_of(model, id)});
  }
  return pieces;
}

}  // namespace dramatis::app
