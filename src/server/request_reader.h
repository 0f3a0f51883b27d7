// The bytes of a connection -> one request after its head was judged; Beast takes chunks apart.
#pragma once

#include <memory>
#include <string_view>

#include <tl/expected.hpp>

#include "server/head.h"

namespace dramatis::server {

// For one request; what follows it in the bytes is left for the next. One thread at a time.
class RequestReader {
 public:
  enum class State { kHead, kBody, kDone };

  // Of a connection that came by this door.
  explicit RequestReader(std::size_t door = 0);
  RequestReader(const RequestReader&) = delete;
  RequestReader& operator=(const RequestReader&) = delete;
  ~RequestReader();

  // Takes bytes until the head or the body ends, and says how many. Checked: not kDone.
  [[nodiscard]] tl::expected<std::size_t, Refusal> push(std::string_view bytes);
  [[nodiscard]] State state() const { return state_; }
  // Not a byte has come.
  [[nodiscard]] bool untouched() const {
    return state_ == State::kHead && scanner_.bytes().empty();
  }
  // From kBody on; the body is whole at kDone.
  [[nodiscard]] const Head& head() const { return head_; }
  // The same at kDone, for whoever keeps it; once.
  [[nodiscard]] Head take_head() { return std::move(head_); }

 private:
  struct Body;

  [[nodiscard]] tl::expected<std::size_t, Refusal> push_body(std::string_view bytes);
  [[nodiscard]] tl::expected<void, Refusal> start_body();

  const std::size_t door_;
  HeadScanner scanner_;
  Head head_;
  std::unique_ptr<Body> body_;
  State state_ = State::kHead;
};

}  // namespace dramatis::server
