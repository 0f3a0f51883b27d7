// Contrastive training: of two lines of one topic, each must find the other among all topics of the
// character.
#include "train/matcher.h"

#include <algorithm>
#include <cmath>
#include <map>
#include <numeric>
#include <optional>

#include <fmt/format.h>
#include <torch/torch.h>

#include "base/files.h"
#include "base/random.h"
#include "formats/safetensors.h"
#include "search/matched_index.h"
#include "search/matcher.h"

namespace dramatis::train {
namespace {

using Features = std::vector<std::int64_t>;

// A topic with the features of its lines.
struct Topic {
  std::string character, name;
  std::vector<std::string> lines;
  std::vector<Features> features;
};

std::vector<Topic> featurise(const std::vector<TopicLines>& groups, std::size_t buckets) {
  std::vector<Topic> topics;
  for (const auto& group : groups) {
    Topic topic{
        .character = group.character, .name = group.topic, .lines = group.lines, .features = {}};
    for (const auto& line : group.lines) {
      const auto features = search::features_of(line, buckets);
      topic.features.emplace_back(features.begin(), features.end());
    }
    topics.push_back(std::move(topic));
  }
  return topics;
}

// The weights in training. One thread at a time.
class Encoder {
 public:
  explicit Encoder(const MatcherPlan& plan)
      : vectors_(torch::randn({static_cast<std::int64_t>(plan.buckets),
                               static_cast<std::int64_t>(plan.width)}) *
                 0.05),
        weights_(torch::zeros({static_cast<std::int64_t>(plan.buckets), 1})),
        scale_(torch::full({}, 2.7)) {
    for (auto* tensor : {&vectors_, &weights_, &scale_}) tensor->set_requires_grad(true);
  }

  // Unit rows [lines, width] of lines, a share of whose features is hidden.
  [[nodiscard]] torch::Tensor embed(const std::vector<const Features*>& lines, double dropped,
                                    Rng& rng) const {
    std::vector<std::int64_t> ids;
    std::vector<std::int64_t> starts;
    for (const Features* line : lines) {
      starts.push_back(static_cast<std::int64_t>(ids.size()));
      for (const auto id : *line) {
        if (rng.uniform() >= dropped) ids.push_back(id);
      }
      if (static_cast<std::int64_t>(ids.size()) == starts.back()) ids.push_back(line->front());
    }
    const auto index = torch::tensor(ids, torch::kInt64);
    const auto weight = torch::exp(torch::embedding(weights_, index)).squeeze(1);
    const auto sum = std::get<0>(
        torch::embedding_bag(vectors_, index, torch::tensor(starts, torch::kInt64),
                             /*scale_grad_by_freq=*/false, /*mode=*/0, /*sparse=*/false, weight));
    return torch::nn::functional::normalize(sum,
                                            torch::nn::functional::NormalizeFuncOptions().dim(1));
  }

  [[nodiscard]] torch::Tensor scale() const { return torch::exp(scale_); }
  [[nodiscard]] std::vector<torch::Tensor> parameters() const {
    return {vectors_, weights_, scale_};
  }

  // The file that search/ reads.
  [[nodiscard]] std::vector<std::byte> written(const search::Calibration& calibration) const {
    const auto vectors = vectors_.detach().to(torch::kHalf).contiguous();
    const auto weights = torch::exp(weights_.detach()).squeeze(1).to(torch::kHalf).contiguous();
    const auto view = [](const char* name, const torch::Tensor& tensor) {
      formats::SafeTensor out{
          .name = name, .dtype = formats::SafeDtype::kF16, .shape = {}, .bytes = {}};
      for (const auto size : tensor.sizes()) out.shape.push_back(static_cast<std::size_t>(size));
      out.bytes = {static_cast<const std::byte*>(tensor.data_ptr()),
                   static_cast<std::size_t>(tensor.nbytes())};
      return out;
    };
    const std::vector<formats::SafeTensor> tensors = {view("vectors", vectors),
                                                      view("weights", weights)};
    return formats::write_safetensors(
        tensors, {{"slope", fmt::format("{:.4f}", calibration.slope)},
                  {"margin_slope", fmt::format("{:.4f}", calibration.margin_slope)},
                  {"offset", fmt::format("{:.4f}", calibration.offset)},
                  {"word_weight", fmt::format("{:.4f}", calibration.word_weight)}});
  }

