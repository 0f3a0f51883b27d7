// Excerpts in the manner of each family's templates.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "render/limits.h"
#include "render/render.h"

namespace dramatis::render {
namespace {

struct Excerpt {
  const char* name;
  Template form;
  const char* text;
};

constexpr Excerpt kExcerpts[] = {
    {"ChatMl", Template::kChatMl,
     "{% for m in messages %}{{'<|im_start|>' + m['role'] + '\\n' + m['content'] + '<|im_end|>'}}"},
    {"ChatMlOfASmallModel", Template::kChatMl,
     "{% if messages[0]['role'] != 'system' %}{{ '<|im_start|>system\nYou help.<|im_end|>\n' }}"},
    {"Phi4", Template::kPhi4,
     "{{'<|im_start|>user<|im_sep|>' + m['content'] + '<|im_end|><|im_start|>assistant'}}"},
    {"Llama3", Template::kLlama3,
     "{{ '<|start_header_id|>' + m['role'] + '<|end_header_id|>\\n\\n' + m['content'] | trim }}"},
    {"Gemma", Template::kGemma,
     "{{ bos_token }}{{ '<start_of_turn>' + role + '\\n' + (m['content'] | trim) }}"},
    {"DeepSeek3", Template::kDeepSeek3,
     "{{ '<｜User｜>' + m['content'] }}{{ '<｜Assistant｜>' + m['content'] }}"},
    {"Phi3", Template::kPhi3, "{{ '<|user|>\\n' + m['content'] + '<|end|>\\n<|assistant|>\\n' }}"},
    {"Phi4Mini", Template::kPhi3,
     "{{ '<|' + m['role'] + '|>' + m['content'] + '<|end|>' }}{{ '<|assistant|>' }}"},
    {"Zephyr", Template::kZephyr,
     "{{ '<|user|>\\n' + m['content'] + eos_token }}{{ '<|assistant|>' }}"},
    {"StableLmZephyr", Template::kZephyr,
     "{{ '<|user|>\\n' + m['content'] + '<|endoftext|>' }}{{ '<|assistant|>\\n' }}"},
    {"Llama2", Template::kLlama2,
     "{% set content = '<<SYS>>\\n' + system + '\\n<</SYS>>\\n\\n' %}{{ '[INST] ' + content }}"},
    {"Mistral", Template::kMistral, "{{ '[INST] ' + m['content'] + ' [/INST]' }}"},
    {"Mistral7", Template::kMistral7,
     "{{ '[SYSTEM_PROMPT]' + m['content'] + '[/SYSTEM_PROMPT]' }}{{ '[INST]' + m['content'] }}"},
    {"DeepSeekCoder", Template::kDeepSeekCoder,
     "{{'### Instruction:\\n' + m['content']}}{{'### Response:\\n' + m + '\\n<|EOT|>\\n'}}"},
    {"Alpaca", Template::kAlpaca,
     "{{ '### Instruction:\\n' + m + '\\n\\n' }}{{ '### Response:\\n' + m + eos_token }}"},
    {"Vicuna", Template::kVicuna,
     "{{ 'USER: ' + m['content'] + ' ' }}{{ 'ASSISTANT: ' + m['content'] + eos_token }}"},
    {"VicunaLines", Template::kVicunaLines,
     "{{ 'USER: ' + m['content'] | trim + '\\n' }}{{ 'ASSISTANT: ' + m['content'] + eos_token }}"},
    {"DeepSeek", Template::kDeepSeek,
     "{{ 'User: ' + m['content'] + '\\n\\n' }}{{ 'Assistant: ' + m['content'] + eos_token }}"},
};

class Recognise : public ::testing::TestWithParam<Excerpt> {};
TEST_P(Recognise, KnowsTheFamilyByItsMarks) {
  const auto form = recognise(GetParam().text);
  ASSERT_TRUE(form) << form.error().what;
  EXPECT_EQ(name_of(*form), name_of(GetParam().form));
}
INSTANTIATE_TEST_SUITE_P(Templates, Recognise, ::testing::ValuesIn(kExcerpts),
                         [](const auto& row) { return std::string(row.param.name); });

// G29
TEST(Recognise, RefusesOthersAndListsTheFamilies) {
  for (const std::string text : {
           "",
           "{{ 'Human: ' }}",
           // Never run: loops, attributes of the reader's own objects, what includes itself, and
           // what no template engine would read.
           "{% for i in range(10**9) %}{{ 'Human: ' }}{% endfor %}",
           "{{ ''.__class__.__mro__[1].__subclasses__() }}",
           "{% macro a() %}{{ a() }}{% endmacro %}{{ a() }}",
           "{% if %}{{ <<<",
           // Ends a player's turn with a line end (Tulu, Falcon 3), or with nothing (GLM).
           "{{ '<|user|>\\n' + m['content'] + '\\n' }}{{ '<|assistant|>\\n' + m + eos_token }}",
           "{{ '<|user|>' + m['content'] }}{{ '<|assistant|>' }}",
           // SmolVLM begins with ChatML's mark and goes on otherwise.
           "<|im_start|>{{ m['role'] }}: {{ m['content'] }}<end_of_utterance>",
           // Parted by nothing.
           "{{ 'USER: ' + m['content'] }}{{ 'ASSISTANT: ' + m['content'] + eos_token }}",
           "{{ 'SYSTEM: ' + m + '\\n' }}{{ 'USER: ' + m + '\\n' }}{{ 'ASSISTANT:' }}",
           "{{ 'User: ' + m['content'] + '\\n\\n' }}{{ 'Assistant: ' + m['content'] + '\\n\\n' }}",
           "{{ '<|header_start|>' + m['role'] + '<|header_end|>' }}",
           "{{ '<|start_of_role|>' + m['role'] + '<|end_of_role|>' }}",
       }) {
    const auto form = recognise(text);
    ASSERT_FALSE(form) << text << name_of(*form);
    EXPECT_EQ(form.error().code, ErrorCode::kUnsupported);
    EXPECT_THAT(form.error().what, ::testing::HasSubstr("phi4, chatml, llama3"));
    EXPECT_THAT(form.error().what,
                ::testing::HasSubstr("alpaca, vicuna-lines, vicuna, deepseek, plain"));
  }
  for (const std::size_t size : {kMaxTemplateBytes + 1, std::size_t{100'000'000}})
    EXPECT_EQ(recognise(std::string(size, ' ')).error().code, ErrorCode::kOverBudget);
}

TEST(Recognise, NamesGoBothWays) {
  EXPECT_EQ(all_templates().size(), 16U);
  for (const auto form : all_templates()) {
    EXPECT_FALSE(name_of(form).empty());
    EXPECT_EQ(template_named(name_of(form)), form);
  }
  EXPECT_THAT(template_named("granite").error().what,
              ::testing::HasSubstr("\"granite\"; known are phi4, chatml"));
}

}  // namespace
}  // namespace dramatis::render
