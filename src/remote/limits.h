// What a service that we call may cost us.
#pragma once

#include <chrono>
#include <cstddef>
#include <cstdint>

namespace dramatis::remote {

// A line of an event stream: a chunk has under 1 KiB; the widest, with log-probabilities, about 20.
constexpr std::size_t kMaxLineBytes = 256 * 1024;
// An event of several data lines: four of the longest lines.
constexpr std::size_t kMaxEventBytes = 1024 * 1024;
// A whole answer: lm's longest reply as chunks of one token with 1 KiB of wrapping each, twice
// over.
constexpr std::size_t kMaxResponseBytes = 16 * 1024 * 1024;
// An answer in one piece: lm's longest reply with every letter escaped; text/ reads no more anyway.
constexpr std::size_t kMaxAnswerBytes = 4 * 1024 * 1024;
// The body of a refusal, of which one sentence is used.
constexpr std::size_t kMaxRefusalBytes = 64 * 1024;
// That sentence.
constexpr std::size_t kMaxRefusalWords = 200;
// The header of an answer: cookies and tracing of a large provider have about 4 KiB.
constexpr std::size_t kMaxHeaderBytes = 16 * 1024;
// Text of one token: the longest words of common vocabularies have 16 to 32 bytes; runs of spaces
// have more.
constexpr std::size_t kMaxBytesPerToken = 32;
// A reply may be this long however few tokens were asked for, so that rounding never cuts a short
// one.
constexpr std::size_t kMinReplyBytes = 4 * 1024;
// Token counts which a service reports: the largest context known is ten times smaller.
constexpr std::size_t kMaxReportedTokens = 100'000'000;
// Stop strings sent along: OpenAI refuses a fifth. All of them are enforced here too.
constexpr std::size_t kMaxStopStringsSent = 4;
// Sendings of one request: the first and two more, as the reference client does.
constexpr int kMaxAttempts = 3;
// A Retry-After past this is no wait for a player: the error says so at once.
constexpr std::chrono::seconds kMaxRetryAfter{60};
// The longest pause of ours between two attempts.
constexpr std::chrono::seconds kMaxBackoff{8};
// Names being looked up at once: a resolver that hangs holds one thread each, for its own 5 to 30
// s.
constexpr int kMaxLookups = 16;
// A key: the longest known, a signed token, has about 2 KiB.
constexpr std::size_t kMaxKeyBytes = 8 * 1024;
// A base address.
constexpr std::size_t kMaxUrlBytes = 2 * 1024;
// The query of an address that a download is sent on to: signatures have about 2 KiB.
constexpr std::size_t kMaxQueryBytes = 8 * 1024;
// Hosts that one download is sent on to: Hugging Face needs two.
constexpr int kMaxRedirects = 5;
// A file that is downloaded: four times the largest model that fits into the memory we are made
// for.
constexpr std::uint64_t kMaxDownloadBytes = std::uint64_t{16} << 30;
// Connections of one download, and how many of them in a row may bring nothing.
constexpr int kMaxDownloadAttempts = 100;
constexpr int kMaxIdleAttempts = 4;
// What is kept beside a download that has not ended.
constexpr std::size_t kMaxPartNotes = 16 * 1024;
// Files of a repository that are looked through.
constexpr std::size_t kMaxRepositoryFiles = 10'000;
// The name of a model at a service: the longest repository names have about 100 bytes.
constexpr std::size_t kMaxModelName = 256;
// Of an address in a sentence about it.
constexpr std::size_t kMaxShownAddress = 200;
// How long a service is given to hear that nobody waits for a request any more: within a second of
// a player's leaving, as for hanging up.
constexpr std::chrono::seconds kAbortPatience{1};
// Tokens that a chat template may add to a prompt, and that a service may count beyond what was
// asked for, before its own count is not believed.
constexpr std::size_t kUsageSlack = 4096;
// Failures in a row that open a breaker: the first is chance, a fifth is none.
constexpr int kBreakerRow = 5;
// Or half of at least so many within the window: fewer would be chance.
constexpr std::size_t kBreakerSample = 20;
constexpr std::chrono::seconds kBreakerWindow{60};
// Outcomes that are remembered of it.
constexpr std::size_t kBreakerMemory = 512;
// Good trials that close it again.
constexpr int kBreakerTrials = 3;
// How long it stays open the first time, and at most: a restarted service is back within seconds,
// and one that is away for hours is asked once a minute.
constexpr std::chrono::seconds kBreakerPause{1};
constexpr std::chrono::seconds kMaxBreakerPause{60};
// How long a service is left alone that an operator has to mend (key, balance, address): a request
// each five minutes costs nothing, and nobody has to say that it is mended.
constexpr std::chrono::minutes kOperatorPause{5};
// A pause that a service asks for is obeyed up to this; nobody waits for it that long.
constexpr std::chrono::hours kMaxRest{1};
// Services of one model.
constexpr std::size_t kMaxEndpoints = 64;
// Requests at one service at once: more connections than this are a mistake in a settings file.
constexpr std::size_t kMaxInFlight = 10'000;
// Callers that wait for a place at a model's services; the next one is refused.
constexpr std::size_t kMaxWaiting = 1'000;
// Sendings beyond the first: a tenth of all requests, and so many more for a quiet service whose
// first failures would else find none. A service in trouble gets no storm on top.
constexpr double kRetryShare = 0.1;
constexpr double kRetryReserve = 10;
// A deadline that passes sooner says nothing about the service.
constexpr std::chrono::seconds kFairWait{5};
// A service that nobody asked for this long is asked for a sign of life, which it gives within:
constexpr std::chrono::seconds kPulseInterval{30};
constexpr std::chrono::seconds kPulsePatience{5};
// Tokens that a chat template puts around a message, at most.
constexpr std::size_t kMarksOfMessage = 16;
// Headers that an operator adds to each request.
constexpr std::size_t kMaxExtraHeaders = 32;
// Texts in one request for vectors: their answer, of 4096 numbers with 20 letters each, is within
// kMaxAnswerBytes.
constexpr std::size_t kMaxTextsSent = 32;
// Numbers of one vector: the widest in use have 4096.
constexpr std::size_t kMaxVectorWidth = 16 * 1024;

}  // namespace dramatis::remote
