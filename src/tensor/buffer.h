// Memory for numbers: aligned for vectors, not initialised, owned by one.
#pragma once

#include <cstddef>
#include <new>
#include <span>
#include <type_traits>
#include <utility>

namespace dramatis::tensor {

// `size` numbers of T with indeterminate values. Pages that are never written cost no memory.
template <class T>
requires std::is_trivially_copyable_v<T>
class Buffer {
 public:
  // A cache line, and the width of the widest vector register.
  static constexpr std::align_val_t kAlignment{64};

  Buffer() = default;
  // Throws std::bad_alloc.
  explicit Buffer(std::size_t size)
      : data_(size == 0 ? nullptr
                        : static_cast<T*>(::operator new(checked_bytes(size), kAlignment))),
        size_(size) {}
  Buffer(Buffer&& other) noexcept
      : data_(std::exchange(other.data_, nullptr)), size_(std::exchange(other.size_, 0)) {}
  Buffer& operator=(Buffer&& other) noexcept {
    std::swap(data_, other.data_);
    std::swap(size_, other.size_);
    return *this;
  }
  ~Buffer() { ::operator delete(data_, kAlignment); }

  [[nodiscard]] std::size_t size() const { return size_; }
  [[nodiscard]] std::span<T> span() { return {data_, size_}; }
  [[nodiscard]] std::span<const T> span() const { return {data_, size_}; }

 private:
  static std::size_t checked_bytes(std::size_t size) {
    if (size > static_cast<std::size_t>(-1) / sizeof(T)) throw std::bad_array_new_length();
    return size * sizeof(T);
  }

  T* data_ = nullptr;
  std::size_t size_ = 0;
};

}  // namespace dramatis::tensor
