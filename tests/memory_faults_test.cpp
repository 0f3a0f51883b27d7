// R7: memory that runs out at the nth request for it, once or for ever, while a request is read, a
// caller is judged and a turn is taken. Nobody dies of it, and a turn is stored whole or not at
// all.
#include <cstdlib>
#include <filesystem>
#include <functional>
#include <new>

#include <gtest/gtest.h>

#include "accounts/ring.h"
#include "accounts/testing/memory_keys.h"
#include "base/testing/scratch_folder.h"
#include "dialogue/registry.h"
#include "dialogue/turn.h"
#include "lm/language_model.h"
#include "persona/cast.h"
#include "prompt/examples.h"
#include "server/gate.h"
#include "server/head.h"
#include "store/database.h"
#include "text/json.h"

namespace {

enum class Lack { kOnce, kForEver };

// Requests for memory that this thread still gets; below 0: all.
thread_local long requests_left = -1;
thread_local Lack lack = Lack::kOnce;
thread_local bool was_refused = false;

void* ask_for(std::size_t bytes, std::size_t alignment) noexcept {
  if (requests_left == 0) {
    was_refused = true;
    if (lack == Lack::kOnce) requests_left = -1;
    return nullptr;
  }
  if (requests_left > 0) --requests_left;
  if (bytes == 0) bytes = 1;
  if (alignment <= alignof(std::max_align_t)) return std::malloc(bytes);
  return std::aligned_alloc(alignment, (bytes + alignment - 1) / alignment * alignment);
}

void* get(std::size_t bytes, std::size_t alignment = 1) {
  void* const got = ask_for(bytes, alignment);
  if (got == nullptr) throw std::bad_alloc();
  return got;
}

}  // namespace

void* operator new(std::size_t bytes) {
  return get(bytes);
}
void* operator new[](std::size_t bytes) {
  return get(bytes);
}
void* operator new(std::size_t bytes, std::align_val_t alignment) {
  return get(bytes, static_cast<std::size_t>(alignment));
}
void* operator new[](std::size_t bytes, std::align_val_t alignment) {
  return get(bytes, static_cast<std::size_t>(alignment));
}
void* operator new(std::size_t bytes, const std::nothrow_t&) noexcept {
  return ask_for(bytes, 1);
}
void* operator new[](std::size_t bytes, const std::nothrow_t&) noexcept {
  return ask_for(bytes, 1);
}
void operator delete(void* memory) noexcept {
  std::free(memory);
}
void operator delete[](void* memory) noexcept {
  std::free(memory);
}
void operator delete(void* memory, std::size_t) noexcept {
  std::free(memory);
}
void operator delete[](void* memory, std::size_t) noexcept {
  std::free(memory);
}
void operator delete(void* memory, std::align_val_t) noexcept {
  std::free(memory);
}
void operator delete[](void* memory, std::align_val_t) noexcept {
  std::free(memory);
}
void operator delete(void* memory, std::size_t, std::align_val_t) noexcept {
  std::free(memory);
}
void operator delete[](void* memory, std::size_t, std::align_val_t) noexcept {
  std::free(memory);
}
void operator delete(void* memory, const std::nothrow_t&) noexcept {
  std::free(memory);
}
void operator delete[](void* memory, const std::nothrow_t&) noexcept {
  std::free(memory);
}

