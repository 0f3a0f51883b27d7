#include "train/memory.h"

#include <gtest/gtest.h>

#include "base/testing/scratch_folder.h"

namespace dramatis::train {
namespace {

constexpr std::string_view kMeminfo =
    "MemTotal:       16315412 kB\nMemFree:          100 kB\nMemAvailable:    8000 kB\n";

TEST(Memory, WhatLinuxSaysIsAvailable) {
  const ScratchFolder root;
  root.write("proc/meminfo", kMeminfo);
  EXPECT_EQ(available_memory(root.path()), 8'192'000U);
}

TEST(Memory, AContainerHasWhatItsLimitLeaves) {
  const ScratchFolder root;
  root.write("proc/meminfo", kMeminfo);
  root.write("sys/fs/cgroup/memory.max", "5000000\n");
  root.write("sys/fs/cgroup/memory.current", "4000000\n");
  EXPECT_EQ(available_memory(root.path()), 1'000'000U);
  root.write("sys/fs/cgroup/memory.stat", "anon 1\nfile 7\ninactive_file 500000\nslab 3\n");
  EXPECT_EQ(available_memory(root.path()), 1'500'000U);
  root.write("sys/fs/cgroup/memory.current", "6000000\n");
  EXPECT_EQ(available_memory(root.path()), 0U);
}

TEST(Memory, AContainerWithoutALimitHasAll) {
  const ScratchFolder root;
  root.write("proc/meminfo", kMeminfo);
  root.write("sys/fs/cgroup/memory.max", "max\n");
  root.write("sys/fs/cgroup/memory.current", "4000000\n");
  EXPECT_EQ(available_memory(root.path()), 8'192'000U);
}

TEST(Memory, IsUnknownWhereNothingTells) {
  const ScratchFolder root;
  EXPECT_FALSE(available_memory(root.path()).has_value());
  root.write("proc/meminfo", "MemAvailable: much\n");
  EXPECT_FALSE(available_memory(root.path()).has_value());
}

}  // namespace
}  // namespace dramatis::train
