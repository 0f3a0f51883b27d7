// Whole files in and out: regular files alone, sizes bounded, writes that are either old or new.
#pragma once

#include <cstddef>
#include <filesystem>
#include <functional>
#include <span>
#include <string>
#include <vector>

#include "base/result.h"

namespace dramatis {

// The bytes of a regular file of at most `max_bytes`.
// Errors: kNotFound; kInvalidArgument for what is no regular file; kOverBudget; kUnavailable on
// I/O.
[[nodiscard]] Result<std::string> read_text_file(const std::filesystem::path& path,
                                                 std::size_t max_bytes);
[[nodiscard]] Result<std::vector<std::byte>> read_file(const std::filesystem::path& path,
                                                       std::size_t max_bytes);

// The same into what `room` gives for the file's size; returns how many bytes came, fewer where the
// file shrank meanwhile. For files so large that filling memory with zeros first would be felt.
[[nodiscard]] Result<std::size_t> read_file_into(
    const std::filesystem::path& path, std::size_t max_bytes,
    const std::function<std::span<std::byte>(std::size_t)>& room);

// Replaces `path` by `bytes`: written beside it, synced, renamed. A reader sees the old or the new.
[[nodiscard]] Status write_file(const std::filesystem::path& path,
                                std::span<const std::byte> bytes);
// The same of `pieces` one after the other, in a file that nobody else may read.
[[nodiscard]] Status write_private_file(const std::filesystem::path& path,
                                        std::span<const std::span<const std::byte>> pieces);

}  // namespace dramatis
