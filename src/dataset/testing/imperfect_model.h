// For tests: a model that writes as real ones do. What it says depends on the prompt and the seed
// alone: mostly what was asked for, sometimes with gestures, quotation marks or an assistant's
// manners around it, sometimes cut, sometimes nothing; and now and then it is not there.
#pragma once

#include <atomic>
#include <string>

#include <fmt/format.h>

#include "base/random.h"
#include "dataset/experience_prompts.h"
#include "lm/language_model.h"

namespace dramatis::dataset::testing {

// Thread-safe.
class ImperfectModel final : public lm::LanguageModel {
 public:
  // One call in `away` finds nobody; 0: none. Which one that is depends on the calls before.
  explicit ImperfectModel(int away = 0) : away_(away) {}

  [[nodiscard]] std::string name() const override { return "imperfect"; }
  [[nodiscard]] std::size_t context_size() const override { return 16'000; }
  [[nodiscard]] Result<std::size_t> count_tokens(std::string_view text) const override {
    return (text.size() + 3) / 4;
  }
  [[nodiscard]] Result<lm::Completion> generate(const lm::Prompt& asked, const lm::Sampling& how,
                                                lm::TextSink& /*sink*/,
                                                std::stop_token stop) override {
    if (stop.stop_requested()) return fail(ErrorCode::kCancelled, "stopped");
    const int call = ++calls_;
    if (away_ > 0 && call % away_ == 0) return fail(ErrorCode::kUnavailable, "429");
    Rng rng(how.seed.value_or(0));
    lm::Completion said{.text = text_for(asked.messages.back().text, rng)};
    said.prompt_tokens = 100;
    said.generated_tokens = 20;
    spoil(said, rng);
    return said;
  }
  [[nodiscard]] Result<std::vector<lm::Score>> score(const lm::Prompt& /*asked*/,
                                                     std::span<const std::string> /*replies*/,
                                                     std::stop_token /*stop*/) override {
    return fail(ErrorCode::kUnsupported, "It gives no likelihoods.");
  }
  [[nodiscard]] int calls() const { return calls_; }

 private:
  static std::string text_for(std::string_view message, Rng& rng) {
    if (message == kAskScenes) return scenes(rng);
    if (message == kAskScript) return script(rng);
    return message == "The line, please." ? question(rng) : answer(rng);
  }
  // Some of them without a place, and one told again and again.
  static std::string scenes(Rng& rng) {
    std::string all = "Background: The bridge is down.\nType: chat\nLocation: The bridge\n\n";
    for (int n = 0; n < 4; ++n) {
      all += fmt::format("Type: {}\n", rng.below(2) == 0 ? "chat" : "debate");
      if (rng.below(6) != 0) all += fmt::format("Location: Mill {}\n", rng.below(90));
      all +=
          fmt::format("Background: {} of the {} sacks and {} of the {} mules are gone.\n\n",
                      rng.below(90'000), rng.below(90'000), rng.below(90'000), rng.below(90'000));
    }
    return all;
  }
  // Orlando's, with thoughts of his own, sometimes somebody else's, and sometimes too many.
  static std::string script(Rng& rng) {
    std::string all = "Background: Rain on the mill.\n\n";
    for (int n = 0; n < 4; ++n) {
      all += fmt::format("Ida (speaking)\nHave you counted the {} sacks?\n\n", rng.below(90'000));
      if (rng.below(4) == 0) all += "Ida (thinking)\nHe has hidden otherthoughts.\n\n";
      for (std::uint64_t thoughts = rng.below(5); thoughts > 0; --thoughts)
        all += fmt::format("Orlando Marlo (thinking)\nPerhaps {}.\n\n", rng.below(90'000));
      all += fmt::format("Orlando (speaking)\nI counted {} sacks and {} mice.\n\n",
                         rng.below(90'000), rng.below(90'000));
    }
    return all;
  }
  static std::string question(Rng& rng) {
    constexpr const char* kThings[] = {"pears", "hives", "wax", "barley", "ribbons", "bells"};
    constexpr const char* kDeeds[] = {"sell", "guard", "borrow", "count", "bless", "fetch"};
    return fmt::format("Did you {} the {} that came on day {} of the fair, or was it your mother?",
                       kDeeds[rng.below(6)], kThings[rng.below(6)], rng.below(100'000));
  }
  static std::string answer(Rng& rng) {
    constexpr const char* kFirst[] = {"I did, and gladly", "Not I", "My mother would know",
                                      "Ask the squire", "It was before my time"};
    constexpr const char* kThen[] = {"the hedge was down",   "the mule was lame",
                                     "the bells were late",  "it rained on the honey",
                                     "the miller was drunk", "nobody kept the key"};
    return fmt::format("{}; {} that morning, and {} loaves were all we had for {} mouths.",
                       kFirst[rng.below(5)], kThen[rng.below(6)], 2 + rng.below(90'000),
                       100 + rng.below(90'000));
  }
  static void spoil(lm::Completion& said, Rng& rng) {
    switch (rng.below(16)) {
      case 0:
        said.text = "\"" + said.text + "\"";
        break;
      case 1:
        said.text = "*bows* " + said.text;
        break;
      case 2:
        said.text += "\n\nLet me know if you would like another one!";
        break;
      case 3:
        said.text = "As an AI language model, I cannot take part in this conversation.";
        break;
      case 4:
        said.text.clear();
        break;
      case 5:
        said.text.resize(said.text.size() / 2);
        said.why = lm::StopReason::kLength;
        break;
      default:
        break;
    }
  }

  const int away_;
  std::atomic<int> calls_{0};
};

}  // namespace dramatis::dataset::testing