 private:
  torch::Tensor vectors_, weights_, scale_;
};

// Two lines of each topic of one character, matched both ways.
torch::Tensor pair_loss(const Encoder& encoder, const std::vector<const Topic*>& topics,
                        double dropped, Rng& rng) {
  std::vector<const Features*> left;
  std::vector<const Features*> right;
  for (const Topic* topic : topics) {
    const auto a = rng.below(topic->features.size());
    const auto b = (a + 1 + rng.below(topic->features.size() - 1)) % topic->features.size();
    left.push_back(&topic->features[a]);
    right.push_back(&topic->features[b]);
  }
  const auto similar =
      torch::mm(encoder.embed(left, dropped, rng), encoder.embed(right, dropped, rng).t()) *
      encoder.scale();
  const auto wanted = torch::arange(similar.size(0));
  namespace nn = torch::nn::functional;
  return (nn::cross_entropy(similar, wanted) + nn::cross_entropy(similar.t(), wanted)) / 2;
}

Result<Encoder> fit(const std::vector<Topic>& topics, const MatcherPlan& plan,
                    const std::function<void(std::size_t, double)>& report,
                    const std::stop_token& stop) {
  std::map<std::string, std::vector<const Topic*>> by_character;
  for (const Topic& topic : topics) {
    if (topic.features.size() >= 2) by_character[topic.character].push_back(&topic);
  }
  if (by_character.empty())
    return fail(ErrorCode::kInvalidArgument, "No topic has two lines to match.");
  torch::manual_seed(plan.seed);
  Rng rng(plan.seed);
  Encoder encoder(plan);
  torch::optim::Adam adam(encoder.parameters(), torch::optim::AdamOptions(plan.rate));
  auto whose = by_character.begin();
  double smooth = 0;
  for (std::size_t step = 0; step < plan.steps; ++step) {
    if (stop.stop_requested()) return fail(ErrorCode::kCancelled, "Stopped.");
    if (whose == by_character.end()) whose = by_character.begin();
    const double left = 1 - static_cast<double>(step) / static_cast<double>(plan.steps);
    static_cast<torch::optim::AdamOptions&>(adam.param_groups()[0].options()).lr(plan.rate * left);
    adam.zero_grad();
    const auto loss = pair_loss(encoder, (whose++)->second, plan.dropped, rng);
    loss.backward();
    adam.step();
    smooth = step == 0 ? loss.item<double>() : 0.95 * smooth + 0.05 * loss.item<double>();
    if (report && (step + 1) % 100 == 0) report(step + 1, smooth);
  }
  return encoder;
}

// A question whose topic is known.
struct Probe {
  std::string line, topic;
};

// Best and second-best score of the groups for a probe, and whether the best is right.
struct Outcome {
  double best = 0, next = 0;
  bool right = false;
};

struct Ranked {
  std::vector<Outcome> known;      // the probes as they are
  std::vector<Outcome> strangers;  // the same as if nobody had written their topics: none is right
};

// What came of `hits` without those of the topic `hidden`; nothing where no two topics are left.
std::optional<Outcome> outcome_of(const std::vector<search::Hit>& hits, const std::string& topic,
                                  const std::string& hidden) {
  const auto logit = [](double p) { return std::log(p / (1 - p)); };
  const auto topic_of = [](const search::Hit& hit) { return hit.id.substr(0, hit.id.rfind('/')); };
  std::optional<Outcome> outcome;
  std::string first;
  for (const auto& hit : hits) {
    const std::string found = topic_of(hit);
    if (found == hidden || found == first) continue;
    if (outcome) {
      outcome->next = logit(hit.score);
      return outcome;
    }
    first = found;
    outcome = {.best = logit(hit.score), .next = -1, .right = found == topic};
  }
  return hidden.empty() ? outcome : std::nullopt;
}

// The lines of a character as documents.
std::vector<search::Document> documents_of(const std::vector<const Topic*>& topics) {
  std::vector<search::Document> documents;
  for (const Topic* topic : topics) {
    for (std::size_t n = 0; n < topic->lines.size(); ++n) {
      documents.push_back({.id = fmt::format("{}/{}", topic->name, n),
                           .text = topic->lines[n],
                           .text2 = "",
                           .owner = "",
                           .group = topic->name});
    }
  }
  return documents;
}

using Probes = std::map<std::string, std::vector<Probe>>;  // by character

// Ranks every probe. The calibration in `file` must be the identity, so that scores can be read
// back.
Result<Ranked> rank(std::vector<std::byte> file, const std::vector<Topic>& topics,
                    const Probes& probes) {
  DRAMATIS_TRY(const auto parsed, formats::Safetensors::parse(std::move(file)));
  DRAMATIS_TRY(const auto matcher, search::Matcher::from(parsed));
  std::map<std::string, std::vector<const Topic*>> by_character;
  for (const Topic& topic : topics) by_character[topic.character].push_back(&topic);
  Ranked ranked;
  for (const auto& [character, asked] : probes) {
    DRAMATIS_TRY(const auto index,
                 search::MatchedIndex::build(documents_of(by_character[character]), matcher));
    for (const Probe& probe : asked) {
      DRAMATIS_TRY(const auto hits, index->nearest(probe.line, 256));
      if (const auto known = outcome_of(hits, probe.topic, "")) ranked.known.push_back(*known);
      const auto stranger = outcome_of(hits, probe.topic, probe.topic);
      if (stranger) ranked.strangers.push_back(*stranger);
    }
  }
  return ranked;
}

double share_right(const std::vector<Outcome>& outcomes) {
  const auto right =
      std::count_if(outcomes.begin(), outcomes.end(), [](const Outcome& o) { return o.right; });
  return static_cast<double>(right) /
         static_cast<double>(std::max<std::size_t>(outcomes.size(), 1));
}

// Logistic regression of "right" on best score and lead, by plain descent. Players say as much that
// no topic is about as what one is about.
search::Calibration calibrate(const Ranked& ranked, double word_weight) {
  std::vector<Outcome> outcomes = ranked.known;
  outcomes.insert(outcomes.end(), ranked.strangers.begin(), ranked.strangers.end());
  search::Calibration fitted{
      .slope = 1, .margin_slope = 1, .offset = 0, .word_weight = word_weight};
  constexpr int kRounds = 20'000;
  constexpr double kRate = 0.5;
  const auto n = static_cast<double>(outcomes.size());
  for (int round = 0; round < kRounds; ++round) {
    double slope = 0;
    double margin = 0;
    double offset = 0;
    for (const Outcome& o : outcomes) {
      const double lead = o.best - o.next;
      const double p =
          1 / (1 + std::exp(-(fitted.slope * o.best + fitted.margin_slope * lead + fitted.offset)));
      const double wrong = p - (o.right ? 1 : 0);
      slope += wrong * o.best / n;
      margin += wrong * lead / n;
      offset += wrong / n;
    }
    fitted.slope -= kRate * slope;
    fitted.margin_slope -= kRate * margin;
    fitted.offset -= kRate * offset;
  }
  return fitted;
}

// Every tenth line of each topic, from the second on.
Probes hold_out(std::vector<TopicLines>& groups) {
  Probes probes;
  for (auto& group : groups) {
    std::vector<std::string> kept;
    for (std::size_t n = 0; n < group.lines.size(); ++n) {
      if (n % 10 == 1 && group.lines.size() >= 4) {
        probes[group.character].push_back({group.lines[n], group.topic});
      } else {
        kept.push_back(group.lines[n]);
      }
    }
    group.lines = std::move(kept);
  }
  return probes;
}

}  // namespace

Result<MatcherReport> train_matcher(const std::vector<TopicLines>& groups, const MatcherPlan& plan,
                                    const std::filesystem::path& out,
                                    const std::function<void(std::size_t, double)>& report,
                                    std::stop_token stop) {
  auto learnt = groups;
  const Probes probes = hold_out(learnt);
  const auto some = featurise(learnt, plan.buckets);
  DRAMATIS_TRY(const Encoder rehearsal, fit(some, plan, report, stop));
  MatcherReport figures;
  search::Calibration chosen;
  constexpr double kWordsAlone = 1000;
  for (const double weight : {0.0, 0.2, 0.45, kWordsAlone}) {
    DRAMATIS_TRY(
        const auto ranked,
        rank(rehearsal.written({.slope = weight == kWordsAlone ? 0.01 : 1, .word_weight = weight}),
             some, probes));
    const double right = share_right(ranked.known);
    figures.lines = ranked.known.size();
    if (weight == 0.0) figures.by_matcher = right;
    if (weight == kWordsAlone) {
      figures.by_words = right;
    } else if (right > figures.together) {
      figures.together = right;
      chosen = calibrate(ranked, weight);
    }
  }
  DRAMATIS_TRY(const Encoder final, fit(featurise(groups, plan.buckets), plan, report, stop));
  DRAMATIS_DO(write_file(out, final.written(chosen)));
  return figures;
}

}  // namespace dramatis::train
