// The story of a vector: words to tokens, tokens to states, states to their mean.
#include "engine/encoder.h"

#include <algorithm>
#include <thread>

#include <fmt/format.h>

#include "lm/judge_texts.h"
#include "runtime/limits.h"

namespace dramatis::engine {
namespace {

constexpr std::string_view kWeights = "model.safetensors";

struct Parts {
  model::BertEncoder encoder;
  tokens::WordPieces words;
  std::size_t most_tokens;
};

Result<Parts> read_parts(const std::filesystem::path& folder) {
  DRAMATIS_TRY(const auto shape, read_encoder_shape(folder));
  DRAMATIS_TRY(auto tables, tokens::read_word_pieces(folder));
  DRAMATIS_TRY(auto words, tokens::WordPieces::from_tables(std::move(tables)));
  if (words.size() > shape.config.vocabulary) {
    return fail(ErrorCode::kCorrupt,
                fmt::format("The vocabulary has {} tokens, the model vectors for {}.", words.size(),
                            shape.config.vocabulary));
  }
  auto file = formats::Safetensors::read(folder / kWeights);
  if (!file && file.error().code == ErrorCode::kNotFound) {
    return fail(ErrorCode::kNotFound, fmt::format("There is no {}; save the model in that format "
                                                  "(save_pretrained of transformers does).",
                                                  kWeights));
  }
  if (!file) return tl::unexpected(std::move(file).error());
  DRAMATIS_TRY(auto encoder, model::BertEncoder::bind(*file, shape.config));
  return Parts{
      .encoder = std::move(encoder), .words = std::move(words), .most_tokens = shape.most_tokens};
}

// Of "models/all-MiniLM-L6-v2/" too.
std::string last_part(const std::filesystem::path& folder) {
  std::error_code none;  // a path that cannot be resolved names itself
  auto whole = std::filesystem::weakly_canonical(folder, none);
  if (none) whole = folder;
  return whole.filename().empty() ? whole.parent_path().filename().string()
                                  : whole.filename().string();
}

}  // namespace

Encoder::Encoder(model::BertEncoder encoder, tokens::WordPieces words, std::string name,
                 std::size_t most_tokens, std::size_t threads)
    : encoder_(std::move(encoder)),
      words_(std::move(words)),
      name_(std::move(name)),
      most_tokens_(most_tokens),
      threads_(threads) {}

Result<std::unique_ptr<Encoder>> Encoder::load(const std::filesystem::path& folder,
                                               const EncoderOptions& options) {
  if (options.threads > runtime::kMaxThreads) {
    return fail(ErrorCode::kInvalidArgument,
                fmt::format("{} threads were asked for; at most {} are started.", options.threads,
                            runtime::kMaxThreads));
  }
  auto parts = read_parts(folder);
  if (!parts) {
    return fail(parts.error().code, fmt::format("{}: {}", folder.string(), parts.error().what));
  }
  const std::size_t wanted =
      options.threads != 0 ? options.threads : std::thread::hardware_concurrency();
  return std::unique_ptr<Encoder>(
      new Encoder(std::move(parts->encoder), std::move(parts->words), last_part(folder),
                  parts->most_tokens, std::clamp<std::size_t>(wanted, 1, runtime::kMaxThreads)));
}

Result<std::vector<std::vector<float>>> Encoder::embed(std::span<const std::string> texts,
                                                       std::stop_token stop) {
  DRAMATIS_DO(lm::judge_texts(texts));
  std::vector<std::vector<TokenId>> ids;
  ids.reserve(texts.size());
  for (const auto& text : texts) {
    DRAMATIS_TRY(auto encoded, words_.encode(text, most_tokens_));
    ids.push_back(std::move(encoded));
  }
  const runtime::Stop until{.token = std::move(stop)};
  DRAMATIS_TRY(const auto pass, turnstile_.enter(until));
  return encoder_.encode(ids, threads_, until);
}

}  // namespace dramatis::engine
