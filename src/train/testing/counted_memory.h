// For tests: how many bytes the tensors hold that were made while one of these lives.
#pragma once

#include <algorithm>
#include <cstddef>
#include <memory>
#include <mutex>

#include <c10/core/CPUAllocator.h>

namespace dramatis::train::testing {

// Stands in for libtorch's allocator and asks it for what it hands out. One at a time, made and
// ended while nobody else makes tensors; these may live on.
class CountedMemory {
 public:
  CountedMemory() {
    counter().begin();
    c10::SetCPUAllocator(&counter(), kPriority);
  }
  CountedMemory(const CountedMemory&) = delete;
  CountedMemory& operator=(const CountedMemory&) = delete;
  ~CountedMemory() { c10::SetCPUAllocator(counter().inner, kPriority); }

  [[nodiscard]] std::ptrdiff_t live() const { return counter().live; }
  [[nodiscard]] std::ptrdiff_t peak() const { return counter().peak; }

 private:
  static constexpr std::uint8_t kPriority = 1;

  struct Counter final : at::Allocator {
    at::DataPtr allocate(std::size_t bytes) const override {
      const auto memory = std::make_shared<at::DataPtr>(inner->allocate(bytes));
      add(static_cast<std::ptrdiff_t>(bytes));
      return c10::InefficientStdFunctionContext::makeDataPtr(
          memory->get(),
          [this, memory, bytes](void* /*numbers*/) { add(-static_cast<std::ptrdiff_t>(bytes)); },
          at::Device(at::kCPU));
    }
    void begin() {
      inner = c10::GetCPUAllocator();
      live = peak = 0;
    }
    void add(std::ptrdiff_t bytes) const {
      const std::lock_guard lock(mutex);
      live += bytes;
      peak = std::max(peak, live);
    }

    mutable std::mutex mutex;
    mutable std::ptrdiff_t live = 0, peak = 0;
    at::Allocator* inner = nullptr;
  };

  // Tensors point to it until the process ends.
  static Counter& counter() {
    static Counter one;
    return one;
  }
};

}  // namespace dramatis::train::testing
