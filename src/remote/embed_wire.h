// Texts -> body of a request for vectors; its answer -> unit vectors. Knows no socket.
#pragma once

#include <cstddef>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"

namespace dramatis::remote {

// The JSON of a request. An empty text is sent as a space: some services refuse it.
[[nodiscard]] std::string print_embed_request(const std::string& model,
                                              std::span<const std::string> texts);

// `count` vectors of one width in the order of the texts, each divided by its length. Errors:
// kCorrupt naming the vector that is missing, twice there, of another width, no list of numbers,
// or of length 0; kUnavailable and kOverBudget for a failure told in JSON, without `key`.
[[nodiscard]] Result<std::vector<std::vector<float>>> parse_vectors(std::string_view json,
                                                                    std::size_t count,
                                                                    std::string_view key);

}  // namespace dramatis::remote
