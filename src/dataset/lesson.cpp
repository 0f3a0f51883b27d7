// Lessons -> the files of trainers.
#include "dataset/lesson.h"

#include <fmt/format.h>

#include "base/check.h"
#include "text/json.h"

namespace dramatis::dataset {
namespace {

using text::Json;
using text::JsonArray;
using text::JsonObject;

struct Names {
  const char* system;
  const char* player;
  const char* npc;
};

Json name_of(lm::Role role, const Names& names) {
  if (role == lm::Role::kSystem) return std::string(names.system);
  return std::string(role == lm::Role::kPlayer ? names.player : names.npc);
}

JsonArray list(const Lesson& lesson, const Names& names, const char* who, const char* what) {
  DRAMATIS_CHECK(!lesson.messages.empty() && lesson.messages.back().role == lm::Role::kNpc);
  JsonArray made;
  for (const auto& message : lesson.messages)
    made.push_back(JsonObject{{who, name_of(message.role, names)}, {what, message.text}});
  return made;
}

std::string line(JsonObject object) {
  return text::print_json(Json(std::move(object))) + "\n";
}

// Empty where the NPC speaks first.
std::string alpaca_line(const Lesson& lesson) {
  DRAMATIS_CHECK(!lesson.messages.empty() && lesson.messages.back().role == lm::Role::kNpc);
  std::string system;
  JsonArray history;
  std::string asked;
  bool waits = false;
  for (std::size_t n = 0; n + 1 < lesson.messages.size(); ++n) {
    const auto& message = lesson.messages[n];
    if (message.role == lm::Role::kSystem) {
      system = message.text;
    } else if (message.role == lm::Role::kPlayer) {
      asked = message.text;
      waits = true;
    } else if (waits) {
      history.push_back(JsonArray{asked, message.text});
      waits = false;
    }
  }
  if (!waits) return {};
  return line({{"instruction", asked},
               {"input", std::string()},
               {"output", lesson.messages.back().text},
               {"system", system},
               {"history", std::move(history)}});
}

// YAML's own escapes are JSON's.
std::string quoted(std::string_view text) {
  return text::print_json(Json(std::string(text)));
}

// How Axolotl is told of a file's form; indented as a member of its list.
std::string axolotl_type(LessonForm form) {
  if (form == LessonForm::kAlpaca) return "    type: alpaca\n";
  if (form == LessonForm::kExperience) {
    return "    type:\n      field_instruction: prompt\n      field_output: output\n"
           "      format: \"{instruction}\"\n      no_input_format: \"{instruction}\"\n";
  }
  const bool messages = form == LessonForm::kMessages;
  return fmt::format(
      "    type: chat_template\n    field_messages: {}\n"
      "    message_property_mappings: {{role: {}, content: {}}}\n"
      "{}    roles_to_train: [assistant]\n    train_on_eos: turn\n",
      messages ? "messages" : "conversations", messages ? "role" : "from",
      messages ? "content" : "value",
      messages ? "" : "    roles: {system: [system], user: [human], assistant: [gpt]}\n");
}

}  // namespace

Lesson without_sheet(const Lesson& lesson) {
  Lesson made = lesson;
  std::erase_if(made.messages,
                [](const lm::Message& message) { return message.role == lm::Role::kSystem; });
  return made;
}

std::string print_messages(std::span<const Lesson> lessons) {
  constexpr Names kNames{.system = "system", .player = "user", .npc = "assistant"};
  std::string printed;
  for (const auto& lesson : lessons)
    printed += line({{"messages", list(lesson, kNames, "role", "content")}});
  return printed;
}

std::string print_sharegpt(std::span<const Lesson> lessons) {
  constexpr Names kNames{.system = "system", .player = "human", .npc = "gpt"};
  std::string printed;
  for (const auto& lesson : lessons)
    printed += line({{"id", lesson.id}, {"conversations", list(lesson, kNames, "from", "value")}});
  return printed;
}

std::string print_alpaca(std::span<const Lesson> lessons) {
  std::string printed;
  for (const auto& lesson : lessons) printed += alpaca_line(lesson);
  return printed;
}

std::string print_experience(const Experience& experience, const PlayedBy& by) {
  const std::string prompt = fmt::format(
      "You are {0}. Think, speak and act as {0} would, with {0}'s words, knowledge and temper, and "
      "as nobody else.\nPlace: {1}\nWhat is the matter: {2}\n\nThis is what happens.\n\n",
      by.name, by.place, experience.background);
  std::string output;
  const ScriptLine* before = nullptr;
  for (const auto& said : experience.lines) {
    if (before != nullptr && before->speaker == said.speaker && before->manner == said.manner) {
      output += "\n" + said.words;
    } else {
      if (before != nullptr) output += fmt::format("{}\n", kEndOfLine);
      output += fmt::format("{} ({}): {}", said.speaker,
                            said.manner.empty() ? "speaking" : said.manner, said.words);
    }
    before = &said;
  }
  if (before != nullptr) output += kEndOfLine;
  return line({{"prompt", prompt}, {"output", output}, {"source", by.source}});
}

Result<LessonForm> parse_form(std::string_view name) {
  for (const auto form : {LessonForm::kMessages, LessonForm::kShareGpt, LessonForm::kAlpaca,
                          LessonForm::kExperience}) {
    if (name_of(form) == name) return form;
  }
  return fail(ErrorCode::kInvalidArgument,
              fmt::format("There is no form '{}'; there are messages, sharegpt, alpaca and "
                          "experience.",
                          name));
}

std::string_view name_of(LessonForm form) {
  switch (form) {
    case LessonForm::kMessages:
      return "messages";
    case LessonForm::kShareGpt:
      return "sharegpt";
    case LessonForm::kAlpaca:
      return "alpaca";
    case LessonForm::kExperience:
      break;
  }
  return "experience";
}

std::string trl_configuration(const TrainerSettings& settings) {
  if (settings.form != LessonForm::kMessages && settings.form != LessonForm::kShareGpt) return {};
  std::string made = fmt::format(
      "# trl sft --config trl.yaml\n"
      "model_name_or_path: {}\n"
      "datasets:\n  - path: json\n    data_files: {{train: train.jsonl}}\n    split: train\n"
      "output_dir: out\nlearning_rate: {}\nnum_train_epochs: {}\n"
      "per_device_train_batch_size: {}\nmax_length: {}\nlr_scheduler_type: cosine\n"
      "warmup_ratio: 0.04\nseed: {}\nreport_to: none\n",
      quoted(settings.base), settings.learning_rate, settings.epochs, settings.batch,
      settings.length, settings.seed);
  if (settings.rank > 0)
    made += fmt::format("use_peft: true\nlora_r: {}\nlora_alpha: {}\n", settings.rank,
                        2 * settings.rank);
  return made;
}

std::string axolotl_configuration(const TrainerSettings& settings) {
  const std::string type = axolotl_type(settings.form);
  std::string made = fmt::format(
      "# axolotl train axolotl.yaml\n"
      "base_model: {0}\n"
      "datasets:\n  - path: train.jsonl\n    ds_type: json\n{6}"
      "test_datasets:\n  - path: held-out.jsonl\n    ds_type: json\n    split: train\n{6}"
      "output_dir: out\nsequence_len: {1}\nsample_packing: true\neval_sample_packing: false\n"
      "micro_batch_size: {2}\ngradient_accumulation_steps: 1\nnum_epochs: {3}\n"
      "learning_rate: {4}\n"
      "lr_scheduler: cosine\noptimizer: adamw_torch\nwarmup_ratio: 0.04\nseed: {5}\n",
      quoted(settings.base), settings.length, settings.batch, settings.epochs,
      settings.learning_rate, settings.seed, type);
  if (settings.rank > 0)
    made += fmt::format("adapter: lora\nlora_r: {}\nlora_alpha: {}\nlora_target_linear: true\n",
                        settings.rank, 2 * settings.rank);
  return made;
}

}  // namespace dramatis::dataset
