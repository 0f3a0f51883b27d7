// Templates in which every message stands in a frame of its own: one row of the table for each.
#include <array>

#include "base/check.h"
#include "render/internal/forms.h"

namespace dramatis::render::internal {
namespace {

enum class Begin { kIfWanted, kAlways };
enum class System { kOwnFrame, kBeforePlayer };
enum class Text { kAsIs, kTrimmed };

struct Frame {
  std::string_view open;                  // control token before the role; may be absent
  std::array<std::string_view, 3> roles;  // by lm::Role; a control token where there is one
  std::string_view role_end;              // control token after the role; may be absent
  std::string_view gap;                   // letters before the text
  std::array<std::string_view, 2> close;  // control token after it, the first that exists
  std::string_view after;                 // letters before the next frame
  Begin begin;
  System system;
  Text text;
};

// Sources: the chat templates that the families' models carry (SmolLM2 and Qwen2; Llama 3 Instruct;
// Gemma 2 it; Zephyr beta and TinyLlama Chat).
constexpr Frame kChatMlFrame{.open = "<|im_start|>",
                             .roles = {"system", "user", "assistant"},
                             .role_end = "",
                             .gap = "\n",
                             .close = {"<|im_end|>", ""},
                             .after = "\n",
                             .begin = Begin::kIfWanted,
                             .system = System::kOwnFrame,
                             .text = Text::kAsIs};
constexpr Frame kLlama3Frame{.open = "<|start_header_id|>",
                             .roles = {"system", "user", "assistant"},
                             .role_end = "<|end_header_id|>",
                             .gap = "\n\n",
                             .close = {"<|eot_id|>", ""},
                             .after = "",
                             .begin = Begin::kAlways,
                             .system = System::kOwnFrame,
                             .text = Text::kTrimmed};
constexpr Frame kGemmaFrame{.open = "<start_of_turn>",
                            .roles = {"user", "user", "model"},
                            .role_end = "",
                            .gap = "\n",
                            .close = {"<end_of_turn>", ""},
                            .after = "\n",
                            .begin = Begin::kAlways,
                            .system = System::kBeforePlayer,
                            .text = Text::kTrimmed};
constexpr Frame kZephyrFrame{.open = "",
                             .roles = {"<|system|>", "<|user|>", "<|assistant|>"},
                             .role_end = "",
                             .gap = "\n",
                             .close = {"</s>", "<|endoftext|>"},
                             .after = "\n",
                             .begin = Begin::kIfWanted,
                             .system = System::kOwnFrame,
                             .text = Text::kAsIs};
constexpr std::array<std::string_view, 2> kBegins = {"<|begin_of_text|>", "<bos>"};

const Frame& frame_of(Template form) {
  switch (form) {
    case Template::kChatMl:
      return kChatMlFrame;
    case Template::kLlama3:
      return kLlama3Frame;
    case Template::kGemma:
      return kGemmaFrame;
    case Template::kZephyr:
      return kZephyrFrame;
    case Template::kLlama2:
    case Template::kMistral:
    case Template::kPlain:
      break;
  }
  DRAMATIS_CHECK(false);
}

void open(const Frame& frame, lm::Role role, Script& script) {
  if (!frame.open.empty()) script.mark(frame.open);
  script.mark_or_letters(frame.roles[static_cast<std::size_t>(role)]);
  if (!frame.role_end.empty()) script.mark(frame.role_end);
  script.letters(frame.gap);
  // The frame of a reply that is asked for ends here, that of one in the history goes on.
  script.pause();
}

void close(const Frame& frame, Script& script) {
  script.mark(std::span(frame.close).first(frame.close[1].empty() ? 1 : 2));
  script.letters(frame.after);
  script.pause();
}

std::string text_of(const Frame& frame, const lm::Message& message) {
  const std::string_view text = frame.text == Text::kTrimmed ? trimmed(message.text) : message.text;
  return frame.open.empty() ? spelled_apart(text, frame.roles) : std::string(text);
}

}  // namespace

void write_framed(const lm::Prompt& prompt, Template form, Script& script) {
  const Frame& frame = frame_of(form);
  if (frame.begin == Begin::kAlways) {
    script.begin(kBegins);
  } else {
    script.begin_if_wanted();
  }
  for (std::size_t n = 0; n < prompt.messages.size(); ++n) {
    const auto& message = prompt.messages[n];
    open(frame, message.role, script);
    script.letters(text_of(frame, message));
    const bool joins = frame.system == System::kBeforePlayer && message.role == lm::Role::kSystem &&
                       n + 1 < prompt.messages.size() &&
                       prompt.messages[n + 1].role == lm::Role::kPlayer;
    if (joins) {
      script.pause();
      script.letters("\n\n" + text_of(frame, prompt.messages[++n]));
    }
    close(frame, script);
  }
  open(frame, lm::Role::kNpc, script);
  script.letters(prompt.reply_start);
}

}  // namespace dramatis::render::internal
