// Templates in which every message stands in a frame of its own: one row of the table for each.
#include <array>

#include "base/check.h"
#include "render/internal/forms.h"

namespace dramatis::render::internal {
namespace {

enum class Begin { kIfWanted, kAlways };
enum class System { kOwnFrame, kBeforePlayer };
// kFlush: without the white space before it.
enum class Text { kAsIs, kTrimmed, kFlush };

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
// Gemma 2 it; Phi-3 mini and Phi-4 mini; Phi-4; Zephyr beta and TinyLlama Chat).
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
// Phi-3's template writes a line end after each mark, and its marks swallow the white space after
// them; Phi-4 mini's writes none.
constexpr Frame kPhi3Frame{.open = "",
                           .roles = {"<|system|>", "<|user|>", "<|assistant|>"},
                           .role_end = "",
                           .gap = "",
                           .close = {"<|end|>", ""},
                           .after = "",
                           .begin = Begin::kIfWanted,
                           .system = System::kOwnFrame,
                           .text = Text::kFlush};
constexpr Frame kPhi4Frame{.open = "<|im_start|>",
                           .roles = {"system", "user", "assistant"},
                           .role_end = "<|im_sep|>",
                           .gap = "",
                           .close = {"<|im_end|>", ""},
                           .after = "",
                           .begin = Begin::kIfWanted,
                           .system = System::kOwnFrame,
                           .text = Text::kAsIs};
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
    case Template::kPhi3:
      return kPhi3Frame;
    case Template::kPhi4:
      return kPhi4Frame;
    case Template::kZephyr:
      return kZephyrFrame;
    case Template::kLlama2:
    case Template::kMistral:
    case Template::kMistral7:
    case Template::kVicuna:
    case Template::kVicunaLines:
    case Template::kDeepSeek:
    case Template::kDeepSeek3:
    case Template::kDeepSeekCoder:
    case Template::kAlpaca:
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

// A role that the vocabulary has no token for stands in letters, which a text may not spell.
std::string apart(const Frame& frame, std::string_view text, const Script& script) {
  auto roles = frame.roles;
  for (auto& role : roles) {
    if (!frame.open.empty() || script.has(role)) role = {};
  }
  return spelled_apart(text, roles);
}

std::string text_of(const Frame& frame, std::string_view text, const Script& script) {
  if (frame.text == Text::kTrimmed) text = trimmed(text);
  if (frame.text == Text::kFlush) text = flush(text);
  return apart(frame, text, script);
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
    script.letters(text_of(frame, message.text, script));
    const bool joins = frame.system == System::kBeforePlayer && message.role == lm::Role::kSystem &&
                       n + 1 < prompt.messages.size() &&
                       prompt.messages[n + 1].role == lm::Role::kPlayer;
    if (joins) {
      script.pause();
      script.letters("\n\n" + text_of(frame, prompt.messages[++n].text, script));
    }
    close(frame, script);
  }
  open(frame, lm::Role::kNpc, script);
  const bool is_flush = frame.text == Text::kFlush;
  script.letters(apart(frame, is_flush ? flush(prompt.reply_start) : prompt.reply_start, script));
}

}  // namespace dramatis::render::internal
