// Any bytes -> an adapter or an Error; an adapter that was read computes a token. A GGUF file, or
// the line of a config and the tensors after it, as PEFT has them in two files.
#include <cstdint>
#include <cstdlib>
#include <string_view>

#include "base/bytes.h"
#include "model/model.h"
#include "model/testing/small_model.h"

namespace {

using dramatis::model::Adapter;
using dramatis::model::Model;
namespace formats = dramatis::formats;

const Model& small() {
  static const auto model =
      Model::bind(formats::Gguf::parse(dramatis::model::testing::small_model()).value()).value();
  return model;
}

dramatis::Result<Adapter> read(std::span<const std::byte> bytes) {
  const std::string_view text = dramatis::as_text(bytes);
  if (text.starts_with("GGUF")) {
    DRAMATIS_TRY(const auto file, formats::Gguf::parse({bytes.begin(), bytes.end()}));
    return Adapter::from_gguf(file, small().config());
  }
  const std::size_t line = std::min(text.find('\n'), text.size());
  DRAMATIS_TRY(auto config, formats::parse_peft_config(text.substr(0, line)));
  const auto rest = bytes.subspan(std::min(line + 1, text.size()));
  DRAMATIS_TRY(auto tensors, formats::Safetensors::parse({rest.begin(), rest.end()}));
  return Adapter::from_peft({.config = std::move(config), .tensors = std::move(tensors)},
                            small().config());
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const auto adapter = read({reinterpret_cast<const std::byte*>(data), size});
  if (!adapter) {
    if (adapter.error().what.empty()) std::abort();
    return 0;
  }
  dramatis::runtime::ThreadPool threads(1);
  auto cache =
      dramatis::model::KvCache::make(small().config(), 1, dramatis::tensor::Dtype::kF16).value();
  const dramatis::model::AdapterUse use{.adapter = &*adapter};
  const dramatis::model::Row row{.id = dramatis::TokenId{1},
                                 .cache = &cache,
                                 .wanted = dramatis::model::Wanted::kLogits,
                                 .adapters = {&use, 1}};
  if (!small().forward({&row, 1}, threads)) std::abort();
  return 0;
}
