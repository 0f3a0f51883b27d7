// For tests: a small base in a folder, lessons about nothing, and a recipe that trains on them in a
// second.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include <fmt/format.h>
#include <gtest/gtest.h>

#include "base/random.h"
#include "base/testing/scratch_folder.h"
#include "convert/testing/made_up_folder.h"
#include "runs/log.h"
#include "train/tune/base.h"
#include "train/tune/learn.h"
#include "train/tune/material.h"
#include "train/tune/plan.h"
#include "train/tune/tune.h"

namespace dramatis::train::tune::testing {

inline std::string some_words(Rng& rng, std::size_t most) {
  std::string words;
  for (std::size_t n = 1 + rng.below(most); n > 0; --n) {
    if (!words.empty()) words += ' ';
    for (std::size_t l = 1 + rng.below(5); l > 0; --l)
      words += static_cast<char>('a' + rng.below(26));
  }
  return words;
}

// `count` conversations of one or two exchanges, with a sheet.
inline std::string some_conversations(std::size_t count, std::uint64_t seed) {
  Rng rng(seed);
  std::string lines;
  for (std::size_t n = 0; n < count; ++n) {
    lines += R"({"messages":[{"role":"system","content":"You are Ida."})";
    for (std::size_t turn = 1 + rng.below(2); turn > 0; --turn) {
      lines += fmt::format(R"(,{{"role":"user","content":"{}"}})", some_words(rng, 4));
      lines += fmt::format(R"(,{{"role":"assistant","content":"{}"}})", some_words(rng, 6));
    }
    lines += "]}\n";
  }
  return lines;
}

inline std::string some_preferences(std::size_t count, std::uint64_t seed) {
  Rng rng(seed);
  std::string lines;
  for (std::size_t n = 0; n < count; ++n) {
    lines += fmt::format(
        R"({{"prompt":[{{"role":"user","content":"{}"}}],"chosen":"{}","rejected":"{}"}})",
        some_words(rng, 4), some_words(rng, 6), some_words(rng, 6));
    lines += "\n";
  }
  return lines;
}

// A base of `type`, lessons and a recipe in a folder.
struct SmallTune {
  explicit SmallTune(std::string_view type = "llama") : base(convert::testing::made_up(type)) {
    convert::testing::write_folder(folder / "base", base);
    folder.write("lessons.jsonl", some_conversations(24, 3));
    folder.write("pairs.jsonl", some_preferences(24, 4));
  }

  // A recipe: `rest` holds the method, steps and so on; f32, a quarter held out.
  [[nodiscard]] Plan plan(const std::string& rest, bool of_pairs = false) const {
    const std::string text = fmt::format(
        "kind: tune\nseed: 7\nnumbers: f32\nbase: {{model: {}}}\n"
        "data: {{{}: {}, held_out_share: 0.25, most_tokens: 256}}\n"
        "output: {{name: small}}\n{}",
        (folder / "base").string(), of_pairs ? "preferences" : "conversations",
        (folder / (of_pairs ? "pairs.jsonl" : "lessons.jsonl")).string(), rest);
    auto read = parse_plan(text);
    EXPECT_TRUE(read) << read.error().what << "\n" << text;
    return std::move(read).value();
  }

  ScratchFolder folder{};
  convert::testing::PlainModel base;
};

struct Ran {
  Result<State> state;
  std::vector<double> losses{};    // of the updates in the log
  std::vector<double> held_out{};  // of its evaluations
};

inline Ran losses_of(const std::filesystem::path& folder, Result<State> state) {
  Ran ran{.state = std::move(state)};
  const auto entries = runs::read_log(RunPlaces(folder).log);
  if (!entries) return ran;
  for (const auto& entry : *entries) {
    if (const auto* one = std::get_if<runs::Update>(&entry)) ran.losses.push_back(one->loss);
    if (const auto* one = std::get_if<runs::Evaluation>(&entry)) ran.held_out.push_back(one->loss);
  }
  return ran;
}

// Learns in `run`, stopped by `stop`, which a hearer may ask for.
inline Ran run_plan(const Plan& plan, Start& start, const std::filesystem::path& run,
                    const Hearers& hearers = {}, std::stop_token stop = {},
                    const Worker& worker = {}) {
  std::filesystem::create_directories(run);
  const auto talks = read_talks(plan.data).value();
  const auto lessons = lessons_of(talks, plan, start.speech).value();
  auto workers = Workers::meet(worker);
  if (!workers) return {.state = tl::unexpected(workers.error())};
  return losses_of(run, learn(start, lessons, plan, run, *workers, hearers, std::move(stop)));
}

}  // namespace dramatis::train::tune::testing
