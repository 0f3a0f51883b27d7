// What a client of any dialect asks for, once it was read.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "base/ids.h"
#include "lm/language_model.h"
#include "server/dialect_fields.h"
#include "text/json.h"

namespace dramatis::server {

// A function of the client's that the reply may call.
struct Tool {
  std::string name{};
  std::string description{};  // may be empty
  text::Json parameters{};    // a JSON Schema of its arguments
};

enum class ToolUse {
  kNever,
  kAsItLikes,  // the reply is a call, or words
  kAlways      // the reply is a call
};

struct Tools {
  std::vector<Tool> list{};
  ToolUse use = ToolUse::kNever;
};

struct Ask {
  std::string model{};                  // as the client wrote it; may be empty
  std::vector<lm::Message> messages{};  // system first and once, then by turns; may be empty
  std::optional<std::string> raw{};     // to be continued as it stands, instead of messages
  std::optional<double> temperature{};  // nothing: the NPC's, or lm's
  std::optional<int> max_tokens{};      // nothing: the NPC's, or what fits
  lm::Sampling how{};                   // all else about drawing
  Tools tools{};
  int count = 1;              // how many replies are wanted
  bool streams = false;       // true: words are sent as they come
  bool tells_usage = false;   // true: a stream ends with the numbers of tokens
  bool echoes = false;        // true: a continuation begins with its prompt
  bool drops_oldest = false;  // true: what does not fit is cut at its beginning; false: refused
  std::size_t context = 0;    // the client's own bound for prompt and reply, tokens; 0: none
  std::string user{};         // who plays: an id or a name
  std::optional<UserId> only_user{};  // the caller speaks for this player alone; nothing: for any
  std::string account{};              // who pays for what a paid service is asked; empty: nobody
  std::string session{};              // not empty: turns are stored, and history is ours
  std::string key{};                  // against doing a stored turn twice
  std::string conversation{};  // what may be kept of this talk's words is kept under this name
};

// Everything about drawing under all names that clients have for it, with `temperature` and
// `max_tokens`.
void read_sampling(DialectFields& fields, Ask& ask);

// A constraint on the reply's form; a second one is a mistake. `place` names the field.
void set_grammar(DialectFields& fields, std::string_view place, lm::GrammarText grammar, Ask& ask);

// Puts the system's texts first, joined, and joins neighbours of one role. Blank ones are left out.
[[nodiscard]] std::vector<lm::Message> in_turns(std::vector<lm::Message> said);

// Adds `more` to `text`, on a line of its own where there are others.
void add_line(std::string& text, std::string_view more);

}  // namespace dramatis::server
