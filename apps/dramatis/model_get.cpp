// dramatis model get: a name or an address -> a checked file in a folder of models.
#include <chrono>
#include <cstdio>

#include <fmt/format.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/files.h"
#include "commands.h"
#include "model_file.h"
#include "places.h"
#include "remote/address.h"
#include "remote/download.h"
#include "remote/hub.h"
#include "text/utterance.h"

namespace dramatis::app {
namespace {

namespace fs = std::filesystem;

// Certificates of all authorities together have 250 KiB.
constexpr std::size_t kMaxCertificateBytes = 4 * 1024 * 1024;

// The last part of an address, as a file's name. Errors: kInvalidArgument where it is no .gguf.
Result<std::string> name_in(std::string_view path) {
  const std::string name(path.substr(path.find_last_of('/') + 1));
  const bool is_plain = name.find_first_of("\\%") == std::string::npos && !name.starts_with('.') &&
                        name.size() <= 200 && name.ends_with(".gguf");
  if (is_plain) return name;
  return fail(ErrorCode::kInvalidArgument,
              fmt::format("\"{}\" is not the name of a .gguf file.", text::printable(name)));
}

// A line that is written over itself, on a terminal; every tenth of a second at most.
class Meter {
 public:
  void show(std::uint64_t here, std::uint64_t all) {
    if (isatty(STDERR_FILENO) == 0) return;
    const auto now = std::chrono::steady_clock::now();
    if (now - last_ < std::chrono::milliseconds(100) && here != all) return;
    last_ = now;
    if (all == 0) {
      fmt::print(stderr, "\r{}  ", shown_bytes(here));
    } else {
      fmt::print(stderr, "\r{} of {}, {} %  {}", shown_bytes(here), shown_bytes(all),
                 100 * here / all, here == all ? "\n" : "");
    }
    std::fflush(stderr);
  }

 private:
  std::chrono::steady_clock::time_point last_{};
};

// What comes may be anything; a file without the magic is no model.
Status check_magic(const fs::path& path) {
  std::FILE* file = std::fopen(path.c_str(), "rb");
  if (file == nullptr)
    return fail(ErrorCode::kUnavailable, fmt::format("{} cannot be read.", path.string()));
  char magic[4] = {};
  const auto got = std::fread(magic, 1, sizeof magic, file);
  std::fclose(file);
  if (got == sizeof magic && std::string_view(magic, got) == "GGUF") return {};
  std::error_code ignored;  // what cannot be removed is named in the error all the same
  fs::remove(path, ignored);
  return fail(ErrorCode::kCorrupt,
              fmt::format("What came is no GGUF file; {} was removed.", path.string()));
}

Status get(const GetArgs& args) {
  const SystemClock clock;
  remote::DownloadRequest request{.sha256 = args.sha256};
  if (!args.certificates.empty()) {
    DRAMATIS_TRY(request.trusted_pem, read_text_file(args.certificates, kMaxCertificateBytes));
  }
  std::string path;
  if (args.what.starts_with("hf:")) {
    DRAMATIS_TRY(const auto name, remote::parse_hub_name(args.what));
    DRAMATIS_TRY(
        const auto file,
        remote::find_hub_file(name, {.endpoint = args.endpoint, .trusted_pem = request.trusted_pem},
                              clock, {}));
    request.address = file.address;
    request.bytes = file.bytes;
    if (request.sha256.empty()) request.sha256 = file.sha256;
    path = file.path;
  } else {
    if (args.what.find("://") == std::string::npos) {
      return fail(ErrorCode::kInvalidArgument,
                  fmt::format("\"{}\" is no model to fetch. Write hf:org/repo:Q8_0 for a file of "
                              "Hugging Face's, or the address of a .gguf file.",
                              text::printable(args.what)));
    }
    DRAMATIS_TRY(const auto address, remote::parse_address(args.what));
    request.address = args.what;
    path = address.url.path;
  }
  DRAMATIS_TRY(const auto name, name_in(path));
  const auto folder = args.folder.empty() ? user_models() : args.folder;
  std::error_code failed;
  fs::create_directories(folder, failed);
  if (failed) {
    return fail(ErrorCode::kUnavailable,
                fmt::format("{} cannot be made: {}.", folder.string(), failed.message()));
  }
  request.to = folder / name;
  if (!args.replaces && fs::exists(request.to, failed)) {
    return fail(ErrorCode::kConflict,
                fmt::format("{} is there already. --force replaces it.", request.to.string()));
  }
  Meter meter;
  request.progress = [&meter](std::uint64_t here, std::uint64_t all) { meter.show(here, all); };
  DRAMATIS_TRY(const auto done, remote::download(request, clock, {}));
  DRAMATIS_DO(check_magic(request.to));
  fmt::print("{}: {}, SHA-256 {}{}\n", text::printable(request.to.string()),
             shown_bytes(done.bytes), done.sha256,
             done.is_verified ? ", as expected" : "; nobody told what it should be");
  return {};
}

}  // namespace

int run_model_get(const GetArgs& args) {
  const auto went = get(args);
  return went ? 0 : complain(went.error());
}

}  // namespace dramatis::app
