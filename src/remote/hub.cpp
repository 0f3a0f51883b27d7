// Source: huggingface.co/docs/hub/api, "GET /api/models/{repo_id}/tree/{revision}".
#include "remote/hub.h"

#include <algorithm>

#include <fmt/format.h>

#include "remote/fetch.h"
#include "remote/limits.h"
#include "text/json.h"
#include "text/utterance.h"

namespace dramatis::remote {
namespace {

constexpr std::string_view kPlain =
    "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789-._";

// A name with its folders: in an address each byte may take three.
constexpr std::size_t kMaxRepositoryPath = 512;

std::string lower(std::string_view text) {
  std::string made(text);
  std::ranges::transform(made, made.begin(), [](char c) {
    return c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c;
  });
  return made;
}

bool is_plain_name(std::string_view name) {
  return !name.empty() && name.size() <= 96 && name.find_first_not_of(kPlain) == name.npos &&
         name.front() != '.' && name.find("..") == name.npos;
}

// Everything that is not plain as %XX; the marks between folders stay.
std::string escaped(std::string_view path) {
  std::string made;
  for (const char c : path) {
    if (kPlain.find(c) != kPlain.npos || c == '/') {
      made += c;
    } else {
      made += fmt::format("%{:02X}", static_cast<unsigned char>(c));
    }
  }
  return made;
}

// "model-00001-of-00003.gguf"
bool is_part(std::string_view path) {
  return path.find("-of-") != path.npos && path.find("-0000") != path.npos;
}

bool fits(std::string_view path, std::string_view wanted) {
  if (wanted.empty() || path == wanted) return true;
  const auto name = lower(path.substr(path.find_last_of('/') + 1));
  const auto type = lower(wanted);
  if (name == type) return true;
  for (const char mark : {'.', '-', '_'}) {
    if (name.ends_with(mark + type + ".gguf")) return true;
  }
  return name == type + ".gguf";
}

Result<HubFile> file_of(const text::Json& entry, std::string_view path, const HubName& name,
                        const std::string& endpoint) {
  HubFile file{
      .path = std::string(path),
      .address = fmt::format("{}/{}/resolve/main/{}", endpoint, name.repository, escaped(path))};
  const auto* large = entry.find("lfs");
  const auto* size = entry.find("size");
  const auto* hash = large == nullptr ? nullptr : large->find("oid");
  if (size == nullptr || size->as_int() == nullptr || *size->as_int() <= 0)
    return fail(ErrorCode::kCorrupt, fmt::format("The list of {} gives {} no size.",
                                                 name.repository, text::printable(path)));
  file.bytes = static_cast<std::uint64_t>(*size->as_int());
  if (hash != nullptr && hash->as_string() != nullptr) file.sha256 = *hash->as_string();
  return file;
}

}  // namespace

Result<HubName> parse_hub_name(std::string_view text) {
  const auto wrong = [&] {
    return fail(ErrorCode::kInvalidArgument,
                fmt::format("\"{}\" names no model; write hf:org/repo, hf:org/repo:Q8_0 or "
                            "hf:org/repo:file.gguf.",
                            text::printable(text.substr(0, 120))));
  };
  if (!text.starts_with("hf:")) return wrong();
  const auto rest = text.substr(3);
  const auto colon = std::min(rest.find(':'), rest.size());
  const auto repository = rest.substr(0, colon);
  const auto slash = repository.find('/');
  if (slash == repository.npos || !is_plain_name(repository.substr(0, slash)) ||
      !is_plain_name(repository.substr(slash + 1)))
    return wrong();
  HubName name{.repository = std::string(repository)};
  if (colon == rest.size()) return name;
  name.wanted = rest.substr(colon + 1);
  if (name.wanted.empty() || name.wanted.size() > 255 || name.wanted.find("..") != name.wanted.npos)
    return wrong();
  return name;
}

Result<HubFile> choose_hub_file(std::string_view list, const HubName& name,
                                const std::string& endpoint) {
  const auto parsed = text::parse_json(list);
  if (!parsed || parsed->as_array() == nullptr ||
      parsed->as_array()->size() > kMaxRepositoryFiles) {
    return fail(ErrorCode::kCorrupt,
                fmt::format("The list of the files of {} cannot be read.", name.repository));
  }
  std::vector<std::string> all;
  std::vector<std::pair<const text::Json*, std::string>> fitting;
  for (const auto& entry : *parsed->as_array()) {
    const auto* path = entry.find("path");
    if (path == nullptr || path->as_string() == nullptr ||
        path->as_string()->size() > kMaxRepositoryPath ||
        !lower(*path->as_string()).ends_with(".gguf") ||
        path->as_string()->find("..") != std::string::npos)
      continue;
    all.push_back(text::printable(*path->as_string()));
    if (fits(*path->as_string(), name.wanted)) fitting.emplace_back(&entry, *path->as_string());
  }
  if (fitting.size() == 1 && !is_part(fitting[0].second))
    return file_of(*fitting[0].first, fitting[0].second, name, endpoint);
  const auto listed =
      all.empty() ? "It has no GGUF file." : fmt::format("It has {}.", fmt::join(all, ", "));
  if (!fitting.empty() && is_part(fitting[0].second)) {
    return fail(ErrorCode::kUnsupported,
                fmt::format("{} keeps \"{}\" in parts, which are not read. {}", name.repository,
                            text::printable(name.wanted), listed));
  }
  if (fitting.empty()) {
    return fail(ErrorCode::kNotFound,
                fmt::format("{} has no GGUF file for \"{}\". {}", name.repository,
                            text::printable(name.wanted), listed));
  }
  return fail(ErrorCode::kInvalidArgument, fmt::format("Say which file of {}: hf:{}:TYPE. {}",
                                                       name.repository, name.repository, listed));
}

Result<HubFile> find_hub_file(const HubName& name, const HubContext& where, const Clock& clock,
                              std::stop_token stop) {
  DRAMATIS_TRY(const auto address,
               parse_address(fmt::format("{}/api/models/{}/tree/main?recursive=true",
                                         where.endpoint, name.repository)));
  DRAMATIS_TRY(const auto transport, Transport::open(Scheme::kHttps, where.trusted_pem));
  const FetchContext context{.transport = transport, .clock = clock, .stop = std::move(stop)};
  DRAMATIS_TRY(const auto list, fetch_text(context, address, kMaxAnswerBytes));
  return choose_hub_file(list, name, where.endpoint);
}

}  // namespace dramatis::remote
