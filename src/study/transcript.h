// A conversation as it is measured: what a character heard and what it answered, wherever it was
// held.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "arena/talk.h"
#include "base/clock.h"
#include "base/result.h"

namespace dramatis::study {

struct Answered {
  std::string heard{};  // empty where the character spoke first
  std::string reply{};
  std::optional<Instant> at{};  // when the reply was said, where that is known

  friend bool operator==(const Answered&, const Answered&) = default;
};

struct Transcript {
  std::string id{};
  std::string name{};   // the character's, as the transcript has it
  std::string other{};  // the name of whoever it speaks with
  std::vector<Answered> answers{};

  friend bool operator==(const Transcript&, const Transcript&) = default;
};

// What `place`, one of a talk's participants, heard and said. Thoughts are in no line of a talk.
[[nodiscard]] Transcript transcript_of(const arena::Talk& talk, std::size_t place);

// The conversations of other systems in `bytes`: a JSON document or one to a line, each
//   OpenAI's        {"messages":[{"role":"user","content":"..."}, ...]}, or the bare list;
//   ShareGPT's      {"conversations":[{"from":"human","value":"..."}, ...]};
//   SillyTavern's   a head with "user_name" and "character_name", then a line for each message
//                   {"name":"...","is_user":true,"mes":"..."}: one conversation for the file.
// Which it is, each record tells; system messages are left out. Messages of one side in a row are
// joined by a line. Errors: kCorrupt naming `place`, the line and the field; kOverBudget; kNotFound
// where nobody answered anything.
[[nodiscard]] Result<std::vector<Transcript>> read_transcripts(std::string_view bytes,
                                                               std::string_view place);

}  // namespace dramatis::study
