// Settings -> parts of a study, and words about how far it is.
#include "studio.h"

#include <algorithm>
#include <cstdio>
#include <fstream>
#include <limits>

#include <fmt/format.h>
#include <unistd.h>

#include "base/files.h"
#include "lm/limits.h"
#include "models.h"
#include "names.h"

namespace dramatis::app {

lm::LanguageModel& Studio::model() {
  if (baseline) return *baseline;
  return *opened->model;
}

study::Answerer Studio::answerer() {
  return {.model = model(),
          .examples = examples->examples,
          .head = opened ? opened->head : prompt::Head::kCompact};
}

Result<study::CheckOptions> answer_options(const Settings& settings) {
  study::CheckOptions options;
  if (settings.find("temperature").from != From::kDefault) {
    DRAMATIS_TRY(options.temperature, settings.number("temperature", 0, 5));
  }
  DRAMATIS_TRY(const auto tokens, settings.integer("max_tokens", 1, lm::kMaxReplyTokens));
  options.max_tokens = static_cast<int>(tokens);
  if (!settings.find("seed").value.empty()) {
    DRAMATIS_TRY(const auto seed,
                 settings.integer("seed", 0, std::numeric_limits<std::int64_t>::max()));
    options.seed = static_cast<std::uint64_t>(seed);
  }
  DRAMATIS_TRY(options.scratchpad, settings.on_off("thoughts"));
  options.voice =
      settings.find("voice").value == "free" ? study::Voice::kFree : study::Voice::kWithAuthor;
  return options;
}

Result<std::unique_ptr<Studio>> open_studio(const Settings& settings, const std::string& baseline) {
  auto studio = std::make_unique<Studio>();
  const auto answers = answer_options(settings);
  if (!answers) return tl::unexpected(answers.error());
  studio->answers = *answers;
  DRAMATIS_TRY(studio->cast, persona::load_cast(settings.path("cast")));
  DRAMATIS_TRY(auto examples, open_examples(settings, studio->cast));
  studio->examples.emplace(std::move(examples));
  if (baseline.empty()) {
    DRAMATIS_TRY(studio->opened, open_model(settings, studio->clock));
  } else {
    DRAMATIS_TRY(const auto kind, study::parse_baseline(baseline));
    studio->baseline.emplace(kind);
    studio->answers.voice = study::Voice::kWithAuthor;
  }
  return studio;
}

Result<std::vector<std::string>> ids_of(const Studio& studio,
                                        const std::vector<std::string>& typed) {
  std::vector<std::string> ids;
  const bool all = typed.empty() || std::ranges::find(typed, "all") != typed.end();
  if (all && studio.opened && studio.opened->taught) {
    for (const auto& id : *studio.opened->taught) {
      if (studio.cast.find_member(id) != nullptr) ids.push_back(id);
    }
    if (!ids.empty()) return ids;
  }
  std::vector<Named> named;
  for (const auto& member : studio.cast.members) {
    named.push_back({member.sheet.id, member.sheet.name});
    if (all) ids.push_back(member.sheet.id);
  }
  if (all) return ids;
  for (const auto& name : typed) {
    DRAMATIS_TRY(const std::size_t which, find_named(name, named));
    ids.push_back(named[which].id);
  }
  return ids;
}

Result<OpenedModel> open_named_model(const Settings& settings, const std::string& name,
                                     const Clock& clock) {
  std::string known;
  for (const auto& listed : settings.models()) {
    if (listed.name == name) return open_listed_model(settings, listed, clock, Start::kCold);
    known.append(known.empty() ? "" : ", ").append(listed.name);
  }
  if (std::error_code unknown; std::filesystem::exists(name, unknown))
    return open_model_file(settings, name, "the command line");
  return fail(
      ErrorCode::kNotFound,
      fmt::format("'{}' is neither a file nor a model of the list models: in dramatis.yaml, "
                  "which has {}; docs/guides/remote-models.md says how to add one.",
                  name, known.empty() ? "none" : known));
}

std::string print_time_span(std::chrono::seconds time) {
  const auto minutes = std::chrono::duration_cast<std::chrono::minutes>(time);
  if (minutes.count() == 0) return fmt::format("{} s", time.count());
  return fmt::format("{} min {} s", minutes.count(), (time - minutes).count());
}

void Meter::show(std::size_t done, std::size_t of) {
  if (!first_) first_ = done - std::min<std::size_t>(done, 1);
  const auto passed = std::chrono::duration<double>(clock_.steady() - begun_);
  const auto made = static_cast<double>(done - *first_);
  std::string left;
  if (made > 0 && done < of) {
    const double seconds = passed.count() / made * static_cast<double>(of - done);
    left = fmt::format(", about {} left",
                       print_time_span(std::chrono::seconds(static_cast<std::int64_t>(seconds))));
  }
  if (isatty(STDERR_FILENO) != 0) {
    fmt::print(stderr, "\r{}: {} of {}{:<24}", what_, done, of, left);
    shown_ = true;
    return;
  }
  const std::size_t tenths = of == 0 ? 10 : 10 * done / of;
  if (tenths <= tenths_) return;
  tenths_ = tenths;
  fmt::print(stderr, "{}: {} of {}{}\n", what_, done, of, left);
}

void Meter::end() {
  if (shown_) fmt::print(stderr, "\r{:<78}\r", "");
  shown_ = false;
}

std::size_t peak_memory() {
  std::ifstream status("/proc/self/status");
  const std::string name = "VmHWM:";
  for (std::string line; std::getline(status, line);) {
    if (line.compare(0, name.size(), name) == 0) return std::stoul(line.substr(name.size())) * 1024;
  }
  return 0;
}

Status write_text(const std::filesystem::path& path, std::string_view text) {
  return write_file(path, std::as_bytes(std::span(text)));
}

}  // namespace dramatis::app
