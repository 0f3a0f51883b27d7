// The English stage.
#include "train/english.h"

#include <algorithm>

#include <fmt/format.h>

#include "text/digest.h"
#include "train/checkpoint.h"
#include "train/corpus.h"
#include "train/vocabulary.h"

namespace dramatis::train {
namespace {

// A book is one document: paragraphs end with a newline, the book with the end token.
Result<Document> document_of(const Text& text, const TrainingVocabulary& vocabulary) {
  Document document;
  for (const std::string& paragraph : text.paragraphs) {
    DRAMATIS_TRY(const auto ids, encode(vocabulary, paragraph + "\n"));
    document.ids.insert(document.ids.end(), ids.begin(), ids.end());
  }
  document.ids.push_back(kEndId);
  document.learnt.assign(document.ids.size(), true);
  return document;
}

}  // namespace

Status train_english(const Recipe& recipe, const EnglishJob& job, std::stop_token stop) {
  DRAMATIS_TRY(const auto vocabulary, read_vocabulary(job.vocabulary));
  DRAMATIS_TRY(const auto texts, read_corpus(job.corpus, recipe.books));
  std::vector<Document> documents;
  std::string data;
  for (const Text& text : texts) {
    DRAMATIS_TRY(auto document, document_of(text, vocabulary));
    data += text::sha256(fmt::format("{}", fmt::join(document.ids, ",")));
    documents.push_back(std::move(document));
  }
  auto rows = pack(documents, recipe.training.sequence);
  // Every n-th row is held out: the measure sees every book.
  const auto every = static_cast<std::size_t>(1 / std::max(recipe.training.held_out, 1e-6));
  std::vector<Sequence> learnt;
  std::vector<Sequence> held_out;
  for (std::size_t n = 0; n < rows.size(); ++n) {
    (n % every == every / 2 ? held_out : learnt).push_back(std::move(rows[n]));
  }
  torch::manual_seed(recipe.seed);
  const Llama model(recipe.shape, vocabulary.words.size());
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
