// Renders what was said up to each reply, and marks what follows.
#include "train/tune/documents.h"

#include <algorithm>

#include <fmt/format.h>

namespace dramatis::train::tune {
namespace {

using Ids = std::vector<TokenId>;

Result<Ids> rendered(std::span<const lm::Message> messages, const Speech& speech) {
  lm::Prompt prompt;
  prompt.messages.assign(messages.begin(), messages.end());
  return render::render(prompt, speech.form, speech.words);
}

// What a form without control tokens opens a reply with; it stands after everything rendered.
Result<std::size_t> opening(const Speech& speech) {
  const std::vector<lm::Message> words = {{.role = lm::Role::kPlayer, .text = "a"}};
  DRAMATIS_TRY(const auto opened, rendered(words, speech));
  DRAMATIS_TRY(const auto letters, speech.words.encode("Character:", tokens::Special::kAsLetters,
                                                       tokens::Place::kInside));
  return std::min(letters.size(), opened.size());
}

// Where the reply that begins at `first` has ended, one past its last token.
Result<std::size_t> end_of_reply(const Ids& ids, std::size_t first, const Speech& speech) {
  for (std::size_t n = first; n < ids.size(); ++n) {
    if (speech.words.ends_turn(ids[n])) return n + 1;
  }
  if (speech.form != render::Template::kPlain) {
    return fail(ErrorCode::kUnsupported,
                "The model's vocabulary has no token that ends a turn in its form; name another "
                "template in the recipe's base.");
  }
  DRAMATIS_TRY(const auto opened, opening(speech));
  return std::max(first, ids.size() - std::min(opened, ids.size()));
}

}  // namespace

Result<Speech> speech_of(const formats::Gguf& file, std::string_view form) {
  DRAMATIS_TRY(auto words, tokens::Vocabulary::from_gguf(file));
  auto chosen = render::Template::kPlain;
  if (!form.empty()) {
    DRAMATIS_TRY(chosen, render::template_named(form));
  } else if (file.find("tokenizer.chat_template") != nullptr) {
    DRAMATIS_TRY(const auto text, file.text("tokenizer.chat_template"));
    DRAMATIS_TRY(chosen, render::recognise(text));
  }
  return Speech{.words = std::move(words), .form = chosen};
}

Result<Document> document_of(std::span<const lm::Message> messages, Learnt learnt,
                             const Speech& speech) {
  if (messages.empty() || messages.back().role != lm::Role::kNpc)
    return fail(ErrorCode::kInvalidArgument, "A conversation to learn from ends with the NPC.");
  Document document;
  for (std::size_t n = 0; n < messages.size(); ++n) {
    const bool counts =
        messages[n].role == lm::Role::kNpc && (learnt == Learnt::kAll || n + 1 == messages.size());
    if (!counts) continue;
    DRAMATIS_TRY(const auto before, rendered(messages.first(n), speech));
    DRAMATIS_TRY(const auto with, rendered(messages.first(n + 1), speech));
    DRAMATIS_TRY(const std::size_t end, end_of_reply(with, before.size(), speech));
    // What stands before a reply is the same with and without it; else run time would see other
    // tokens than training did.
    if (before.size() > end || !std::equal(before.begin(), before.end(), with.begin())) {
      return fail(ErrorCode::kInternal,
                  fmt::format("The form {} does not keep what stands before a reply.",
                              render::name_of(speech.form)));
    }
    for (std::size_t at = document.ids.size(); at < end; ++at)
      document.ids.push_back(static_cast<std::int32_t>(with[at]));
    document.learnt.resize(before.size(), false);
    document.learnt.resize(end, true);
  }
  return document;
}

Result<Document> fitted_document_of(std::vector<lm::Message> messages, Learnt learnt,
                                    const Speech& speech, std::size_t most_tokens) {
  const std::ptrdiff_t head = !messages.empty() && messages[0].role == lm::Role::kSystem ? 1 : 0;
  while (true) {
    DRAMATIS_TRY(auto document, document_of(messages, learnt, speech));
    if (document.ids.size() <= most_tokens) return document;
    // The next reply but one begins what stays; the last exchange has nothing to lose.
    const auto reply =
        std::find_if(messages.begin() + head, messages.end(),
                     [](const lm::Message& message) { return message.role == lm::Role::kNpc; });
    if (reply + 1 == messages.end()) return Document{};
    messages.erase(messages.begin() + head, reply + 1);
  }
}

Document opening_of(Document document, std::size_t tokens) {
  std::size_t end = 0;
  for (std::size_t taken = 0; end < document.ids.size() && taken < tokens; ++end)
    taken += document.learnt[end] ? 1 : 0;
  document.ids.resize(end);
  document.learnt.resize(end);
  return document;
}

std::size_t counted_in(const Document& document) {
  if (document.learnt.empty()) return 0;
  return static_cast<std::size_t>(
      std::count(document.learnt.begin() + 1, document.learnt.end(), true));
}

}  // namespace dramatis::train::tune
