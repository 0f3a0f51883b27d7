// dramatis evaluate voices: the figures of a model card, for the characters that have adapters.
#include <algorithm>
#include <cstdio>

#include <fmt/format.h>

#include "base/files.h"
#include "evaluate.h"
#include "places.h"
#include "studio.h"
#include "study/voices.h"
#include "terminal.h"
#include "text/json.h"
#include "text/utterance.h"

namespace dramatis::app {
namespace {

constexpr std::size_t kMostQuestionBytes = 1024 * 1024;
constexpr std::string_view kColumns = "{:<24} {:>6} {:>7} {:>10} {:>8} {:>13} {:>7} {:>7} {:>8}\n";
constexpr std::string_view kOffTopicColumns = "{:<24} {:>9} {:>9} {:>14} {:>17} {:>8}\n";

// What one run gave.
struct Measured {
  std::string answered_by{};
  std::vector<study::VoiceFigures> voices{};
};

// Whose adapters lie in `folder`: <id>/ as PEFT writes it, or <id>.gguf.
Result<std::map<std::string, lm::AdapterChoice>> load_adapters(
    const std::filesystem::path& folder, const std::vector<std::string>& characters,
    engine::Engine& engine) {
  std::map<std::string, lm::AdapterChoice> found;
  std::error_code unknown;
  for (const auto& id : characters) {
    for (const auto& path : {folder / id, folder / (id + ".gguf")}) {
      if (!std::filesystem::exists(path, unknown)) continue;
      DRAMATIS_TRY(const auto odd, engine.load_adapter({.name = id, .path = path}));
      for (const auto& warning : odd)
        fmt::print(stderr, "dramatis: {}\n", text::printable(warning));
      found[id] = {.name = id};
      break;
    }
  }
  if (found.empty()) {
    return fail(ErrorCode::kNotFound,
                fmt::format("{} has an adapter for none of {}. An adapter is a folder or a GGUF "
                            "file with the character's id for a name.",
                            folder.string(), fmt::join(characters, ", ")));
  }
  return found;
}

Result<std::vector<std::string>> questions_for(const std::filesystem::path& folder,
                                               const std::string& character) {
  const auto path = folder / (character + ".off-topic.yaml");
  DRAMATIS_TRY(const auto bytes, read_text_file(path, kMostQuestionBytes));
  return study::off_topic_questions(bytes, path.string());
}

Result<Measured> measure(const Settings& settings, const VoicesArgs& args) {
  Signals signals;
  const std::stop_token stop = signals.begin_work();
  DRAMATIS_TRY(const auto studio, open_studio(settings, ""));
  const OpenedModel& opened = *studio->opened;
  if (opened.engine == nullptr)
    return fail(ErrorCode::kUnsupported, "Adapters are for models of this process; name a file.");
  const std::filesystem::path asked =
      args.checks.empty() ? shipped("tests/voices") : std::filesystem::path(args.checks);
  DRAMATIS_DO(persona::replace_checks(studio->cast, asked));
  DRAMATIS_TRY(const auto characters, ids_of(*studio, args.characters));
  const std::filesystem::path folder =
      args.voices.empty() ? shipped("models/voices") : std::filesystem::path(args.voices);
  const study::Answerer told = studio->answerer();
  study::Voices voices{.told = told, .free = {*opened.engine, told.examples, told.head}};
  DRAMATIS_TRY(voices.adapters, load_adapters(folder, characters, *opened.engine));
  const auto tell = [](std::string_view character, std::string_view part) {
    fmt::print(stderr, "{}: {}\n", character, part);
  };
  Measured measured{.answered_by = told.model.name()};
  for (const auto& [id, choice] : voices.adapters) {
    DRAMATIS_TRY(const auto questions, questions_for(asked, id));
    DRAMATIS_TRY(auto figures, study::measure_voice(studio->cast, id, questions, voices,
                                                    studio->answers, tell, stop));
    measured.voices.push_back(std::move(figures));
  }
  return measured;
}

std::string percent_of(const study::Share& share) {
  return share.of == 0 ? "-" : fmt::format("{:.0f} %", share.percent());
}

const study::CheckSummary& checks_of(const study::VoiceFigures& voice, study::VoiceWay way) {
  return voice.checks[static_cast<std::size_t>(way)].total;
}

void print_off_topic(const std::vector<study::VoiceFigures>& voices, std::string_view title,
                     std::vector<study::OffTopicRow> study::VoiceFigures::*rows) {
  using study::Taken;
  fmt::print("\n{}\n\n", title);
  fmt::print(kOffTopicColumns, "character", "questions", "answered", "does not know",
             "beside the point", "recites");
  for (const auto& voice : voices) {
    const auto counted = study::count(voice.*rows);
    fmt::print(
        kOffTopicColumns, voice.character, (voice.*rows).size(),
        percent_of(counted.share(Taken::kAnswered)), percent_of(counted.share(Taken::kUnknown)),
        percent_of(counted.share(Taken::kBeside)), percent_of(counted.share(Taken::kRecited)));
  }
}

void print_tables(const Measured& measured) {
  using study::VoiceWay;
  fmt::print("Answered by {}\n\n", text::printable(measured.answered_by));
  fmt::print(kColumns, "character", "checks", "base", "base, told", "adapter", "adapter, told",
             "break", "ended", "sayings");
  for (const auto& voice : measured.voices) {
    const auto& last = checks_of(voice, VoiceWay::kAdapterTold);
    fmt::print(kColumns, voice.character, last.passed.of,
               percent_of(checks_of(voice, VoiceWay::kBase).passed),
               percent_of(checks_of(voice, VoiceWay::kBaseTold).passed),
               percent_of(checks_of(voice, VoiceWay::kAdapter).passed), percent_of(last.passed),
               percent_of(last.breaks), percent_of(voice.ended), percent_of(voice.sayings));
  }
  print_off_topic(measured.voices, "Off every topic, adapter with sheet and examples",
                  &study::VoiceFigures::off_topic);
  print_off_topic(measured.voices, "Off every topic, adapter alone",
                  &study::VoiceFigures::off_topic_alone);
  fmt::print(
      "\ntold: with the sheet, examples and the author's help; otherwise the model's own words "
      "alone, without a sheet.\n");
}

}  // namespace

int run_evaluate_voices(const Settings& settings, const VoicesArgs& args) {
  prepare_memory(settings);
  const auto measured = measure(settings, args);
  if (!measured) return complain(measured.error());
  if (args.output == Output::kJson) {
    text::JsonArray voices;
    for (const auto& voice : measured->voices) voices.emplace_back(study::json_of(voice));
    fmt::print("{}\n", text::print_json(text::JsonObject{{"answered_by", measured->answered_by},
                                                         {"voices", std::move(voices)}}));
  } else {
    print_tables(*measured);
  }
  return 0;
}

}  // namespace dramatis::app
