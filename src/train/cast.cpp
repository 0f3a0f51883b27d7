// The cast stage.
#include "train/cast.h"

#include <algorithm>
#include <functional>

#include <fmt/format.h>

#include "base/files.h"
#include "formats/safetensors.h"
#include "render/render.h"
#include "train/checkpoint.h"
#include "train/export.h"

namespace dramatis::train {
namespace {

// The newest version of the arithmetic and of the prompt's form that a model is trained for.
constexpr std::string_view kCodeVersion = "1";

// Conversations stay together: none is half learnt and half measured.
bool is_held_out(const dataset::Sample& sample, double share) {
  const auto every = static_cast<std::size_t>(1 / std::max(share, 1e-6));
  std::size_t hash = 1469598103934665603U;
  for (const char c : sample.conversation)
    hash = (hash ^ static_cast<unsigned char>(c)) * 1099511628211U;
  return share > 0 && hash % every == 0;
}

struct Split {
  std::vector<Document> learnt, held_out;
};

Result<Split> documents_of(const std::vector<dataset::Sample>& samples,
                           const TrainingVocabulary& vocabulary, double share) {
  Split split;
  for (const auto& sample : samples) {
    DRAMATIS_TRY(auto document, document_of(sample, vocabulary));
    (is_held_out(sample, share) ? split.held_out : split.learnt).push_back(std::move(document));
  }
  return split;
}

Status start_from(const std::filesystem::path& base, const Llama& model) {
  if (base.empty()) return {};
  DRAMATIS_TRY(const auto weights, formats::Safetensors::read(base));
  auto read = read_weights(weights, model);
  if (!read)
    return fail(read.error().code, fmt::format("{}: {}", base.string(), read.error().what));
  return {};
}

}  // namespace

Result<Document> document_of(const dataset::Sample& sample, const TrainingVocabulary& vocabulary) {
  DRAMATIS_TRY(const auto prompt,
               render::render(sample.prompt, render::Template::kChatMl, vocabulary.words));
  DRAMATIS_TRY(const auto reply, encode(vocabulary, sample.reply));
  Document document;
  for (const TokenId id : prompt) document.ids.push_back(static_cast<std::int32_t>(id));
  document.learnt.assign(document.ids.size(), false);
  document.ids.insert(document.ids.end(), reply.begin(), reply.end());
  document.ids.push_back(kTurnEndId);
  document.learnt.resize(document.ids.size(), true);
  return document;
}

Result<CastReport> train_cast(const Recipe& recipe, const std::vector<dataset::Sample>& samples,
                              const CastJob& job, std::stop_token stop) {
  DRAMATIS_TRY(const auto vocabulary, read_vocabulary(job.vocabulary));
  DRAMATIS_TRY(const auto split, documents_of(samples, vocabulary, recipe.training.held_out));
  const auto learnt = pack_whole(split.learnt, recipe.training.sequence);
  const auto held_out = pack_whole(split.held_out, recipe.training.sequence);
  torch::manual_seed(recipe.seed);
  const Llama model(recipe.shape, vocabulary.words.size());
  DRAMATIS_DO(start_from(job.base, model));
  CastReport figures{.first_loss = measure(model, held_out), .samples = samples.size()};
  const Run run{.plan = recipe.training,
                .seed = recipe.seed,
                .checkpoint = job.run / "cast.checkpoint",
                .digest = job.data,
                .report = job.report};
  DRAMATIS_DO(train(model, run, learnt, held_out, stop));
  figures.last_loss = measure(model, held_out);
  const ExportOptions options{
      .name = "hearth",
      .matrices = tensor::Dtype::kQ8_0,
      .notes = {{"dramatis.recipe", recipe.digest},
                {"dramatis.data", job.data},
                {"dramatis.code", std::string(kCodeVersion)},
                {"dramatis.characters", fmt::format("{}", fmt::join(job.characters, " "))}}};
  DRAMATIS_TRY(const auto bytes, export_gguf(model, vocabulary.file, options));
  DRAMATIS_DO(write_file(job.out, bytes));
  return figures;
}

}  // namespace dramatis::train
