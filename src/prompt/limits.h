// How the space of a prompt is shared out.
#pragma once

#include <cstddef>

namespace dramatis::prompt {

// The compact head: small models read little, and each of its tokens is read again for every new
// player.
constexpr std::size_t kCompactHeadTokens = 110;
// The head of a larger model takes at most this share of the budget, so that a conversation fits
// beside it. A share of the budget and of nothing else: what a player says never moves the head.
constexpr std::size_t kHeadPercent = 60;
// Examples take at most this share of what head and message leave.
constexpr std::size_t kExamplesPercent = 50;
// What a chat template writes around a message: five to seven tokens in the templates that we
// render.
constexpr std::size_t kTokensPerMessage = 8;
// Authored lines handed to the model beside the prompt.
constexpr std::size_t kMaxAuthored = 8;
// Authored lines of one topic among them: enough to vary, and room for what else may have been
// meant.
constexpr std::size_t kMaxOfTopic = 3;
// A message longer than this names something: the longest that only asks for more has half of it.
constexpr std::size_t kMaxFollowUpBytes = 48;
// A player's words that share this much with the author's own follow-up ask the same.
constexpr double kSameFollowUp = 0.6;
// How likely a line is the right one: it answers these very words; it comes next in the author's
// conversation; it is about the same thing.
constexpr double kSureFollowUp = 0.95;
constexpr double kLikelyFollowUp = 0.8;
constexpr double kSameTopic = 0.5;
// Messages of history that a caller may ask for: more than any context of ours holds.
constexpr std::size_t kMaxHistoryMessages = 1024;

}  // namespace dramatis::prompt
