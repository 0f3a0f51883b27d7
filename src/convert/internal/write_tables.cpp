// Writes what read_tables reads.
#include "convert/internal/write_tables.h"

#include <string_view>

namespace dramatis::convert::internal {

void add_tables(formats::GgufWriter& to, const tokens::VocabularyTables& tables) {
  to.add_text("tokenizer.ggml.model", tables.kind);
  to.add_text("tokenizer.ggml.pre", tables.pre);
  to.add_texts("tokenizer.ggml.tokens", tables.tokens);
  if (!tables.types.empty())
    to.add_i32s("tokenizer.ggml.token_type",
                std::vector<std::int32_t>(tables.types.begin(), tables.types.end()));
  if (!tables.scores.empty())
    to.add_f32s("tokenizer.ggml.scores",
                std::vector<float>(tables.scores.begin(), tables.scores.end()));
  if (!tables.merges.empty()) to.add_texts("tokenizer.ggml.merges", tables.merges);
  const std::pair<std::string_view, std::optional<std::int64_t>> ids[] = {
      {"bos_token_id", tables.begin},
      {"eos_token_id", tables.end},
      {"eot_token_id", tables.end_of_turn}};
  for (const auto& [key, id] : ids) {
    if (id) to.add_u32("tokenizer.ggml." + std::string(key), static_cast<std::uint32_t>(*id));
  }
  const std::pair<std::string_view, std::optional<bool>> truths[] = {
      {"add_bos_token", tables.begins_texts},
      {"add_space_prefix", tables.puts_space_first},
      {"remove_extra_whitespaces", tables.drops_spaces}};
  for (const auto& [key, truth] : truths) {
    if (truth) to.add_bool("tokenizer.ggml." + std::string(key), *truth);
  }
}

}  // namespace dramatis::convert::internal
