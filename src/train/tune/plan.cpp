// YAML -> Plan: each field once, then what the fields say together.
#include "train/tune/plan.h"

#include <algorithm>

#include <fmt/format.h>

#include "base/files.h"
#include "convert/weight_types.h"
#include "text/digest.h"
#include "text/limits.h"
#include "text/yaml.h"
#include "train/limits.h"
#include "train/tune/fields.h"

namespace dramatis::train::tune {
namespace {

using text::YamlNode;

Field shape_field(Shape& shape) {
  return map_field("shape", {count_field("layers", shape.layers, {1, 64}),
                             count_field("width", shape.width, {1, 8192}),
                             count_field("feed_forward", shape.feed_forward, {1, 65536}),
                             count_field("heads", shape.heads, {1, 256}),
                             count_field("kv_heads", shape.kv_heads, {1, 256}),
                             count_field("head_width", shape.head_width, {2, 512}),
                             count_field("context", shape.context, {16, 1 << 20}),
                             number_field("rope_base", shape.rope_base, {1, 1e9}),
                             number_field("norm_epsilon", shape.norm_epsilon, {1e-12, 1e-2})});
}

Field base_field(Base& base) {
  return map_field("base",
                   {text_field("model", base.model), shape_field(base.shape),
                    text_field("vocabulary", base.vocabulary), text_field("template", base.form)});
}

Field data_field(Data& data) {
  CastData& cast = data.cast;
  return map_field(
      "data",
      {texts_field("conversations", data.conversations), texts_field("held_out", data.held_out),
       texts_field("preferences", data.preferences),
       map_field(
           "cast",
           {text_field("folder", cast.folder), texts_field("only", cast.only),
            texts_field("leave_out", cast.leave_out), count_field("passes", cast.passes, {1, 1000}),
            count_field("examples", cast.examples, {0, 3}),
            number_field("wordings", cast.wordings, {0, 1}),
            count_field("most_of_topic", cast.most_of_topic, {0, 1'000'000}),
            number_field("alone", cast.alone, {0, 1}), flag_field("named", cast.named),
            count_field("opening", cast.opening, {0, kMaxConversationTokens}),
            number_field("after_talk", cast.after_talk, {0, 1}),
            flag_field("dialogues", cast.dialogues), text_field("matcher", cast.matcher)}),
       number_field("held_out_share", data.held_out_share, {0, 0.9}),
       word_field("sheet", {"keep", "drop"},
                  [&data](std::size_t n) { data.sheet = n == 0 ? Sheet::kKeep : Sheet::kDrop; }),
       word_field("learn", {"all", "last"},
                  [&data](std::size_t n) { data.learnt = n == 0 ? Learnt::kAll : Learnt::kLast; }),
       count_field("most_tokens", data.most_tokens, {8, kMaxConversationTokens})});
}

Field lora_field(Lora& lora) {
  return map_field(
      "lora",
      {count_field("rank", lora.rank, {1, kMaxRank}), number_field("alpha", lora.alpha, {0, 4096}),
       flag_field("rslora", lora.by_root), number_field("dropout", lora.dropout, {0, 0.9}),
       texts_field("targets", lora.targets)});
}

Field optimizer_field(Optimizer& how) {
  Field betas{"betas", [&how](const YamlNode& node) -> Status {
                if (node.kind != YamlNode::Kind::kList || node.items.size() != 2)
                  return wrong_at(node, "'betas' takes two numbers, as in [0.9, 0.999]");
                DRAMATIS_DO(number_field("betas", how.first, {0, 0.99999}).take(node.items[0]));
                return number_field("betas", how.second, {0, 0.9999999}).take(node.items[1]);
              }};
  return map_field("optimizer", {number_field("rate", how.rate, {0, 1}), std::move(betas),
                                 number_field("epsilon", how.epsilon, {1e-16, 1}),
                                 number_field("weight_decay", how.decay, {0, 1}),
                                 number_field("clip", how.clip, {0, 1e6}),
                                 word_field("rule", {"adamw", "muon"}, [&how](std::size_t n) {
                                   how.rule = static_cast<Rule>(n);
                                 })});
}

Field steps_field(Steps& steps) {
  Field batch = map_field(
      "batch", {{"conversations",
                 [&steps](const YamlNode& node) -> Status {
                   steps.tokens = 0;
                   return count_field("conversations", steps.conversations,
                                      {1, kMaxBatchConversations})
                       .take(node);
                 }},
                {"tokens", [&steps](const YamlNode& node) -> Status {
                   steps.conversations = 0;
                   return count_field("tokens", steps.tokens, {1, kMaxBatchTokens}).take(node);
                 }}});
  return map_field(
      "steps",
      {count_field("epochs", steps.epochs, {1, 10'000}), count_field("most", steps.most, {1, 1e9}),
       number_field("warmup", steps.warmup, {0, 1e9}),
       word_field("fall", {"cosine", "linear", "none"},
                  [&steps](std::size_t n) { steps.fall = static_cast<Fall>(n); }),
       std::move(batch), count_field("accumulation", steps.accumulation, {1, 4096}),
       count_field("pass_tokens", steps.pass_tokens, {1, kMaxBatchTokens}),
       count_field("checkpoint", steps.checkpoint, {1, 1e9}),
       word_field("recompute", recompute_words(),
                  [&steps](std::size_t n) { steps.recompute = static_cast<Recompute>(n); }),
       bytes_field("pass_memory", steps.pass_memory, {1e3, kMaxPassMemory})});
}

Field watch_field(Watch& watch) {
  return map_field("evaluation",
                   {count_field("every", watch.every, {1, 1e9}),
                    count_field("patience", watch.patience, {0, 1e6}),
                    texts_field("questions", watch.questions), text_field("sheet", watch.sheet),
                    count_field("reply_tokens", watch.reply_tokens, {1, 1024})});
}

std::vector<Field> fields_of(Plan& plan, std::string& kind) {
  return {text_field("kind", kind),
          seed_field("seed", plan.seed),
          base_field(plan.base),
          data_field(plan.data),
          word_field("method", {"full", "lora", "dpo"},
                     [&plan](std::size_t n) { plan.method = static_cast<Method>(n); }),
          lora_field(plan.lora),
          map_field("dpo", {number_field("beta", plan.beta, {1e-6, 100})}),
          optimizer_field(plan.optimizer),
          steps_field(plan.steps),
          watch_field(plan.watch),
          map_field("output",
                    {text_field("name", plan.output.name), text_field("gguf", plan.output.gguf),
                     flag_field("safetensors", plan.output.safetensors),
                     word_field("adapter", {"f32", "f16", "bf16"},
                                [&plan](std::size_t n) {
                                  using enum formats::SafeDtype;
                                  plan.output.adapter = n == 0 ? kF32 : (n == 1 ? kF16 : kBF16);
                                })}),
          word_field("numbers", {"auto", "f32", "bf16"},
                     [&plan](std::size_t n) { plan.numbers = static_cast<Numbers>(n); })};
}

// The line of a member, or of the document where it is missing.
const YamlNode& place_of(const YamlNode& root, std::string_view name) {
  const YamlNode* found = root.find(name);
  return found == nullptr ? root : *found;
}

Status check_shape(const YamlNode& root, const Base& base) {
  const auto& at = place_of(root, "base");
  if (!base.model.empty()) {
    if (base.shape.layers > 0)
      return wrong_at(at, "'base' has a model and a shape; name one of them");
    return {};
  }
  const Shape& shape = base.shape;
  if (shape.layers == 0 || shape.width == 0 || shape.feed_forward == 0 || shape.heads == 0 ||
      shape.kv_heads == 0 || shape.head_width == 0 || shape.context == 0) {
    return wrong_at(at,
                    "'base' needs a model, or a whole shape: layers, width, feed_forward, "
                    "heads, kv_heads, head_width and context");
  }
  if (shape.heads % shape.kv_heads != 0 || shape.head_width % 2 != 0)
    return wrong_at(at, "in 'shape' kv_heads divides heads, and head_width is even");
  if (base.vocabulary.empty()) return wrong_at(at, "a new shape needs a 'vocabulary'");
  return {};
}

Status check_data(const YamlNode& root, const Plan& plan) {
  const Data& data = plan.data;
  const auto& at = place_of(root, "data");
  const bool has_talks = !data.conversations.empty() || !data.cast.folder.empty();
  if (plan.method == Method::kDpo && (data.preferences.empty() || has_talks))
    return wrong_at(at, "method dpo learns from 'preferences' alone");
  if (plan.method != Method::kDpo && (!has_talks || !data.preferences.empty()))
    return wrong_at(at, "'data' needs conversations or a cast; preferences are for method dpo");
  if (plan.method == Method::kDpo && !data.held_out.empty())
    return wrong_at(at, "of preferences a share is held out ('held_out_share'), no file");
  return {};
}

// Before a night of training, not after it.
Status check_output(const YamlNode& root, const Plan& plan) {
  if (plan.output.gguf.empty()) return {};
  const auto type = convert::parse_type(plan.output.gguf);
  if (!type) return wrong_at(place_of(root, "output"), type.error().what);
  return {};
}

Status check_targets(const YamlNode& root, Plan& plan) {
  std::vector<std::string_view> known;
  for (const auto& target : targets()) known.push_back(target.recipe);
  auto& chosen = plan.lora.targets;
  if (chosen.empty()) chosen.assign(known.begin(), known.end());
  for (const auto& name : chosen) {
    if (std::find(known.begin(), known.end(), name) == known.end() ||
        std::count(chosen.begin(), chosen.end(), name) > 1) {
      return wrong_at(place_of(root, "lora"),
                      fmt::format("'targets' are some of {}, each once", fmt::join(known, ", ")));
    }
  }
  return {};
}

Status check_steps(const YamlNode& root, const Plan& plan) {
  const Steps& steps = plan.steps;
  const auto& at = place_of(root, "steps");
  if (steps.pass_memory > 0 && steps.recompute != Recompute::kWhereMemoryAsks) {
    return wrong_at(at, fmt::format("'pass_memory' is for 'recompute: auto'; with {} nothing is "
                                    "compared with it",
                                    recompute_words()[static_cast<std::size_t>(steps.recompute)]));
  }
  if (plan.data.most_tokens <= steps.pass_tokens) return {};
  return wrong_at(at, fmt::format("'pass_tokens' ({}) must hold a whole conversation "
                                  "('most_tokens', {})",
                                  steps.pass_tokens, plan.data.most_tokens));
}

}  // namespace

std::string_view name_of(Method method) {
  if (method == Method::kFull) return "full";
  return method == Method::kLora ? "lora" : "dpo";
}

const std::vector<std::string>& recompute_words() {
  static const std::vector<std::string> words = {"auto", "always", "never"};
  return words;
}

const std::vector<Target>& targets() {
  static const std::vector<Target> all = {
      {"q", "attn_q", "self_attn.q_proj"},   {"k", "attn_k", "self_attn.k_proj"},
      {"v", "attn_v", "self_attn.v_proj"},   {"o", "attn_output", "self_attn.o_proj"},
      {"gate", "ffn_gate", "mlp.gate_proj"}, {"up", "ffn_up", "mlp.up_proj"},
      {"down", "ffn_down", "mlp.down_proj"}};
  return all;
}

Result<Plan> parse_plan(std::string_view document) {
  DRAMATIS_TRY(const YamlNode root, text::parse_yaml(document));
  Plan plan;
  std::string kind;
  DRAMATIS_DO(read_fields(root, "A recipe of the kind tune", fields_of(plan, kind)));
  if (kind != "tune") return wrong_at(place_of(root, "kind"), "'kind' must be tune here");
  DRAMATIS_DO(check_shape(root, plan.base));
  DRAMATIS_DO(check_data(root, plan));
  DRAMATIS_DO(check_targets(root, plan));
  DRAMATIS_DO(check_output(root, plan));
  DRAMATIS_DO(check_steps(root, plan));
  plan.digest = text::sha256(document);
  return plan;
}

Result<Plan> read_plan(const std::filesystem::path& path) {
  DRAMATIS_TRY(const auto content, read_text_file(path, text::kMaxYamlBytes));
  auto plan = parse_plan(content);
  if (!plan)
    return fail(plan.error().code, fmt::format("{}: {}", path.string(), plan.error().what));
  if (plan->output.name.empty()) plan->output.name = path.stem().string();
  return plan;
}

Result<std::string> kind_of(const std::filesystem::path& path) {
  DRAMATIS_TRY(const auto content, read_text_file(path, text::kMaxYamlBytes));
  DRAMATIS_TRY(const YamlNode root, text::parse_yaml(content));
  const YamlNode* kind = root.find("kind");
  if (kind == nullptr || kind->kind != YamlNode::Kind::kScalar) {
    return fail(ErrorCode::kInvalidArgument,
                fmt::format("{}: a recipe says its 'kind': english, cast or tune.", path.string()));
  }
  return kind->scalar;
}

}  // namespace dramatis::train::tune
