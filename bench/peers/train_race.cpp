// Our side of bench/peers/train: steps of training on drawn dialogues, and what they cost, as one
// line of JSON.
#include <algorithm>
#include <chrono>
#include <cstdio>
#include <numeric>
#include <random>

#include <CLI/CLI.hpp>
#include <fmt/format.h>
#include <sys/resource.h>

#include "train/memory.h"
#include "train/network.h"
#include "train/parallel.h"
#include "train/tune/update_rule.h"

namespace {

using dramatis::train::Arithmetic;
using dramatis::train::Document;
using dramatis::train::Keep;
using dramatis::train::Network;
using dramatis::train::NetworkShape;
using dramatis::train::tune::UpdateRule;

// What the program was told.
struct Told {
  std::string shape = "smollm2-135m", dtype = "bf16";
  std::size_t lora = 0, steps = 4, pass_tokens = 640, held_out = 0, batch = 8;
  double rate = 5e-5;
  bool recompute = false;
};

NetworkShape shape_named(const std::string& name) {
  NetworkShape shape;
  if (name == "tiny") {
    shape.sizes = {.layers = 8,
                   .width = 256,
                   .feed_forward = 768,
                   .heads = 4,
                   .kv_heads = 4,
                   .head_width = 64,
                   .context = 2048,
                   .rope_base = 1e5};
    shape.vocabulary = 4096;
  } else {
    shape.sizes = {.layers = 30,
                   .width = 576,
                   .feed_forward = 1536,
                   .heads = 9,
                   .kv_heads = 3,
                   .head_width = 64,
                   .context = 2048,
                   .rope_base = 1e5};
    shape.vocabulary = 49152;
  }
  return shape;
}

// Turns of a dialogue are so long: 40 to 400 tokens, about 150 on average. The tokens follow each
// other by a rule that can be learnt, four times in five: the next is a fixed function of the last.
class Drawer {
 public:
  Drawer(std::size_t vocabulary, std::uint64_t seed) : vocabulary_(vocabulary), engine_(seed) {}

  Document draw() {
    const auto length = static_cast<std::size_t>(std::clamp(lengths_(engine_), 40.0, 400.0));
    Document document;
    std::size_t id = engine_() % kCommon;
    for (std::size_t n = 0; n < length; ++n) {
      document.ids.push_back(static_cast<std::int32_t>(id % vocabulary_));
      document.learnt.push_back(true);
      id = engine_() % 5 == 0 ? engine_() % kCommon : (id * 37 + 11) % kCommon;
    }
    return document;
  }
  std::vector<Document> draw(std::size_t count) {
    std::vector<Document> documents;
    for (std::size_t n = 0; n < count; ++n) documents.push_back(draw());
    return documents;
  }

 private:
  // Few enough that a short run learns them.
  static constexpr std::size_t kCommon = 512;

  std::size_t vocabulary_;
  std::mt19937_64 engine_;
  std::gamma_distribution<double> lengths_{3, 50};
};

std::vector<const Document*> pointers(const std::vector<Document>& documents) {
  std::vector<const Document*> them;
  for (const auto& document : documents) them.push_back(&document);
  return them;
}

// Passes over some documents: each of a thread of its own.
struct Passes {
  std::vector<const Document*> documents;
  std::vector<std::size_t> firsts;

