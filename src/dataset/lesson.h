// What a model learns from, in the forms that trainers read.
#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "dataset/experience_text.h"
#include "lm/language_model.h"

namespace dramatis::dataset {

// A conversation that ends with a reply of the character.
struct Lesson {
  std::string id{};
  std::vector<lm::Message> messages{};  // at most one of the system, first; then player and NPC
};

// The same without the system's message: the model must know its part by itself.
[[nodiscard]] Lesson without_sheet(const Lesson& lesson);

// One JSON object to a line. Checked: lessons end with the NPC.
//   messages   {"messages":[{"role":"system|user|assistant","content":...}, ...]}
//   ShareGPT   {"id":...,"conversations":[{"from":"system|human|gpt","value":...}, ...]}
//   Alpaca     {"instruction":...,"input":"","output":...,"system":...,"history":[[...,...], ...]};
//              lessons in which the NPC speaks first have no instruction and are left out
[[nodiscard]] std::string print_messages(std::span<const Lesson> lessons);
[[nodiscard]] std::string print_sharegpt(std::span<const Lesson> lessons);
[[nodiscard]] std::string print_alpaca(std::span<const Lesson> lessons);

// An experience as {"prompt":...,"output":...,"source":...}: the prompt tells who is to be played,
// where and what is the matter; the output is every line as "Name (manner): words<|eot|>", lines of
// one speaker and manner in a row joined. Where a line has no manner, it is spoken.
struct PlayedBy {
  std::string name{};    // the character's, in full
  std::string place{};   // where, and when
  std::string source{};  // which scene and run it comes from
};
[[nodiscard]] std::string print_experience(const Experience& experience, const PlayedBy& by);

// Which of the forms a file is in.
enum class LessonForm { kMessages, kShareGpt, kAlpaca, kExperience };
// "messages", "sharegpt", "alpaca" or "experience". Errors: kInvalidArgument naming them.
[[nodiscard]] Result<LessonForm> parse_form(std::string_view name);
[[nodiscard]] std::string_view name_of(LessonForm form);

// Configurations that train `base` on `train.jsonl` beside them, for TRL's and Axolotl's command
// lines; Axolotl measures with `held-out.jsonl`. TRL reads messages and ShareGPT's form alone; of
// the others its configuration is empty.
struct TrainerSettings {
  LessonForm form = LessonForm::kMessages;
  std::string base{};  // a folder or a name of the hub
  double learning_rate = 5e-5;
  int epochs = 5;
  int batch = 8;
  int length = 2048;  // tokens
  int rank = 0;       // of LoRA; 0: all weights are trained
  std::uint64_t seed = 1;
};
[[nodiscard]] std::string trl_configuration(const TrainerSettings& settings);
[[nodiscard]] std::string axolotl_configuration(const TrainerSettings& settings);

}  // namespace dramatis::dataset
