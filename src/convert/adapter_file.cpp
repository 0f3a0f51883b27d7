// Two tensors for each matrix that is added to.
#include "convert/adapter_file.h"

#include <array>
#include <cmath>
#include <optional>

#include <fmt/format.h>

#include "formats/gguf_writer.h"
#include "kernels/quantise.h"

namespace dramatis::convert {
namespace {

struct Named {
  model::Adapted which;
  std::string_view name;
};

using enum model::Adapted;
constexpr std::array<Named, model::kAdaptedMatrices> kNames = {{{kQuery, "attn_q"},
                                                                {kKey, "attn_k"},
                                                                {kValue, "attn_v"},
                                                                {kAttentionOut, "attn_output"},
                                                                {kGate, "ffn_gate"},
                                                                {kUp, "ffn_up"},
                                                                {kDown, "ffn_down"}}};

// use(layer, name, part) for each matrix that is added to.
template <class Use>
Status for_each_part(const model::Adapter& adapter, const model::ModelConfig& config,
                     const Use& use) {
  for (std::size_t l = 0; l < config.layers; ++l) {
    for (const auto& [which, name] : kNames) {
      const model::LowRank& part = adapter.part(l, which);
      if (part.rank == 0) continue;
      DRAMATIS_DO(use(fmt::format("blk.{}.{}.weight", l, name), part));
    }
  }
  return {};
}

// A file has one alpha, which each rank divides.
Result<double> alpha_of(const model::Adapter& adapter, const model::ModelConfig& config) {
  std::optional<double> alpha;
  DRAMATIS_DO(for_each_part(
      adapter, config, [&](const std::string& name, const model::LowRank& part) -> Status {
        const double own = static_cast<double>(part.scale) * static_cast<double>(part.rank);
        if (!alpha) alpha = own;
        // Scales are f32: their products differ by a part in 2^23.
        if (std::abs(own - *alpha) <= 1e-6 * std::abs(*alpha)) return {};
        return fail(ErrorCode::kUnsupported,
                    fmt::format("{} has alpha {} and others {}; a GGUF "
                                "adapter has one for all. Merge it instead.",
                                name, own, *alpha));
      }));
  return alpha.value_or(0);
}

Result<formats::GgufTensorToWrite> half_of(std::string name, std::vector<std::size_t> shape,
                                           std::span<const float> numbers, tensor::Dtype dtype) {
  formats::GgufTensorToWrite half{
      .name = std::move(name), .dtype = dtype, .shape = std::move(shape), .bytes = {}};
  DRAMATIS_TRY(half.bytes, kernels::quantise(numbers, dtype));
  return half;
}

}  // namespace

Result<std::vector<std::byte>> write_adapter(const model::Adapter& adapter,
                                             const model::ModelConfig& config,
                                             const AdapterNotes& how) {
  DRAMATIS_TRY(const double alpha, alpha_of(adapter, config));
  formats::GgufWriter writer;
  writer.add_text("general.type", "adapter");
  writer.add_text("general.architecture", config.architecture);
  if (!how.name.empty()) writer.add_text("general.name", how.name);
  if (!adapter.base().empty()) writer.add_text("general.base_model.0.name", adapter.base());
  writer.add_text("adapter.type", "lora");
  writer.add_f32("adapter.lora.alpha", static_cast<float>(alpha));
  DRAMATIS_DO(for_each_part(
      adapter, config, [&](const std::string& name, const model::LowRank& part) -> Status {
        DRAMATIS_TRY(auto a, half_of(name + ".lora_a", {part.a.size() / part.rank, part.rank},
                                     part.a, how.dtype));
        DRAMATIS_TRY(auto b, half_of(name + ".lora_b", {part.rank, part.b.size() / part.rank},
                                     part.b, how.dtype));
        writer.add_tensor(std::move(a));
        writer.add_tensor(std::move(b));
        return {};
      }));
  return writer.finish();
}

}  // namespace dramatis::convert
