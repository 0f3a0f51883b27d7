// A file of the web -> a file here: in pieces, over as many connections as it takes, checked.
#pragma once

#include <chrono>
#include <cstdint>
#include <filesystem>
#include <functional>
#include <optional>
#include <stop_token>
#include <string>

#include "base/clock.h"
#include "base/result.h"
#include "remote/limits.h"

namespace dramatis::remote {

struct DownloadRequest {
  std::string address{};
  std::filesystem::path to{};  // is replaced when all of it is here and right
  std::string sha256{};        // 64 hexadecimal digits; empty: as the service says, if it does
  std::optional<std::uint64_t> bytes{};  // nothing: as the service says
  std::uint64_t most_bytes = kMaxDownloadBytes;
  std::string trusted_pem{};  // certificates to trust instead of the system's
  std::chrono::milliseconds connect_timeout{15'000};
  std::chrono::milliseconds idle_timeout{30'000};  // without a byte
  std::chrono::milliseconds retry_pause{2'000};    // between connections that brought nothing
  // Told as bytes come in: how many are here, and of how many (0: not known). May be empty.
  std::function<void(std::uint64_t here, std::uint64_t all)> progress{};
};

struct Download {
  std::uint64_t bytes = 0;
  std::uint64_t found = 0;   // of them, here from an earlier attempt
  std::string sha256{};      // of what is here now
  bool is_verified = false;  // somebody told the hash before
};

// What has come is kept beside the file (".part", with notes in ".part.json") when the line breaks
// or the process ends; the next call goes on from there if the service still has the same file
// (If-Range with its ETag), and begins anew if not. Errors: kRefused for an address or a redirect
// that cannot be trusted; kCorrupt for a wrong length or hash (then what came is thrown away);
// kOverBudget; kNotFound; kConflict while another download of the file runs; kUnavailable and
// kDeadline when the line broke too often; kCancelled. Threads: any, one for each file.
[[nodiscard]] Result<Download> download(const DownloadRequest& request, const Clock& clock,
                                        std::stop_token stop);

}  // namespace dramatis::remote
