// hf:org/repo:Q8_0 -> a file of Hugging Face, with its size and hash.
#pragma once

#include <chrono>
#include <cstdint>
#include <optional>
#include <stop_token>
#include <string>
#include <string_view>

#include "base/clock.h"
#include "base/result.h"

namespace dramatis::remote {

struct HubName {
  std::string repository{};  // "org/repo"
  std::string wanted{};      // "Q8_0" or "model.Q8_0.gguf"; empty: the only one
};

// Errors: kInvalidArgument with the form.
[[nodiscard]] Result<HubName> parse_hub_name(std::string_view text);

struct HubFile {
  std::string path{};     // in the repository
  std::string address{};  // of its bytes
  std::uint64_t bytes = 0;
  std::string sha256{};  // empty where the service does not say
};

// The GGUF file that a repository's list (its JSON) holds for `name`: named exactly so, or with the
// type before .gguf, whatever the case. Errors: kNotFound and kInvalidArgument listing what there
// is; kUnsupported for a file in parts; kCorrupt.
[[nodiscard]] Result<HubFile> choose_hub_file(std::string_view list, const HubName& name,
                                              const std::string& endpoint);

struct HubContext {
  std::string endpoint = "https://huggingface.co";
  std::string trusted_pem{};  // as in DownloadRequest
};

// The same, asking the service. Errors besides: those of fetch_text.
[[nodiscard]] Result<HubFile> find_hub_file(const HubName& name, const HubContext& where,
                                            const Clock& clock, std::stop_token stop);

}  // namespace dramatis::remote
