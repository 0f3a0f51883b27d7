// What the engine holds beside the model.
#pragma once

#include <cstddef>

namespace dramatis::engine {

// Requests that run and wait: at two seconds a reply, sixteen at a time, the last waits half a
// minute, as long as any deadline we set.
constexpr std::size_t kMaxCallers = 128;
// Of these from one player, so that nobody is refused because of one: a quarter.
constexpr std::size_t kMaxCallersOfOne = 32;
// Sessions computed together. Each has one row of a step's 64, so half of them remain for prompts.
constexpr std::size_t kMaxSeats = 32;
// Of these for one player: half, so that there is always a seat for another within one reply.
constexpr std::size_t kMaxSeatsOfOne = 16;
// Shared pages that a sequence may have to copy before it writes: where its common beginning ends,
// and where a second reply is judged after the same prompt.
constexpr std::size_t kCopiedPages = 2;
// A persona's page outlives as many conversations' pages used since: it serves every player.
constexpr double kPersonaWorth = 8;
// Memory for keys and values when nothing else is asked: 8000 tokens of a model with 8 layers whose
// keys have 128 numbers, ...
constexpr std::size_t kDefaultKvBytes = 32 * 1024 * 1024;
// ... up to as much as eight conversations of 1024 tokens need, but no more than this, ...
constexpr std::size_t kDefaultKvTokens = 8192;
constexpr std::size_t kMostDefaultKvBytes = 256 * 1024 * 1024;
// ... unless one whole context needs more.
// Rows of one step that give logits: a row for each seat. More would only cost memory.
constexpr std::size_t kMaxLogitRows = kMaxSeats;
// What a promise of memory counts besides weights and pages: the program with its libraries, heap
// and stacks, as a limit of the address space counts them (measured with SmolLM2-135M and 2 to 32
// rows: 22 to 26 MB), ...
constexpr std::size_t kProgramBytes = 28'000'000;
// ... each token of a vocabulary, in the file's metadata and in our tables ...
constexpr std::size_t kVocabularyBytes = 300;
// ... and each token while one is drawn (a candidate of sampling/pick.cpp).
constexpr std::size_t kDrawBytes = 16;
// What a promise of memory should allow: so many conversations of so many tokens in F16, ...
constexpr std::size_t kPlannedConversations = 8;
constexpr std::size_t kPlannedTokens = 1024;
// ... and the shortest context worth talking in: a persona of 300 tokens, a short talk, a reply.
constexpr std::size_t kLeastContext = 512;
// Context when nothing else is asked, or the model's own where that is shorter: a persona, a long
// talk and a reply.
constexpr std::size_t kDefaultContext = 4096;
// A file of pages that a restart starts warm with: so many sets of adapters, whose keys are names
// and scales, ...
constexpr std::size_t kMaxKeptRoots = 64;
constexpr std::size_t kMaxKeptRootBytes = 4096;
// ... so many pages, a million tokens, and a list of them, 84 bytes each.
constexpr std::size_t kMaxKeptPages = 64 * 1024;
constexpr std::size_t kMaxKeptListBytes = 8 * 1024 * 1024;
// What such a file may take when nothing else is asked: sixteen personas of 600 tokens of a model
// with 8 layers whose keys have 128 numbers, or three of SmolLM2-135M.
constexpr std::size_t kDefaultWarmBytes = 48 * 1024 * 1024;

// Adapters of one engine: a voice for each of a large cast, ...
constexpr std::size_t kMaxAdapters = 256;
// ... and what they may take together, all in memory: a hundred of rank 16 for SmolLM2-135M.
constexpr std::size_t kMaxAdapterBytes = std::size_t{1} << 30;

// A chat template: the longest in use has 20 KiB.
constexpr std::size_t kMaxTemplateBytes = 64 * 1024;

// A JSON file of an encoder's folder: ten times the longest in use.
constexpr std::size_t kMaxEncoderJsonBytes = 64 * 1024;
// A foreign word as an error repeats it.
constexpr std::size_t kMaxShownBytes = 80;

}  // namespace dramatis::engine
