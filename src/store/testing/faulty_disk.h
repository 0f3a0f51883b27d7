// A disk that fails when a test says so, and that may lose power: it stands between SQLite and its
// files for as long as it lives.
#pragma once

#include <algorithm>
#include <array>
#include <cstdint>
#include <filesystem>
#include <fstream>
#include <functional>
#include <map>
#include <mutex>
#include <new>
#include <optional>
#include <string>

#include <sqlite3.h>

#include "base/check.h"
#include "base/random.h"

namespace dramatis::store::testing {

enum class DiskFault {
  kWriteFails,  // nothing of it arrives
  kWritesHalf,  // half of it arrives
  kDiskFull,    // likewise, and SQLite is told why
  kSyncFails,   // and what was to be synced never arrives, whoever asks again
};

// Databases that are opened while it lives, and closed before it dies, lie on it. It never waits
// for the real disk. Thread-safe.
class FaultyDisk {
 public:
  enum class Lasting { kOnce, kUntilMended };
  // What a cut leaves: a process that is killed leaves all that it wrote.
  enum class Cut { kProcess, kPower };

  FaultyDisk() : real_(sqlite3_vfs_find(nullptr)) {
    vfs_ = *real_;
    vfs_.zName = "dramatis-faulty";
    vfs_.szOsFile = static_cast<int>(sizeof(File)) + real_->szOsFile;
    vfs_.pAppData = this;
    vfs_.xOpen = &FaultyDisk::open;
    // The others are handed the real one's functions; these look at their vfs.
    vfs_.xDelete = [](sqlite3_vfs* vfs, const char* name, int sync) {
      FaultyDisk& disk = of(vfs);
      disk.forget(name);
      return disk.real_->xDelete(disk.real_, name, sync);
    };
    DRAMATIS_CHECK(sqlite3_vfs_register(&vfs_, 1) == SQLITE_OK);
  }
  FaultyDisk(const FaultyDisk&) = delete;
  FaultyDisk& operator=(const FaultyDisk&) = delete;
  ~FaultyDisk() {
    sqlite3_vfs_unregister(&vfs_);
    sqlite3_vfs_register(real_, 1);
  }

  // Of the calls of its kind that come now, the nth (1: the next) fails.
  void fail(DiskFault what, std::uint64_t nth, Lasting lasting) {
    const std::lock_guard lock(mutex_);
    fault_ = what;
    left_ = nth;
    lasting_ = lasting;
  }
  void mend() {
    const std::lock_guard lock(mutex_);
    fault_.reset();
  }
  [[nodiscard]] bool is_mended() const {
    const std::lock_guard lock(mutex_);
    return !fault_;
  }
  // Calls `then` before the nth call from now that changes a file.
  void before(std::uint64_t nth, std::function<void()> then) {
    const std::lock_guard lock(mutex_);
    until_then_ = nth;
    then_ = std::move(then);
  }

  // Copies its files to `folder` as they are when the process is killed or the power is cut now:
  // then each sector that was not synced is the old or the new one.
  void cut(Cut cut, const std::filesystem::path& folder, Rng& rng) {
    const std::lock_guard lock(mutex_);
    std::filesystem::create_directories(folder);
    for (const auto& [path, sectors] : unsynced_) {
      std::string bytes = read_all(path);
      if (cut == Cut::kPower) lose(bytes, sectors, rng);
      std::ofstream(folder / std::filesystem::path(path).filename(), std::ios::binary) << bytes;
    }
  }

 private:
  static constexpr std::int64_t kSector = 512;
  // A sector as the disk has it; shorter at the end of a file.
  struct Old {
    std::string bytes{};
    bool is_dirty = true;  // the next sync takes it to the disk; false: a sync has failed
  };
  using Sectors = std::map<std::int64_t, Old>;
  struct File {
    sqlite3_file base;  // first: SQLite sees this alone
    FaultyDisk* disk;
    const char* path;  // SQLite keeps it; null: a passing file
    [[nodiscard]] sqlite3_file* real() { return reinterpret_cast<sqlite3_file*>(this + 1); }
  };
  enum class Does { kAsAsked, kFails, kHalf, kFull };

  static FaultyDisk& of(sqlite3_vfs* vfs) { return *static_cast<FaultyDisk*>(vfs->pAppData); }
  static File& of(sqlite3_file* file) { return *reinterpret_cast<File*>(file); }

