// What a peer on the network may cost us.
#pragma once

#include <chrono>
#include <cstddef>
#include <cstdint>

namespace dramatis::server {

// The head of a request: a browser with many cookies sends 4 KiB, proxies add one.
constexpr std::size_t kMaxHeaderBytes = 16 * 1024;
// Its lines: browsers send about 20.
constexpr std::size_t kMaxHeaderLines = 100;
// Method, path and query: our longest path and two ids have under 200 bytes.
constexpr std::size_t kMaxTargetBytes = 2 * 1024;
// The body: the largest is two sheets in JSON (64 KiB each, every letter escaped: 768 KiB).
constexpr std::size_t kMaxBodyBytes = 1024 * 1024;
// A body of the routes that take files: an adapter of rank 64 for SmolLM2-135M in F16 has 40 MB. A
// larger one is put into the folder by hand.
constexpr std::size_t kMaxUploadBytes = 64 * 1024 * 1024;
// Bytes of bodies beyond kMaxBodyBytes that arrive at once, of all callers: three such files.
constexpr std::size_t kMaxArrivingBytes = 192 * 1024 * 1024;
// Files in the folder of adapters that are told of, and with that many no new one is taken: four
// for each that an engine holds.
constexpr std::size_t kMaxAdapterFiles = 1024;
// The name of an adapter, which is a file's without its ending: as the name of a model.
constexpr std::size_t kMaxAdapterNameBytes = 64;
// From the first byte of a request (or from accepting) to the end of its head, however it drips.
constexpr std::chrono::seconds kHeaderTime{10};
// From there to the end of its body.
constexpr std::chrono::seconds kBodyTime{30};
// Between two requests of a connection.
constexpr std::chrono::seconds kIdleTime{60};
// For the bytes of an answer to leave; then the reader counts as gone.
constexpr std::chrono::seconds kStallTime{15};
// After the last answer of a connection, for the peer to take it and hang up.
constexpr std::chrono::seconds kFarewellTime{1};
// Between two signs of life of a quiet stream: proxies cut silence after 30 to 60 s.
constexpr std::chrono::seconds kPingTime{15};
// Bytes of a stream that wait for a slow reader, those on their way included: with its turn and all
// else that is held for it, one whose reader stalls costs about 65 KiB.
constexpr std::size_t kMaxQueuedBytes = 46 * 1024;
// Where no more than this waits, a piece may have any length: the last event of a stream holds the
// whole reply, which has 64 KiB at most.
constexpr std::size_t kMaxBeforeAnyPiece = 2 * 1024;
// Bytes of long answers that are on their way to all readers together: a page of history has 32 MiB
// at most, and whoever does not read one holds it for kStallTime.
constexpr std::size_t kMaxLeavingBytes = 256 * 1024 * 1024;
// Bytes that the kernel takes before the peer's window has room for them; SO_SNDBUF may be
// megabytes.
constexpr int kMaxUnsentBytes = 16 * 1024;
// Read at once: a request without a long body. Each connection holds as many.
constexpr std::size_t kReadBytes = 2 * 1024;
// Bytes read and thrown away so that a refusal arrives before the connection is reset.
constexpr std::size_t kMaxDrainedBytes = 256 * 1024;
// Connections: each costs about 8 KiB, and 46 KiB more where its reader stalls. `serve` takes fewer
// where the process has fewer descriptors.
constexpr std::size_t kMaxConnections = 6000;
// Requests of one connection: then it is closed, so that load balancing can move it.
constexpr int kMaxRequestsPerConnection = 1000;
// Threads that answer, started as they are needed; each may wait for one model. A waiting one
// costs about 40 KiB; what a model cannot take it refuses itself.
constexpr std::size_t kWorkers = 1400;
// Requests that wait for such a thread; more are refused at once with 503.
constexpr std::size_t kMaxWaitingRequests = 64;
// Network threads: they copy bytes and never compute.
constexpr std::size_t kNetworkThreads = 2;
// Pause before accepting again when descriptors have run out.
constexpr std::chrono::milliseconds kAcceptPause{100};
// A reply, from its request to its last word.
constexpr std::chrono::seconds kTurnTime{120};
// What runs when the service is told to stop may take this long to end by itself.
constexpr std::chrono::seconds kDrainTime{10};
// The key of the service: 32 random bytes in hexadecimal have 64 letters.
constexpr std::size_t kMaxKeyBytes = 256;
// A message of a WebSocket: the longest thing said has 8 KiB, every letter escaped 48.
constexpr std::size_t kMaxSocketMessageBytes = 64 * 1024;
// Bytes that come without making a message whole: one message in frames of 64 bytes, and as many
// pings as are allowed.
constexpr std::size_t kMaxSocketUnheardBytes = 128 * 1024;
// Pings and pongs between two looks (10 in a second): browsers send none, libraries one in 20 s.
constexpr int kMaxSocketControls = 5;
// Between two looks at a WebSocket: a revoked key closes it within this time and the ring's age.
constexpr std::chrono::milliseconds kSocketTick{500};
// For a peer to answer a close.
constexpr std::chrono::seconds kSocketCloseTime{5};
// A client's word for a turn on a WebSocket: a UUID has 36 bytes.
constexpr std::size_t kMaxFrameIdBytes = 100;
// Turns under way on one WebSocket; a client that serves more players opens a second one.
constexpr std::size_t kMaxSocketTurns = 64;

// Turns under way and ended lately: more than there are workers, twice.
constexpr std::size_t kMaxTurnsUnderway = 4096;
// A turn that ended is remembered with its words or its failure for a client that polls.
constexpr std::chrono::minutes kTurnKeptTime{5};
// Answers that wait for their request to come again, about 1 KiB each.
constexpr std::size_t kMaxRepeats = 10'000;
// A client that got no answer asks again within seconds, or after it was restarted.
constexpr std::chrono::minutes kRepeatTime{10};
// Behind the longest that a turn may take: whoever makes it has ended by then, or is no more.
constexpr std::chrono::seconds kTurnSlack{10};
// Conversations or turns of one page, and as many as a client gets that does not say.
constexpr std::int64_t kMaxPage = 500;
constexpr std::int64_t kUsualPage = 50;

// Versions of one sheet that are kept; each save adds one, and people look back a day or two.
constexpr std::size_t kMaxSheetVersions = 100;
// A portrait: 512 x 512 pixels of PNG have half of this.
constexpr std::size_t kMaxPortraitBytes = 1024 * 1024;

// Talks of NPCs that run at once: each has a thread that waits for the model, and the model serves
// players first.
constexpr std::size_t kMaxArenasAtOnce = 64;
// Talks of which it is remembered how their last run ended.
constexpr std::size_t kMaxArenasKept = 256;
// Streams of such talks; each holds one of the threads that answer.
constexpr std::size_t kMaxArenaWatchers = 128;
// Lines of one run: an evening's. Whoever wants more asks again.
constexpr std::int64_t kMaxArenaLines = 1000;

}  // namespace dramatis::server
