// Replies under way that their clients may look at and stop by a key of theirs.
#pragma once

#include <cstdint>
#include <map>
#include <mutex>
#include <stop_token>
#include <string>
#include <string_view>

namespace dramatis::server {

// Thread-safe.
class Generations {
 public:
  // A reply under way, until it dies. The generations outlive it.
  class Entry {
   public:
    Entry(Generations& all, std::string key);
    Entry(const Entry&) = delete;
    Entry& operator=(const Entry&) = delete;
    ~Entry();

    void add(std::string_view words);
    [[nodiscard]] std::string text() const;
    // Requested by stop(), here or of all.
    [[nodiscard]] std::stop_token token() const { return stop_.get_token(); }
    void stop() { stop_.request_stop(); }

   private:
    Generations& all_;
    std::stop_source stop_;
    std::uint64_t id_ = 0;
  };

  // Stops all with this key.
  void stop(std::string_view key);
  // What the newest with this key has said so far; empty where there is none.
  [[nodiscard]] std::string text(std::string_view key) const;

 private:
  struct Running {
    std::string key;
    std::string text;
    std::stop_source stop;
  };

  mutable std::mutex mutex_;
  std::map<std::uint64_t, Running> running_;  // guarded by mutex_
  std::uint64_t next_ = 0;                    // likewise
};

}  // namespace dramatis::server
