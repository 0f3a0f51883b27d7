// Journals, dialogues and talks -> everything that may be learnt from, whatever it came from.
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "dataset/experiences.h"
#include "dataset/gates.h"
#include "dataset/lesson.h"
#include "dataset/split.h"
#include "persona/cast.h"
#include "prompt/compose.h"
#include "study/transcript.h"
#include "text/json.h"

namespace dramatis::dataset {

enum class Source : std::uint8_t {
  kExchange,    // a question of the troupe, and its answer
  kExperience,  // a scene of a life
  kProtective,  // a scene of what the character cannot know
  kAuthored,    // a conversation of the cast's author
  kTalk,        // a talk that players agreed to give
};
[[nodiscard]] std::string_view name_of(Source source);  // "exchange"

// A conversation that may be learnt from.
struct Piece {
  std::string id{};         // "orlando-marlo/exchange-17"
  std::string character{};  // id
  Source source = Source::kExchange;
  prompt::Scene scene{};
  std::vector<prompt::Line> lines{};       // the last one is the NPC's
  Kin kin{};                               // what is held out together with it
  std::optional<Experience> experience{};  // of the two sources that have one
};

// What passed the gates, and what did not.
struct Gathered {
  std::vector<Piece> pieces{};
  std::vector<Refusal> refused{};
};

// Errors of all: kCorrupt naming the record.
[[nodiscard]] Result<Gathered> gather_exchanges(const std::string& character,
                                                const std::vector<text::Json>& records,
                                                const Gates& gates);
// Of scenes that are alike in what is said, the first.
[[nodiscard]] Result<Gathered> gather_experiences(const persona::Character& character,
                                                  const std::vector<text::Json>& records,
                                                  Source source);
[[nodiscard]] Gathered gather_authored(const persona::Member& member);
// A talk ends before the first reply that falls at a gate.
[[nodiscard]] Result<Gathered> gather_talks(const std::string& character,
                                            const std::vector<text::Json>& records,
                                            const Gates& gates);

// A talk as a record of its own journal:
// {"talk","from","name","other","lines":[{"heard","reply"}]}. Its id is a digest of its words, so
// that no talk counts twice.
[[nodiscard]] text::JsonObject talk_record(const study::Transcript& talk, std::string_view from);

enum class Sheet { kOff, kOn };

// A lesson for each reply of a piece, with all that was said before it. With the sheet, prompts are
// those of a real turn, and where the NPC thought first, they invite thoughts and the reply begins
// with them; without it, speech alone is taught. Errors: kNotFound for a character that is not of
// the cast; those of prompt::compose.
[[nodiscard]] Result<std::vector<Lesson>> lessons_of(const Piece& piece, const persona::Cast& cast,
                                                     Sheet sheet);

// A piece as an experience; a conversation becomes the script of one.
[[nodiscard]] std::string print_as_experience(const Piece& piece,
                                              const persona::Character& character);

// The table of a data set: Character-LLM's scenes, words and turns.
struct Figures {
  std::size_t pieces = 0;
  std::size_t turns = 0;     // lines of everybody
  std::size_t thoughts = 0;  // of them unspoken
  std::size_t words = 0;

  [[nodiscard]] double turns_each() const;
  [[nodiscard]] double words_each() const;
  Figures& operator+=(const Figures& other);
};
[[nodiscard]] Figures figures_of(std::span<const Piece> pieces);

}  // namespace dramatis::dataset
