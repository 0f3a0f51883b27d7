// Templates in which a player's text stands between [INST] and [/INST] and a reply runs to the end
// token. Sources: Llama 2 Chat's and Mistral 7B Instruct's own templates; from version 3 on
// Mistral's brackets are control tokens, and a SentencePiece vocabulary puts the spaces around
// them; from version 7 on the system's text has brackets of its own. Between, Mistral's template
// puts it before the player's last text: here it stands before the first, as in version 1, so that
// a prompt's beginning stays what it was.
#include <array>

#include "render/internal/forms.h"

namespace dramatis::render::internal {
namespace {

constexpr std::string_view kInst = "[INST]";
constexpr std::string_view kInstEnd = "[/INST]";
constexpr std::array<std::string_view, 4> kMarks = {kInst, kInstEnd, "<<SYS>>", "<</SYS>>"};
constexpr std::array<std::string_view, 1> kBegin = {"<s>"};

class Bracketed {
 public:
  Bracketed(Template form, Script& script)
      : form_(form),
        is_llama2_(form == Template::kLlama2),
        letters_(!script.has(kInst)),
        script_(&script) {}

  void write(const lm::Prompt& prompt) {
    if (!is_llama2_) script_->begin(kBegin);
    for (const auto& message : prompt.messages) {
      if (message.role == lm::Role::kNpc) {
        reply(message.text);
      } else if (message.role == lm::Role::kSystem && form_ == Template::kMistral7 && !is_open_) {
        system(message.text);
      } else {
        open();
        said(message);
      }
    }
    close();
    if (prompt.reply_start.empty()) return;
    script_->letters(letters_ ? " " : "");
    script_->letters(spelled_apart(prompt.reply_start, kMarks));
  }

 private:
  void open() {
    if (is_open_) return;
    if (is_llama2_) script_->begin(kBegin);
    script_->mark_or_letters(kInst);
    script_->letters(letters_ ? " " : "");
    is_open_ = true;
    is_first_ = true;
  }

  void system(std::string_view text) {
    script_->mark("[SYSTEM_PROMPT]");
    script_->letters(spelled_apart(trimmed(text), kMarks));
    script_->pause();
    script_->mark("[/SYSTEM_PROMPT]");
  }

  void said(const lm::Message& message) {
    if (!is_first_) script_->letters("\n\n");
    is_first_ = false;
    const auto text = spelled_apart(trimmed(message.text), kMarks);
    if (is_llama2_ && message.role == lm::Role::kSystem) {
      script_->letters("<<SYS>>\n" + text);
      script_->pause();
      script_->letters("\n<</SYS>>");
    } else {
      script_->letters(text);
    }
    script_->pause();
  }

  // Also where nobody has spoken yet: a reply always follows a bracket.
  void close() {
    open();
    script_->letters(letters_ ? " " : "");
    script_->mark_or_letters(kInstEnd);
    script_->pause();
    is_open_ = false;
  }

  void reply(std::string_view text) {
    close();
    script_->letters(letters_ ? " " : "");
    script_->letters(spelled_apart(trimmed(text), kMarks));
    script_->pause();
    if (is_llama2_) script_->letters(" ");
    script_->mark("</s>");
  }

  Template form_;
  bool is_llama2_;
  bool letters_;  // the brackets are letters
  Script* script_;
  bool is_open_ = false;
  bool is_first_ = true;  // of the texts in this bracket
};

}  // namespace

void write_bracketed(const lm::Prompt& prompt, Template form, Script& script) {
  Bracketed(form, script).write(prompt);
}

}  // namespace dramatis::render::internal
