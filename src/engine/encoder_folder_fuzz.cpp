// Any bytes as each JSON file of an encoder's folder -> its shape or an Error; a shape that was
// taken is within the model's limits.
#include <cstdint>
#include <cstdlib>
#include <string_view>

#include "engine/encoder_folder.h"

namespace {

namespace engine = dramatis::engine;

template <class T>
void expect_words(const dramatis::Result<T>& read) {
  if (!read && read.error().what.empty()) std::abort();
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string_view bytes(reinterpret_cast<const char*>(data), size);
  const auto config = engine::parse_bert_config(bytes);
  expect_words(config);
  if (config && !dramatis::model::validate(*config)) std::abort();
  const auto longest = engine::parse_longest_text(bytes);
  expect_words(longest);
  if (longest && longest->value_or(3) < 3) std::abort();
  expect_words(engine::check_modules(bytes));
  expect_words(engine::check_pooling(bytes));
  return 0;
}
