// dramatis model bench: single, batch and tavern, with the memory's speed beside each run.
#include "model_bench.h"

#include <algorithm>
#include <atomic>
#include <chrono>
#include <cstdio>
#include <cstring>
#include <fstream>
#include <functional>
#include <mutex>
#include <optional>
#include <system_error>
#include <thread>

#include <fmt/format.h>

#include "engine/engine.h"
#include "memory_size.h"
#include "runtime/thread_pool.h"
#include "text/json.h"
#include "text/utterance.h"

namespace dramatis::app {
namespace {

using Clock = std::chrono::steady_clock;

constexpr std::size_t kPersona = 600;  // tokens, shared by all players of a persona
constexpr std::size_t kMessage = 30;
constexpr std::size_t kReply = 40;
constexpr std::size_t kPrompt = 512;        // of single
constexpr std::size_t kStreamPrompt = 128;  // of batch
constexpr int kGenerated = 64;              // of single and batch
constexpr int kFirstId = 350;               // what a measured reply goes on from
// A caller's stack, and the tokens of its talk in several hands.
constexpr std::size_t kCallerBytes = kSmallStackBytes + 48 * 1024;
constexpr int kReads = 5;  // of the memory; the best counts

double seconds_since(Clock::time_point begun) {
  return std::chrono::duration<double>(Clock::now() - begun).count();
}

// The ids that every engine is given.
std::vector<TokenId> fixed_ids(std::size_t seed, std::size_t count, std::size_t vocabulary) {
  const std::size_t span = std::min<std::size_t>(vocabulary, 900) - 300;
  std::vector<TokenId> ids;
  for (std::size_t n = 0; n < count; ++n)
    ids.push_back(static_cast<TokenId>(300 + (seed * 7919 + n * 104729) % span));
  return ids;
}

void append(std::vector<TokenId>& to, const std::vector<TokenId>& more) {
  to.insert(to.end(), more.begin(), more.end());
}

text::Json spread(std::vector<double> values) {
  std::ranges::sort(values);
  const auto at = [&](double share) {
    const auto n = static_cast<std::size_t>(share * static_cast<double>(values.size()));
    return values[std::min(n, values.size() - 1)];
  };
  return text::JsonObject{
      {"min", values.front()}, {"p50", at(0.5)}, {"p95", at(0.95)}, {"max", values.back()}};
}

double middle(std::vector<double> values) {
  std::ranges::sort(values);
  return values[values.size() / 2];
}

// A line of /proc/self/status in MiB.
std::size_t status_mib(std::string_view key) {
  std::ifstream status("/proc/self/status");
  for (std::string line; std::getline(status, line);) {
    if (line.compare(0, key.size(), key) == 0)
      return std::strtoull(line.c_str() + key.size(), nullptr, 10) / 1024;
  }
  return 0;
}

// Notes when the first word came; wants all of them.
class FirstWord final : public lm::TextSink {
 public:
  [[nodiscard]] lm::Go write(std::string_view /*text*/) override {
    if (!came_) came_ = Clock::now();
    return lm::Go::kOn;
  }
  [[nodiscard]] Clock::time_point came() const { return came_.value_or(Clock::now()); }

 private:
  std::optional<Clock::time_point> came_;
};

// One measurement of one engine. Errors of any thread end it.
class Bench {
 public:
  Bench(engine::Engine& engine, const BenchArgs& args)
      : engine_(engine), args_(args), vocabulary_(engine.vocabulary().size()) {}

  [[nodiscard]] Result<text::JsonObject> run() {
    if (args_.mode == "single") return single();
    if (args_.mode == "batch") return batch();
    return tavern();
  }

 private:
  // Greedy, to its whole length; what was computed is kept for `conversation`.
  Result<lm::Completion> say(engine::TokenPrompt prompt, int tokens, lm::TextSink& sink) {
    lm::Sampling how;
    how.temperature = 0;
    how.max_tokens = tokens;
    how.seed = 1;
    prompt.ends = engine::Ends::kIgnored;
    DRAMATIS_TRY(auto said, engine_.continue_tokens(std::move(prompt), how, sink, {}));
    const std::lock_guard lock(mutex_);
    cached_ += said.cached_tokens;
    computed_ += said.computed_tokens;
    generated_ += said.generated_tokens;
    return said;
  }

  // Work for as many threads as there are `count`.
  Status together(std::size_t count, const std::function<Status(std::size_t)>& work) {
    std::vector<Status> ended(count);
    std::vector<std::thread> callers;
    Status started;
    try {
      for (std::size_t n = 0; n < count; ++n) callers.emplace_back([&, n] { ended[n] = work(n); });
    } catch (const std::system_error& refused) {
      started = fail(ErrorCode::kUnavailable, fmt::format("{} of {} callers could be started: {}",
                                                          callers.size(), count, refused.what()));
    }
    for (auto& caller : callers) caller.join();
    DRAMATIS_DO(std::move(started));
    for (auto& status : ended) {
      if (!status) return std::move(status);
    }
    return {};
  }

