// The service under load: this program again, in a process of its own, with a scripted model.
#pragma once

#include <chrono>
#include <cstdint>
#include <filesystem>
#include <memory>

#include "base/result.h"
#include "bench_serve.h"

namespace dramatis::app {

// Runs until it dies; its database goes with it unless the bench names one. One thread at a time.
class BenchService {
 public:
  // Errors: kUnavailable where no process or folder can be made, or the service does not begin.
  [[nodiscard]] static Result<BenchService> start(const ServeBenchArgs& args);
  BenchService(BenchService&& other) noexcept;
  BenchService& operator=(BenchService&&) = delete;
  ~BenchService();

  [[nodiscard]] std::uint16_t port() const { return port_; }
  // Memory of the process that lies in RAM now.
  [[nodiscard]] std::size_t resident_bytes() const;
  // What the processors have done for it so far.
  [[nodiscard]] std::chrono::milliseconds processor_time() const;

 private:
  BenchService() = default;
  int process_ = -1;
  int input_ = -1;  // its standard input: it ends when this closes
  std::uint16_t port_ = 0;
  std::filesystem::path folder_{};
};

// In that process: serves a character in plain words on a free port, prints the port, and ends with
// its standard input.
[[nodiscard]] Status serve_bench(const ServeBenchArgs& args);

}  // namespace dramatis::app
