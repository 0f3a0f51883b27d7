// Member -> documents; query -> the nearest of its lines.
#include "prompt/examples.h"

#include <algorithm>
#include <functional>
#include <map>

#include <fmt/format.h>

#include "prompt/limits.h"
#include "search/limits.h"
#include "search/matched_index.h"

namespace dramatis::prompt {
namespace {

// What follows an answer's id in that of another wording of its question.
constexpr std::string_view kWording = "/wording-";

// A line that stands by itself, what a search reads of it, and the id of its document:
// "<conversation>/<exchange from 0>".
struct Standing {
  std::string id;
  std::string text;
  persona::Exchange exchange;
};

// What the sheet tells in the first person, each note as the answer to its own heading: all that a
// character without dialogues has to say.
void add_notes(const persona::Character& sheet, std::vector<Standing>& lines) {
  for (const auto* notes :
       {&sheet.backstory, &sheet.values, &sheet.objectives, &sheet.opinions, &sheet.knowledge}) {
    for (const auto& note : *notes) {
      lines.push_back({.id = fmt::format("{}/{}", sheet.id, lines.size()),
                       .text = note.name + ". " + note.text,
                       .exchange = {.player = note.name, .npc = note.text}});
    }
  }
}

std::vector<Standing> standing_lines(const persona::Member& member) {
  std::vector<Standing> lines;
  for (const auto& example : member.sheet.examples) {
    lines.push_back({.id = fmt::format("{}/{}", member.sheet.id, lines.size()),
                     .text = example.player,
                     .exchange = example});
  }
  if (member.dialogues.empty()) add_notes(member.sheet, lines);
  for (const auto& dialogue : member.dialogues) {
    for (std::size_t n = 0; n < dialogue.exchanges.size(); ++n) {
      const auto& exchange = dialogue.exchanges[n];
      if (exchange.follows) continue;
      lines.push_back({.id = fmt::format("{}/{}", dialogue.id, n),
                       .text = exchange.player,
                       .exchange = exchange});
    }
  }
  return lines;
}

// Calls `take` with each document of a member and the exchange that it leads to. A wording leads to
// the exchanges of its topic in turn, and its id says to which.
void each_document(const persona::Member& member,
                   const std::function<void(search::Document, const persona::Exchange&)>& take) {
  const auto lines = standing_lines(member);
  std::map<std::string_view, std::vector<const Standing*>> by_topic;
  for (const auto& line : lines) {
    const auto& exchange = line.exchange;
    take({.id = line.id,
          .text = line.text,
          .text2 = exchange.npc,
          .owner = member.sheet.id,
          .group = exchange.topic},
         exchange);
    by_topic[exchange.topic].push_back(&line);
  }
  for (const auto& wordings : member.wordings) {
    const auto answers = by_topic.find(wordings.topic);
    if (answers == by_topic.end()) continue;
    for (std::size_t n = 0; n < wordings.lines.size(); ++n) {
      const Standing& answer = *answers->second[n % answers->second.size()];
      take({.id = fmt::format("{}{}{}", answer.id, kWording, n),
            .text = wordings.lines[n],
            .text2 = "",
            .owner = member.sheet.id,
            .group = wordings.topic},
           answer.exchange);
    }
  }
}

lm::AuthoredLine line_of(const persona::Exchange& exchange, double relevance = 0) {
  return {.player = exchange.player,
          .npc = exchange.npc,
          .relevance = relevance,
          .topic = exchange.topic,
          .thoughts = exchange.thoughts};
}

bool is_of(std::string_view document, std::string_view conversation) {
  return !conversation.empty() && document.substr(0, document.find('/')) == conversation;
}

Result<std::unique_ptr<search::Ranker>> rank_by_words(
    const persona::Member& /*member*/, const std::vector<search::Document>& documents) {
  DRAMATIS_TRY(auto index, search::Index::build(documents));
  return std::unique_ptr<search::Ranker>(std::move(index));
}

}  // namespace

ExampleBook book_of(const persona::Member& member) {
  ExampleBook book;
  each_document(member, [&book](search::Document document, const persona::Exchange& exchange) {
    if (!document.text2.empty()) book.emplace(std::move(document.id), line_of(exchange));
  });
  return book;
}

std::vector<search::Document> documents_of(const persona::Member& member) {
  std::vector<search::Document> documents;
  each_document(member,
                [&documents](search::Document document, const persona::Exchange& /*exchange*/) {
                  documents.push_back(std::move(document));
                });
  return documents;
}

Result<std::vector<lm::AuthoredLine>> find_examples(const search::Ranker& ranker,
                                                    const ExampleBook& book,
                                                    const ExampleQuery& query) {
  std::vector<lm::AuthoredLine> lines;
  std::map<std::string_view, std::size_t> of_topic;
  // Many documents lead to one line, and an excepted conversation may fill the first hits: all that
  // a ranker gives are asked for.
  DRAMATIS_TRY(const auto hits, ranker.nearest(query.message, search::kMaxHits));
  for (const auto& hit : hits) {
    if (lines.size() == query.count) break;
    const auto found = book.find(std::string_view(hit.id).substr(0, hit.id.find(kWording)));
    if (found == book.end() || is_of(hit.id, query.except_conversation)) continue;
    const lm::AuthoredLine& line = found->second;
    const bool taken =
        std::ranges::any_of(lines, [&](const auto& other) { return other.npc == line.npc; });
    if (taken) continue;
    if (!line.topic.empty() && ++of_topic[line.topic] > kMaxOfTopic) continue;
    lines.push_back(line);
    lines.back().relevance = std::clamp(hit.score, 0.0, 1.0);
  }
  return lines;
}

Result<Examples> Examples::build(const persona::Cast& cast) {
  return build(cast, rank_by_words);
}

Result<Examples> Examples::build(const persona::Cast& cast, const search::Matcher& matcher) {
  return build(
      cast,
      [&matcher](const persona::Member& /*member*/, const std::vector<search::Document>& documents)
          -> Result<std::unique_ptr<search::Ranker>> {
        DRAMATIS_TRY(auto index, search::MatchedIndex::build(documents, matcher));
        return std::unique_ptr<search::Ranker>(std::move(index));
      });
}

Result<Examples> Examples::build(const persona::Cast& cast, const MakeRanker& make) {
  Examples examples;
  examples.make_ = make;
  for (const auto& member : cast.members) {
    DRAMATIS_TRY(auto shelf, shelve(member, make));
    examples.shelves_.emplace(member.sheet.id, std::move(shelf));
  }
  return examples;
}

Result<std::shared_ptr<const Examples::Shelf>> Examples::shelve(const persona::Member& member,
                                                                const MakeRanker& make) {
  DRAMATIS_TRY(auto ranker, make(member, documents_of(member)));
  return std::make_shared<const Shelf>(
      Shelf{.book = book_of(member), .ranker = std::move(ranker), .follow_ups = FollowUps(member)});
}

Status Examples::renew(const persona::Member& member) {
  DRAMATIS_TRY(auto shelf, shelve(member, make_));
  const std::lock_guard lock(*mutex_);
  shelves_[member.sheet.id] = std::move(shelf);
  return {};
}

std::shared_ptr<const Examples::Shelf> Examples::shelf_of(std::string_view character) const {
  const std::lock_guard lock(*mutex_);
  const auto at = shelves_.find(character);
  return at == shelves_.end() ? nullptr : at->second;
}

Result<std::vector<lm::AuthoredLine>> Examples::nearest(std::string_view character,
                                                        const ExampleQuery& query) const {
  const auto shelf = shelf_of(character);
  if (shelf == nullptr) return std::vector<lm::AuthoredLine>{};
  auto lines = shelf->follow_ups.after(query.said, query.message, query.except_conversation);
  if (asks_for_more(query.message) && !lines.empty()) {
    lines.resize(std::min(lines.size(), query.count));
    return lines;
  }
  DRAMATIS_TRY(auto found, find_examples(*shelf->ranker, shelf->book, query));
  for (auto& line : found) {
    if (lines.size() == query.count) break;
    const bool taken =
        std::ranges::any_of(lines, [&](const auto& other) { return other.npc == line.npc; });
    if (!taken) lines.push_back(std::move(line));
  }
  return lines;
}

}  // namespace dramatis::prompt
