// Requests of a few routes, one after the other.
#include "service.h"

#include <cstdlib>
#include <vector>

#include <fmt/format.h>
#include <fmt/ranges.h>

#include "base/bytes.h"
#include "base/files.h"
#include "formats/limits.h"
#include "remote/key.h"
#include "text/utterance.h"

namespace dramatis::app {
namespace {

// For a connection; ...
constexpr std::chrono::seconds kConnectTime{15};
// ... and for an answer: a file of 64 MB over a slow line, and its reading there.
constexpr std::chrono::seconds kAnswerTime{120};
// Of an answer: the list of some thousand NPCs.
constexpr std::uint64_t kMostAnswerBytes = 8 * 1024 * 1024;

const std::string* text_at(const text::Json* json, std::string_view key) {
  const text::Json* found = json == nullptr ? nullptr : json->find(key);
  return found == nullptr ? nullptr : found->as_string();
}

ErrorCode code_of(int status) {
  if (status == 400) return ErrorCode::kInvalidArgument;
  if (status == 401 || status == 403 || status == 421) return ErrorCode::kRefused;
  if (status == 404) return ErrorCode::kNotFound;
  if (status == 409) return ErrorCode::kConflict;
  if (status == 413) return ErrorCode::kOverBudget;
  if (status == 422) return ErrorCode::kUnsupported;
  return ErrorCode::kUnavailable;
}

// What the service says of itself where it is no success, and what to do where that is ours.
tl::unexpected<Error> refusal(int status, const std::string& body, const remote::Url& url) {
  const auto problem = text::parse_json(body);
  const text::Json* json = problem ? &*problem : nullptr;
  const std::string* detail = text_at(json, "detail");
  if (detail == nullptr) detail = text_at(json, "title");
  std::string mend;
  if (status == 401 || status == 403)
    mend = " Name an owner's key with --serve-key-file or --serve-key-variable.";
  if (status == 404 && detail == nullptr) mend = " Is it a Dramatis of this version?";
  return fail(
      code_of(status),
      fmt::format("{} answers {}: {}{}", url.authority(), status,
                  detail == nullptr ? "it says nothing more." : text::printable(*detail), mend));
}

Result<std::string> key_of(const ServeArgs& args) {
  remote::KeySource source{.variable = args.key_variable, .file = args.key_file};
  const char* usual = std::getenv("DRAMATIS_SERVE_KEY_FILE");
  if (source.variable.empty() && source.file.empty() && usual != nullptr) source.file = usual;
  if (source.variable.empty() && source.file.empty()) return std::string();
  return remote::read_key(source);
}

// An NPC of the list as people name it.
bool is_called(const text::Json& npc, std::string_view wanted) {
  const text::Json* settings = npc.find("settings");
  for (const std::string* known :
       {text_at(&npc, "npc_id"), text_at(&npc, "name"), text_at(settings, "character")}) {
    if (known != nullptr && *known == wanted) return true;
  }
  return false;
}

}  // namespace

Result<ServiceClient> ServiceClient::open(const ServeArgs& args, const Clock& clock,
                                          std::stop_token stop) {
  DRAMATIS_TRY(auto url, remote::parse_url(args.address));
  DRAMATIS_TRY(auto transport, remote::Transport::open(url.scheme, ""));
  ServiceClient client(std::move(url), std::move(transport), clock, std::move(stop));
  DRAMATIS_TRY(client.key_, key_of(args));
  client.model_ = args.model;
  DRAMATIS_TRY(const auto all, client.ask({.method = "GET", .path = "/v1/adapters"}));
  if (all.find("adapters") == nullptr) {
    return fail(ErrorCode::kUnsupported,
                fmt::format("{} is a service of another kind: it has no list of adapters.",
                            client.url_.authority()));
  }
  if (!args.npc.empty()) DRAMATIS_DO(client.find_npc(args.npc));
  return client;
}

Status ServiceClient::find_npc(const std::string& wanted) {
  DRAMATIS_TRY(const auto answer, ask({.method = "GET", .path = "/v1/npcs"}));
  const text::Json* list = answer.find("npcs");
  std::vector<std::string> found;
  std::string model;
  if (list != nullptr && list->as_array() != nullptr) {
    for (const text::Json& npc : *list->as_array()) {
      const std::string* id = text_at(&npc, "npc_id");
      if (id == nullptr || !is_called(npc, wanted)) continue;
      found.push_back(text::printable(*id));
      if (const std::string* own = text_at(npc.find("settings"), "model")) model = *own;
    }
  }
  if (found.size() != 1) {
    return fail(
        found.empty() ? ErrorCode::kNotFound : ErrorCode::kInvalidArgument,
        found.empty()
            ? fmt::format("{} has no NPC '{}'; --serve-npc takes its id, its character or "
                          "its name as GET /v1/npcs has them.",
                          url_.authority(), text::printable(wanted))
            : fmt::format("{} has several NPCs '{}': {}. Name one by its id.", url_.authority(),
                          text::printable(wanted), fmt::join(found, ", ")));
  }
  npc_ = found.front();
  if (model_.empty()) model_ = model;
  return {};
}

Result<std::string> ServiceClient::give(const std::string& name,
                                        const std::filesystem::path& file) const {
  DRAMATIS_TRY(const auto bytes, read_file(file, formats::kMaxAdapterBytes));
  const std::string query = model_.empty() ? std::string() : "?model=" + model_;
  const auto put = ask({.method = "PUT",
                        .path = fmt::format("/v1/adapters/{}{}", name, query),
                        .type = "application/octet-stream",
                        .body = std::string(as_text(bytes))});
  if (!put && put.error().code == ErrorCode::kOverBudget) {
    return fail(ErrorCode::kOverBudget,
                fmt::format("{} A larger file is copied by hand: {} into the service's folder of "
                            "adapters as {}.gguf; then POST /v1/adapters loads it.",
                            put.error().what, file.string(), name));
  }
  if (!put) return tl::unexpected(put.error());
  text::JsonObject wish{{"name", name}};
  if (!model_.empty()) wish.emplace_back("model", model_);
  DRAMATIS_TRY(const auto loaded, ask({.method = "POST",
                                       .path = "/v1/adapters",
                                       .type = "application/json",
                                       .body = text::print_json(text::Json(std::move(wish)))}));
  std::string told = fmt::format("{} has the adapter {}", url_.authority(), name);
  const text::Json* models = loaded.find("loaded");
  if (models != nullptr && models->as_array() != nullptr) {
    for (const text::Json& one : *models->as_array()) {
      const std::string* model = text_at(&one, "model");
      const std::string* checksum = text_at(&one, "checksum");
      if (model != nullptr && checksum != nullptr)
        told += fmt::format(" ({}, {})", text::printable(*model), text::printable(*checksum));
    }
  }
  if (npc_.empty()) return told + ".";
  const text::JsonObject change{{"adapters", text::JsonArray{text::JsonObject{{"name", name}}}}};
  DRAMATIS_TRY(const auto npc, ask({.method = "PATCH",
                                    .path = "/v1/npcs/" + npc_,
                                    .type = "application/json",
                                    .body = text::print_json(text::Json(change))}));
  const std::string* called = text_at(&npc, "name");
  return fmt::format("{}; {} ({}) speaks with it.", told,
                     called == nullptr ? "the NPC" : text::printable(*called), npc_);
}

Result<text::Json> ServiceClient::ask(const Asked& asked) const {
  remote::Headers headers{{"User-Agent", "dramatis-train"}, {"Accept", "application/json"}};
  if (!key_.empty()) headers.emplace_back("Authorization", "Bearer " + key_);
  if (!asked.type.empty()) headers.emplace_back("Content-Type", asked.type);
  remote::Exchange exchange(transport_, stop_, kMostAnswerBytes);
  if (auto reached = exchange.connect(url_, clock_->steady() + kConnectTime); !reached)
    return tl::unexpected(std::move(reached).error().error);
  const SteadyTime until = clock_->steady() + kAnswerTime;
  const std::string path = url_.path + asked.path;
  auto head = asked.method == "GET" ? exchange.get(path, headers, until)
                                    : exchange.send(asked.method, path, headers, asked.body, until);
  if (!head) return tl::unexpected(std::move(head).error().error);
  std::string body;
  for (;;) {
    auto piece = exchange.read(until);
    if (!piece) return tl::unexpected(std::move(piece).error().error);
    if (piece->kind == remote::Piece::Kind::kTimeUp) {
      return fail(ErrorCode::kDeadline,
                  fmt::format("{} stopped in the middle of an answer.", url_.authority()));
    }
    if (piece->kind == remote::Piece::Kind::kEnd) break;
    body += piece->bytes;
  }
  if (head->status < 200 || head->status > 299) return refusal(head->status, body, url_);
  auto json = text::parse_json(body);
  if (!json) {
    return fail(ErrorCode::kCorrupt, fmt::format("{} answers {} with no JSON: is it a Dramatis?",
                                                 url_.authority(), head->status));
  }
  return *std::move(json);
}

}  // namespace dramatis::app