  static engine::TokenPrompt prompt_of(std::vector<TokenId> ids, std::string conversation) {
    return {.ids = std::move(ids),
            .placement = {.asker = {.player = conversation, .conversation = conversation}}};
  }

  // The best of some plain reads of the model's own bytes, with the threads that compute.
  void read_memory() {
    runtime::ThreadPool threads(engine_.threads());
    double best = 0;
    for (int n = 0; n < kReads; ++n) {
      const auto begun = Clock::now();
      std::size_t bytes = 0;
      for (const auto& tensor : engine_.model().file().tensors()) {
        bytes += tensor.bytes.size();
        read_once(tensor.bytes, threads);
      }
      best = std::max(best, static_cast<double>(bytes) / seconds_since(begun) / 1e9);
      weights_bytes_ = bytes;
    }
    bandwidth_.push_back(best);
  }

  void read_once(std::span<const std::byte> bytes, runtime::ThreadPool& threads) {
    constexpr std::size_t kPiece = 1 << 16;
    threads.parallel_for(bytes.size() / kPiece, 8, [&](std::size_t first, std::size_t last) {
      std::uint64_t sum = 0;
      for (std::size_t at = first * kPiece; at < last * kPiece; at += sizeof sum) {
        std::uint64_t word = 0;
        std::memcpy(&word, bytes.data() + at, sizeof word);
        sum += word;
      }
      read_.fetch_add(sum, std::memory_order_relaxed);  // so that the reads are not left out
    });
  }

  Result<text::JsonObject> single() {
    std::vector<double> prefill;
    std::vector<double> decode;
    for (std::size_t r = 0; r <= args_.repeat; ++r) {
      read_memory();
      auto ids = fixed_ids(1, kPrompt, vocabulary_);
      const auto name = fmt::format("run {}", r);
      FirstWord ignored;
      auto begun = Clock::now();
      DRAMATIS_TRY(const auto read, say(prompt_of(ids, name), 1, ignored));
      const double reading = seconds_since(begun);
      ids.push_back(TokenId{kFirstId});
      begun = Clock::now();
      DRAMATIS_TRY(const auto said, say(prompt_of(ids, name), kGenerated, ignored));
      const double speaking = seconds_since(begun);
      if (r == 0) continue;
      prefill.push_back(static_cast<double>(read.prompt_tokens) / reading);
      decode.push_back(static_cast<double>(said.generated_tokens) / speaking);
    }
    auto out = head();
    out.emplace_back("prefill_tps", spread(prefill));
    out.emplace_back("decode_tps", spread(decode));
    add_tail(out, middle(decode));
    return out;
  }

  Result<text::JsonObject> batch() {
    std::vector<double> total;
    std::vector<double> decode;
    for (std::size_t r = 0; r <= args_.repeat; ++r) {
      read_memory();
      const auto ids_of = [&](std::size_t n) {
        return fixed_ids(1 + n, kStreamPrompt, vocabulary_);
      };
      const auto name_of = [&](std::size_t n) { return fmt::format("run {} stream {}", r, n); };
      const auto begun = Clock::now();
      DRAMATIS_DO(together(args_.streams, [&](std::size_t n) -> Status {
        FirstWord ignored;
        DRAMATIS_TRY(const auto read, say(prompt_of(ids_of(n), name_of(n)), 1, ignored));
        return read.prompt_tokens > 0 ? Status() : fail(ErrorCode::kInternal, "Nothing was read.");
      }));
      const auto read = Clock::now();
      std::vector<std::size_t> made(args_.streams);
      DRAMATIS_DO(together(args_.streams, [&](std::size_t n) -> Status {
        FirstWord ignored;
        auto ids = ids_of(n);
        ids.push_back(TokenId{kFirstId});
        DRAMATIS_TRY(const auto said,
                     say(prompt_of(std::move(ids), name_of(n)), kGenerated, ignored));
        made[n] = said.generated_tokens;
        return {};
      }));
      if (r == 0) continue;
      std::size_t sum = 0;
      for (const std::size_t tokens : made) sum += tokens;
      decode.push_back(static_cast<double>(sum) / seconds_since(read));
      total.push_back(static_cast<double>(sum + kStreamPrompt * args_.streams) /
                      seconds_since(begun));
    }
    auto out = head();
    out.emplace_back("streams", args_.streams);
    out.emplace_back("generated", args_.streams * kGenerated);
    out.emplace_back("decode_tps", spread(decode));
    out.emplace_back("total_tps", spread(total));
    add_tail(out, middle(decode) / static_cast<double>(args_.streams));
    return out;
  }

