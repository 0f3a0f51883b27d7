// Line by line, each judged by itself.
#include "train/tune/lessons.h"

#include <algorithm>

#include <fmt/format.h>

#include "text/json.h"
#include "train/limits.h"

namespace dramatis::train::tune {
namespace {

using text::Json;

tl::unexpected<Error> corrupt(std::string why) {
  return fail(ErrorCode::kCorrupt, std::move(why));
}

Result<lm::Role> role_of(const Json& message) {
  const Json* role = message.find("role");
  const auto* name = role == nullptr ? nullptr : role->as_string();
  if (name != nullptr && *name == "system") return lm::Role::kSystem;
  if (name != nullptr && *name == "user") return lm::Role::kPlayer;
  if (name != nullptr && *name == "assistant") return lm::Role::kNpc;
  return corrupt("a message's 'role' is system, user or assistant");
}

Result<std::vector<lm::Message>> messages_of(const Json* list) {
  const auto* items = list == nullptr ? nullptr : list->as_array();
  if (items == nullptr || items->empty()) return corrupt("a list of messages is missing");
  if (items->size() > kMaxLessonMessages) {
    return fail(ErrorCode::kOverBudget,
                fmt::format("{} messages; at most {} are read", items->size(), kMaxLessonMessages));
  }
  std::vector<lm::Message> read;
  for (const Json& item : *items) {
    DRAMATIS_TRY(const auto role, role_of(item));
    const Json* content = item.find("content");
    if (content == nullptr || content->as_string() == nullptr)
      return corrupt("a message's 'content' is a text");
    if (role == lm::Role::kSystem && !read.empty())
      return corrupt("the system speaks once, before the others");
    read.push_back({.role = role, .text = *content->as_string()});
  }
  return read;
}

Result<Conversation> conversation_of(const Json& line) {
  DRAMATIS_TRY(auto messages, messages_of(line.find("messages")));
  if (messages.back().role != lm::Role::kNpc)
    return corrupt("the last message is not the assistant's");
  return Conversation{.messages = std::move(messages)};
}

// A text, or a list of one message, the assistant's, as conversational preferences have it.
Result<std::string> reply_of(const Json& line, std::string_view name) {
  const Json* reply = line.find(name);
  const auto none = [&] {
    return corrupt(fmt::format("'{}' is a text, or a list of one message of the assistant", name));
  };
  if (reply == nullptr) return none();
  std::string words;
  if (reply->as_array() != nullptr) {
    const auto messages = messages_of(reply);
    if (!messages || messages->size() != 1 || messages->front().role != lm::Role::kNpc)
      return none();
    words = messages->front().text;
  } else if (reply->as_string() != nullptr) {
    words = *reply->as_string();
  }
  if (words.empty()) return none();
  return words;
}

Result<Preference> preference_of(const Json& line) {
  Preference read;
  DRAMATIS_TRY(read.prompt, messages_of(line.find("prompt")));
  if (read.prompt.back().role == lm::Role::kNpc)
    return corrupt("the prompt's last message is the assistant's");
  DRAMATIS_TRY(read.chosen, reply_of(line, "chosen"));
  DRAMATIS_TRY(read.rejected, reply_of(line, "rejected"));
  return read;
}

// Gives each line that is not empty to `read`.
template <class Item>
Result<std::vector<Item>> read_lines(std::string_view document, std::string_view place,
                                     Result<Item> (*read)(const Json& line)) {
  std::vector<Item> items;
  for (std::size_t n = 1; !document.empty(); ++n) {
    const auto line = document.substr(0, document.find('\n'));
    document.remove_prefix(std::min(line.size() + 1, document.size()));
    if (line.find_first_not_of(" \t\r") == std::string_view::npos) continue;
    const auto failed = [&](const Error& error) {
      return fail(error.code, fmt::format("{}:{}: {}.", place, n, error.what));
    };
    const auto parsed = text::parse_json(line, kMaxLessonBytes);
    if (!parsed) {
      return failed({parsed.error().code == ErrorCode::kOverBudget ? ErrorCode::kOverBudget
                                                                   : ErrorCode::kCorrupt,
                     parsed.error().what});
    }
    auto item = read(*parsed);
    if (!item) return failed(item.error());
    items.push_back(std::move(*item));
  }
  return items;
}

}  // namespace

Result<std::vector<Conversation>> parse_conversations(std::string_view document,
                                                      std::string_view place) {
  return read_lines<Conversation>(document, place, conversation_of);
}

Result<std::vector<Preference>> parse_preferences(std::string_view document,
                                                  std::string_view place) {
  return read_lines<Preference>(document, place, preference_of);
}

}  // namespace dramatis::train::tune
