// The pages of a tree that are everybody's <-> a file of a folder.
#pragma once

#include <cstddef>
#include <filesystem>
#include <memory>
#include <string>

#include "base/result.h"
#include "engine/page_file.h"
#include "engine/page_tree.h"
#include "model/kv_pool.h"

namespace dramatis::engine {

// Where pages outlive the process.
struct WarmPlace {
  std::filesystem::path folder{};  // empty: nowhere
  std::size_t max_bytes = 0;       // of a file; larger: more personas start warm
};

// What a start found there.
struct WarmStart {
  std::size_t pages = 0;  // that need not be computed again
  std::string refused{};  // why a file that is there was not used, or not all of it; else empty
};

// Hangs the pages of the file in `tree`, as many as leave half of `pool` free. A file that is not
// there is no reason to say anything; one that is not as it must be is left alone, and no page of
// it is used. So is a folder that others may write to. Never fails: without it, all is computed.
[[nodiscard]] WarmStart read_warm_pages(const WarmPlace& place, const PageKind& kind,
                                        const std::shared_ptr<model::KvPool>& pool, PageTree& tree);

// Replaces the file by the pages of `tree` that are everybody's, those used last where not all may
// stay. Nobody else can read it. Makes the folder. Errors: kUnavailable on I/O; kForbidden for a
// folder that others may write to.
[[nodiscard]] Status write_warm_pages(const WarmPlace& place, const PageKind& kind,
                                      const PageTree& tree);

}  // namespace dramatis::engine
