// What a call that may fail gives back: a value, or an Error that names what failed and how to mend
// it.
#pragma once

#include <string>
#include <utility>

#include <tl/expected.hpp>

namespace dramatis {

// One code for each answer that a caller treats differently. base/error_table.h maps them to HTTP
// statuses and exit codes.
enum class ErrorCode {
  kInvalidArgument,       // the caller's input is wrong; the same call will never work
  kNotFound,              // a file, field or thing that does not exist
  kNpcNotFound,           // no NPC has this id
  kUserNotFound,          // no player has this id
  kConversationNotFound,  // no conversation has this id, or none that the caller may see
  kTurnNotFound,          // likewise a turn
  kCorrupt,               // foreign bytes that break their format
  kUnsupported,           // a valid input of a kind that this build does not speak
  kOverBudget,            // too large for a stated limit
  kConflict,              // somebody else is at work on the same thing
  kRefused,               // not allowed for this caller
  kCancelled,             // the caller asked to stop
  kDeadline,              // the time allowed has passed
  kUnavailable,           // a part of the system cannot answer now; later it may
  kInternal,              // a defect of ours
};

struct Error {
  ErrorCode code;
  std::string what;  // a sentence: the thing, the place, both numbers, the mend
};

template <class T>
using Result = tl::expected<T, Error>;

// Nothing to return but success.
using Status = Result<void>;

// fail(ErrorCode::kCorrupt, "...") in a function that returns any Result.
inline tl::unexpected<Error> fail(ErrorCode code, std::string what) {
  return tl::unexpected<Error>(Error{code, std::move(what)});
}

}  // namespace dramatis

#define DRAMATIS_CONCAT_INNER(a, b) a##b
#define DRAMATIS_CONCAT(a, b) DRAMATIS_CONCAT_INNER(a, b)

// DRAMATIS_TRY(const auto ids, tokens::encode(...));  binds the value, or returns the error.
#define DRAMATIS_TRY(declaration, ...)                                           \
  auto DRAMATIS_CONCAT(tried_, __LINE__) = (__VA_ARGS__);                        \
  if (!DRAMATIS_CONCAT(tried_, __LINE__)) [[unlikely]]                           \
    return tl::unexpected(std::move(DRAMATIS_CONCAT(tried_, __LINE__)).error()); \
  declaration = *std::move(DRAMATIS_CONCAT(tried_, __LINE__))

// DRAMATIS_DO(file.sync());  the same for a Status.
#define DRAMATIS_DO(...)                                 \
  do {                                                   \
    if (auto tried = (__VA_ARGS__); !tried) [[unlikely]] \
      return tl::unexpected(std::move(tried).error());   \
  } while (false)
