// Templates in which a heading stands before each text and only a reply is ended by a token: one
// row of the table for each.
#include <array>

#include "base/check.h"
#include "render/internal/forms.h"

namespace dramatis::render::internal {
namespace {

// What stands around the text of one role.
struct Heading {
  std::string_view open;  // a control token where the vocabulary has it, else letters
  std::string_view gap;   // letters between it and the text
  std::string_view tail;  // letters after the text, before a reply's end token
  std::string_view next;  // letters before the next heading
};

using Headings = std::array<Heading, 3>;  // by lm::Role

// Sources: the chat templates that the families' models carry, and for Vicuna and Alpaca those in
// use for their models, which carry none. DeepSeek Coder's own system text ends with a line end.
constexpr Headings kVicuna = {{{.open = "", .gap = "", .tail = "", .next = " "},
                               {.open = "USER:", .gap = " ", .tail = "", .next = " "},
                               {.open = "ASSISTANT:", .gap = " ", .tail = "", .next = ""}}};
constexpr Headings kVicunaLines = {{{.open = "", .gap = "", .tail = "", .next = "\n\n"},
                                    {.open = "USER:", .gap = " ", .tail = "", .next = "\n"},
                                    {.open = "ASSISTANT:", .gap = " ", .tail = "", .next = "\n"}}};
constexpr Headings kAlpaca = {
    {{.open = "", .gap = "", .tail = "", .next = "\n\n"},
     {.open = "### Instruction:\n", .gap = "", .tail = "", .next = "\n\n"},
     {.open = "### Response:\n", .gap = "", .tail = "", .next = "\n\n"}}};
constexpr Headings kDeepSeek = {{{.open = "", .gap = "", .tail = "", .next = "\n\n"},
                                 {.open = "User:", .gap = " ", .tail = "", .next = "\n\n"},
                                 {.open = "Assistant:", .gap = " ", .tail = "", .next = ""}}};
constexpr Headings kDeepSeek3 = {{{.open = "", .gap = "", .tail = "", .next = ""},
                                  {.open = "<｜User｜>", .gap = "", .tail = "", .next = ""},
                                  {.open = "<｜Assistant｜>", .gap = "", .tail = "", .next = ""}}};
constexpr Headings kDeepSeekCoder = {
    {{.open = "", .gap = "", .tail = "", .next = "\n"},
     {.open = "### Instruction:\n", .gap = "", .tail = "", .next = "\n"},
     {.open = "### Response:\n", .gap = "", .tail = "\n", .next = "\n"}}};

const Headings& headings_of(Template form) {
  switch (form) {
    case Template::kVicuna:
      return kVicuna;
    case Template::kVicunaLines:
      return kVicunaLines;
    case Template::kAlpaca:
      return kAlpaca;
    case Template::kDeepSeek:
      return kDeepSeek;
    case Template::kDeepSeek3:
      return kDeepSeek3;
    case Template::kDeepSeekCoder:
      return kDeepSeekCoder;
    case Template::kChatMl:
    case Template::kLlama2:
    case Template::kLlama3:
    case Template::kMistral:
    case Template::kMistral7:
    case Template::kGemma:
    case Template::kPhi3:
    case Template::kPhi4:
    case Template::kZephyr:
    case Template::kPlain:
      break;
  }
  DRAMATIS_CHECK(false);
}

// The headings as a text may not spell them.
std::array<std::string_view, 2> marks_of(const Headings& headings, const Script& script) {
  std::array<std::string_view, 2> marks{};
  for (std::size_t n = 0; n < marks.size(); ++n) {
    const auto open = headings[n + 1].open;
    if (!script.has(open)) marks[n] = trimmed(open);
  }
  return marks;
}

void write_message(const Heading& heading, bool is_reply, std::string_view text, Script& script) {
  script.mark_or_letters(heading.open);
  // The heading of a reply that is asked for ends here, that of one in the history goes on.
  if (is_reply) script.pause();
  if (!text.empty()) script.letters(heading.gap);
  script.letters(text);
  script.pause();
  script.letters(heading.tail);
  if (is_reply) script.end();
  script.letters(heading.next);
  script.pause();
}

}  // namespace

void write_headed(const lm::Prompt& prompt, Template form, Script& script) {
  const Headings& headings = headings_of(form);
  const auto marks = marks_of(headings, script);
  script.begin_if_wanted();
  for (const auto& message : prompt.messages) {
    write_message(headings[static_cast<std::size_t>(message.role)], message.role == lm::Role::kNpc,
                  spelled_apart(trimmed(message.text), marks), script);
  }
  const Heading& reply = headings[static_cast<std::size_t>(lm::Role::kNpc)];
  script.mark_or_letters(reply.open);
  script.pause();
  if (prompt.reply_start.empty()) return;
  script.letters(reply.gap);
  script.letters(spelled_apart(prompt.reply_start, marks));
}

}  // namespace dramatis::render::internal
