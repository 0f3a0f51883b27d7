// Names -> adapters.
#include "engine/adapters.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

namespace dramatis::engine {

Result<Adapters> Adapters::read(std::span<const AdapterFile> files,
                                const model::ModelConfig& config) {
  Adapters adapters;
  for (const AdapterFile& file : files) {
    auto adapter = model::Adapter::read(file.path, config);
    if (!adapter) {
      return fail(adapter.error().code,
                  fmt::format("{}: {}", file.path.string(), adapter.error().what));
    }
    if (!adapters.by_name_.emplace(file.name, *std::move(adapter)).second) {
      return fail(ErrorCode::kInvalidArgument,
                  fmt::format("Two adapters are named {}. Give one another name.", file.name));
    }
  }
  return adapters;
}

std::size_t Adapters::bytes(const model::ModelConfig& config) const {
  std::size_t numbers = 0;
  for (const auto& [name, adapter] : by_name_) {
    for (std::size_t l = 0; l < config.layers; ++l) {
      for (std::size_t n = 0; n < model::kAdaptedMatrices; ++n) {
        const auto& part = adapter.part(l, static_cast<model::Adapted>(n));
        numbers += part.a.size() + part.b.size();
      }
    }
  }
  return numbers * sizeof(float);
}

Result<ChosenAdapters> Adapters::choose(std::span<const lm::AdapterChoice> chosen,
                                        const model::ModelConfig& config) const {
  ChosenAdapters all;
  for (const auto& choice : chosen) {
    const auto found = by_name_.find(choice.name);
    if (found == by_name_.end()) {
      std::vector<std::string_view> names;
      for (const auto& [name, adapter] : by_name_) names.push_back(name);
      return fail(ErrorCode::kNotFound,
                  fmt::format("There is no adapter {}; loaded are: {}.", choice.name,
                              names.empty() ? "none" : fmt::to_string(fmt::join(names, ", "))));
    }
    all.uses.push_back({.adapter = &found->second, .scale = static_cast<float>(choice.scale)});
    all.key += fmt::format("{}:{};", choice.name, choice.scale);
  }
  DRAMATIS_DO(model::check_adapters(all.uses, config));
  return all;
}

}  // namespace dramatis::engine
