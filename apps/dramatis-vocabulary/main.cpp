// dramatis-vocabulary: the books of a recipe -> a GGUF file that holds a vocabulary and nothing
// else.
#include <cstdlib>
#include <string>

#include <CLI/CLI.hpp>
#include <fmt/format.h>

#include "base/error_table.h"
#include "base/files.h"
#include "formats/gguf_writer.h"
#include "learn.h"
#include "train/corpus.h"
#include "train/recipe.h"

namespace {

// ChatML, as its readers recognise it.
constexpr std::string_view kTemplate =
    "{% for message in messages %}{{ '<|im_start|>' + message['role'] + '\n' + message['content'] "
    "+ '<|im_end|>\n' }}"
    "{% endfor %}{% if add_generation_prompt %}{{ '<|im_start|>assistant\n' }}{% endif %}";

dramatis::Result<std::vector<std::byte>> file_of(const std::vector<dramatis::app::Piece>& pieces) {
  std::vector<std::string> texts;
  std::vector<float> scores;
  std::vector<std::int32_t> types;
  for (const auto& piece : pieces) {
    texts.push_back(piece.text);
    scores.push_back(piece.score);
    types.push_back(piece.type);
  }
  dramatis::formats::GgufWriter writer;
  writer.add_text("general.architecture", "llama");
  writer.add_text("tokenizer.ggml.model", "llama");
  writer.add_texts("tokenizer.ggml.tokens", texts);
  writer.add_f32s("tokenizer.ggml.scores", scores);
  writer.add_i32s("tokenizer.ggml.token_type", types);
  writer.add_u32("tokenizer.ggml.unknown_token_id", 0);
  writer.add_u32("tokenizer.ggml.bos_token_id", 1);
  writer.add_u32("tokenizer.ggml.eos_token_id", 4);
  writer.add_bool("tokenizer.ggml.add_bos_token", false);
  writer.add_bool("tokenizer.ggml.add_eos_token", false);
  writer.add_bool("tokenizer.ggml.add_space_prefix", false);
  writer.add_text("tokenizer.chat_template", kTemplate);
  return writer.finish();
}

dramatis::Status learn(const std::string& recipe_path, const std::string& corpus,
                       const std::string& out) {
  DRAMATIS_TRY(const auto recipe, dramatis::train::read_recipe(recipe_path));
  DRAMATIS_TRY(const auto texts, dramatis::train::read_corpus(corpus, recipe.books));
  std::vector<std::string> lines;
  for (const auto& text : texts)
    lines.insert(lines.end(), text.paragraphs.begin(), text.paragraphs.end());
  DRAMATIS_TRY(const auto pieces, dramatis::app::learn_pieces(lines, recipe.pieces));
  DRAMATIS_TRY(const auto bytes, file_of(pieces));
  return dramatis::write_file(out, bytes);
}

}  // namespace

int main(int argc, char** argv) {
  CLI::App app("Learns a vocabulary from the books of a recipe.");
  std::string recipe = "recipes/english-base.yaml";
  std::string out = "models/vocabulary.gguf";
  const char* named = std::getenv("DRAMATIS_CORPUS");
  std::string corpus = named == nullptr ? "" : named;
  app.add_option("--recipe", recipe, "The recipe")->capture_default_str();
  app.add_option("--corpus", corpus, "The folder of books (DRAMATIS_CORPUS)");
  app.add_option("--out", out, "The file to write")->capture_default_str();
  CLI11_PARSE(app, argc, argv);
  const auto done = learn(recipe, corpus, out);
  if (done) return 0;
  fmt::print(stderr, "dramatis-vocabulary: {}\n", done.error().what);
  return dramatis::error_row(done.error().code).exit_code;
}