namespace dramatis {
namespace {

// Runs `work` with memory for `requests` requests. Whether any was refused.
bool lacked(Lack how, long requests, const std::function<void()>& work) {
  was_refused = false;
  lack = how;
  requests_left = requests;
  try {
    work();
  } catch (const std::bad_alloc&) {
    // What a connection's job answers with 500.
  }
  requests_left = -1;
  return was_refused;
}

// `work` with memory that ends after 0, 1, 2 ... requests, until it has enough. Later ones are
// tried with growing steps: a turn asks some thousand times. `check` looks at what it left.
void starve(const std::function<void()>& work, const std::function<void()>& check) {
  constexpr long kOneByOne = 300;
  for (const Lack how : {Lack::kOnce, Lack::kForEver}) {
    for (long n = 0; lacked(how, n, work); n += n < kOneByOne ? 1 : 1 + n / 100) check();
    check();
  }
}

// Says the same to everybody. Nothing of it grows with its calls.
class SameWords final : public lm::LanguageModel {
 public:
  [[nodiscard]] std::string name() const override { return "same"; }
  [[nodiscard]] std::size_t context_size() const override { return 4096; }
  [[nodiscard]] Result<std::size_t> count_tokens(std::string_view text) const override {
    return text.size() / 4;
  }
  [[nodiscard]] Result<lm::Completion> generate(const lm::Prompt& /*asked*/,
                                                const lm::Sampling& /*how*/, lm::TextSink& sink,
                                                std::stop_token /*stop*/) override {
    for (const char* word : {"A penny each, and no less; ", "ask at the mill."}) {
      if (sink.write(word) == lm::Go::kStop) return fail(ErrorCode::kCancelled, "left");
    }
    return lm::Completion{.text = "A penny each, and no less; ask at the mill."};
  }
  [[nodiscard]] Result<std::vector<lm::Score>> score(const lm::Prompt& /*asked*/,
                                                     std::span<const std::string> /*replies*/,
                                                     std::stop_token /*stop*/) override {
    return fail(ErrorCode::kUnsupported, "It judges nothing.");
  }
};

class Deaf final : public lm::TextSink {
 public:
  [[nodiscard]] lm::Go write(std::string_view /*words*/) override { return lm::Go::kOn; }
};

TEST(MemoryFaults, ARequestIsReadOrNot) {
  const std::string head =
      "POST /v1/npcs/npc_0123456789abcdef/chat HTTP/1.1\r\nHost: localhost:8077\r\n"
      "Content-Type: application/json\r\nX-Long: " +
      std::string(200, 'x') + "\r\n\r\n";
  const std::string body = R"({"message":"Hello, and a text that fits into no small string",)"
                           R"("list":[1,2.5,null,{"a":"b"}],"more":{"deep":{"deeper":[true]}}})";
  bool read = false;
  starve(
      [&] {
        read = false;
        const auto parsed = server::parse_head(head);
        const auto json = text::parse_json(body);
        read = parsed && json && text::print_json(*json) == body;
      },
      [] {});
  EXPECT_TRUE(read) << "with memory enough it is";
}

TEST(MemoryFaults, NobodyIsLetInWithoutAKey) {
  const SystemClock clock;
  accounts::testing::MemoryKeys keys;
  const auto owner = accounts::make_key({.role = accounts::Role::kOwner}, clock).value();
  ASSERT_TRUE(keys.add(owner.key));
  const accounts::KeyRing ring(keys, clock);
  server::Routes routes;
  routes.add({.method = "GET",
              .pattern = "/v1/npcs",
              .caller = server::Caller::kPlayer,
              .takes = server::Takes::kNothing});
  const server::Gate gate({}, routes, &ring);
  const auto request_with = [](const std::string& key) {
    return server::Request{
        .method = "GET",
        .path = "/v1/npcs",
        .headers = {{"host", "localhost:8077"}, {"authorization", "Bearer " + key}}};
  };
  const server::Request right = request_with(owner.secret);
  const server::Request wrong = request_with(std::string(owner.secret.size(), 'a'));
  bool known = false, let_in = false;
  starve(
      [&] {
        known = gate.judge(right).has_value();
        let_in = let_in || gate.judge(wrong).has_value();
      },
      [&] { EXPECT_FALSE(let_in); });
  EXPECT_TRUE(known) << "the key opens when there is memory again";
}

TEST(MemoryFaults, ATurnIsStoredWholeOrNotAtAll) {
  const ScratchFolder folder;
  const auto database = store::open((folder / "db.sqlite").string()).value();
  dialogue::Store& store = database->conversations();
  const SystemClock clock;
  const auto cast =
      persona::load_cast(std::filesystem::path(DRAMATIS_SOURCE_DIR) / "tests/cast-small").value();
  const auto examples = prompt::Examples::build(cast).value();
  SameWords model;
  const dialogue::Models models({{.name = "same", .model = model}});
  dialogue::Turnstile turnstile;
  const dialogue::Ports with{.store = store,
                             .models = models,
                             .clock = clock,
                             .cast = cast,
                             .examples = examples,
                             .turnstile = turnstile};
  const auto user = dialogue::register_user(store, clock, "Alice").value();
  const auto npc = dialogue::register_npc(store, clock, cast, {.character = "ida-fenn"}).value();
  const std::string message = "What does a loaf cost where you buy yours, Ida?";
  Deaf deaf;
  std::size_t acknowledged = 0;
  std::size_t tries = 0;
  const auto check = [&] {
    ++tries;
    const auto conversation = store.current_conversation({.npc = npc.id, .user = user.id}).value();
    if (!conversation) {
      EXPECT_EQ(acknowledged, 0U);
      return;
    }
    const auto turns = store.newest_turns(conversation->id, 1'000'000).value();
    EXPECT_GE(turns.size(), acknowledged);
    EXPECT_LE(turns.size(), tries);
    if (turns.empty()) return;
    EXPECT_EQ(turns.back().message, message);
    EXPECT_EQ(turns.back().spoken.reply, "A penny each, and no less; ask at the mill.");
    // Begun anew, or the check would take ever longer.
    EXPECT_TRUE(store.remove_turns(conversation->id));
    acknowledged = tries = 0;
  };
  starve(
      [&] {
        const auto reply = dialogue::take_turn(
            {.pair = {.npc = npc.id, .user = user.id}, .message = message}, with, deaf);
        if (reply) ++acknowledged;
      },
      check);
  const auto after = dialogue::take_turn(
      {.pair = {.npc = npc.id, .user = user.id}, .message = message}, with, deaf);
  EXPECT_TRUE(after) << "something stays locked: " << (after ? "" : after.error().what);
}

}  // namespace
}  // namespace dramatis
