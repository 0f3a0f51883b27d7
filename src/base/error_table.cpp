// ErrorCode -> name, title, HTTP status, exit code.
#include "base/error_table.h"

namespace dramatis {

const ErrorRow& error_row(ErrorCode code) {
  static constexpr ErrorRow kInvalid{"invalid_request", "The request is not valid", 400, 2};
  static constexpr ErrorRow kMissing{"not_found", "There is no such thing", 404, 3};
  static constexpr ErrorRow kNoNpc{"npc_not_found", "There is no such NPC", 404, 3};
  static constexpr ErrorRow kNoUser{"user_not_found", "There is no such player", 404, 3};
  static constexpr ErrorRow kNoTalk{"conversation_not_found", "There is no such conversation", 404,
                                    3};
  static constexpr ErrorRow kNoTurn{"turn_not_found", "There is no such turn", 404, 3};
  static constexpr ErrorRow kDamaged{"corrupt", "The data is damaged", 422, 4};
  static constexpr ErrorRow kStrange{"unsupported", "This kind is not supported", 422, 4};
  static constexpr ErrorRow kLarge{"over_budget", "A limit was passed", 413, 4};
  static constexpr ErrorRow kBusy{"conflict", "Something else is at work on it", 409, 5};
  static constexpr ErrorRow kDenied{"refused", "This is not allowed", 403, 2};
  static constexpr ErrorRow kStopped{"cancelled", "The work was stopped", 499, 130};
  static constexpr ErrorRow kLate{"deadline", "The time allowed has passed", 504, 5};
  static constexpr ErrorRow kAway{"unavailable", "A part of the service cannot answer now", 503, 5};
  static constexpr ErrorRow kOurs{"internal", "A defect of the service", 500, 70};
  switch (code) {
    case ErrorCode::kInvalidArgument:
      return kInvalid;
    case ErrorCode::kNotFound:
      return kMissing;
    case ErrorCode::kNpcNotFound:
      return kNoNpc;
    case ErrorCode::kUserNotFound:
      return kNoUser;
    case ErrorCode::kConversationNotFound:
      return kNoTalk;
    case ErrorCode::kTurnNotFound:
      return kNoTurn;
    case ErrorCode::kCorrupt:
      return kDamaged;
    case ErrorCode::kUnsupported:
      return kStrange;
    case ErrorCode::kOverBudget:
      return kLarge;
    case ErrorCode::kConflict:
      return kBusy;
    case ErrorCode::kRefused:
      return kDenied;
    case ErrorCode::kCancelled:
      return kStopped;
    case ErrorCode::kDeadline:
      return kLate;
    case ErrorCode::kUnavailable:
      return kAway;
    case ErrorCode::kInternal:
      return kOurs;
  }
  return kOurs;
}

}  // namespace dramatis
