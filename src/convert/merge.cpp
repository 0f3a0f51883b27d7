// Adds low-rank products row by row.
#include "convert/merge.h"

#include <map>
#include <string>

#include <fmt/format.h>

#include "base/check.h"
#include "convert/internal/gguf_parts.h"
#include "convert/internal/pack_rows.h"
#include "kernels/matmul.h"

namespace dramatis::convert {
namespace {

// A part and its whole scale.
struct Term {
  const model::LowRank* part;
  float scale;
};
using Terms = std::map<std::string, std::vector<Term>, std::less<>>;  // by tensor

Terms terms_of(std::span<const model::AdapterUse> adapters, std::size_t layers) {
  using enum model::Adapted;
  constexpr std::pair<model::Adapted, std::string_view> kNames[] = {
      {kQuery, "attn_q"},  {kKey, "attn_k"}, {kValue, "attn_v"}, {kAttentionOut, "attn_output"},
      {kGate, "ffn_gate"}, {kUp, "ffn_up"},  {kDown, "ffn_down"}};
  static_assert(std::size(kNames) == model::kAdaptedMatrices);
  Terms terms;
  for (const auto& use : adapters) {
    for (std::size_t l = 0; l < layers; ++l) {
      for (const auto& [which, name] : kNames) {
        const auto& part = use.adapter->part(l, which);
        if (part.rank == 0) continue;
        terms[fmt::format("blk.{}.{}.weight", l, name)].push_back({&part, use.scale * part.scale});
      }
    }
  }
  return terms;
}

void add_row(const Term& term, std::size_t r, std::span<float> out) {
  const auto& part = *term.part;
  DRAMATIS_CHECK(part.a.size() == part.rank * out.size() && (r + 1) * part.rank <= part.b.size());
  for (std::size_t k = 0; k < part.rank; ++k) {
    const float share = term.scale * part.b[r * part.rank + k];
    const auto a = std::span(part.a).subspan(k * out.size(), out.size());
    for (std::size_t d = 0; d < out.size(); ++d) out[d] += share * a[d];
  }
}

struct Target {
  const formats::GgufTensor& tensor;
  std::span<const Term> terms;
  tensor::Dtype dtype;
};

Result<formats::GgufTensorToWrite> sum_of(const Target& target, std::size_t threads) {
  if (target.terms.empty() && target.dtype == target.tensor.dtype)
    return internal::copy_of(target.tensor);
  const auto from = internal::view_of(target.tensor);
  formats::GgufTensorToWrite made{
      .name = target.tensor.name, .dtype = target.dtype, .shape = target.tensor.shape, .bytes = {}};
  DRAMATIS_TRY(made.bytes,
               internal::pack_rows(
                   made.name, {.rows = from.rows, .columns = from.columns, .dtype = target.dtype},
                   threads, [&](std::size_t r, std::span<float> out) {
                     kernels::unpack_row(from, r, out);
                     for (const auto& term : target.terms) add_row(term, r, out);
                   }));
  return made;
}

}  // namespace

Result<Converted> merge(const formats::Gguf& base, std::span<const model::AdapterUse> adapters,
                        const Conversion& how) {
  DRAMATIS_TRY(const auto config, model::read_config(base));
  DRAMATIS_DO(model::check_adapters(adapters, config));
  const auto terms = terms_of(adapters, config.layers);
  formats::GgufWriter writer;
  internal::copy_pairs(base, writer);
  if (how.type) {
    internal::add_type(writer, *how.type);
  } else if (const auto* type = base.find("general.file_type"); type != nullptr) {
    writer.add_value("general.file_type", *type);
  }
  bool was_rounded = false;
  std::size_t done = 0;
  for (const auto& tensor : base.tensors()) {
    const auto found = terms.find(tensor.name);
    Target target{.tensor = tensor, .terms = {}, .dtype = tensor.dtype};
    if (found != terms.end()) target.terms = found->second;
    if (how.type && internal::is_matrix(tensor))
      target.dtype = type_for(*how.type, tensor.shape[0], internal::makes_of(base, tensor.name));
    DRAMATIS_TRY(auto made, sum_of(target, how.threads));
    was_rounded = was_rounded || (kernels::wants_rounded(tensor.dtype) &&
                                  (found != terms.end() || target.dtype != tensor.dtype));
    writer.add_tensor(std::move(made));
    if (how.progress) how.progress(++done, base.tensors().size());
  }
  DRAMATIS_TRY(auto made, std::move(writer).build());
  Converted converted{.file = std::move(made)};
  if (was_rounded)
    converted.warnings.emplace_back(
        "The model was quantised before; merge into F16 or BF16 and quantise then.");
  for (const auto& use : adapters) {
    if (!use.adapter->base().empty())
      converted.warnings.push_back(
          fmt::format("An adapter says it was trained on {}.", use.adapter->base()));
  }
  return converted;
}

}  // namespace dramatis::convert
