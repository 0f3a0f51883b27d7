// <character>.dialogues.jsonl -> Dialogue...
#include "persona/dialogues.h"

#include <set>

#include <fmt/format.h>

#include "persona/internal/fields.h"
#include "persona/limits.h"
#include "persona/secrets.h"
#include "text/json.h"

namespace dramatis::persona {
namespace {

Exchange read_exchange(internal::Fields& fields) {
  Exchange exchange;
  exchange.player = fields.text("player");
  exchange.npc = fields.text("npc");
  exchange.topic = fields.id("topic");
  exchange.thoughts = fields.text("thoughts", internal::Need::kOptional);
  exchange.follows = fields.flag("follows", internal::Need::kOptional);
  return exchange;
}

Dialogue read_dialogue(const text::YamlNode& node, internal::Report& report) {
  Dialogue dialogue;
  internal::Fields fields(node, "", report, internal::Scalars::kJson);
  dialogue.id = fields.id("id");
  dialogue.scene = fields.text("scene", internal::Need::kOptional);
  fields.each("exchanges", internal::Need::kRequired,
              [&](internal::Fields& entry) { dialogue.exchanges.push_back(read_exchange(entry)); });
  fields.finish();
  if (dialogue.exchanges.size() > kMaxExchanges) {
    report.error(node.line, "exchanges",
                 fmt::format("the conversation has {} exchanges, at most {} are read.",
                             dialogue.exchanges.size(), kMaxExchanges));
  }
  if (!dialogue.exchanges.empty() && dialogue.exchanges.front().follows) {
    report.warning(node.line, "exchanges[0].follows",
                   "the first line of a conversation follows nothing.");
  }
  return dialogue;
}

void refuse_leaks(const text::YamlNode& node, std::span<const Secret> secrets,
                  internal::Report& report) {
  internal::each_scalar(node, "", {}, [&](const text::YamlNode& scalar, const std::string& path) {
    if (const auto word = find_secret(scalar.scalar, secrets)) {
      report.error(scalar.line, path,
                   fmt::format("the line says '{}', which is a secret's word.", *word),
                   "say it otherwise; no conversation may hold it, in either speaker's line");
    }
  });
}

}  // namespace

std::vector<Dialogue> parse_dialogues(std::string_view jsonl, const std::string& file,
                                      std::span<const Secret> secrets,
                                      std::vector<Finding>& found) {
  internal::Report report(file, found);
  std::vector<Dialogue> dialogues;
  std::set<std::string> ids;
  int line = 0;
  while (!jsonl.empty()) {
    const std::size_t end = jsonl.find('\n');
    const std::string_view row = jsonl.substr(0, end);
    jsonl.remove_prefix(end == std::string_view::npos ? jsonl.size() : end + 1);
    ++line;
    if (row.find_first_not_of(" \t\r") == std::string_view::npos) continue;
    if (dialogues.size() == kMaxDialogues) {
      report.error(line, "", fmt::format("at most {} conversations are read.", kMaxDialogues));
      break;
    }
    const auto value = text::parse_json(row);
    if (!value) {
      report.error(line, "", value.error().what, "one conversation a line, as JSON");
      continue;
    }
    const text::YamlNode node = internal::node_of(*value, line);
    Dialogue dialogue = read_dialogue(node, report);
    refuse_leaks(node, secrets, report);
    if (!dialogue.id.empty() && !ids.insert(dialogue.id).second) {
      report.error(line, "id", fmt::format("the id '{}' stands twice in this file.", dialogue.id));
    }
    dialogues.push_back(std::move(dialogue));
  }
  return dialogues;
}

}  // namespace dramatis::persona
