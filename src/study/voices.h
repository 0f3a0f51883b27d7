// What a character's voice must show: its checks in four ways, with its adapter and without, and
// what it does with questions off every topic.
#pragma once

#include <array>
#include <functional>
#include <map>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "persona/cast.h"
#include "study/checks.h"
#include "study/off_topic.h"
#include "text/json.h"

namespace dramatis::study {

// How a model is asked to be somebody.
enum class VoiceWay {
  kBase,         // the model alone: neither sheet nor examples, its own words
  kBaseTold,     // with the sheet, examples and its author's help
  kAdapter,      // the adapter alone, likewise
  kAdapterTold,  // the adapter with all of them
};
constexpr std::size_t kVoiceWays = 4;
[[nodiscard]] std::string_view print(VoiceWay way);

// Who answers in each way; the models outlive the measuring.
struct Voices {
  Answerer told;  // speaks with the author's help where the prompt offers it
  Answerer free;  // the same model in its own words
  std::map<std::string, lm::AdapterChoice> adapters{};  // by character, at both
};

// The replies with the adapter, beside the checks.
struct OffTopicCount {
  std::array<std::size_t, 4> taken{};  // by Taken

  [[nodiscard]] Share share(Taken which) const;
};

struct VoiceFigures {
  std::string character{};  // id
  std::array<CheckReport, kVoiceWays> checks{};
  std::vector<OffTopicRow> off_topic{};        // the adapter with sheet and examples
  std::vector<OffTopicRow> off_topic_alone{};  // the adapter alone
  Share ended{};    // by themselves, of all replies with the adapter and sheet
  Share sayings{};  // have one of the character's sayings, of the same
};
[[nodiscard]] OffTopicCount count(const std::vector<OffTopicRow>& rows);

// Called before each of a character's parts.
using VoiceProgress = std::function<void(std::string_view character, std::string_view part)>;

// Measures one character with the checks that `cast` has. Errors: kNotFound for a character or an
// adapter that is not there; those of run_checks() and ask_off_topic().
[[nodiscard]] Result<VoiceFigures> measure_voice(const persona::Cast& cast,
                                                 const std::string& character,
                                                 const std::vector<std::string>& off_topic,
                                                 const Voices& voices, const CheckOptions& options,
                                                 const VoiceProgress& progress = {},
                                                 const std::stop_token& stop = {});

// {"character":...,"checks":{"base":{...},...},"off_topic":{...},"ended":...,"sayings":...}
[[nodiscard]] text::JsonObject json_of(const VoiceFigures& figures);

}  // namespace dramatis::study
