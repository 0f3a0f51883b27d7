// What a recipe of training and its data may ask for.
#pragma once

#include <cstddef>

namespace dramatis::train {

// Tokens of one conversation: four times SmolLM2's window of 2048; attention's time grows with the
// square.
constexpr std::size_t kMaxConversationTokens = 8192;
// Conversations, and tokens, of one batch: a hundred times what a CPU does in a minute.
constexpr std::size_t kMaxBatchConversations = 65536;
constexpr std::size_t kMaxBatchTokens = std::size_t{1} << 24;
// Rank of an adapter: past the width of a small model it is no low rank any more; the reader's own
// limit is as high.
constexpr std::size_t kMaxRank = 1024;
// A file of lessons: a million short ones.
constexpr std::size_t kMaxLessonsBytes = std::size_t{1} << 30;
// One line of it: a conversation of kMaxConversationTokens with every byte escaped fits many times.
constexpr std::size_t kMaxLessonBytes = std::size_t{1} << 20;
// Messages of one lesson: twice as many as a long talk has.
constexpr std::size_t kMaxLessonMessages = 512;
// Machines that train together: gradients of a small model are sent to each at every update.
constexpr std::size_t kMaxWorkers = 64;
// What passes may keep for their way back, where a recipe says: more than any machine has on which
// these models are trained, in bytes.
constexpr double kMaxPassMemory = 1e12;
// The share of the free memory that they may keep where a recipe says nothing: the last quarter is
// for what operations hold while they run, for evaluations, and for whatever else the machine does.
constexpr double kPassShare = 0.75;

}  // namespace dramatis::train
