// The least that somebody wants to know who was given an adapter: for which model, and how large.
#include "adapter_info.h"

#include <algorithm>
#include <functional>
#include <numeric>

#include "formats/peft.h"
#include "text/utterance.h"

namespace dramatis::app {
namespace {

struct Sum {
  std::size_t tensors = 0;
  std::size_t parameters = 0;
  std::size_t bytes = 0;
  std::size_t least_rank = 0;
  std::size_t most_rank = 0;
};

// `rank` is 0 of a tensor that is no half of an addition.
void add(Sum& sum, std::span<const std::size_t> shape, std::size_t bytes, std::size_t rank) {
  ++sum.tensors;
  sum.parameters +=
      std::accumulate(shape.begin(), shape.end(), std::size_t{1}, std::multiplies<>());
  sum.bytes += bytes;
  if (rank == 0) return;
  sum.least_rank = sum.least_rank == 0 ? rank : std::min(sum.least_rank, rank);
  sum.most_rank = std::max(sum.most_rank, rank);
}

text::JsonObject told(const Sum& sum, std::string_view format) {
  text::JsonObject out{{"adapter", "lora"}, {"format", format}};
  if (sum.least_rank == sum.most_rank) {
    out.emplace_back("rank", sum.most_rank);
  } else {
    out.emplace_back("rank", text::JsonArray{sum.least_rank, sum.most_rank});
  }
  out.emplace_back("tensors", sum.tensors);
  out.emplace_back("parameters", sum.parameters);
  out.emplace_back("tensor_bytes", sum.bytes);
  return out;
}

}  // namespace

std::optional<text::JsonObject> describe_adapter(const formats::Gguf& file) {
  const auto type = file.text("general.type");
  if (!type || *type != "adapter") return std::nullopt;
  Sum sum;
  for (const auto& tensor : file.tensors()) {
    const bool is_a = tensor.name.ends_with(".lora_a") && tensor.shape.size() == 2;
    add(sum, tensor.shape, tensor.bytes.size(), is_a ? tensor.shape[1] : 0);
  }
  auto out = told(sum, "GGUF");
  for (const auto& [key, name] : {std::pair{"general.architecture", "architecture"},
                                  {"general.name", "name"},
                                  {"general.base_model.0.name", "base"}}) {
    if (const auto text = file.text(key)) out.emplace_back(name, text::printable(*text));
  }
  if (const auto alpha = file.number("adapter.lora.alpha")) out.emplace_back("alpha", *alpha);
  return out;
}

Result<text::JsonObject> describe_peft(const std::filesystem::path& folder) {
  DRAMATIS_TRY(const auto read, formats::read_peft(folder));
  Sum sum;
  for (const auto& tensor : read.tensors.tensors()) {
    const bool is_a = tensor.name.ends_with("lora_A.weight") && tensor.shape.size() == 2;
    add(sum, tensor.shape, tensor.bytes.size(), is_a ? tensor.shape[0] : 0);
  }
  auto out = told(sum, "PEFT");
  out.emplace_back("base", text::printable(read.config.base));
  out.emplace_back("alpha", read.config.alpha);
  return out;
}

bool is_peft_folder(const std::filesystem::path& path) {
  std::error_code unknown;  // what cannot be looked at is reported when it is read
  return std::filesystem::exists(path / "adapter_config.json", unknown);
}

}  // namespace dramatis::app
