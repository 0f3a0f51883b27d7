// What a cast may cost to read.
#pragma once

#include <cstddef>

namespace dramatis::persona {

// A text of a sheet: the longest in the cast has 1.2 KiB; more than this never fits a prompt.
constexpr std::size_t kMaxTextBytes = 8 * 1024;
// A description in plain words, for an NPC without a sheet: twenty pages.
constexpr std::size_t kMaxDescriptionBytes = 64 * 1024;
// An id is a file name, too: every file system we know takes this with our longest ending.
constexpr std::size_t kMaxIdBytes = 64;
// Entries of one list: ten times the longest list of the cast.
constexpr std::size_t kMaxEntries = 256;
// A dialogues file: ten times the largest of the cast (200 KiB).
constexpr std::size_t kMaxDialoguesBytes = 4 * 1024 * 1024;
// Conversations in one file, and exchanges in one conversation: ten times what the cast has.
constexpr std::size_t kMaxDialogues = 4096;
constexpr std::size_t kMaxExchanges = 128;
// Files of one cast: a thousand characters with three files each.
constexpr std::size_t kMaxCastFiles = 4096;
// Faults told of one cast: nobody reads more, and a hostile file could hold millions.
constexpr std::size_t kMaxFindings = 200;

// Sheets saved while a cast is played; each stays in memory, 64 KiB at most: a long day of writing.
constexpr std::size_t kMaxCastChanges = 2000;

}  // namespace dramatis::persona
