// A scripted service and a model that asks it, set up in one line.
#pragma once

#include <chrono>
#include <functional>
#include <memory>
#include <string>
#include <vector>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "lm/testing/scripted_model.h"
#include "remote/remote_model.h"
#include "remote/testing/scripted_server.h"

namespace dramatis::remote::testing {

inline constexpr char kKey[] = "sk-very-secret";

inline const lm::Prompt& greeting() {
  static const lm::Prompt prompt = [] {
    lm::Prompt made;
    made.messages = {{lm::Role::kSystem, "You are X."}, {lm::Role::kPlayer, "Hello"}};
    return made;
  }();
  return prompt;
}

inline lm::Sampling with_seed(std::uint64_t seed) {
  lm::Sampling how;
  how.seed = seed;
  return how;
}

inline lm::Sampling with_most(int tokens) {
  lm::Sampling how;
  how.max_tokens = tokens;
  return how;
}

inline RemoteOptions options_for(const std::string& url) {
  RemoteOptions options;
  options.url = url;
  options.model = "m";
  options.key = kKey;
  options.headers = {{"X-Title", "tavern"}};
  options.connect_timeout = std::chrono::milliseconds(2000);
  options.first_byte_timeout = std::chrono::milliseconds(2000);
  options.idle_timeout = std::chrono::milliseconds(2000);
  options.total_timeout = std::chrono::milliseconds(5000);
  options.finish_grace = std::chrono::milliseconds(20);
  options.retry_base = std::chrono::milliseconds(2);
  return options;
}

// A service with one answer for all, or one for each request (the last repeats), and a model that
// asks it.
struct Stage {
  explicit Stage(std::vector<Answer> answers, std::function<void(RemoteOptions&)> change = nullptr)
      : server([answers](std::size_t n, const Seen&) {
          return answers[std::min(n, answers.size() - 1)];
        }) {
    RemoteOptions options = options_for(server.url());
    if (change) change(options);
    if (options.protocol == Protocol::kOllama || options.protocol == Protocol::kKobold)
      options.url = server.root();
    model = RemoteModel::open(std::move(options), Rng(1), clock).value();
  }

  Result<lm::Completion> ask(lm::Sampling how = {}) {
    return model->generate(greeting(), how, sink, stop.get_token());
  }
  // The error of a call that must fail, and never with key or markup in it.
  Error failure(lm::Sampling how = {}) {
    const auto said = ask(how);
    if (said) return {ErrorCode::kInternal, "it succeeded with: " + said->text};
    EXPECT_THAT(said.error().what, ::testing::Not(::testing::HasSubstr(kKey)));
    EXPECT_THAT(said.error().what, ::testing::Not(::testing::HasSubstr("<")));
    return said.error();
  }

  SystemClock clock;
  ScriptedServer server;
  std::unique_ptr<RemoteModel> model;
  lm::testing::GatheringSink sink;
  std::stop_source stop;
};

inline Answer good(const std::string& text = "Well met.") {
  return {send(stream_head() + words(text) + finish() + done())};
}

}  // namespace dramatis::remote::testing
