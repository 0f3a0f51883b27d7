// What a piece of foreign text may cost.
#pragma once

#include <cstddef>

namespace dramatis::text {

// A message of one player: about two pages; more is a paste, not speech, and would crowd out the
// history.
constexpr std::size_t kMaxUtteranceBytes = 8 * 1024;
// JSON from outside: nesting deeper than any of our documents by a factor of three; the parser
// recurses.
constexpr std::size_t kMaxJsonDepth = 32;
// JSON from outside: the largest request body is a pair of sheets (64 KiB each) with room to spare.
constexpr std::size_t kMaxJsonBytes = 8 * 1024 * 1024;
// A sheet: the longest in the cast has 30 KiB.
constexpr std::size_t kMaxYamlBytes = 1024 * 1024;
constexpr std::size_t kMaxYamlDepth = 16;
// Nodes of a YAML document after aliases are refused: one per 4 bytes of the largest sheet.
constexpr std::size_t kMaxYamlNodes = 256 * 1024;
// PCRE2 steps for one match: tokenizer patterns need a few per character of a bounded text.
constexpr unsigned kMaxRegexSteps = 10'000'000;
// What one record costs in a journal: a reply of a conversation with every byte escaped.
constexpr std::size_t kMaxRecordBytes = std::size_t{512} * 1024;
// A journal of our own, read whole: ten thousand lines of a talk, or as many answers of a model.
constexpr std::size_t kMaxJournalBytes = std::size_t{64} * 1024 * 1024;

}  // namespace dramatis::text
