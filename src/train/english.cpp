// The English stage.
#include "train/english.h"

#include <fmt/format.h>

#include "base/bytes.h"
#include "base/files.h"
#include "text/digest.h"
#include "train/checkpoint.h"
#include "train/corpus.h"

namespace dramatis::train {
namespace {

// The run's token ids: books end with the end token.
constexpr std::int32_t kEndId = 2;
Result<std::vector<Document>> read_ids(const std::filesystem::path& run) {
  DRAMATIS_TRY(const auto bytes, read_file(run / "ids.bin", std::size_t{1} << 30));
  std::vector<Document> documents(1);
  for (std::size_t at = 0; at + 4 <= bytes.size(); at += 4) {
    const auto id = load_le<std::int32_t>(bytes, at);
    documents.back().ids.push_back(id);
    documents.back().learnt.push_back(true);
    if (id == kEndId) documents.emplace_back();
  }
  if (documents.back().ids.empty()) documents.pop_back();
  return documents;
}

}  // namespace

Status train_english(const Recipe& recipe, const EnglishJob& job, std::stop_token stop) {
  DRAMATIS_TRY(const auto documents, read_ids(job.run));
  std::string data;
  for (const Document& document : documents)
    data += text::sha256(fmt::format("{}", fmt::join(document.ids, ",")));
  auto rows = pack(documents, recipe.training.sequence);
  // Every n-th row is held out: the measure sees every book.
  const auto every = static_cast<std::size_t>(1 / std::max(recipe.training.held_out, 1e-6));
  std::vector<Sequence> learnt;
  std::vector<Sequence> held_out;
  for (std::size_t n = 0; n < rows.size(); ++n) {
    (n % every == every / 2 ? held_out : learnt).push_back(std::move(rows[n]));
  }
  torch::manual_seed(recipe.seed);
  const Llama model(recipe.shape, recipe.pieces);
  const std::string digest = text::sha256(data);
  const Run run{.plan = recipe.training,
                .seed = recipe.seed,
                .checkpoint = job.run / "english.checkpoint",
                .digest = digest,
                .report = job.report};
  DRAMATIS_DO(train(model, run, learnt, held_out, stop));
  return write_weights(job.out, model, formats::SafeDtype::kBF16,
                       {{"recipe", recipe.digest},
                        {"data", digest},
                        {"held_out_loss", fmt::format("{:.4f}", measure(model, held_out))}});
}

}  // namespace dramatis::train
