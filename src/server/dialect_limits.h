// What a client of a foreign dialect may ask for.
#pragma once

#include <chrono>
#include <cstddef>

#include "server/limits.h"

namespace dramatis::server {

// Messages of a chat that a client manages: a context of 128,000 tokens filled with lines of 60.
constexpr std::size_t kMaxDialectMessages = 2048;
// Replies to one request of a client that wants several; they are made one after the other.
constexpr int kMaxReplies = 8;
// Functions offered to a model: each takes about a hundred tokens of the prompt.
constexpr std::size_t kMaxTools = 64;
// A function's name, as OpenAI has it.
constexpr std::size_t kMaxToolNameBytes = 64;
// A reply whose length nobody named: three pages, where the context holds them.
constexpr int kUsualReplyTokens = 1024;
// Tokens left free when a reply is fitted in: a chat template's own marks at both ends.
constexpr std::size_t kFittingMargin = 16;
// A name in an address or a request: "npc/" and the longest name of an NPC.
constexpr std::size_t kMaxModelNameBytes = 256;
// Conversations of a pair among which a session is looked for by its title.
constexpr std::size_t kMaxSessionsSearched = 1000;
// A name before the words of a line ("Anna: hello").
constexpr std::size_t kMaxLabelBytes = 80;
// A reply for Evennia, whose client waits for ever and has told its players that the NPC thinks
// after 2 s.
constexpr std::chrono::seconds kEvenniaTime{25};
// Talks of Evennia at once: half of the workers; more are refused at once, which it shows as a
// polite line.
constexpr std::size_t kMaxEvenniaTalks = kWorkers / 2;
// A key by which KoboldAI's clients stop a generation.
constexpr std::size_t kMaxGenerationKeyBytes = 64;

// Between two requests of a connection, where Evennia may call: its client keeps one for 240 s and
// never sends a request twice, so ours must be the longer breath.
constexpr std::chrono::seconds kPatientIdleTime{260};

}  // namespace dramatis::server