  static std::string read_all(const std::string& path) {
    std::ifstream file(path, std::ios::binary);
    return {std::istreambuf_iterator<char>(file), {}};
  }

  static void lose(std::string& bytes, const Sectors& sectors, Rng& rng) {
    for (const auto& [sector, old] : sectors) {
      if (old.is_dirty && rng.below(2) == 0) continue;
      const auto at = static_cast<std::size_t>(sector * kSector);
      if (at + old.bytes.size() > bytes.size()) bytes.resize(at + old.bytes.size());
      // What the file did not have is zeros, or its end.
      const std::size_t there = std::min<std::size_t>(kSector, bytes.size() - at);
      bytes.replace(at, there,
                    old.bytes + std::string(there - std::min(there, old.bytes.size()), '\0'));
    }
  }

  void forget(const char* name) {
    const std::lock_guard lock(mutex_);
    unsynced_.erase(name);
  }

  // Under mutex_: one call of the kind.
  [[nodiscard]] Does decide(bool syncs) {
    if (!fault_ || (*fault_ == DiskFault::kSyncFails) != syncs) return Does::kAsAsked;
    if (left_ > 1) {
      --left_;
      return Does::kAsAsked;
    }
    const DiskFault fault = *fault_;
    if (lasting_ == Lasting::kOnce) fault_.reset();
    if (fault == DiskFault::kWritesHalf) return Does::kHalf;
    return fault == DiskFault::kDiskFull ? Does::kFull : Does::kFails;
  }

  // Without mutex_, which then_ takes.
  void tell() {
    std::function<void()> then;
    {
      const std::lock_guard lock(mutex_);
      if (then_ && --until_then_ == 0) then = std::exchange(then_, nullptr);
    }
    if (then) then();
  }

  // Under mutex_: what the sectors held before they are written.
  void remember(File& file, std::int64_t at, std::int64_t count) {
    Sectors& sectors = unsynced_[file.path];
    sqlite3_int64 size = 0;
    file.real()->pMethods->xFileSize(file.real(), &size);
    for (std::int64_t sector = at / kSector; sector * kSector < at + count; ++sector) {
      const auto [entry, is_new] = sectors.try_emplace(sector);
      entry->second.is_dirty = true;
      const std::int64_t there = std::clamp<std::int64_t>(size - sector * kSector, 0, kSector);
      if (!is_new || there == 0) continue;
      entry->second.bytes.resize(static_cast<std::size_t>(there));
      file.real()->pMethods->xRead(file.real(), entry->second.bytes.data(), static_cast<int>(there),
                                   sector * kSector);
    }
  }

  static int write(sqlite3_file* which, const void* bytes, int count, sqlite3_int64 at) {
    File& file = of(which);
    if (file.path == nullptr) return file.real()->pMethods->xWrite(file.real(), bytes, count, at);
    file.disk->tell();
    const std::lock_guard lock(file.disk->mutex_);
    const Does does = file.disk->decide(false);
    if (does == Does::kFails) return SQLITE_IOERR_WRITE;
    const int arrives = does == Does::kAsAsked ? count : count / 2;
    file.disk->remember(file, at, arrives);
    const int code = file.real()->pMethods->xWrite(file.real(), bytes, arrives, at);
    if (does == Does::kAsAsked || code != SQLITE_OK) return code;
    return does == Does::kFull ? SQLITE_FULL : SQLITE_IOERR_WRITE;
  }

  static int sync(sqlite3_file* which, int /*flags*/) {
    File& file = of(which);
    if (file.path == nullptr) return SQLITE_OK;
    file.disk->tell();
    const std::lock_guard lock(file.disk->mutex_);
    Sectors& sectors = file.disk->unsynced_[file.path];
    if (file.disk->decide(true) == Does::kAsAsked) {
      std::erase_if(sectors, [](const auto& one) { return one.second.is_dirty; });
      return SQLITE_OK;
    }
    // The kernel takes them for clean now.
    for (auto& [sector, old] : sectors) old.is_dirty = false;
    return SQLITE_IOERR_FSYNC;
  }

