// Opens the language model that the settings name.
#include "model_port.h"

#include <filesystem>
#include <numeric>

#include <fmt/format.h>

#include "base/random.h"
#include "engine/engine.h"
#include "remote/key.h"
#include "remote/remote_model.h"
#include "voice/guided_model.h"

namespace dramatis::app {
namespace {

// A model below this size heeds a short head better than a long one, reads it sooner, and knows
// less than its author.
constexpr std::size_t kSmallModel = 500'000'000;
constexpr std::int64_t kMostThreads = 512;

std::size_t parameters_of(const formats::Gguf& file) {
  std::size_t sum = 0;
  for (const auto& tensor : file.tensors()) {
    sum += std::accumulate(tensor.shape.begin(), tensor.shape.end(), std::size_t{1},
                           std::multiplies<>());
  }
  return sum;
}

Result<OpenedModel> open_file(const Settings& settings) {
  const std::filesystem::path path = settings.path("model");
  std::error_code failed;
  if (!std::filesystem::exists(path, failed)) {
    return fail(
        ErrorCode::kNotFound,
        fmt::format("There is no model file {} ({}). Name one with --model, or a service such "
                    "as --model http://localhost:11434/v1 --model-name llama3.2.",
                    path.string(), settings.find("model").place));
  }
  DRAMATIS_TRY(const auto threads, settings.integer("threads", 0, kMostThreads));
  DRAMATIS_TRY(auto engine,
               engine::Engine::load(path, {.threads = static_cast<std::size_t>(threads)}));
  if (parameters_of(engine->model().file()) >= kSmallModel) {
    return OpenedModel{.model = std::move(engine)};
  }
  auto guided = std::make_unique<voice::GuidedModel>(*engine, nullptr);
  return OpenedModel{
      .own = std::move(engine), .model = std::move(guided), .head = prompt::Head::kCompact};
}

Result<OpenedModel> open_service(const Settings& settings, const Clock& clock) {
  remote::RemoteOptions options;
  options.url = settings.find("model").value;
  options.model = settings.find("model_name").value;
  const remote::KeySource source{.variable = settings.find("key_variable").value,
                                 .file = settings.path("key_file")};
  if (!source.variable.empty() || !source.file.empty()) {
    DRAMATIS_TRY(options.key, remote::read_key(source));
  }
  DRAMATIS_TRY(const std::uint64_t seed, random_u64());
  DRAMATIS_TRY(auto model, remote::RemoteModel::open(std::move(options), Rng(seed), clock));
  return OpenedModel{.model = std::move(model)};
}

}  // namespace

bool is_address(std::string_view model) {
  return model.substr(0, 7) == "http://" || model.substr(0, 8) == "https://";
}

Result<OpenedModel> open_model(const Settings& settings, const Clock& clock) {
  return is_address(settings.find("model").value) ? open_service(settings, clock)
                                                  : open_file(settings);
}

}  // namespace dramatis::app
