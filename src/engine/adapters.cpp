// Names -> adapters.
#include "engine/adapters.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include "engine/limits.h"
#include "engine/page_file.h"

namespace dramatis::engine {
namespace {

// use(part) for every part of `adapter`, in order.
template <class Use>
void for_each_part(const model::Adapter& adapter, const model::ModelConfig& config,
                   const Use& use) {
  for (std::size_t l = 0; l < config.layers; ++l) {
    for (std::size_t n = 0; n < model::kAdaptedMatrices; ++n)
      use(adapter.part(l, static_cast<model::Adapted>(n)));
  }
}

std::uint64_t checksum_of(const model::Adapter& adapter, const model::ModelConfig& config) {
  std::vector<std::uint64_t> sums;
  for_each_part(adapter, config, [&](const model::LowRank& part) {
    for (const auto bytes : {std::as_bytes(std::span(part.a)), std::as_bytes(std::span(part.b)),
                             std::as_bytes(std::span(&part.scale, 1))})
      sums.push_back(engine::checksum_of(bytes));
  });
  return engine::checksum_of(std::as_bytes(std::span(sums)));
}

std::size_t bytes_of(const model::Adapter& adapter, const model::ModelConfig& config) {
  std::size_t numbers = 0;
  for_each_part(adapter, config,
                [&](const model::LowRank& part) { numbers += part.a.size() + part.b.size(); });
  return numbers * sizeof(float);
}

std::string print_checksum(std::uint64_t checksum) {
  return fmt::format("{:016x}", checksum);
}

// "HuggingFaceTB/SmolLM2-135M" -> "smollm2135m": letters and digits of what follows the last slash.
std::string plain_name(std::string_view name) {
  name.remove_prefix(name.find_last_of('/') + 1);
  std::string plain;
  for (const char c : name) {
    if (c >= 'A' && c <= 'Z') plain += static_cast<char>(c + ('a' - 'A'));
    if ((c >= 'a' && c <= 'z') || (c >= '0' && c <= '9')) plain += c;
  }
  return plain;
}

// Whether two names can mean one model: one is the other with something added, "-Instruct" or
// "-Q8_0". What has no name may be anything.
bool may_be_same(std::string_view a, std::string_view b) {
  const std::string first = plain_name(a);
  const std::string second = plain_name(b);
  return first.find(second) != std::string::npos || second.find(first) != std::string::npos;
}

}  // namespace

Result<Adapters> Adapters::read(std::span<const AdapterFile> files,
                                const model::ModelConfig& config, std::string_view model) {
  Adapters adapters;
  if (files.size() > kMaxAdapters) {
    return fail(
        ErrorCode::kOverBudget,
        fmt::format("{} adapters were named; at most {} are loaded.", files.size(), kMaxAdapters));
  }
  for (const AdapterFile& file : files) {
    DRAMATIS_TRY(adapters, adapters.with(file, config, model));
  }
  return adapters;
}

Result<Adapters> Adapters::with(const AdapterFile& file, const model::ModelConfig& config,
                                std::string_view model, std::size_t bytes) const {
  if (by_name_.size() >= kMaxAdapters) {
    return fail(
        ErrorCode::kOverBudget,
        fmt::format("{} adapters are loaded, and no more may be. Unload one.", by_name_.size()));
  }
  if (find(file.name) != nullptr) {
    return fail(ErrorCode::kInvalidArgument,
                fmt::format("Two adapters are named {}. Give one another name.", file.name));
  }
  DRAMATIS_TRY(auto adapter, model::Adapter::read(file.path, config));
  const std::size_t own = bytes_of(adapter, config);
  if (this->bytes() + own > bytes) {
    return fail(ErrorCode::kOverBudget,
                fmt::format("With {} the adapters take more than {} bytes. Load fewer.",
                            file.path.string(), bytes));
  }
  Adapters more = *this;
  if (!may_be_same(adapter.base(), model)) {
    more.warnings_.push_back(
        fmt::format("The adapter {} was trained on {}; this model calls itself {}. If they are "
                    "not the same, it will speak nonsense.",
                    file.name, adapter.base(), model));
  }
  const std::uint64_t checksum = checksum_of(adapter, config);
  more.by_name_.emplace(
      file.name, std::make_shared<const Loaded>(
                     Loaded{.adapter = std::make_shared<const model::Adapter>(std::move(adapter)),
                            .checksum = checksum,
                            .bytes = own}));
  return more;
}

Result<Adapters> Adapters::without(std::string_view name) const {
  Adapters fewer = *this;
  const auto found = fewer.by_name_.find(name);
  if (found == fewer.by_name_.end()) return absent(name);
  fewer.by_name_.erase(found);
  fewer.warnings_
      .clear();  // they were told when it was read; who loads again and again piles up none
  return fewer;
}

std::vector<lm::LoadedAdapter> Adapters::list() const {
  std::vector<lm::LoadedAdapter> all;
  for (const auto& [name, loaded] : by_name_) {
    all.push_back({.name = name,
                   .base = loaded->adapter->base(),
                   .checksum = print_checksum(loaded->checksum),
                   .bytes = loaded->bytes,
                   // Beside the sets, replies alone hold it.
                   .speaks = loaded->adapter.use_count() > 1});
  }
  return all;
}

Result<lm::LoadedAdapter> Adapters::judge(const std::filesystem::path& path,
                                          const model::ModelConfig& config,
                                          std::string_view model) {
  DRAMATIS_TRY(const auto alone,
               Adapters().with({.name = path.string(), .path = path}, config, model));
  auto all = alone.list();
  all.front().odd.assign(alone.warnings().begin(), alone.warnings().end());
  return std::move(all.front());
}

std::size_t Adapters::bytes() const {
  std::size_t sum = 0;
  for (const auto& [name, loaded] : by_name_) sum += loaded->bytes;
  return sum;
}

std::shared_ptr<const model::Adapter> Adapters::find(std::string_view name) const {
  const auto found = by_name_.find(name);
  return found == by_name_.end() ? nullptr : found->second->adapter;
}

tl::unexpected<Error> Adapters::absent(std::string_view name) const {
  std::vector<std::string_view> names;
  for (const auto& [known, adapter] : by_name_) names.push_back(known);
  return fail(ErrorCode::kNotFound,
              fmt::format("There is no adapter {}; loaded are: {}.", name,
                          names.empty() ? "none" : fmt::to_string(fmt::join(names, ", "))));
}

Result<ChosenAdapters> Adapters::choose(std::span<const lm::AdapterChoice> chosen,
                                        const model::ModelConfig& config) const {
  ChosenAdapters all;
  for (const auto& choice : chosen) {
    const auto found = by_name_.find(choice.name);
    if (found == by_name_.end()) return absent(choice.name);
    all.uses.push_back(
        {.adapter = found->second->adapter.get(), .scale = static_cast<float>(choice.scale)});
    all.told.push_back({.name = choice.name,
                        .scale = choice.scale,
                        .checksum = print_checksum(found->second->checksum)});
    all.kept.push_back(found->second->adapter);
    all.key += fmt::format("{}#{:x}:{};", choice.name, found->second->checksum, choice.scale);
  }
  DRAMATIS_DO(model::check_adapters(all.uses, config));
  return all;
}

}  // namespace dramatis::engine
