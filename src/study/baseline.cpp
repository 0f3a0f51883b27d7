// The first line that is near, or one of eight sentences.
#include "study/baseline.h"

#include <array>

#include <fmt/format.h>

#include "text/digest.h"

namespace dramatis::study {
namespace {

constexpr std::array<std::string_view, 8> kAssistant{
    "I'd be happy to help you with that! Could you tell me a little more about what you need?",
    "That's a great question. There are several factors to consider here.",
    "As an AI language model, I don't have personal experiences, but I can share some information.",
    "I'm sorry, but I can't help with that request. Is there anything else I can do for you?",
    "There are many different perspectives on this topic, and it's important to respect them all.",
    "Sure! Here are some key points to keep in mind: first, be kind; second, stay curious.",
    "It's important to remember that everyone's experience is different. How can I assist you?",
    "Thank you for sharing. Let me know if you have any other questions!"};

// The same words to the same prompt, whatever the machine.
std::string_view assistant_line(const lm::Prompt& asked, std::uint64_t seed) {
  std::string all = std::to_string(seed);
  for (const auto& message : asked.messages) all += "\n" + message.text;
  const std::string digest = text::sha256(all);
  std::size_t sum = 0;
  for (const char c : digest) sum += static_cast<unsigned char>(c);
  return kAssistant[sum % kAssistant.size()];
}

std::string_view nearest_line(const lm::Prompt& asked) {
  if (!asked.authored.empty()) return asked.authored.front().npc;
  if (!asked.does_not_know.empty()) return asked.does_not_know.front();
  return "I do not know.";
}

}  // namespace

Result<Baseline> parse_baseline(std::string_view text) {
  if (text == "nearest") return Baseline::kNearest;
  if (text == "assistant") return Baseline::kAssistant;
  return fail(ErrorCode::kInvalidArgument,
              fmt::format("'{}' is no baseline; there are nearest and assistant.", text));
}

std::string BaselineModel::name() const {
  return kind_ == Baseline::kNearest ? "nearest line" : "scripted assistant";
}

Result<lm::Completion> BaselineModel::generate(const lm::Prompt& asked, const lm::Sampling& how,
                                               lm::TextSink& sink, std::stop_token stop) {
  const std::uint64_t seed = how.seed.value_or(0);
  lm::Completion said;
  said.seed = seed;
  said.text = kind_ == Baseline::kNearest ? nearest_line(asked) : assistant_line(asked, seed);
  said.origin = kind_ == Baseline::kNearest ? lm::Origin::kAuthored : lm::Origin::kOwn;
  const bool left = stop.stop_requested() || sink.write(said.text) == lm::Go::kStop;
  if (left) return fail(ErrorCode::kCancelled, "Whoever listened has left.");
  return said;
}

Result<std::vector<lm::Score>> BaselineModel::score(const lm::Prompt& /*asked*/,
                                                    std::span<const std::string> /*replies*/,
                                                    std::stop_token /*stop*/) {
  return fail(ErrorCode::kUnsupported, "A scripted baseline knows no likelihoods.");
}

}  // namespace dramatis::study
