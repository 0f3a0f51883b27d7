// Four shapes of foreign JSON -> one of ours.
#include "study/transcript.h"

#include <array>

#include <fmt/format.h>

#include "study/limits.h"
#include "text/json.h"
#include "text/utterance.h"

namespace dramatis::study {
namespace {

using text::Json;
using text::JsonArray;

enum class Side { kOther, kCharacter, kNobody };

struct Said {
  Side side = Side::kNobody;
  std::string words{};
};

Transcript pair_up(const std::vector<Said>& said) {
  Transcript made;
  Side last = Side::kNobody;
  for (const auto& [side, words] : said) {
    if (side == Side::kNobody || words.empty()) continue;
    if (side == Side::kOther && last != Side::kOther) made.answers.push_back({.heard = words});
    if (side == Side::kOther && last == Side::kOther) made.answers.back().heard += "\n" + words;
    if (side == Side::kCharacter) {
      if (last == Side::kNobody) made.answers.emplace_back();
      std::string& reply = made.answers.back().reply;
      reply.append(reply.empty() ? "" : "\n").append(words);
    }
    last = side;
  }
  // What nobody answered is nothing to measure.
  if (!made.answers.empty() && last == Side::kOther) made.answers.pop_back();
  return made;
}

Side side_of(std::string_view role) {
  constexpr std::array<std::string_view, 3> kOthers{"user", "human", "player"};
  constexpr std::array<std::string_view, 5> kCharacters{"assistant", "gpt", "model", "bot",
                                                        "character"};
  for (const auto name : kOthers)
    if (role == name) return Side::kOther;
  for (const auto name : kCharacters)
    if (role == name) return Side::kCharacter;
  return Side::kNobody;
}

Result<std::string> words_of(const Json& message, std::string_view field) {
  const Json* const found = message.find(field);
  if (found != nullptr && found->is_null()) return std::string();
  if (found == nullptr) return fail(ErrorCode::kCorrupt, fmt::format("'{}' is missing.", field));
  if (const std::string* const words = found->as_string()) return text::printable(*words);
  // OpenAI's parts: what is no text is left out.
  std::string joined;
  const JsonArray* const parts = found->as_array();
  if (parts == nullptr) return fail(ErrorCode::kCorrupt, fmt::format("'{}' is no text.", field));
  for (const auto& part : *parts) {
    const Json* const told = part.find("text");
    if (told != nullptr && told->as_string() != nullptr)
      joined += text::printable(*told->as_string());
  }
  return joined;
}

struct Shape {
  std::string_view role, words;
};

Result<Transcript> read_messages(const JsonArray& messages, Shape shape) {
  std::vector<Said> said;
  for (const auto& message : messages) {
    const Json* const role = message.find(shape.role);
    if (role == nullptr || role->as_string() == nullptr) {
      return fail(ErrorCode::kCorrupt,
                  fmt::format("message {} has no '{}'.", said.size() + 1, shape.role));
    }
    DRAMATIS_TRY(auto words, words_of(message, shape.words));
    said.push_back({side_of(*role->as_string()), std::move(words)});
  }
  return pair_up(said);
}

std::string name_in(const Json& record, std::string_view field) {
  const Json* const found = record.find(field);
  return found != nullptr && found->as_string() != nullptr ? text::printable(*found->as_string())
                                                           : std::string();
}

// A record that holds a whole conversation, or nothing where it is no such record.
Result<std::optional<Transcript>> read_whole(const Json& record) {
  constexpr Shape kOpenAi{"role", "content"}, kShareGpt{"from", "value"};
  if (const JsonArray* const bare = record.as_array()) {
    DRAMATIS_TRY(auto made, read_messages(*bare, kOpenAi));
    return made;
  }
  for (const auto& [field, shape] :
       {std::pair("messages", kOpenAi), std::pair("conversations", kShareGpt)}) {
    const Json* const list = record.find(field);
    if (list == nullptr || list->as_array() == nullptr) continue;
    DRAMATIS_TRY(auto made, read_messages(*list->as_array(), shape));
    made.id = name_in(record, "id");
    made.name = name_in(record, "character");
    return made;
  }
  return std::nullopt;
}

// A file of SillyTavern's, line by line.
struct Tavern {
  bool begun = false;
  std::string name{}, other{};
  std::vector<Said> said{};
};

Status read_line(const Json& record, Tavern& tavern) {
  if (record.find("character_name") != nullptr || record.find("user_name") != nullptr) {
    tavern.begun = true;
    tavern.name = name_in(record, "character_name");
    tavern.other = name_in(record, "user_name");
    return {};
  }
  const Json* const user = record.find("is_user");
  if (user == nullptr || user->as_bool() == nullptr || record.find("mes") == nullptr) {
    return fail(ErrorCode::kCorrupt,
                "it has none of 'messages', 'conversations', 'character_name' and 'mes'.");
  }
  tavern.begun = true;
  DRAMATIS_TRY(auto words, words_of(record, "mes"));
  const Json* const system = record.find("is_system");
  const bool told = system != nullptr && system->as_bool() != nullptr && *system->as_bool();
  const Side side = told ? Side::kNobody : *user->as_bool() ? Side::kOther : Side::kCharacter;
  if (side == Side::kCharacter && tavern.name.empty()) tavern.name = name_in(record, "name");
  tavern.said.push_back({side, std::move(words)});
  return {};
}

struct Reading {
  std::vector<Transcript> made{};
  Tavern tavern{};
};

Status take(const Json& record, Reading& reading) {
  DRAMATIS_TRY(auto whole, read_whole(record));
  if (!whole) return read_line(record, reading.tavern);
  if (reading.made.size() >= kMaxTranscripts) {
    return fail(ErrorCode::kOverBudget,
                fmt::format("there are more than {} conversations.", kMaxTranscripts));
  }
  reading.made.push_back(*std::move(whole));
  return {};
}

Status read_lines(std::string_view bytes, std::string_view place, Reading& reading) {
  for (std::size_t line = 1; !bytes.empty(); ++line) {
    const std::size_t end = std::min(bytes.find('\n'), bytes.size());
    const auto record = bytes.substr(0, end);
    bytes.remove_prefix(std::min(end + 1, bytes.size()));
    if (record.find_first_not_of(" \t\r") == std::string_view::npos) continue;
    const auto json = text::parse_json(record, kMaxTranscriptLine);
    const Status taken =
        json ? take(*json, reading) : Status(fail(ErrorCode::kCorrupt, json.error().what));
    if (!taken)
      return fail(taken.error().code,
                  fmt::format("{}, line {}: {}", place, line, taken.error().what));
  }
  return {};
}

void finish(Reading& reading) {
  if (reading.tavern.begun) {
    auto made = pair_up(reading.tavern.said);
    made.name = reading.tavern.name;
    made.other = reading.tavern.other;
    reading.made.push_back(std::move(made));
  }
  std::erase_if(reading.made, [](const Transcript& made) { return made.answers.empty(); });
  std::size_t number = 0;
  for (auto& made : reading.made) {
    ++number;
    if (made.id.empty()) made.id = fmt::format("conversation-{}", number);
  }
}

// A JSON list of conversations, rather than one message list.
bool is_list_of_conversations(const Json& document) {
  const JsonArray* const list = document.as_array();
  return list != nullptr && !list->empty() &&
         (list->front().as_array() != nullptr || list->front().find("messages") != nullptr ||
          list->front().find("conversations") != nullptr);
}

}  // namespace

Transcript transcript_of(const arena::Talk& talk, std::size_t place) {
  Transcript made{.id = arena::print_id(talk.id), .name = talk.participants[place].name};
  arena::Talk so_far = talk;
  so_far.lines.clear();
  for (const auto& line : talk.lines) {
    if (line.speaker == place) {
      made.answers.push_back(
          {.heard = arena::heard_by(so_far, place), .reply = line.text, .at = line.at});
    }
    so_far.lines.push_back(line);
  }
  if (talk.participants.size() == 2) made.other = talk.participants[1 - place].name;
  return made;
}

Result<std::vector<Transcript>> read_transcripts(std::string_view bytes, std::string_view place) {
  if (bytes.size() > kMaxTranscriptBytes) {
    return fail(ErrorCode::kOverBudget, fmt::format("{} has {} bytes; at most {} are read.", place,
                                                    bytes.size(), kMaxTranscriptBytes));
  }
  Reading reading;
  const auto document = text::parse_json(bytes, kMaxTranscriptLine);
  if (document && is_list_of_conversations(*document)) {
    for (const auto& record : *document->as_array()) {
      if (const Status taken = take(record, reading); !taken)
        return fail(taken.error().code, fmt::format("{}: {}", place, taken.error().what));
    }
  } else if (document) {
    if (const Status taken = take(*document, reading); !taken)
      return fail(taken.error().code, fmt::format("{}: {}", place, taken.error().what));
  } else {
    DRAMATIS_DO(read_lines(bytes, place, reading));
  }
  finish(reading);
  if (reading.made.empty())
    return fail(ErrorCode::kNotFound, fmt::format("In {} nobody answers anything.", place));
  return std::move(reading.made);
}

}  // namespace dramatis::study
