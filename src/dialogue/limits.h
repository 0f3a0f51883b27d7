// What players and NPCs may ask of the service.
#pragma once

#include <chrono>
#include <cstddef>

namespace dramatis::dialogue {

// A name is shown in prompts and lists: long enough for any real one.
constexpr std::size_t kMaxNameBytes = 64;
// Players of one base name (Alice, Alice_1, ...): a script that registers without end is stopped
// here.
constexpr std::size_t kMaxNamesakes = 10'000;
// Messages of history in a prompt; prompt/ has the same bound.
constexpr std::size_t kMaxHistorySize = 1024;
// A scene is a sentence or two.
constexpr std::size_t kMaxSceneBytes = 2 * 1024;
// A reply with its thoughts: eight bytes for each of lm's most tokens.
constexpr std::size_t kMaxReplyBytes = 64 * 1024;
// An idempotency key: a UUID has 36 letters.
constexpr std::size_t kMaxKeyBytes = 128;
// Turns of one pair that wait for each other: a person sends one more while reading, a client
// retries once.
constexpr std::size_t kMaxWaitingTurns = 3;
// How long they wait: as long as a slow reply takes.
constexpr std::chrono::seconds kMaxTurnWait{60};
// Turns of one answer, and of a conversation that is supplied or branched.
constexpr std::size_t kMaxTurnsListed = 10'000;
// Replies to one message: nobody reads more, and each is kept.
constexpr std::size_t kMaxAlternatives = 32;
// Lines of the author's that an account keeps: as many as a prompt shows.
constexpr std::size_t kMaxExamplesKept = 3;
// A director's note, or a title: a paragraph, and a line.
constexpr std::size_t kMaxNoteBytes = 2 * 1024;
constexpr std::size_t kMaxTitleBytes = 200;
// Draws of a random id before we say that something is broken: two collisions in a row do not
// happen.
constexpr int kMaxIdDraws = 4;

}  // namespace dramatis::dialogue
