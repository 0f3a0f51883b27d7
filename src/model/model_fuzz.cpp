// Any bytes -> a bound model or an Error; a model that was bound computes one token.
#include <cstdint>
#include <cstdlib>

#include "model/model.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using dramatis::model::KvCache;
  using dramatis::model::Model;
  const auto* begin = reinterpret_cast<const std::byte*>(data);
  auto file = dramatis::formats::Gguf::parse(std::vector<std::byte>(begin, begin + size));
  if (!file) return 0;
  const auto model = Model::bind(*std::move(file));
  if (!model) {
    if (model.error().what.empty()) std::abort();
    return 0;
  }
  dramatis::runtime::ThreadPool threads(1);
  auto cache = KvCache::make(model->config(), 1, dramatis::tensor::Dtype::kF16);
  if (!cache) return 0;
  const auto logits = model->step(dramatis::TokenId{0}, *cache, threads);
  if (logits && logits->vocabulary != model->config().vocabulary) std::abort();
  return 0;
}
