#include "train/memory.h"

#include <algorithm>
#include <cstdlib>  // says whether this is glibc
#include <fstream>
#include <limits>
#include <string>

#if defined(__GLIBC__)
#include <malloc.h>
#endif

namespace dramatis::train {
namespace {

// The number after `name` at the beginning of a line.
std::optional<std::uint64_t> number_after(const std::filesystem::path& file,
                                          const std::string& name) {
  std::ifstream lines(file);
  std::string word;
  std::uint64_t number = 0;
  while (lines >> word) {
    if (word == name && lines >> number) return number;
    lines.clear();
    lines.ignore(std::numeric_limits<std::streamsize>::max(), '\n');
  }
  return std::nullopt;
}

// The number that a file consists of; "max" is none.
std::optional<std::uint64_t> number_in(const std::filesystem::path& file) {
  std::uint64_t number = 0;
  if (std::ifstream(file) >> number) return number;
  return std::nullopt;
}

}  // namespace

void keep_freed_memory() {
#if defined(__GLIBC__)
  // One arena that only grows, in steps of 64 MB.
  mallopt(M_ARENA_MAX, 1);
  mallopt(M_MMAP_MAX, 0);
  mallopt(M_TRIM_THRESHOLD, std::numeric_limits<int>::max());
  mallopt(M_TOP_PAD, 64 << 20);
#endif
}

std::optional<std::uint64_t> available_memory(const std::filesystem::path& root) {
  auto available = number_after(root / "proc/meminfo", "MemAvailable:");
  if (available) *available *= 1024;
  const auto group = root / "sys/fs/cgroup";
  const auto most = number_in(group / "memory.max");
  const auto used = number_in(group / "memory.current");
  if (!most || !used) return available;
  const auto files = number_after(group / "memory.stat", "inactive_file").value_or(0);
  const std::uint64_t held = *used - std::min(*used, files);
  const std::uint64_t left = *most - std::min(*most, held);
  return available ? std::min(*available, left) : left;
}

}  // namespace dramatis::train