  [[nodiscard]] dramatis::train::PackedBatch batch(std::size_t n) const {
    const std::size_t last = n + 1 < firsts.size() ? firsts[n + 1] : documents.size();
    return dramatis::train::pack_batch(std::span(documents).subspan(firsts[n], last - firsts[n]));
  }
};

// As many passes as threads where these are long enough, of nearly the same length.
Passes passes_of(const std::vector<Document>& documents, std::size_t most) {
  Passes passes{.documents = pointers(documents), .firsts = {}};
  passes.firsts = dramatis::train::split_passes(passes.documents, most);
  return passes;
}

// Read positions of all documents.
std::size_t tokens_of(const std::vector<Document>& documents) {
  std::size_t sum = 0;
  for (const auto& document : documents) sum += document.ids.size();
  return sum;
}

// One update; returns the mean loss.
double step(Network& network, UpdateRule& rule, const std::vector<Document>& documents,
            const Told& told) {
  const Passes passes = passes_of(documents, told.pass_tokens);
  const dramatis::train::PassOptions how{.keep =
                                             told.recompute ? Keep::kInputs : Keep::kEverything};
  const auto counted = static_cast<double>(tokens_of(documents) - documents.size());
  std::vector<torch::Tensor> learnt;
  for (const auto& [name, weight] : network.learnt()) learnt.push_back(weight);
  std::vector<std::vector<torch::Tensor>> gradients(passes.firsts.size());
  std::vector<double> losses(passes.firsts.size());
  dramatis::train::in_parallel(passes.firsts.size(), [&](std::size_t n) {
    const auto loss = network.summed_loss(passes.batch(n), how) / counted;
    losses[n] = loss.item<double>();
    gradients[n] = torch::autograd::grad({loss}, learnt);
  });
  dramatis::train::in_parallel(learnt.size(), [&](std::size_t n) {
    const torch::NoGradGuard no_gradients;
    for (std::size_t p = 1; p < gradients.size(); ++p) gradients[0][n].add_(gradients[p][n]);
  });
  rule.update(gradients[0], 1);
  network.renew();
  return std::accumulate(losses.begin(), losses.end(), 0.0);
}

double held_out_loss(const Network& network, const std::vector<Document>& documents,
                     std::size_t most) {
  const Passes passes = passes_of(documents, most);
  std::vector<double> losses(passes.firsts.size());
  dramatis::train::in_parallel(passes.firsts.size(), [&](std::size_t n) {
    const torch::NoGradGuard no_gradients;
    losses[n] = network.summed_loss(passes.batch(n)).item<double>();
  });
  return std::accumulate(losses.begin(), losses.end(), 0.0) /
         static_cast<double>(tokens_of(documents) - documents.size());
}

int race(const Told& told) {
  dramatis::train::Method method{.lora = {},
                                 .arithmetic = told.dtype == "bf16"  ? Arithmetic::kBf16
                                               : told.dtype == "f32" ? Arithmetic::kF32
                                                                     : Arithmetic::kPlain};
  if (told.lora > 0) {
    method.lora.emplace();
    method.lora->rank = told.lora;
    method.lora->alpha = 2 * static_cast<double>(told.lora);
  }
  auto network = Network::random(shape_named(told.shape), method, 1);
  if (!network) {
    fmt::print(stderr, "{}\n", network.error().what);
    return 1;
  }
  Drawer drawer(network->shape().vocabulary, 1);
  UpdateRule rule(network->learnt(), {.rate = told.rate, .decay = 0.01, .clip = 0});
  const auto held = Drawer(network->shape().vocabulary, 2).draw(told.held_out);
  double loss = step(*network, rule, drawer.draw(told.batch), told);  // not timed
  std::size_t tokens = 0;
  const auto began = std::chrono::steady_clock::now();
  for (std::size_t n = 0; n < told.steps; ++n) {
    const auto documents = drawer.draw(told.batch);
    loss = step(*network, rule, documents, told);
    tokens += tokens_of(documents);
  }
  const std::chrono::duration<double> spent = std::chrono::steady_clock::now() - began;
  rusage used{};
  getrusage(RUSAGE_SELF, &used);
  std::string measured;
  if (told.held_out > 0) {
    measured =
        fmt::format(", \"held_out_loss\": {:.5f}", held_out_loss(*network, held, told.pass_tokens));
  }
  fmt::print(
      "{{\"trainer\": \"dramatis\", \"shape\": \"{}\", \"dtype\": \"{}\", \"lora\": {}, "
      "\"recompute\": {}, \"steps\": {}, \"real_tokens_per_s\": {:.1f}, \"loss\": {:.4f}, "
      "\"peak_rss_mib\": {}{}}}\n",
      told.shape, told.dtype, told.lora, told.recompute, told.steps,
      static_cast<double>(tokens) / spent.count(), loss, used.ru_maxrss / 1024, measured);
  return 0;
}

}  // namespace

int main(int argc, char** argv) {
  CLI::App app("Our side of bench/peers/train.");
  Told told;
  app.add_option("--shape", told.shape)->check(CLI::IsMember({"smollm2-135m", "tiny"}));
  app.add_option("--dtype", told.dtype)->check(CLI::IsMember({"plain", "f32", "bf16"}));
  app.add_option("--lora", told.lora, "rank; 0 trains everything");
  app.add_option("--steps", told.steps);
  app.add_option("--rate", told.rate);
  app.add_option("--pass-tokens", told.pass_tokens, "at most so many in one pass of a thread");
  app.add_flag("--recompute", told.recompute, "compute layers again on the way back");
  app.add_option("--batch", told.batch, "dialogues to an update");
  app.add_option("--held-out", told.held_out, "measure the loss of so many documents at the end");
  CLI11_PARSE(app, argc, argv);
  dramatis::train::keep_freed_memory();
  return race(told);
}
