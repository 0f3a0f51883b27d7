// A map under a mutex, bounded in number and time, and a notice for each entry that other servers
// may be asked for.
#include "server/repeats.h"

#include <utility>

#include "server/limits.h"
#include "server/problem.h"
#include "text/digest.h"
#include "text/json.h"

namespace dramatis::server {
namespace {

using text::Json;
using text::JsonArray;
using text::JsonObject;

Response other_request() {
  return http_problem(409, "The idempotency key was used for another request.");
}
Response under_way() {
  return http_problem(409, "The first request with this idempotency key is under way.");
}

// A key may be longer than a name.
std::string name_of(const std::string& key) {
  return "repeat/" + text::sha256(key);
}

// {digest}, and the answer where there is one.
std::string print_notice(const std::string& digest, const Response* response) {
  JsonObject json{{"digest", digest}};
  if (response != nullptr) {
    JsonArray headers;
    for (const auto& [name, value] : response->headers) headers.push_back(JsonArray{name, value});
    json.emplace_back("status", response->status);
    json.emplace_back("type", response->content_type);
    json.emplace_back("body", response->body);
    json.emplace_back("headers", std::move(headers));
  }
  return text::print_json(json);
}

std::string text_at(const Json& json, std::string_view name) {
  const Json* found = json.find(name);
  return found == nullptr || found->as_string() == nullptr ? "" : *found->as_string();
}

// Nothing where no answer is noted yet.
std::optional<Response> response_in(const Json& notice) {
  const Json* status = notice.find("status");
  if (status == nullptr || !status->as_int()) return std::nullopt;
  Response response{.status = static_cast<int>(*status->as_int()),
                    .content_type = text_at(notice, "type"),
                    .body = text_at(notice, "body")};
  const Json* headers = notice.find("headers");
  if (headers == nullptr || headers->as_array() == nullptr) return response;
  for (const Json& header : *headers->as_array()) {
    const JsonArray* pair = header.as_array();
    if (pair == nullptr || pair->size() != 2) continue;
    const std::string* name = (*pair)[0].as_string();
    const std::string* value = (*pair)[1].as_string();
    if (name != nullptr && value != nullptr) response.headers.emplace_back(*name, *value);
  }
  return response;
}

}  // namespace

std::optional<Response> Repeats::begin(const Wish& wish) {
  if (auto answer = begin_here(wish)) return answer;
  if (notices_ == nullptr || wish.reach == Reach::kThisServer) return std::nullopt;
  auto answer = begin_among_servers(wish);
  if (answer && answer->status / 100 == 2) {
    finish(wish.key, *answer);
  } else if (answer) {
    give_up(wish.key);
  }
  return answer;
}

std::optional<Response> Repeats::begin_here(const Wish& wish) {
  const std::lock_guard lock(mutex_);
  const SteadyTime now = clock_.steady();
  if (entries_.size() >= kMaxRepeats) {
    std::erase_if(entries_, [now](const auto& entry) {
      return entry.second.response && now - entry.second.begun > kRepeatTime;
    });
  }
  if (entries_.size() >= kMaxRepeats) {
    std::erase_if(entries_, [](const auto& entry) { return entry.second.response.has_value(); });
  }
  const auto found = entries_.find(wish.key);
  const bool is_old =
      found != entries_.end() && found->second.response && now - found->second.begun > kRepeatTime;
  if (found == entries_.end() || is_old) {
    entries_[wish.key] = {.digest = wish.digest, .response = {}, .begun = now};
    return std::nullopt;
  }
  if (found->second.digest != wish.digest) return other_request();
  if (!found->second.response) return under_way();
  return found->second.response;
}

std::optional<Response> Repeats::begin_among_servers(const Wish& wish) {
  const Instant now = clock_.now();
  const accounts::Notice notice{
      .name = name_of(wish.key), .value = print_notice(wish.digest, nullptr), .until = wish.until};
  const auto posted = notices_->post(notice, now);
  if (posted && *posted == accounts::Posted::kYes) {
    const std::lock_guard lock(mutex_);
    const auto found = entries_.find(wish.key);
    if (found != entries_.end()) found->second.is_noticed = true;
    return std::nullopt;
  }
  const auto theirs = posted ? notices_->find(notice.name, now) : tl::unexpected(posted.error());
  if (!theirs) return std::nullopt;
  // It was taken down between two looks: the first has failed, and this may be tried.
  if (!*theirs) return std::nullopt;
  const auto json = text::parse_json((*theirs)->value);
  if (!json) return std::nullopt;
  if (text_at(*json, "digest") != wish.digest) return other_request();
  auto response = response_in(*json);
  return response ? std::move(response) : under_way();
}

void Repeats::finish(const std::string& key, const Response& response) {
  std::string digest;
  {
    const std::lock_guard lock(mutex_);
    const auto found = entries_.find(key);
    if (found == entries_.end()) return;
    found->second.response = response;
    if (found->second.is_noticed) digest = found->second.digest;
  }
  if (digest.empty()) return;
  const auto kept = notices_->replace({.name = name_of(key),
                                       .value = print_notice(digest, &response),
                                       .until = clock_.now() + kRepeatTime});
  // Too long for a notice: other servers say "under way" until it ends, and make nothing twice.
  static_cast<void>(kept);
}

void Repeats::give_up(const std::string& key) {
  bool is_noticed = false;
  {
    const std::lock_guard lock(mutex_);
    const auto found = entries_.find(key);
    if (found == entries_.end()) return;
    is_noticed = found->second.is_noticed;
    entries_.erase(found);
  }
  // A notice that stays says "under way" until it ends.
  if (is_noticed) static_cast<void>(notices_->remove(name_of(key)));
}

}  // namespace dramatis::server
