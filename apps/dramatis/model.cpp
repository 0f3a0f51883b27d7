// dramatis model: a GGUF file or a folder -> what is in it, the ids of a text, the likelihood of
// next tokens.
#include "model/model.h"

#include <algorithm>
#include <charconv>
#include <cstdio>
#include <iostream>
#include <iterator>
#include <map>
#include <numeric>
#include <thread>

#include <fmt/format.h>
#include <fmt/ranges.h>

#include "adapter_info.h"
#include "commands.h"
#include "formats/gguf.h"
#include "model_file.h"
#include "model_memory.h"
#include "render/render.h"
#include "text/json.h"
#include "text/utterance.h"
#include "tokens/vocabulary.h"

namespace dramatis::app {
namespace {

// What standard input may hold for `tokenize`: a long book.
constexpr std::size_t kMaxTextBytes = 64 * 1024 * 1024;
// Tokens of one `logits`: their logits for 260,000 tokens take 500 MB.
constexpr std::size_t kMaxPrompt = 4096;
// How many logits the golden form shows of each position.
constexpr std::size_t kShown = 8;

struct TensorSum {
  std::size_t tensors = 0;
  std::size_t parameters = 0;
  std::size_t bytes = 0;
};

std::map<std::string, TensorSum> sum_by_type(const formats::Gguf& file) {
  std::map<std::string, TensorSum> sums;
  for (const auto& tensor : file.tensors()) {
    TensorSum& sum = sums[std::string(tensor::dtype_row(tensor.dtype).name)];
    ++sum.tensors;
    sum.parameters += std::accumulate(tensor.shape.begin(), tensor.shape.end(), std::size_t{1},
                                      std::multiplies<>());
    sum.bytes += tensor.bytes.size();
  }
  return sums;
}

std::string text_or(const formats::Gguf& file, std::string_view key, std::string otherwise) {
  const auto value = file.text(key);
  return value ? text::printable(*value) : otherwise;
}

// The family of the chat template, or why there is none.
std::string template_of(const formats::Gguf& file) {
  const auto marks = file.text("tokenizer.chat_template");
  if (!marks) return "none";
  const auto family = render::recognise(*marks);
  return family ? std::string(render::name_of(*family)) : "unknown";
}

text::Json json_of(const model::ModelConfig& config) {
  return text::JsonObject{{"layers", config.layers},         {"width", config.width},
                          {"ffn_width", config.ffn_width},   {"heads", config.heads},
                          {"kv_heads", config.kv_heads},     {"head_width", config.head_width},
                          {"vocabulary", config.vocabulary}, {"context", config.context},
                          {"rope_base", config.rope_base}};
}

text::JsonArray json_of(const std::vector<MemoryNeed>& needs) {
  text::JsonArray rows;
  for (const auto& need : needs) {
    rows.emplace_back(text::JsonObject{
        {"context", need.context}, {"conversations", need.conversations}, {"bytes", need.bytes}});
  }
  return rows;
}

Result<text::JsonObject> describe(const formats::Gguf& file, const InfoArgs& args) {
  text::JsonObject out{{"architecture", text_or(file, "general.architecture", "unknown")},
                       {"name", text_or(file, "general.name", "")},
                       {"gguf_version", file.version()},
                       {"file_bytes", file.file_size()}};
  if (const auto config = model::read_config(file)) {
    out.emplace_back("config", json_of(*config));
    if (const auto token = bytes_of_a_token(*config))
      out.emplace_back("cache_bytes", *token * config->context);
    const auto needs = memory_needs(file, *config, args.context, args.conversations);
    if (!needs && args.context + args.conversations > 0) return tl::unexpected(needs.error());
    if (needs) out.emplace_back("memory", json_of(*needs));
  } else {
    out.emplace_back("config_error", config.error().what);
  }
  text::JsonObject types;
  std::size_t parameters = 0;
  for (const auto& [name, sum] : sum_by_type(file)) {
    parameters += sum.parameters;
    types.emplace_back(
        name, text::JsonObject{
                  {"tensors", sum.tensors}, {"parameters", sum.parameters}, {"bytes", sum.bytes}});
  }
  out.emplace_back("parameters", parameters);
  out.emplace_back("types", std::move(types));
  if (const auto words = tokens::Vocabulary::from_gguf(file)) {
    out.emplace_back("tokenizer",
                     text::JsonObject{{"kind", words->kind()}, {"tokens", words->size()}});
  } else {
    out.emplace_back("tokenizer_error", words.error().what);
  }
  out.emplace_back("template", template_of(file));
  text::JsonArray warnings;
  for (const auto& warning : file.warnings()) warnings.emplace_back(warning);
  out.emplace_back("warnings", std::move(warnings));
  return out;
}

Result<text::JsonObject> describe_file(const InfoArgs& args) {
  std::vector<std::string> oddities;
  DRAMATIS_TRY(const auto file, open_weights(args.file, oddities));
  if (auto adapter = describe_adapter(file)) return *std::move(adapter);
  DRAMATIS_TRY(auto about, describe(file, args));
  for (auto& oddity : oddities) about.back().second.as_array()->emplace_back(std::move(oddity));
  return about;
}

// A line for each length and number of conversations.
void print_needs(const text::JsonArray& needs) {
  fmt::print("memory:\n");
  for (const auto& need : needs) {
    const auto talks = *need.find("conversations")->as_int();
    fmt::print("  {:>4} {:<13} of {:>6} tokens: {:>8}\n", talks,
               talks == 1 ? "conversation" : "conversations", *need.find("context")->as_int(),
               shown_bytes(static_cast<std::uint64_t>(*need.find("bytes")->as_int())));
  }
}

// What is empty says nothing.
bool says_nothing(const text::Json& value) {
  const auto* words = value.as_string();
  const auto* list = value.as_array();
  return (words != nullptr && words->empty()) || (list != nullptr && list->empty());
}

// One line for each member, nested ones indented.
void print_members(const text::JsonObject& object, std::size_t indent) {
  for (const auto& [key, value] : object) {
    if (says_nothing(value)) continue;
    if (key == "memory" && value.as_array() != nullptr) {
      print_needs(*value.as_array());
    } else if (key == "warnings" && value.as_array() != nullptr) {
      for (const auto& warning : *value.as_array())
        fmt::print("warning: {}\n", text::printable(*warning.as_string()));
    } else if (key.ends_with("bytes") && value.as_int() != nullptr) {
      fmt::print("{:{}}{}: {}\n", "", indent, key,
                 shown_bytes(static_cast<std::uint64_t>(*value.as_int())));
    } else if (const auto* inner = value.as_object()) {
      fmt::print("{:{}}{}:\n", "", indent, key);
      print_members(*inner, indent + 2);
    } else if (const auto* words = value.as_string()) {
      fmt::print("{:{}}{}: {}\n", "", indent, key, text::printable(*words));
    } else {
      fmt::print("{:{}}{}: {}\n", "", indent, key, text::printable(text::print_json(value)));
    }
  }
}

Result<std::string> read_standard_input() {
  std::string text;
  char piece[64 * 1024];
  for (std::size_t got = 0; (got = std::fread(piece, 1, sizeof piece, stdin)) > 0;) {
    if (text.size() + got > kMaxTextBytes) {
      return fail(ErrorCode::kOverBudget,
                  fmt::format("Standard input holds more than {} bytes.", kMaxTextBytes));
    }
    text.append(piece, got);
  }
  return text;
}

Result<std::vector<TokenId>> tokenize(const std::filesystem::path& path) {
  std::vector<std::string> unused;  // oddities of weights say nothing of the tokenizer
  DRAMATIS_TRY(const auto file, open_weights(path, unused));
  DRAMATIS_TRY(const auto vocabulary, tokens::Vocabulary::from_gguf(file));
  DRAMATIS_TRY(const auto text, read_standard_input());
  return vocabulary.encode(text, tokens::Special::kAsLetters);
}

Result<std::vector<TokenId>> parse_ids(std::string_view list) {
  std::vector<TokenId> ids;
  for (std::size_t from = 0; from <= list.size();) {
    const std::size_t end = std::min(list.find(',', from), list.size());
    std::int32_t id = 0;
    const auto [stop, failed] = std::from_chars(list.data() + from, list.data() + end, id);
    if (failed != std::errc{} || stop != list.data() + end) {
      return fail(
          ErrorCode::kInvalidArgument,
          fmt::format("--tokens: at letter {} stands no token id; write 1,70,80.", from + 1));
    }
    ids.push_back(TokenId{id});
    from = end + 1;
  }
  if (ids.size() > kMaxPrompt) {
    return fail(ErrorCode::kOverBudget,
                fmt::format("--tokens: {} ids; at most {} are taken.", ids.size(), kMaxPrompt));
  }
  return ids;
}

using Shown = std::vector<std::pair<std::size_t, float>>;

// The likeliest tokens, likeliest first; of equals the lower id.
Shown likeliest(std::span<const float> logits) {
  std::vector<std::size_t> order(logits.size());
  std::iota(order.begin(), order.end(), std::size_t{0});
  const std::size_t count = std::min(kShown, order.size());
  std::partial_sort(order.begin(), order.begin() + static_cast<std::ptrdiff_t>(count), order.end(),
                    [logits](std::size_t a, std::size_t b) {
                      return logits[a] != logits[b] ? logits[a] > logits[b] : a < b;
                    });
  Shown shown;
  for (std::size_t n = 0; n < count; ++n) shown.emplace_back(order[n], logits[order[n]]);
  return shown;
}

// A position in the golden form, with six decimals.
std::string print_position(std::span<const float> logits) {
  std::string out = "{\"first8\":[";
  for (std::size_t n = 0; n < std::min(kShown, logits.size()); ++n) {
    out += fmt::format("{}{:.6f}", n == 0 ? "" : ",", logits[n]);
  }
  out += "],\"top8\":[";
  const Shown shown = likeliest(logits);
  for (std::size_t n = 0; n < shown.size(); ++n) {
    out += fmt::format("{}[{},{:.6f}]", n == 0 ? "" : ",", shown[n].first, shown[n].second);
  }
  return out + "]}";
}

// What the model makes of a prompt, position by position, and how it would go on.
struct Reading {
  std::vector<std::int32_t> prompt{};
  std::size_t vocabulary = 0;
  std::vector<std::string> positions{};  // printed
  std::vector<std::size_t> greedy{};
};

Result<Reading> read_prompt(const LogitsArgs& args) {
  DRAMATIS_TRY(const auto ids, parse_ids(args.tokens));
  std::vector<std::string> unused;  // `model info` tells them
  DRAMATIS_TRY(auto file, open_weights(args.file, unused));
  DRAMATIS_TRY(const auto model, model::Model::bind(std::move(file)));
  if (args.greedy > kMaxPrompt) {
    return fail(ErrorCode::kOverBudget,
                fmt::format("--greedy: {} tokens; at most {} are made.", args.greedy, kMaxPrompt));
  }
  // 32 bits, so that the numbers are the model's and not the cache's.
  DRAMATIS_TRY(auto cache,
               model::KvCache::make(model.config(), ids.size() + args.greedy, tensor::Dtype::kF32));
  runtime::ThreadPool threads(std::max(1U, std::thread::hardware_concurrency()));
  DRAMATIS_TRY(auto logits, model.prefill(ids, cache, model::Rows::kAll, {.threads = threads}));
  Reading reading{.vocabulary = logits.vocabulary};
  for (const TokenId id : ids) reading.prompt.push_back(static_cast<std::int32_t>(id));
  for (std::size_t t = 0; t < logits.rows; ++t) {
    reading.positions.push_back(print_position(logits.row(t)));
  }
  std::size_t next = likeliest(logits.row(logits.rows - 1)).front().first;
  while (reading.greedy.size() < args.greedy) {
    reading.greedy.push_back(next);
    if (reading.greedy.size() == args.greedy) break;
    DRAMATIS_TRY(auto after, model.step(TokenId{static_cast<std::int32_t>(next)}, cache, threads));
    next = likeliest(after.row(0)).front().first;
  }
  return reading;
}

}  // namespace

int run_model_info(const InfoArgs& args) {
  const auto about = is_peft_folder(args.file) ? describe_peft(args.file) : describe_file(args);
  if (!about) return complain(about.error());
  if (args.output == Output::kJson) {
    fmt::print("{}\n", text::print_json(*about));
  } else {
    print_members(*about, 0);
  }
  return 0;
}

int run_model_tokenize(const std::filesystem::path& path, Output output) {
  const auto ids = tokenize(path);
  if (!ids) return complain(ids.error());
  std::vector<std::int32_t> numbers;
  for (const TokenId id : *ids) numbers.push_back(static_cast<std::int32_t>(id));
  if (output == Output::kJson) {
    fmt::print("[{}]\n", fmt::join(numbers, ","));
  } else {
    fmt::print("{}\n", fmt::join(numbers, " "));
  }
  return 0;
}

int run_model_logits(const LogitsArgs& args) {
  const auto reading = read_prompt(args);
  if (!reading) return complain(reading.error());
  if (args.output == Output::kJson) {
    fmt::print("{{\"prompt\":[{}],\"vocab\":{},\"positions\":[{}],\"greedy\":[{}]}}\n",
               fmt::join(reading->prompt, ","), reading->vocabulary,
               fmt::join(reading->positions, ","), fmt::join(reading->greedy, ","));
    return 0;
  }
  for (std::size_t t = 0; t < reading->positions.size(); ++t) {
    fmt::print("{} after {}: {}\n", t, reading->prompt[t], reading->positions[t]);
  }
  fmt::print("greedy: {}\n", fmt::join(reading->greedy, " "));
  return 0;
}

}  // namespace dramatis::app
