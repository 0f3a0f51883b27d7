// A table under a mutex.
#include "server/generations.h"

#include <vector>

namespace dramatis::server {

Generations::Entry::Entry(Generations& all, std::string key) : all_(all) {
  const std::lock_guard lock(all_.mutex_);
  id_ = all_.next_++;
  all_.running_.emplace(id_, Running{.key = std::move(key), .text = {}, .stop = stop_});
}

Generations::Entry::~Entry() {
  const std::lock_guard lock(all_.mutex_);
  all_.running_.erase(id_);
}

void Generations::Entry::add(std::string_view words) {
  const std::lock_guard lock(all_.mutex_);
  all_.running_.at(id_).text += words;
}

std::string Generations::Entry::text() const {
  const std::lock_guard lock(all_.mutex_);
  return all_.running_.at(id_).text;
}

void Generations::stop(std::string_view key) {
  // Outside of the mutex: whoever listens for the stop may ask for the text.
  std::vector<std::stop_source> stopped;
  {
    const std::lock_guard lock(mutex_);
    for (const auto& [id, running] : running_) {
      if (running.key == key) stopped.push_back(running.stop);
    }
  }
  for (auto& source : stopped) source.request_stop();
}

std::string Generations::text(std::string_view key) const {
  const std::lock_guard lock(mutex_);
  for (auto entry = running_.rbegin(); entry != running_.rend(); ++entry) {
    if (entry->second.key == key) return entry->second.text;
  }
  return {};
}

}  // namespace dramatis::server
