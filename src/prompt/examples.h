// What a character has said before, in its author's words, found by what was said now.
#pragma once

#include <functional>
#include <map>
#include <memory>
#include <mutex>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "lm/language_model.h"
#include "persona/cast.h"
#include "prompt/follow_up.h"
#include "search/index.h"
#include "search/matcher.h"
#include "search/ranker.h"

namespace dramatis::prompt {

// Authored lines by the id of their document: "<conversation>/<exchange from 0>". That of another
// wording of a line's question has "/wording-<n>" after the line's.
using ExampleBook = std::map<std::string, lm::AuthoredLine, std::less<>>;

// The lines of `member` that can be understood by themselves: its sheet's examples, and its
// dialogues without those exchanges that follow others, and the wordings of their topics; without
// dialogues, what its sheet tells in the first person. The owner of each document is the
// character's id, its group the topic.
[[nodiscard]] ExampleBook book_of(const persona::Member& member);
[[nodiscard]] std::vector<search::Document> documents_of(const persona::Member& member);

struct ExampleQuery {
  std::string_view message{};  // what the player says now
  std::size_t count = 8;       // how many are wanted
  std::string_view
      except_conversation{};  // its lines are left out: training data must not hold its own answer
  std::string_view said{};    // the character's last words, for a message that goes on from them
};

// The lines of `book` nearest to the message, nearest first, each once and with its relevance; of
// one topic at most kMaxOfTopic.
[[nodiscard]] Result<std::vector<lm::AuthoredLine>> find_examples(const search::Ranker& ranker,
                                                                  const ExampleBook& book,
                                                                  const ExampleQuery& query);

// The lines of a whole cast. Thread-safe.
class Examples {
 public:
  // How to rank a member's documents; each call makes one ranker. Kept for renew(): what it refers
  // to outlives the examples.
  using MakeRanker = std::function<Result<std::unique_ptr<search::Ranker>>(
      const persona::Member& member, const std::vector<search::Document>& documents)>;

  // Ranked by shared words; nothing of `cast` is kept.
  [[nodiscard]] static Result<Examples> build(const persona::Cast& cast);
  [[nodiscard]] static Result<Examples> build(const persona::Cast& cast, const MakeRanker& make);
  // Ranked by meaning and words; `matcher` outlives the examples.
  [[nodiscard]] static Result<Examples> build(const persona::Cast& cast,
                                              const search::Matcher& matcher);

  // Lines that go on from what was said come first. None for a character that is not of the cast,
  // and for a query without words.
  [[nodiscard]] Result<std::vector<lm::AuthoredLine>> nearest(std::string_view character,
                                                              const ExampleQuery& query) const;

  // Puts the lines of `member` in the place of those that its character had, ranked as the others.
  [[nodiscard]] Status renew(const persona::Member& member);

 private:
  struct Shelf {
    ExampleBook book;
    std::unique_ptr<search::Ranker> ranker;
    FollowUps follow_ups;
  };
  // Shared with searches under way; the last one lets go of a shelf that was renewed.
  using Shelves = std::map<std::string, std::shared_ptr<const Shelf>, std::less<>>;  // by character

  [[nodiscard]] static Result<std::shared_ptr<const Shelf>> shelve(const persona::Member& member,
                                                                   const MakeRanker& make);
  [[nodiscard]] std::shared_ptr<const Shelf> shelf_of(std::string_view character) const;

  MakeRanker make_;
  std::unique_ptr<std::mutex> mutex_ = std::make_unique<std::mutex>();
  Shelves shelves_;  // guarded by mutex_
};

}  // namespace dramatis::prompt
