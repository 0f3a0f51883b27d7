// Tensors with the counters as metadata.
#include "train/tune/state.h"

#include <charconv>

#include <fmt/format.h>

#include "train/tensors.h"

namespace dramatis::train::tune {
namespace {

template <class Number>
Status read_number(const formats::Safetensors& file, std::string_view key, Number& into) {
  const std::string* found = file.metadata(key);
  if (found != nullptr) {
    const char* end = found->data() + found->size();
    const auto [at, failed] = std::from_chars(found->data(), end, into);
    if (failed == std::errc{} && at == end) return {};
  }
  return fail(ErrorCode::kCorrupt, fmt::format("the checkpoint has no '{}'", key));
}

Status fill(const formats::Safetensors& file, Network& network, UpdateRule& rule, State& state) {
  for (const auto& [name, tensor] : network.learnt()) DRAMATIS_DO(copy_tensor(file, name, tensor));
  for (const auto& [name, tensor] : rule.state()) DRAMATIS_DO(copy_tensor(file, name, tensor));
  std::int64_t moved = 0;
  int ended = 0;
  DRAMATIS_DO(read_number(file, "update", state.update));
  DRAMATIS_DO(read_number(file, "moved", moved));
  DRAMATIS_DO(read_number(file, "first_loss", state.first_loss));
  DRAMATIS_DO(read_number(file, "best_loss", state.best_loss));
  DRAMATIS_DO(read_number(file, "best_update", state.best_update));
  DRAMATIS_DO(read_number(file, "waits", state.waits));
  DRAMATIS_DO(read_number(file, "ended", ended));
  DRAMATIS_DO(read_number(file, "seconds", state.seconds));
  DRAMATIS_DO(read_number(file, "tokens", state.tokens));
  state.ended = ended != 0;
  rule.set_updates(moved);
  return {};
}

}  // namespace

Status write_state(const std::filesystem::path& path, const Network& network,
                   const UpdateRule& rule, const State& state, const std::string& digest) {
  Named all(network.learnt());
  for (auto& [name, tensor] : rule.state()) all.emplace_back(name, tensor);
  return write_tensors(path, all, formats::SafeDtype::kF32,
                       {{"digest", digest},
                        {"update", fmt::format("{}", state.update)},
                        {"moved", fmt::format("{}", rule.updates())},
                        {"first_loss", fmt::format("{}", state.first_loss)},
                        {"best_loss", fmt::format("{}", state.best_loss)},
                        {"best_update", fmt::format("{}", state.best_update)},
                        {"waits", fmt::format("{}", state.waits)},
                        {"ended", state.ended ? "1" : "0"},
                        {"seconds", fmt::format("{}", state.seconds)},
                        {"tokens", fmt::format("{}", state.tokens)}});
}

Result<State> read_state(const std::filesystem::path& path, Network& network, UpdateRule& rule,
                         const std::string& digest) {
  DRAMATIS_TRY(const auto file, formats::Safetensors::read(path));
  const std::string* of = file.metadata("digest");
  if (of == nullptr) return fail(ErrorCode::kCorrupt, path.string() + " is no checkpoint.");
  if (*of != digest) {
    return fail(ErrorCode::kConflict,
                fmt::format("{} is of another recipe, base or data; name another --run folder, or "
                            "remove it.",
                            path.string()));
  }
  State state;
  auto filled = fill(file, network, rule, state);
  if (!filled)
    return fail(filled.error().code, fmt::format("{}: {}", path.string(), filled.error().what));
  network.renew();
  return state;
}

Status write_learnt(const std::filesystem::path& path, const Network& network) {
  return write_tensors(path, network.learnt(), formats::SafeDtype::kF32, {});
}

Status read_learnt(const std::filesystem::path& path, Network& network) {
  DRAMATIS_TRY(const auto file, formats::Safetensors::read(path));
  for (const auto& [name, tensor] : network.learnt()) {
    if (auto copied = copy_tensor(file, name, tensor); !copied)
      return fail(copied.error().code, fmt::format("{}: {}", path.string(), copied.error().what));
  }
  network.renew();
  return {};
}

}  // namespace dramatis::train::tune
