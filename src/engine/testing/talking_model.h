// For tests: a model with random weights whose tokens are single bytes, made in memory, so that a
// talk of any length has as many tokens as bytes. What it says is noise, but always the same noise.
#pragma once

#include <memory>
#include <string>
#include <vector>

#include <fmt/format.h>

#include "engine/engine.h"
#include "formats/gguf_writer.h"
#include "model/testing/small_model.h"

namespace dramatis::engine::testing {

// Heads are whole blocks of 32, so that keys and values can be kept in 8 bits.
inline constexpr model::ModelConfig kTalking{.layers = 2,
                                             .width = 64,
                                             .ffn_width = 96,
                                             .heads = 2,
                                             .kv_heads = 1,
                                             .head_width = 32,
                                             .vocabulary = 288,
                                             .context = 2048,
                                             .rope_width = 32};

inline void add_bytes_as_tokens(formats::GgufWriter& to, std::size_t vocabulary) {
  std::vector<std::string> names = {"<unk>", "<s>", "</s>"};
  std::vector<std::int32_t> types = {2, 3, 3};
  for (int byte = 0; byte < 256; ++byte) {
    names.push_back(fmt::format("<0x{:02X}>", byte));
    types.push_back(6);
  }
  while (names.size() < vocabulary) {
    names.push_back(fmt::format("unused{}", names.size()));
    types.push_back(5);
  }
  to.add_text("tokenizer.ggml.model", "llama");
  to.add_texts("tokenizer.ggml.tokens", names);
  to.add_f32s("tokenizer.ggml.scores", std::vector<float>(names.size(), 0.0F));
  to.add_i32s("tokenizer.ggml.token_type", types);
  to.add_u32("tokenizer.ggml.bos_token_id", 1);
  to.add_u32("tokenizer.ggml.eos_token_id", 2);
  to.add_bool("tokenizer.ggml.add_bos_token", true);
  to.add_bool("tokenizer.ggml.add_space_prefix", false);
}

inline std::vector<std::byte> talking_model(tensor::Dtype dtype = tensor::Dtype::kQ8_0) {
  formats::GgufWriter to;
  model::testing::add_keys(to, kTalking);
  add_bytes_as_tokens(to, kTalking.vocabulary);
  Rng rng(5);
  model::testing::add_matrix(to, "token_embd.weight", {kTalking.width, kTalking.vocabulary}, dtype,
                             rng);
  for (std::size_t l = 0; l < kTalking.layers; ++l)
    model::testing::add_layer(to, kTalking, l, dtype, rng);
  model::testing::add_matrix(to, "output_norm.weight", {kTalking.width}, dtype, rng);
  return to.finish().value();
}

inline std::unique_ptr<Engine> talking(const EngineOptions& options = {},
                                       tensor::Dtype dtype = tensor::Dtype::kQ8_0) {
  auto file = formats::Gguf::parse(talking_model(dtype)).value();
  return Engine::make(std::move(file), "talking", options).value();
}

// Who talks to whom, and what was said.
struct Talk {
  std::string player;
  std::string persona;
  std::vector<std::string> said{};  // the player's and the NPC's in turn
};

// The persona is everybody's, the rest is this talk's.
inline lm::Prompt ask(const Talk& talk, std::string message) {
  lm::Prompt asked;
  asked.messages.push_back({.role = lm::Role::kSystem, .text = talk.persona});
  for (std::size_t n = 0; n < talk.said.size(); ++n) {
    asked.messages.push_back(
        {.role = n % 2 == 0 ? lm::Role::kPlayer : lm::Role::kNpc, .text = talk.said[n]});
  }
  asked.messages.push_back({.role = lm::Role::kPlayer, .text = std::move(message)});
  asked.common_bytes = talk.persona.size();
  asked.asker = {.player = talk.player, .conversation = talk.player + "/" + talk.persona};
  return asked;
}

inline lm::Sampling seeded(int max_tokens, std::uint64_t seed = 7) {
  lm::Sampling how;
  how.temperature = 1;
  how.max_tokens = max_tokens;
  how.seed = seed;
  return how;
}

// Waits, without a clock, until nobody is at the model: callers that left are gone within a step.
inline Counts when_idle(Engine& engine) {
  while (engine.counts().open > 0) std::this_thread::yield();
  return engine.counts();
}

}  // namespace dramatis::engine::testing
