// The memory of the process and of its machine.
#pragma once

#include <cstdint>
#include <filesystem>
#include <optional>

namespace dramatis::train {

// Freed memory is kept for the next tensors. Otherwise each large one goes back to the system,
// which hands it out again page by page, every page zeroed: two fifths of the time of an update.
// For programs, before they have other threads; where the C library is not glibc, nothing changes.
void keep_freed_memory();

// Bytes that the system can still give: what Linux says is available, and no more than what a
// container (cgroup 2) has left; pages of files that it would drop count as left. Nothing where
// neither is told. `root`: where /proc and /sys are.
[[nodiscard]] std::optional<std::uint64_t> available_memory(
    const std::filesystem::path& root = "/");

}  // namespace dramatis::train
