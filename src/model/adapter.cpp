// Pairs the tensors of a LoRA, judges them against a model's shape, and puts rows into its order.
#include "model/adapter.h"

#include <algorithm>
#include <cmath>
#include <cstring>
#include <functional>

#include <fmt/format.h>

#include "base/bytes.h"
#include "base/files.h"
#include "formats/limits.h"
#include "kernels/half.h"
#include "kernels/matmul.h"
#include "model/internal/adapted.h"
#include "model/internal/keys.h"
#include "model/limits.h"

namespace dramatis::model {
namespace {

using internal::LoraHalf;
using internal::LoraPlace;
using internal::shown;

// A tensor of either format: rows of `columns` numbers, read one at a time.
struct LoraTensor {
  std::string_view name;
  LoraPlace place;
  std::size_t rows;
  std::size_t columns;
  std::function<void(std::size_t r, std::span<float> out)> read_row;
};

// What a config or metadata says of all pairs.
struct Scaling {
  double alpha;
  formats::LoraScaling kind = formats::LoraScaling::kByRank;
  std::size_t rank = 0;  // of all pairs; 0: each has its own

  [[nodiscard]] double of(std::size_t own) const {
    if (kind == formats::LoraScaling::kByRootOfRank)
      return alpha / std::sqrt(static_cast<double>(own));
    return alpha / static_cast<double>(own);
  }
};

tl::unexpected<Error> misfit(const LoraTensor& tensor, std::string why) {
  return fail(ErrorCode::kCorrupt, fmt::format("Tensor {} is [{}, {}]; {}", shown(tensor.name),
                                               tensor.rows, tensor.columns, why));
}

Status check_shape(const LoraTensor& tensor, const ModelConfig& config) {
  if (tensor.place.layer >= config.layers) {
    return misfit(tensor, fmt::format("the model has {} layers.", config.layers));
  }
  const auto size = internal::size_of(config, tensor.place.which);
  const bool is_a = tensor.place.half == LoraHalf::kA;
  const std::size_t shared = is_a ? tensor.columns : tensor.rows;
  const std::size_t rank = is_a ? tensor.rows : tensor.columns;
  const std::size_t wanted = is_a ? size.columns : size.rows;
  if (shared != wanted)
    return misfit(tensor, fmt::format("the model's matrix is [{}, {}]. Use the model that the "
                                      "adapter was trained on.",
                                      size.rows, size.columns));
  const std::size_t most = std::min({size.rows, size.columns, formats::kMaxLoraRank});
  if (rank == 0 || rank > most)
    return misfit(tensor, fmt::format("its rank must lie between 1 and {}.", most));
  return {};
}

Status read_numbers(const LoraTensor& tensor, std::vector<float>& to) {
  to.resize(tensor.rows * tensor.columns);
  for (std::size_t r = 0; r < tensor.rows; ++r) {
    const auto row = std::span(to).subspan(r * tensor.columns, tensor.columns);
    tensor.read_row(r, row);
    const auto broken =
        std::ranges::find_if(row, [](float value) { return !std::isfinite(value); });
    if (broken != row.end())
      return misfit(tensor,
                    fmt::format("number {} of row {} is not finite.", broken - row.begin(), r));
  }
  return {};
}

// Hugging Face keeps the first numbers of all rotated pairs of a head before the second ones; a
// file of neighbours has each pair together.
void pair_neighbours(std::vector<float>& b, std::size_t rank, std::size_t head_width) {
  const std::vector<float> halves = b;
  const std::size_t rows = b.size() / rank;
  for (std::size_t r = 0; r < rows; ++r) {
    const std::size_t place = r % head_width;
    const std::size_t from = r - place + place % 2 * (head_width / 2) + place / 2;
    std::copy_n(halves.begin() + static_cast<std::ptrdiff_t>(from * rank), rank,
                b.begin() + static_cast<std::ptrdiff_t>(r * rank));
  }
}

// Both halves must be there, agree on the rank, and be scaled within bounds.
Status finish(LowRank& part, const std::string& where, std::size_t rows, const Scaling& scaling) {
  if (part.a.empty() && part.b.empty()) return {};
  if (part.a.empty() || part.b.empty()) {
    return fail(ErrorCode::kCorrupt,
                fmt::format("{} has {} and no {}; an addition needs both.", where,
                            part.a.empty() ? "B" : "A", part.a.empty() ? "A" : "B"));
  }
  const std::size_t other = part.b.size() / rows;
  if (other != part.rank || (scaling.rank != 0 && part.rank != scaling.rank)) {
    return fail(ErrorCode::kCorrupt,
                fmt::format("{} has A of rank {} and B of rank {}{}.", where, part.rank, other,
                            scaling.rank == 0 ? std::string{}
                                              : fmt::format("; its config says {}", scaling.rank)));
  }
  const double scale = scaling.of(part.rank);
  if (!(std::abs(scale) <= kMaxAdapterScale)) {
    return fail(ErrorCode::kCorrupt,
                fmt::format("{} is scaled by {} (alpha {}, rank {}); at most {} is computed.",
                            where, scale, scaling.alpha, part.rank, kMaxAdapterScale));
  }
  part.scale = static_cast<float>(scale);
  return {};
}

Status read_parts(std::span<const LoraTensor> tensors, const ModelConfig& config,
                  const Scaling& scaling, std::vector<LowRank>& parts) {
  for (const auto& tensor : tensors) {
    DRAMATIS_DO(check_shape(tensor, config));
    auto& part =
        parts[tensor.place.layer * kAdaptedMatrices + static_cast<std::size_t>(tensor.place.which)];
    const bool is_a = tensor.place.half == LoraHalf::kA;
    auto& half = is_a ? part.a : part.b;
    if (!half.empty()) return misfit(tensor, "the file has another one for the same place.");
    DRAMATIS_DO(read_numbers(tensor, half));
    if (is_a) part.rank = tensor.rows;
  }
  if (tensors.empty()) return fail(ErrorCode::kNotFound, "The adapter has no tensors.");
  for (std::size_t n = 0; n < parts.size(); ++n) {
    const auto which = static_cast<Adapted>(n % kAdaptedMatrices);
    const auto where =
        fmt::format("The addition to blk.{}.{}", n / kAdaptedMatrices, internal::name_of(which));
    DRAMATIS_DO(finish(parts[n], where, internal::size_of(config, which).rows, scaling));
  }
  return {};
}

tl::unexpected<Error> no_place(std::string_view name) {
  return fail(ErrorCode::kUnsupported,
              fmt::format("Tensor {} is no LoRA of an attention or feed-forward matrix; nothing "
                          "else is added. Train on these, or merge the adapter into its model.",
                          shown(name)));
}

Result<LoraTensor> tensor_of(const formats::GgufTensor& from) {
  const auto place = internal::place_of_gguf(from.name);
  if (!place) return no_place(from.name);
  if (from.shape.size() != 2) {
    return fail(ErrorCode::kCorrupt, fmt::format("Tensor {} has {} dimensions; 2 are read.",
                                                 shown(from.name), from.shape.size()));
  }
  const tensor::MatrixView view{
      .dtype = from.dtype, .rows = from.shape[1], .columns = from.shape[0], .bytes = from.bytes};
  return LoraTensor{.name = from.name,
                    .place = *place,
                    .rows = view.rows,
                    .columns = view.columns,
                    .read_row = [view](std::size_t r, std::span<float> out) {
                      kernels::unpack_row(view, r, out);
                    }};
}

Result<LoraTensor> tensor_of(const formats::SafeTensor& from) {
  const auto place = internal::place_of_peft(from.name);
  if (!place) return no_place(from.name);
  using enum formats::SafeDtype;
  if (from.dtype != kF32 && from.dtype != kF16 && from.dtype != kBF16) {
    return fail(ErrorCode::kUnsupported,
                fmt::format("Tensor {} is of type {}; F32, F16 and BF16 are read.",
                            shown(from.name), formats::name_of(from.dtype)));
  }
  if (from.shape.size() != 2) {
    return fail(ErrorCode::kCorrupt, fmt::format("Tensor {} has {} dimensions; 2 are read.",
                                                 shown(from.name), from.shape.size()));
  }
  const auto dtype = from.dtype == kF32   ? tensor::Dtype::kF32
                     : from.dtype == kF16 ? tensor::Dtype::kF16
                                          : tensor::Dtype::kBF16;
  const tensor::MatrixView view{
      .dtype = dtype, .rows = from.shape[0], .columns = from.shape[1], .bytes = from.bytes};
  return LoraTensor{.name = from.name,
                    .place = *place,
                    .rows = view.rows,
                    .columns = view.columns,
                    .read_row = [view](std::size_t r, std::span<float> out) {
                      kernels::unpack_row(view, r, out);
                    }};
}

template <class Tensor>
Result<std::vector<LoraTensor>> tensors_of(std::span<const Tensor> from) {
  std::vector<LoraTensor> tensors;
  for (const auto& each : from) {
    DRAMATIS_TRY(auto tensor, tensor_of(each));
    tensors.push_back(std::move(tensor));
  }
  return tensors;
}

Status check_text(const formats::Gguf& file, std::string_view key, std::string_view wanted,
                  ErrorCode code) {
  DRAMATIS_TRY(const auto text, file.text(key));
  if (text == wanted) return {};
  return fail(code, fmt::format("{} is \"{}\"; wanted is \"{}\".", key, shown(text), wanted));
}

}  // namespace

Adapter::Adapter(const ModelConfig& config)
    : shape_(config), parts_(config.layers * kAdaptedMatrices) {}

Result<Adapter> Adapter::from_gguf(const formats::Gguf& file, const ModelConfig& config) {
  if (file.find("general.type") == nullptr) {
    return fail(ErrorCode::kNotFound,
                "The file has no key general.type, which says of an adapter that it is one.");
  }
  DRAMATIS_DO(check_text(file, "general.type", "adapter", ErrorCode::kInvalidArgument));
  DRAMATIS_DO(check_text(file, "adapter.type", "lora", ErrorCode::kUnsupported));
  DRAMATIS_DO(
      check_text(file, "general.architecture", config.architecture, ErrorCode::kUnsupported));
  DRAMATIS_TRY(const auto alpha, file.number("adapter.lora.alpha"));
  if (!std::isfinite(alpha) || alpha < 0) {
    return fail(ErrorCode::kCorrupt,
                fmt::format("adapter.lora.alpha is {}; it must be a number from 0 on.", alpha));
  }
  DRAMATIS_TRY(const auto tensors, tensors_of(file.tensors()));
  Adapter adapter(config);
  DRAMATIS_DO(read_parts(tensors, config, {.alpha = alpha}, adapter.parts_));
  // 0 is how files say that nothing is to be divided: the user's scale alone counts.
  for (auto& part : adapter.parts_) {
    if (alpha == 0 && part.rank > 0) part.scale = 1;
  }
  if (file.find("general.base_model.0.name") != nullptr) {
    DRAMATIS_TRY(adapter.base_, file.text("general.base_model.0.name"));
  }
  return adapter;
}

Result<Adapter> Adapter::from_peft(const formats::PeftFolder& folder, const ModelConfig& config) {
  const auto& told = folder.config;
  DRAMATIS_TRY(const auto tensors, tensors_of(folder.tensors.tensors()));
  Adapter adapter(config);
  adapter.base_ = told.base;
  const Scaling scaling{.alpha = told.alpha,
                        .kind = told.scaling,
                        .rank = told.ranks == formats::LoraRanks::kAllAlike ? told.rank : 0};
  DRAMATIS_DO(read_parts(tensors, config, scaling, adapter.parts_));
  if (config.rope_pairs == RopePairs::kHalves) return adapter;
  for (std::size_t l = 0; l < config.layers; ++l) {
    for (const auto which : {Adapted::kQuery, Adapted::kKey}) {
      auto& part = adapter.parts_[l * kAdaptedMatrices + static_cast<std::size_t>(which)];
      if (part.rank > 0) pair_neighbours(part.b, part.rank, config.head_width);
    }
  }
  return adapter;
}

Result<Adapter> Adapter::read(const std::filesystem::path& path, const ModelConfig& config) {
  const auto named = [&](Result<Adapter> adapter) -> Result<Adapter> {
    if (adapter) return adapter;
    return fail(adapter.error().code, fmt::format("{}: {}", path.string(), adapter.error().what));
  };
  std::error_code ignored;  // what cannot be looked at is reported when it is read
  if (std::filesystem::is_directory(path, ignored)) {
    DRAMATIS_TRY(const auto folder, formats::read_peft(path));
    return named(from_peft(folder, config));
  }
  DRAMATIS_TRY(auto bytes, read_file(path, formats::kMaxAdapterBytes));
  auto file = formats::Gguf::parse(std::move(bytes));
  if (!file)
    return fail(file.error().code, fmt::format("{}: {}", path.string(), file.error().what));
  return named(from_gguf(*file, config));
}

bool Adapter::fits(const ModelConfig& config) const {
  return config.architecture == shape_.architecture && config.layers == shape_.layers &&
         config.width == shape_.width && config.ffn_width == shape_.ffn_width &&
         config.heads == shape_.heads && config.kv_heads == shape_.kv_heads &&
         config.head_width == shape_.head_width && config.rope_pairs == shape_.rope_pairs;
}

Status check_adapters(std::span<const AdapterUse> uses, const ModelConfig& config) {
  if (uses.size() > kMaxAdaptersOfRow) {
    return fail(ErrorCode::kInvalidArgument,
                fmt::format("{} adapters for one row; at most {} are computed.", uses.size(),
                            kMaxAdaptersOfRow));
  }
  for (const auto& use : uses) {
    if (!(std::abs(use.scale) <= kMaxAdapterScale)) {
      return fail(ErrorCode::kInvalidArgument,
                  fmt::format("An adapter's scale is {}; it must lie between -{} and {}.",
                              use.scale, kMaxAdapterScale, kMaxAdapterScale));
    }
    if (!use.adapter->fits(config)) {
      return fail(ErrorCode::kInvalidArgument,
                  "An adapter was read for a model of another shape. Read it for this one.");
    }
  }
  return {};
}

}  // namespace dramatis::model
