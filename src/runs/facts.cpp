// Facts <-> JSON.
#include "runs/facts.h"

#include <fmt/format.h>

#include "base/files.h"
#include "runs/limits.h"
#include "text/json_file.h"

namespace dramatis::runs {
namespace {

using text::Json;
using text::JsonArray;
using text::JsonObject;

tl::unexpected<Error> missing(std::string_view key) {
  return fail(ErrorCode::kCorrupt, fmt::format("'{}' is missing or of another kind", key));
}

Status take(const Json& from, std::string_view key, std::string& into) {
  const Json* found = from.find(key);
  if (found == nullptr || found->as_string() == nullptr) return missing(key);
  into = *found->as_string();
  return {};
}

Status take(const Json& from, std::string_view key, double& into) {
  const Json* found = from.find(key);
  if (found == nullptr || !found->as_number()) return missing(key);
  into = *found->as_number();
  return {};
}

Status take(const Json& from, std::string_view key, std::uint64_t& into) {
  const Json* found = from.find(key);
  const auto* value = found == nullptr ? nullptr : found->as_int();
  if (value == nullptr || *value < 0) return missing(key);
  into = static_cast<std::uint64_t>(*value);
  return {};
}

Status take(const Json& from, std::string_view key, bool& into) {
  const Json* found = from.find(key);
  if (found == nullptr || found->as_bool() == nullptr) return missing(key);
  into = *found->as_bool();
  return {};
}

Status take(const Json& from, std::string_view key, std::string_view first, std::string_view second,
            std::vector<std::pair<std::string, std::string>>& into) {
  const Json* found = from.find(key);
  if (found == nullptr || found->as_array() == nullptr) return missing(key);
  for (const Json& one : *found->as_array()) {
    into.emplace_back();
    DRAMATIS_DO(take(one, first, into.back().first));
    DRAMATIS_DO(take(one, second, into.back().second));
  }
  return {};
}

Status take_targets(const Json& from, std::vector<std::string>& into) {
  const Json* found = from.find("targets");
  if (found == nullptr || found->as_array() == nullptr) return missing("targets");
  for (const Json& one : *found->as_array()) {
    if (one.as_string() == nullptr) return missing("targets");
    into.push_back(*one.as_string());
  }
  return {};
}

Status take_evaluations(const Json& from, std::vector<Measured>& into) {
  const Json* found = from.find("evaluations");
  if (found == nullptr || found->as_array() == nullptr) return missing("evaluations");
  for (const Json& one : *found->as_array()) {
    Measured read;
    DRAMATIS_DO(take(one, "update", read.update));
    DRAMATIS_DO(take(one, "loss", read.loss));
    DRAMATIS_DO(take(one, "best", read.is_best));
    into.push_back(read);
  }
  return {};
}

JsonArray pairs(const std::vector<std::pair<std::string, std::string>>& list, const char* first,
                const char* second) {
  JsonArray out;
  for (const auto& [a, b] : list) out.push_back(JsonObject{{first, a}, {second, b}});
  return out;
}

}  // namespace

JsonObject print_facts(const Facts& facts) {
  JsonArray targets;
  for (const auto& target : facts.targets) targets.push_back(target);
  JsonArray evaluations;
  for (const auto& one : facts.evaluations) {
    evaluations.push_back(
        JsonObject{{"update", one.update}, {"loss", one.loss}, {"best", one.is_best}});
  }
  return {{"name", facts.name},
          {"method", facts.method},
          {"base", facts.base},
          {"base_checksum", facts.base_checksum},
          {"recipe", facts.recipe},
          {"lessons", facts.lessons},
          {"files", pairs(facts.files, "name", "sha256")},
          {"sheet", facts.sheet},
          {"form", facts.form},
          {"arithmetic", facts.arithmetic},
          {"rank", facts.rank},
          {"alpha", facts.alpha},
          {"rslora", facts.by_root},
          {"dropout", facts.dropout},
          {"targets", std::move(targets)},
          {"rate", facts.rate},
          {"learnt", facts.learnt},
          {"held_out", facts.held_out},
          {"too_long", facts.too_long},
          {"updates", facts.updates},
          {"parameters", facts.parameters},
          {"workers", facts.workers},
          {"first_loss", facts.first_loss},
          {"best_loss", facts.best_loss},
          {"best_update", facts.best_update},
          {"tokens", facts.tokens},
          {"seconds", facts.seconds},
          {"megabytes", facts.megabytes},
          {"answers", facts.answers},
          {"ended", facts.ended},
          {"seed", facts.seed},
          {"evaluations", std::move(evaluations)},
          {"samples", pairs(facts.samples, "question", "reply")}};
}

Result<Facts> parse_facts(const Json& json) {
  Facts facts;
  DRAMATIS_DO(take(json, "name", facts.name));
  DRAMATIS_DO(take(json, "method", facts.method));
  DRAMATIS_DO(take(json, "base", facts.base));
  DRAMATIS_DO(take(json, "base_checksum", facts.base_checksum));
  DRAMATIS_DO(take(json, "recipe", facts.recipe));
  DRAMATIS_DO(take(json, "lessons", facts.lessons));
  DRAMATIS_DO(take(json, "files", "name", "sha256", facts.files));
  DRAMATIS_DO(take(json, "sheet", facts.sheet));
  DRAMATIS_DO(take(json, "form", facts.form));
  DRAMATIS_DO(take(json, "arithmetic", facts.arithmetic));
  DRAMATIS_DO(take(json, "rank", facts.rank));
  DRAMATIS_DO(take(json, "alpha", facts.alpha));
  DRAMATIS_DO(take(json, "rslora", facts.by_root));
  DRAMATIS_DO(take(json, "dropout", facts.dropout));
  DRAMATIS_DO(take_targets(json, facts.targets));
  DRAMATIS_DO(take(json, "rate", facts.rate));
  DRAMATIS_DO(take(json, "learnt", facts.learnt));
  DRAMATIS_DO(take(json, "held_out", facts.held_out));
  DRAMATIS_DO(take(json, "too_long", facts.too_long));
  DRAMATIS_DO(take(json, "updates", facts.updates));
  DRAMATIS_DO(take(json, "parameters", facts.parameters));
  DRAMATIS_DO(take(json, "workers", facts.workers));
  DRAMATIS_DO(take(json, "first_loss", facts.first_loss));
  DRAMATIS_DO(take(json, "best_loss", facts.best_loss));
  DRAMATIS_DO(take(json, "best_update", facts.best_update));
  DRAMATIS_DO(take(json, "tokens", facts.tokens));
  DRAMATIS_DO(take(json, "seconds", facts.seconds));
  DRAMATIS_DO(take(json, "megabytes", facts.megabytes));
  DRAMATIS_DO(take(json, "answers", facts.answers));
  DRAMATIS_DO(take(json, "ended", facts.ended));
  DRAMATIS_DO(take(json, "seed", facts.seed));
  DRAMATIS_DO(take_evaluations(json, facts.evaluations));
  DRAMATIS_DO(take(json, "samples", "question", "reply", facts.samples));
  return facts;
}

Result<Facts> read_facts(const std::filesystem::path& folder) {
  const auto path = folder / "result.json";
  DRAMATIS_TRY(const auto document, read_text_file(path, kMaxFactsBytes));
  DRAMATIS_TRY(const auto json, text::parse_json_file(document, path.string(), kMaxFactsBytes));
  auto facts = parse_facts(json);
  if (!facts)
    return fail(facts.error().code, fmt::format("{}: {}.", path.string(), facts.error().what));
  return facts;
}

}  // namespace dramatis::runs
