// Member by member.
#include "runs/entry.h"

#include "runs/limits.h"

namespace dramatis::runs {
namespace {

using text::Json;
using text::JsonArray;
using text::JsonObject;

struct Print {
  JsonObject operator()(const Begin& one) const {
    return {{"kind", "begin"},
            {"update", 0},
            {"name", one.name},
            {"method", one.method},
            {"base", one.base},
            {"updates", one.updates},
            {"epochs", one.epochs},
            {"lessons", one.lessons},
            {"held_out", one.held_out},
            {"digest", one.digest},
            {"recompute", one.recomputes},
            {"memory", one.memory}};
  }
  JsonObject operator()(const Update& one) const {
    return {{"kind", "update"},
            {"update", one.update},
            {"epoch", one.epoch},
            {"loss", one.loss},
            {"rate", one.rate},
            {"gradient", one.gradient},
            {"tokens_per_second", one.tokens_per_second}};
  }
  JsonObject operator()(const Evaluation& one) const {
    JsonArray samples;
    for (const auto& [question, reply, ended] : one.samples) {
      samples.push_back(JsonObject{{"question", question}, {"reply", reply}, {"ended", ended}});
    }
    JsonObject line{{"kind", "evaluation"}, {"update", one.update},
                    {"epoch", one.epoch},   {"loss", one.loss},
                    {"best", one.is_best},  {"samples", std::move(samples)}};
    if (one.right) line.emplace_back("right", *one.right);
    return line;
  }
  JsonObject operator()(const End& one) const { return {{"kind", "end"}, {"update", one.update}}; }
};

// Whether the member is there, of its type; `into` is then set.
bool take(const Json& from, std::string_view name, std::size_t& into) {
  const Json* found = from.find(name);
  const auto* value = found == nullptr ? nullptr : found->as_int();
  if (value == nullptr || *value < 0) return false;
  into = static_cast<std::size_t>(*value);
  return true;
}

bool take(const Json& from, std::string_view name, double& into) {
  const Json* found = from.find(name);
  const auto value = found == nullptr ? std::nullopt : found->as_number();
  if (value) into = *value;
  return value.has_value();
}

bool take(const Json& from, std::string_view name, std::string& into) {
  const Json* found = from.find(name);
  const auto* value = found == nullptr ? nullptr : found->as_string();
  if (value != nullptr) into = *value;
  return value != nullptr;
}

bool take(const Json& from, std::string_view name, bool& into) {
  const Json* found = from.find(name);
  const auto* value = found == nullptr ? nullptr : found->as_bool();
  if (value != nullptr) into = *value;
  return value != nullptr;
}

std::optional<Entry> begin_of(const Json& line) {
  Begin one;
  // Logs of older programs have no names in them.
  take(line, "name", one.name);
  take(line, "method", one.method);
  take(line, "base", one.base);
  take(line, "digest", one.digest);
  take(line, "epochs", one.epochs);
  take(line, "lessons", one.lessons);
  take(line, "held_out", one.held_out);
  take(line, "recompute", one.recomputes);
  take(line, "memory", one.memory);
  if (!take(line, "updates", one.updates)) return std::nullopt;
  return one;
}

std::optional<Entry> update_of(const Json& line) {
  Update one;
  take(line, "epoch", one.epoch);
  take(line, "rate", one.rate);
  take(line, "gradient", one.gradient);
  take(line, "tokens_per_second", one.tokens_per_second);
  if (!take(line, "update", one.update) || !take(line, "loss", one.loss)) return std::nullopt;
  return one;
}

std::vector<Sample> samples_in(const Json& line) {
  std::vector<Sample> samples;
  const Json* found = line.find("samples");
  if (found == nullptr || found->as_array() == nullptr) return samples;
  for (const auto& one : *found->as_array()) {
    if (samples.size() == kMaxSamples) break;
    Sample sample;
    if (take(one, "question", sample.question) && take(one, "reply", sample.reply) &&
        take(one, "ended", sample.ended))
      samples.push_back(std::move(sample));
  }
  return samples;
}

std::optional<Entry> evaluation_of(const Json& line) {
  Evaluation one;
  take(line, "epoch", one.epoch);
  take(line, "best", one.is_best);
  if (!take(line, "update", one.update) || !take(line, "loss", one.loss)) return std::nullopt;
  one.samples = samples_in(line);
  if (double right = 0; take(line, "right", right)) one.right = right;
  return one;
}

}  // namespace

text::JsonObject json_of(const Entry& entry) {
  return std::visit(Print{}, entry);
}

std::optional<Entry> entry_of(const text::Json& line) {
  std::string kind;
  if (!take(line, "kind", kind)) return std::nullopt;
  if (kind == "begin") return begin_of(line);
  if (kind == "update") return update_of(line);
  if (kind == "evaluation") return evaluation_of(line);
  End end;
  if (kind == "end" && take(line, "update", end.update)) return end;
  return std::nullopt;
}

}  // namespace dramatis::runs
