// Any bytes as a prompt -> ids of every form, with no control token more than a harmless prompt
// has. The first byte chooses form and vocabulary; lines alternate between player and NPC.
#include <algorithm>
#include <cstdint>
#include <cstdlib>
#include <string_view>

#include "render/render.h"
#include "render/testing/marks.h"
#include "text/utf8.h"
#include "tokens/testing/made_up.h"

namespace {

namespace lm = dramatis::lm;
namespace render = dramatis::render;
namespace tokens = dramatis::tokens;

tokens::Vocabulary made(tokens::VocabularyTables tables) {
  auto made = tokens::Vocabulary::from_tables(std::move(tables));
  if (!made) std::abort();
  return std::move(*made);
}

tokens::VocabularyTables with_marks() {
  auto tables = tokens::testing::made_up_llama();
  render::testing::add_marks(render::testing::kMarks, tables);
  return tables;
}

lm::Prompt prompt_of(std::string_view text) {
  lm::Prompt prompt;
  prompt.messages.push_back({lm::Role::kSystem, std::string(text.substr(0, text.find('\n')))});
  for (int n = 0; n < 8 && text.find('\n') != std::string_view::npos; ++n) {
    text.remove_prefix(text.find('\n') + 1);
    prompt.messages.push_back({n % 2 == 0 ? lm::Role::kPlayer : lm::Role::kNpc,
                               std::string(text.substr(0, text.find('\t')))});
  }
  prompt.reply_start = text;
  return prompt;
}

std::ptrdiff_t controls(const lm::Prompt& prompt, render::Template form,
                        const tokens::Vocabulary& vocabulary) {
  const auto ids = render::render(prompt, form, vocabulary);
  if (!ids) {
    if (ids.error().what.empty()) std::abort();
    return -1;
  }
  return std::ranges::count_if(*ids, [&](auto id) { return vocabulary.is_control(id); });
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  static const tokens::Vocabulary vocabularies[] = {made(tokens::testing::made_up_llama()),
                                                    made(tokens::testing::made_up_gpt2()),
                                                    made(with_marks())};
  const std::string_view bytes(reinterpret_cast<const char*>(data), size);
  if (bytes.empty()) return 0;
  const auto forms = render::all_templates();
  const auto form = forms[data[0] % forms.size()];
  const auto& vocabulary = vocabularies[data[0] / forms.size() % 3];
  const auto prompt = prompt_of(bytes.substr(1));
  lm::Prompt harmless = prompt;
  harmless.reply_start.assign(1, 'a');
  for (auto& message : harmless.messages) message.text.assign(1, 'a');
  const auto found = controls(prompt, form, vocabulary);
  if (found >= 0 && found != controls(harmless, form, vocabulary)) std::abort();
  const bool is_text = dramatis::text::is_valid_utf8(bytes.substr(1));
  if (is_text && found < 0 && controls(harmless, form, vocabulary) >= 0) std::abort();
  return 0;
}
