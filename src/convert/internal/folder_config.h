// config.json of a Hugging Face folder -> the shape of a model and the metadata of its GGUF.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "formats/gguf_writer.h"

namespace dramatis::convert::internal {

// As Llama 3 slows rotation; see model::RopeStretch.
struct Stretch {
  double factor = 1;
  double low = 1;
  double high = 4;
  std::size_t trained = 0;
};

struct FolderConfig {
  std::string architecture{};  // as GGUF names it
  std::size_t layers = 0;
  std::size_t width = 0;
  std::size_t ffn_width = 0;
  std::size_t heads = 0;
  std::size_t kv_heads = 0;
  std::size_t head_width = 0;
  std::size_t vocabulary = 0;
  std::size_t context = 0;
  double norm_epsilon = 0;
  double rope_base = 0;
  double rope_factor = 1;            // of a linear stretch
  std::optional<Stretch> stretch{};  // of Llama 3
  std::optional<std::size_t> window{};
  std::optional<double> score_scale{};  // gemma2
  double score_cap = 0;
  double logit_cap = 0;
  bool is_tied = false;     // the output is the embedding
  bool says_tying = false;  // the folder said whether it is
  std::optional<std::int64_t> begin{};
  std::vector<std::int64_t> ends{};
  std::vector<std::string> warnings{};

  [[nodiscard]] bool is_gemma() const { return architecture == "gemma2"; }
  // Rows of queries and keys stand as neighbours in GGUF, as halves in the folder.
  [[nodiscard]] bool is_permuted() const { return architecture == "llama"; }
};

// Errors: kUnsupported naming an architecture or a key whose arithmetic is not computed here;
// kNotFound and kCorrupt naming the key. Sources: transformers, configuration_llama.py and those of
// mistral, qwen2, qwen3 and gemma2; llama.cpp, convert_hf_to_gguf.py.
[[nodiscard]] Result<FolderConfig> parse_config(std::string_view document);

// The keys under the architecture's name. `rope_freqs` are told apart (rope_divisors).
void add_keys(formats::GgufWriter& to, const FolderConfig& config);

// What angles are divided by in llama.cpp's form of a Llama 3 stretch, [R / 2]; empty without one.
[[nodiscard]] std::vector<float> rope_divisors(const FolderConfig& config);

}  // namespace dramatis::convert::internal
