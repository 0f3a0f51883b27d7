// Opens, converts, binds.
#include "train/tune/base.h"

#include <algorithm>
#include <filesystem>

#include <fmt/format.h>

#include "convert/hugging_face.h"
#include "text/digest.h"
#include "train/tune/whole_model.h"

namespace dramatis::train::tune {
namespace {

std::string checksum_of(const formats::Gguf& file) {
  const auto bytes = file.bytes();
  return text::sha256({reinterpret_cast<const char*>(bytes.data()), bytes.size()});
}

Result<formats::Gguf> file_of(const std::string& model) {
  const std::filesystem::path path = model == "hearth" ? kHearth : model;
  if (!convert::is_folder_of_a_model(path)) return formats::Gguf::read(path);
  DRAMATIS_TRY(auto converted, convert::read_folder(path, {.type = {}, .threads = 2}));
  return std::move(converted.file);
}

// A new model, drawn; its own file has the weights that training begins with.
Result<formats::Gguf> drawn_file(const Plan& plan) {
  DRAMATIS_TRY(const auto vocabulary, formats::Gguf::read(plan.base.vocabulary));
  DRAMATIS_TRY(const auto words, tokens::Vocabulary::from_gguf(vocabulary));
  const NetworkShape shape{.sizes = plan.base.shape, .vocabulary = words.size()};
  const train::Method plain{.lora = {}, .arithmetic = Arithmetic::kF32};
  DRAMATIS_TRY(const auto network, Network::random(shape, plain, plan.seed));
  return new_model(vocabulary, network, plan.output.name);
}

}  // namespace

train::Method method_of(const Plan& plan) {
  train::Method method{
      .lora = {},
      .arithmetic = plan.numbers == Numbers::kF32 ? Arithmetic::kF32 : Arithmetic::kBf16};
  if (plan.method == Method::kFull) return method;
  train::Lora lora{.targets = {},
                   .rank = plan.lora.rank,
                   .alpha = plan.lora.alpha,
                   .rank_stabilised = plan.lora.by_root,
                   .dropout = plan.lora.dropout,
                   .seed = plan.seed};
  for (const auto& target : targets()) {
    const auto& chosen = plan.lora.targets;
    if (std::find(chosen.begin(), chosen.end(), target.recipe) != chosen.end())
      lora.targets.emplace_back(target.gguf);
  }
  method.lora = std::move(lora);
  return method;
}

Result<Start> start_of(const Plan& plan) {
  auto file = plan.base.model.empty() ? drawn_file(plan) : file_of(plan.base.model);
  if (!file) {
    return fail(file.error().code,
                fmt::format("The base {}: {}",
                            plan.base.model.empty() ? plan.base.vocabulary : plan.base.model,
                            file.error().what));
  }
  DRAMATIS_TRY(auto speech, speech_of(*file, plan.base.form));
  DRAMATIS_TRY(auto network, Network::load(*file, method_of(plan)));
  std::string checksum = checksum_of(*file);
  DRAMATIS_TRY(auto model, model::Model::bind(*std::move(file)));
  return Start{.model = std::move(model),
               .network = std::move(network),
               .speech = std::move(speech),
               .name = plan.base.model.empty() ? "a new model" : plan.base.model,
               .checksum = std::move(checksum)};
}

}  // namespace dramatis::train::tune
