// What a database may cost.
#pragma once

#include <chrono>
#include <cstddef>
#include <cstdint>

namespace dramatis::store {

// A writer waits this long for another process (the terminal beside the service): a hundred times a
// commit on a slow disk.
constexpr int kBusyMilliseconds = 5000;
// A database up to this size is checked page by page at start: under a second. A larger one would
// keep its owner waiting; its pages are checked as they are read.
constexpr std::uintmax_t kMaxCheckedBytes = 64 * 1024 * 1024;
// One text of a row: two thousand pages. PostgreSQL would take 1 GiB, SQLite a little less; such a
// row is nobody's speech.
constexpr std::size_t kMaxTextBytes = 16 * 1024 * 1024;
// One row, or one text on its way out of a file that somebody else may have written: every column
// at its longest does not happen, four do not either.
constexpr std::size_t kMaxRowBytes = 4 * kMaxTextBytes;
// Whoever commits takes along what others have queued meanwhile, for at most so long: less than a
// person notices, many times what a turn's statements take.
constexpr std::chrono::milliseconds kMaxGroupTime{5};
// Connections that read one SQLite file beside the writer: reads take some ten microseconds, so a
// few serve any number of turns.
constexpr std::size_t kMaxReaders = 4;
// Pages of 4 KiB in the write-ahead log after which they are moved into the file: SQLite's own
// default. Past the second number writers wait until readers let the log begin anew: 64 MiB.
constexpr int kLogPages = 1000;
constexpr int kMaxLogPages = 16 * 1024;
// Where a reader of another program holds the log so long that it has 256 MiB, nothing more is
// written: the disk would fill.
constexpr int kFullLogPages = 64 * 1024;
// Connections of one service to PostgreSQL: those that change something wait for the disk, which
// PostgreSQL asks once for all that wait at the same moment; reads do not wait behind them. Six
// services keep within the server's usual hundred.
constexpr std::size_t kMaxPostgresWriters = 12;
constexpr std::size_t kMaxPostgresReaders = 4;
// How long a call waits for a free connection, a connection for its server, a statement for its
// locks, and a statement for its end: the caller's answer is to come before its client gives up.
constexpr std::chrono::seconds kMaxPostgresWait{5};
// How often a transaction that PostgreSQL undid for the sake of another is tried again; it waits a
// random time up to the number of milliseconds, doubled each time.
constexpr int kMaxPostgresTries = 4;
constexpr std::uint64_t kPostgresJitterMilliseconds = 8;
// The name of a run of dataset: that of its recipe's file, which file systems keep shorter.
constexpr std::size_t kMaxRunNameBytes = 255;
// Rows of one table that are in memory while a database is copied: at 64 KiB each still small.
constexpr std::size_t kRowsAtOnce = 256;
// Pages of a file that are copied between two looks at whether somebody has had enough: 16 MiB.
constexpr int kPagesAtOnce = 4096;

}  // namespace dramatis::store