  // What player p sends in turn t is known beforehand, but for how long the model takes.
  Status play(std::size_t p, std::vector<double>& first_words) {
    std::vector<TokenId> history;
    for (std::size_t t = 0; t < args_.turns; ++t) {
      const auto asked = Clock::now();
      auto ids = fixed_ids(1 + p % args_.personas, kPersona, vocabulary_);
      const auto message = fixed_ids(1000 + p * 10 + t, kMessage, vocabulary_);
      append(ids, history);
      append(ids, message);
      auto prompt = prompt_of(std::move(ids), fmt::format("player {}", p));
      prompt.placement.common = kPersona;
      FirstWord first;
      DRAMATIS_TRY(const auto said, say(std::move(prompt), kReply, first));
      first_words.push_back(std::chrono::duration<double>(first.came() - asked).count());
      append(history, message);
      append(history, fixed_ids(5000 + p * 10 + t, kReply, vocabulary_));
      if (said.generated_tokens == 0) return fail(ErrorCode::kInternal, "Nothing was said.");
    }
    return {};
  }

  Result<text::JsonObject> tavern() {
    read_memory();
    std::vector<std::vector<double>> first_words(args_.players);
    const auto begun = Clock::now();
    DRAMATIS_DO(together(args_.players, [&](std::size_t p) { return play(p, first_words[p]); }));
    const double seconds = seconds_since(begun);
    std::vector<double> all;
    for (const auto& some : first_words) all.insert(all.end(), some.begin(), some.end());
    auto out = head();
    out.emplace_back("personas", args_.personas);
    out.emplace_back("players", args_.players);
    out.emplace_back("turns", args_.turns);
    out.emplace_back("slots", engine::kMaxSeats);
    out.emplace_back("seconds", seconds);
    out.emplace_back("generated", generated_);
    out.emplace_back("generated_tps", static_cast<double>(generated_) / seconds);
    out.emplace_back("ttft_s", spread(all));
    add_tail(out, std::nullopt);
    return out;
  }

  text::JsonObject head() const {
    return {{"engine", "dramatis"},
            {"mode", args_.mode},
            {"model", args_.file.string()},
            {"threads", engine_.threads()}};
  }

  // `passes`: how often in a second the weights were read whole, where that is what limits.
  void add_tail(text::JsonObject& out, std::optional<double> passes) {
    out.emplace_back("read_bandwidth_gbs", spread(bandwidth_));
    if (passes) {
      out.emplace_back("limit_share",
                       *passes * static_cast<double>(weights_bytes_) / 1e9 / middle(bandwidth_));
    }
    out.emplace_back("cached_tokens", cached_);
    out.emplace_back("computed_tokens", computed_);
    out.emplace_back("kv_type", tensor::dtype_row(engine_.plan().kv_dtype).name);
    out.emplace_back("rss_mib", status_mib("VmRSS:"));
    out.emplace_back("peak_rss_mib", status_mib("VmHWM:"));
  }

  engine::Engine& engine_;
  const BenchArgs& args_;
  const std::size_t vocabulary_;
  std::vector<double> bandwidth_;
  std::size_t weights_bytes_ = 0;
  std::atomic<std::uint64_t> read_{0};
  std::mutex mutex_;
  std::size_t cached_ = 0;
  std::size_t computed_ = 0;
  std::size_t generated_ = 0;
};

// Who asks at once, each on a thread.
std::size_t callers_of(const BenchArgs& args) {
  if (args.mode == "single") return 1;
  return args.mode == "tavern" ? args.players : args.streams;
}

Status judge(const BenchArgs& args, std::size_t vocabulary) {
  if (args.mode != "single" && args.mode != "batch" && args.mode != "tavern") {
    return fail(ErrorCode::kInvalidArgument,
                fmt::format("--mode is '{}'; it takes single, batch or tavern.", args.mode));
  }
  const std::size_t callers = callers_of(args);
  if (callers < 1 || callers > engine::kMaxCallers || args.personas < 1 || args.turns < 1 ||
      args.turns > 10 || args.repeat < 1) {
    return fail(ErrorCode::kInvalidArgument,
                fmt::format("A bench has 1 to {} streams or players, 1 persona or more, 1 to 10 "
                            "turns and 1 repetition or more.",
                            engine::kMaxCallers));
  }
  if (vocabulary > 400) return {};
  return fail(ErrorCode::kUnsupported,
              fmt::format("The bench speaks in tokens 300 to 899; the model has {}.", vocabulary));
}

Result<text::JsonObject> measure(const BenchArgs& args) {
  engine::EngineOptions options{.threads = args.threads};
  if (!args.ram.empty()) {
    DRAMATIS_TRY(options.ram_bytes, parse_memory_size("--ram", args.ram));
    keep_memory_small();
    options.conversations = callers_of(args);
    options.beside_bytes = callers_of(args) * kCallerBytes;
  }
  DRAMATIS_TRY(const auto engine, engine::Engine::load(args.file, options));
  DRAMATIS_DO(judge(args, engine->vocabulary().size()));
  return Bench(*engine, args).run();
}

}  // namespace

int run_model_bench(const BenchArgs& args) {
  const auto measured = measure(args);
  if (!measured) return complain(measured.error());
  if (args.output == Output::kJson) {
    fmt::print("{}\n", text::print_json(*measured));
    return 0;
  }
  for (const auto& [key, value] : *measured)
    fmt::print("{}: {}\n", key, text::printable(text::print_json(value)));
  return 0;
}

}  // namespace dramatis::app