  static int truncate(sqlite3_file* which, sqlite3_int64 size) {
    File& file = of(which);
    if (file.path != nullptr) {
      file.disk->tell();
      const std::lock_guard lock(file.disk->mutex_);
      std::erase_if(file.disk->unsynced_[file.path],
                    [size](const auto& one) { return one.first * kSector >= size; });
    }
    return file.real()->pMethods->xTruncate(file.real(), size);
  }

  static int open(sqlite3_vfs* vfs, const char* name, sqlite3_file* which, int flags, int* got) {
    constexpr int kKept = SQLITE_OPEN_MAIN_DB | SQLITE_OPEN_WAL | SQLITE_OPEN_MAIN_JOURNAL |
                          SQLITE_OPEN_SUPER_JOURNAL;
    FaultyDisk& disk = of(vfs);
    File& file = *new (which) File{.base = {}, .disk = &disk, .path = nullptr};
    const int code = disk.real_->xOpen(disk.real_, name, file.real(), flags, got);
    if (file.real()->pMethods == nullptr) return code;
    file.base.pMethods = &methods();
    if ((flags & kKept) == 0 || code != SQLITE_OK) return code;
    file.path = name;
    const std::lock_guard lock(disk.mutex_);
    disk.unsynced_.try_emplace(name);
    return code;
  }

  // Whatever is not about writing goes to the real file.
  static const sqlite3_io_methods& methods() {
    static const sqlite3_io_methods kMethods{
        .iVersion = 2,  // no memory maps, which would write past us
        .xClose = [](sqlite3_file* f) { return of(f).real()->pMethods->xClose(of(f).real()); },
        .xRead =
            [](sqlite3_file* f, void* to, int n, sqlite3_int64 at) {
              return of(f).real()->pMethods->xRead(of(f).real(), to, n, at);
            },
        .xWrite = &FaultyDisk::write,
        .xTruncate = &FaultyDisk::truncate,
        .xSync = &FaultyDisk::sync,
        .xFileSize =
            [](sqlite3_file* f, sqlite3_int64* n) {
              return of(f).real()->pMethods->xFileSize(of(f).real(), n);
            },
        .xLock = [](sqlite3_file* f,
                    int l) { return of(f).real()->pMethods->xLock(of(f).real(), l); },
        .xUnlock = [](sqlite3_file* f,
                      int l) { return of(f).real()->pMethods->xUnlock(of(f).real(), l); },
        .xCheckReservedLock =
            [](sqlite3_file* f, int* is) {
              return of(f).real()->pMethods->xCheckReservedLock(of(f).real(), is);
            },
        .xFileControl =
            [](sqlite3_file* f, int what, void* with) {
              return of(f).real()->pMethods->xFileControl(of(f).real(), what, with);
            },
        .xSectorSize =
            [](sqlite3_file* f) { return of(f).real()->pMethods->xSectorSize(of(f).real()); },
        .xDeviceCharacteristics =
            [](sqlite3_file* f) {
              return of(f).real()->pMethods->xDeviceCharacteristics(of(f).real());
            },
        .xShmMap =
            [](sqlite3_file* f, int page, int size, int more, void volatile** at) {
              return of(f).real()->pMethods->xShmMap(of(f).real(), page, size, more, at);
            },
        .xShmLock =
            [](sqlite3_file* f, int from, int n, int how) {
              return of(f).real()->pMethods->xShmLock(of(f).real(), from, n, how);
            },
        .xShmBarrier = [](sqlite3_file* f) { of(f).real()->pMethods->xShmBarrier(of(f).real()); },
        .xShmUnmap =
            [](sqlite3_file* f, int removes) {
              return of(f).real()->pMethods->xShmUnmap(of(f).real(), removes);
            },
        .xFetch = nullptr,
        .xUnfetch = nullptr};
    return kMethods;
  }

  sqlite3_vfs* const real_;
  sqlite3_vfs vfs_{};
  mutable std::mutex mutex_;
  std::optional<DiskFault> fault_;           // guarded by mutex_
  std::uint64_t left_ = 0;                   // likewise
  Lasting lasting_ = Lasting::kOnce;         // likewise
  std::function<void()> then_;               // likewise
  std::uint64_t until_then_ = 0;             // likewise
  std::map<std::string, Sectors> unsynced_;  // likewise; every file that was opened
};

}  // namespace dramatis::store::testing
