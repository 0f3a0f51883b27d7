// Sources: the chat templates that the models of each family carry; Stanford Alpaca's prompt for
// Alpaca. The plain form is that of render/.
#include "remote/transcript.h"

#include <algorithm>
#include <array>

#include "base/check.h"
#include "remote/raw_text.h"

namespace dramatis::remote {
namespace {

// What stands around each speaker's text.
struct Marks {
  std::string_view name;
  std::string_view system_open;
  std::string_view system_close;
  std::string_view player_open;
  std::string_view player_close;
  std::string_view npc_open;
  std::string_view npc_gap;  // between npc_open and words that are already known
  std::string_view npc_close;
  // The form has no place for the system's text but before the player's, with this between.
  std::string_view system_gap;
  std::array<std::string_view, 2> ends;
};

constexpr std::array kForms{
    Marks{.name = "plain",
          .system_open = "",
          .system_close = "\n\n",
          .player_open = "Player: ",
          .player_close = "\n",
          .npc_open = "Character:",
          .npc_gap = " ",
          .npc_close = "\n",
          .system_gap = "",
          .ends = {"\nPlayer:", "\nCharacter:"}},
    Marks{.name = "chatml",
          .system_open = "<|im_start|>system\n",
          .system_close = "<|im_end|>\n",
          .player_open = "<|im_start|>user\n",
          .player_close = "<|im_end|>\n",
          .npc_open = "<|im_start|>assistant\n",
          .npc_gap = "",
          .npc_close = "<|im_end|>\n",
          .system_gap = "",
          .ends = {"<|im_end|>", "<|im_start|>"}},
    Marks{.name = "llama3",
          .system_open = "<|start_header_id|>system<|end_header_id|>\n\n",
          .system_close = "<|eot_id|>",
          .player_open = "<|start_header_id|>user<|end_header_id|>\n\n",
          .player_close = "<|eot_id|>",
          .npc_open = "<|start_header_id|>assistant<|end_header_id|>\n\n",
          .npc_gap = "",
          .npc_close = "<|eot_id|>",
          .system_gap = "",
          .ends = {"<|eot_id|>", "<|start_header_id|>"}},
    Marks{.name = "mistral",
          .system_open = "",
          .system_close = "",
          .player_open = "[INST] ",
          .player_close = " [/INST]",
          .npc_open = "",
          .npc_gap = " ",
          .npc_close = "</s>",
          .system_gap = "\n\n",
          .ends = {"</s>", "[INST]"}},
    Marks{.name = "gemma",
          .system_open = "",
          .system_close = "",
          .player_open = "<start_of_turn>user\n",
          .player_close = "<end_of_turn>\n",
          .npc_open = "<start_of_turn>model\n",
          .npc_gap = "",
          .npc_close = "<end_of_turn>\n",
          .system_gap = "\n\n",
          .ends = {"<end_of_turn>", "<start_of_turn>"}},
    Marks{.name = "alpaca",
          .system_open = "",
          .system_close = "\n\n",
          .player_open = "### Instruction:\n",
          .player_close = "\n\n",
          .npc_open = "### Response:\n",
          .npc_gap = "",
          .npc_close = "\n\n",
          .system_gap = "",
          .ends = {"\n### ", "</s>"}},
};

// What no message may hold as it is: services read these as control tokens wherever they stand.
constexpr std::array<std::string_view, 12> kControls{
    "<|",  "<\xEF\xBD\x9C", "<start_of_turn>", "<end_of_turn>", "<bos>", "<eos>", "<pad>",
    "<s>", "</s>",          "[INST]",          "[/INST]",       "###"};

const Marks& marks_of(TextForm form) {
  const auto n = static_cast<std::size_t>(form);
  DRAMATIS_CHECK(n < kForms.size());
  return kForms[n];
}

// Inserting alone never makes a mark of what was none.
std::string spelled_apart(std::string_view text) {
  std::string apart;
  for (std::size_t at = 0; at < text.size(); ++at) {
    apart += text[at];
    const auto begins = [rest = text.substr(at)](std::string_view mark) {
      return rest.starts_with(mark);
    };
    if (std::any_of(kControls.begin(), kControls.end(), begins)) apart += ' ';
  }
  return apart;
}

// In the plain form the end of a line ends a speaker's words.
std::string said(std::string_view text, TextForm form) {
  std::string words = spelled_apart(text);
  if (form == TextForm::kPlain) {
    std::replace(words.begin(), words.end(), '\n', ' ');
    std::replace(words.begin(), words.end(), '\r', ' ');
  }
  return words;
}

// Writes messages one after another.
class Transcript {
 public:
  explicit Transcript(TextForm form) : form_(form), marks_(marks_of(form)) {}

  void add(const lm::Message& message) {
    if (message.role == lm::Role::kSystem) {
      add_system(spelled_apart(message.text));
    } else if (message.role == lm::Role::kPlayer) {
      add_player(said(message.text, form_));
    } else {
      add_pending();
      text_ += marks_.npc_open;
      text_ += marks_.npc_gap;
      text_ += said(message.text, form_);
      text_ += marks_.npc_close;
    }
  }

  std::string finish(std::string_view reply_start) && {
    add_pending();
    text_ += marks_.npc_open;
    if (reply_start.empty()) return std::move(text_);
    text_ += marks_.npc_gap;
    text_ += spelled_apart(reply_start);
    return std::move(text_);
  }

 private:
  void add_system(std::string words) {
    if (marks_.system_gap.empty()) {
      text_ += marks_.system_open;
      text_ += words;
      text_ += marks_.system_close;
      return;
    }
    if (!pending_.empty()) pending_ += marks_.system_gap;
    pending_ += words;
  }

  void add_player(std::string_view words) {
    text_ += marks_.player_open;
    if (!pending_.empty()) {
      text_ += std::exchange(pending_, {});
      text_ += marks_.system_gap;
    }
    text_ += words;
    text_ += marks_.player_close;
  }

  // The system's text where no player speaks after it.
  void add_pending() {
    if (pending_.empty()) return;
    text_ += marks_.player_open;
    text_ += std::exchange(pending_, {});
    text_ += marks_.player_close;
  }

  TextForm form_;
  const Marks& marks_;
  std::string text_;
  std::string pending_;  // of the system, until a player speaks
};

}  // namespace

std::vector<std::string> text_form_names() {
  std::vector<std::string> names;
  for (const auto& marks : kForms) names.emplace_back(marks.name);
  return names;
}

std::optional<TextForm> find_text_form(std::string_view name) {
  for (std::size_t n = 0; n < kForms.size(); ++n) {
    if (kForms[n].name == name) return static_cast<TextForm>(n);
  }
  return std::nullopt;
}

std::string print_transcript(const lm::Prompt& asked, TextForm form) {
  Transcript transcript(form);
  for (const auto& message : asked.messages) transcript.add(message);
  return std::move(transcript).finish(asked.reply_start);
}

std::string print_raw(std::string_view text) {
  return spelled_apart(text);
}

std::string print_prompt(const lm::Prompt& asked, TextForm form) {
  return is_raw(asked) ? print_raw(asked.reply_start) : print_transcript(asked, form);
}

std::vector<std::string> transcript_ends(TextForm form) {
  const auto& ends = marks_of(form).ends;
  return {ends.begin(), ends.end()};
}

}  // namespace dramatis::remote
