// Member -> documents; query -> the nearest of its lines.
#include "prompt/examples.h"

#include <algorithm>

#include <fmt/format.h>

#include "search/limits.h"

namespace dramatis::prompt {
namespace {

// Calls `take` with the id and the exchange of each line that stands by itself.
void each_line(const persona::Member& member,
               const std::function<void(std::string, const persona::Exchange&)>& take) {
  for (std::size_t n = 0; n < member.sheet.examples.size(); ++n) {
    take(fmt::format("{}/{}", member.sheet.id, n), member.sheet.examples[n]);
  }
  for (const auto& dialogue : member.dialogues) {
    for (std::size_t n = 0; n < dialogue.exchanges.size(); ++n) {
      if (!dialogue.exchanges[n].follows)
        take(fmt::format("{}/{}", dialogue.id, n), dialogue.exchanges[n]);
    }
  }
}

bool is_of(std::string_view document, std::string_view conversation) {
  return !conversation.empty() && document.substr(0, document.rfind('/')) == conversation;
}

Result<std::unique_ptr<search::Ranker>> rank_by_words(
    const persona::Member& /*member*/, const std::vector<search::Document>& documents) {
  DRAMATIS_TRY(auto index, search::Index::build(documents));
  return std::unique_ptr<search::Ranker>(std::move(index));
}

}  // namespace

ExampleBook book_of(const persona::Member& member) {
  ExampleBook book;
  each_line(member, [&book](std::string id, const persona::Exchange& exchange) {
    book.emplace(std::move(id), lm::AuthoredLine{.player = exchange.player, .npc = exchange.npc});
  });
  return book;
}

std::vector<search::Document> documents_of(const persona::Member& member) {
  std::vector<search::Document> documents;
  each_line(member, [&](std::string id, const persona::Exchange& exchange) {
    documents.push_back({.id = std::move(id),
                         .text = exchange.player,
                         .text2 = exchange.npc,
                         .owner = member.sheet.id});
  });
  return documents;
}

Result<std::vector<lm::AuthoredLine>> find_examples(const search::Ranker& ranker,
                                                    const ExampleBook& book,
                                                    const ExampleQuery& query) {
  std::vector<lm::AuthoredLine> lines;
  // The excepted conversation may fill the first hits, so all that a ranker gives are asked for
  // then.
  const std::size_t asked = query.except_conversation.empty() ? query.count : search::kMaxHits;
  DRAMATIS_TRY(const auto hits, ranker.nearest(query.message, asked));
  for (const auto& hit : hits) {
    if (lines.size() == query.count) break;
    const auto found = book.find(hit.id);
    if (found == book.end() || is_of(hit.id, query.except_conversation)) continue;
    lines.push_back(found->second);
    lines.back().relevance = std::clamp(hit.score, 0.0, 1.0);
  }
  return lines;
}

Result<Examples> Examples::build(const persona::Cast& cast) {
  return build(cast, rank_by_words);
}

Result<Examples> Examples::build(const persona::Cast& cast, const MakeRanker& make) {
  Examples examples;
  for (const auto& member : cast.members) {
    Shelf shelf;
    shelf.book = book_of(member);
    DRAMATIS_TRY(shelf.ranker, make(member, documents_of(member)));
    examples.shelves_.emplace(member.sheet.id, std::move(shelf));
  }
  return examples;
}

Result<std::vector<lm::AuthoredLine>> Examples::nearest(std::string_view character,
                                                        const ExampleQuery& query) const {
  const auto shelf = shelves_.find(character);
  if (shelf == shelves_.end()) return std::vector<lm::AuthoredLine>{};
  return find_examples(*shelf->second.ranker, shelf->second.book, query);
}

}  // namespace dramatis::prompt
