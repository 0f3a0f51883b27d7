// One update after another.
#include "train/tune/learn.h"

#include <algorithm>
#include <cmath>
#include <numeric>
#include <optional>

#include <fmt/format.h>

#include "runs/log.h"
#include "text/digest.h"
#include "train/memory.h"
#include "train/parallel.h"
#include "train/tune/order.h"
#include "train/tune/peft_folder.h"
#include "train/tune/whole_model.h"

namespace dramatis::train::tune {
namespace {

using SteadyClock = std::chrono::steady_clock;

std::vector<std::size_t> all_items(const Material& material) {
  std::vector<std::size_t> items(material.items());
  std::iota(items.begin(), items.end(), std::size_t{0});
  return items;
}

class Learning {
 public:
  Learning(Start& start, const Lessons& lessons, const Plan& plan,
           const std::filesystem::path& folder, Workers& workers, const Hearers& hearers)
      : start_(start),
        lessons_(lessons),
        plan_(plan),
        places_(folder),
        workers_(workers),
        hearers_(hearers),
        rule_(start.network.learnt(), plan.optimizer),
        updates_(updates_of(lessons.learnt.lengths(), plan.steps, plan.seed)),
        digest_(text::sha256(plan.digest + start.checksum + lessons.digest)) {}

  Result<State> run(const std::stop_token& stop) {
    DRAMATIS_DO(resume());
    while (!state_.ended && state_.update < updates_.size()) {
      DRAMATIS_TRY(const bool stops, update(stop));
      const bool last = state_.update == updates_.size();
      if (last || is_evaluated(state_.update)) DRAMATIS_DO(evaluate());
      state_.ended = last || is_tired();
      if (state_.ended || stops || state_.update % plan_.steps.checkpoint == 0 ||
          is_evaluated(state_.update))
        DRAMATIS_DO(keep());
      if (stops && !state_.ended) {
        return fail(ErrorCode::kCancelled,
                    "Stopped after a checkpoint; the same command goes on from there.");
      }
    }
    DRAMATIS_DO(add(runs::End{.update = state_.update}));
    DRAMATIS_DO(take_best());
    return state_;
  }

 private:
  // Rank 0 has the checkpoint; the others take everything from it.
  Status resume() {
    if (workers_.leads()) {
      auto read = read_state(places_.checkpoint, start_.network, rule_, digest_);
      if (!read && read.error().code != ErrorCode::kNotFound)
        return tl::unexpected(std::move(read).error());
      if (read) state_ = *read;
      latest_ = state_.best_loss;
    }
    DRAMATIS_DO(share_state());
    if (workers_.leads()) {
      DRAMATIS_TRY(auto log, runs::RunLog::open(places_.log, state_.update));
      log_.emplace(std::move(log));
    }
    decide_keeping();
    if (state_.update > 0) return {};
    return begin();
  }

  Status share_state() {
    if (workers_.count() == 1) return {};
    std::vector<torch::Tensor> tensors;
    for (const auto& [name, tensor] : start_.network.learnt()) tensors.push_back(tensor);
    for (const auto& [name, tensor] : rule_.state()) tensors.push_back(tensor);
    auto counters =
        torch::tensor({static_cast<double>(state_.update), static_cast<double>(rule_.updates()),
                       state_.first_loss, state_.best_loss, static_cast<double>(state_.best_update),
                       static_cast<double>(state_.waits), state_.ended ? 1.0 : 0.0, state_.seconds,
                       state_.tokens},
                      torch::kFloat64);
    tensors.push_back(counters);
    DRAMATIS_DO(workers_.take_from_first(tensors));
    const double* n = counters.data_ptr<double>();
    state_ = {.update = static_cast<std::size_t>(n[0]),
              .first_loss = n[2],
              .best_loss = n[3],
              .best_update = static_cast<std::size_t>(n[4]),
              .waits = static_cast<std::size_t>(n[5]),
              .ended = n[6] != 0,
              .seconds = n[7],
              .tokens = n[8]};
    rule_.set_updates(static_cast<std::int64_t>(n[1]));
    start_.network.renew();
    return {};
  }

  // Weights and moments stand now: what is free is for gradients and passes.
  void decide_keeping() {
    if (state_.ended) return;
    const auto lengths = lessons_.learnt.lengths();
    std::size_t tokens = 0;
    for (std::size_t u = state_.update; u < updates_.size(); ++u) {
      const auto mine = share_of(updates_[u].documents, workers_.rank(), workers_.count());
      const auto passes = passes_of(mine, lengths, plan_.steps.pass_tokens);
      tokens = std::max(tokens, tokens_at_once(passes, lengths, threads_at_once()));
    }
    keeping_ = keeping_of(plan_.steps, start_.network, tokens, available_memory());
    if (hearers_.keeping) hearers_.keeping(keeping_);
  }

  Status begin() {
    DRAMATIS_DO(add(runs::Begin{.name = plan_.output.name,
                                .method = std::string(name_of(plan_.method)),
                                .base = start_.name,
                                .digest = digest_,
                                .updates = updates_.size(),
                                .epochs = updates_.back().epoch + 1,
                                .lessons = lessons_.learnt.items(),
                                .held_out = lessons_.held_out.items(),
                                .recomputes = keeping_.keep == Keep::kInputs,
                                .memory = keeping_.why}));
    return evaluate();
  }

  Passes passes() const {
    return {.tokens = plan_.steps.pass_tokens,
            .beta = plan_.beta,
            .dropout_seed = plan_.seed * 1'000'003 + state_.update,
            .drops = plan_.method != Method::kFull && plan_.lora.dropout > 0,
            .keep = keeping_.keep};
  }

  // Whether somebody asked to stop, which every process learns of with the same update.
  Result<bool> update(const std::stop_token& stop) {
    const auto began = SteadyClock::now();
    const Update& now = updates_[state_.update];
    const auto mine = share_of(now.documents, workers_.rank(), workers_.count());
    double weight = 0;
    double tokens = 0;
    const auto lengths = lessons_.learnt.lengths();
    for (const std::size_t item : now.documents) {
      weight += lessons_.learnt.weight(item);
      tokens += static_cast<double>(lengths[item]);
    }
    auto made = gradients_of(start_.network, lessons_.learnt, mine, weight, passes());
    std::vector<double> sums = {made.tally.loss, stop.stop_requested() ? 1.0 : 0.0};
    DRAMATIS_DO(together(workers_.sum(sums)));
    DRAMATIS_DO(together(workers_.sum(made.sums)));
    if (!std::isfinite(sums[0])) {
      return fail(ErrorCode::kInvalidArgument,
                  fmt::format("The loss of update {} is no number any more; lower the rate ({}) or "
                              "clip more.",
                              state_.update + 1, plan_.optimizer.rate));
    }
    const double share = rate_share(plan_.steps, state_.update, updates_.size());
    const double length = rule_.update(made.sums, share);
    start_.network.renew();
    ++state_.update;
    const std::chrono::duration<double> spent = SteadyClock::now() - began;
    state_.seconds += spent.count();
    state_.tokens += tokens;
    DRAMATIS_DO(tell(now, sums[0] / weight, share, length, tokens / spent.count()));
    return sums[1] > 0;
  }

  // Where another process is lost, this update has not happened: what was before it is kept.
  Status together(Status summed) {
    if (summed || !workers_.leads()) return summed;
    DRAMATIS_DO(keep());
    return summed;
  }

  Status tell(const Update& now, double loss, double share, double length, double pace) {
    const double left = state_.seconds / static_cast<double>(state_.update) *
                        static_cast<double>(updates_.size() - state_.update);
    if (hearers_.progress) {
      hearers_.progress({.update = state_.update,
                         .updates = updates_.size(),
                         .epoch = now.epoch + 1,
                         .epochs = updates_.back().epoch + 1,
                         .loss = loss,
                         .held_out = latest_,
                         .tokens_per_second = pace,
                         .left = std::chrono::seconds(static_cast<std::int64_t>(left))});
    }
    return add(runs::Update{.update = state_.update,
                            .epoch = now.epoch + 1,
                            .loss = loss,
                            .rate = share * plan_.optimizer.rate,
                            .gradient = length,
                            .tokens_per_second = pace});
  }

  bool is_evaluated(std::size_t update) const {
    if (plan_.watch.every > 0) return update % plan_.watch.every == 0;
    return updates_[update - 1].ends_epoch;
  }

  bool is_tired() const { return plan_.watch.patience > 0 && state_.waits >= plan_.watch.patience; }

  Status evaluate() {
    const auto items = all_items(lessons_.held_out);
    const auto mine = share_of(items, workers_.rank(), workers_.count());
    const Tally part = measure(start_.network, lessons_.held_out, mine, passes());
    std::vector<double> sums = {part.loss, part.weight, part.right};
    DRAMATIS_DO(workers_.sum(sums));
    Evaluation now{.update = state_.update,
                   .epoch = state_.update == 0 ? 0 : updates_[state_.update - 1].epoch + 1,
                   .tally = {.loss = sums[0], .weight = sums[1], .right = sums[2]}};
    latest_ = now.tally.mean();
    // Without anything to measure by, the last is the best.
    now.is_best = items.empty() || state_.update == 0 || latest_ < state_.best_loss;
    settle(now);
    if (!workers_.leads()) return {};
    if (now.is_best) DRAMATIS_DO(write_learnt(places_.best, start_.network));
    DRAMATIS_TRY(now.answers, answers());
    if (hearers_.evaluation) hearers_.evaluation(now);
    return add(entry_of(now));
  }

  void settle(const Evaluation& now) {
    if (now.update == 0) state_.first_loss = latest_;
    state_.waits = now.is_best ? 0 : state_.waits + 1;
    if (!now.is_best) return;
    state_.best_loss = latest_;
    state_.best_update = now.update;
  }

  static runs::Evaluation entry_of(const Evaluation& now) {
    runs::Evaluation entry{
        .update = now.update, .epoch = now.epoch, .loss = now.tally.mean(), .is_best = now.is_best};
    for (const auto& one : now.answers)
      entry.samples.push_back({.question = one.question, .reply = one.reply, .ended = one.ended});
    if (now.tally.right > 0) entry.right = now.tally.right / now.tally.weight;
    return entry;
  }

  // The recipe's questions, or the first that are held out.
  std::vector<std::vector<lm::Message>> questions() const {
    if (plan_.watch.questions.empty()) return lessons_.questions;
    std::vector<std::vector<lm::Message>> asked;
    for (const auto& question : plan_.watch.questions) {
      std::vector<lm::Message> messages;
      if (!plan_.watch.sheet.empty())
        messages.push_back({.role = lm::Role::kSystem, .text = plan_.watch.sheet});
      messages.push_back({.role = lm::Role::kPlayer, .text = question});
      asked.push_back(std::move(messages));
    }
    return asked;
  }

  Result<std::vector<Answer>> answers() const {
    std::vector<Answer> all;
    const auto asked = questions();
    if (asked.empty()) return all;
    std::optional<model::Adapter> adapter;
    std::optional<model::Model> whole;
    std::vector<model::AdapterUse> uses;
    if (plan_.method == Method::kFull) {
      DRAMATIS_TRY(auto file,
                   with_weights(start_.model.file(), start_.network, tensor::Dtype::kQ8_0, {}));
      DRAMATIS_TRY(auto bound, model::Model::bind(std::move(file)));
      whole.emplace(std::move(bound));
    } else {
      DRAMATIS_TRY(const auto parts,
                   peft_parts(start_.network, plan_.lora, start_.name, formats::SafeDtype::kF32));
      DRAMATIS_TRY(const auto folder, as_read(parts));
      DRAMATIS_TRY(auto read, model::Adapter::from_peft(folder, start_.model.config()));
      adapter.emplace(std::move(read));
      uses.push_back({.adapter = &*adapter});
    }
    for (const auto& messages : asked) {
      DRAMATIS_TRY(auto said, answer(whole ? *whole : start_.model, uses, start_.speech, messages,
                                     plan_.watch.reply_tokens));
      all.push_back(std::move(said));
    }
    return all;
  }

  Status keep() {
    if (!workers_.leads()) return {};
    return write_state(places_.checkpoint, start_.network, rule_, state_, digest_);
  }

  Status take_best() {
    if (workers_.leads()) DRAMATIS_DO(read_learnt(places_.best, start_.network));
    return {};
  }

  // Rank 0's alone.
  Status add(const runs::Entry& entry) {
    if (!log_) return {};
    return log_->add(entry);
  }

  Start& start_;
  const Lessons& lessons_;
  const Plan& plan_;
  const RunPlaces places_;
  Workers& workers_;
  const Hearers& hearers_;
  UpdateRule rule_;
  const std::vector<Update> updates_;
  const std::string digest_;
  State state_{};
  Keeping keeping_{};
  double latest_ = 0;
  std::optional<runs::RunLog> log_{};  // rank 0's
};

}  // namespace

Result<State> learn(Start& start, const Lessons& lessons, const Plan& plan,
                    const std::filesystem::path& folder, Workers& workers, const Hearers& hearers,
                    std::stop_token stop) {
  Learning learning(start, lessons, plan, folder, workers, hearers);
  return learning.run(stop);
}

}  // namespace dramatis::train::tune
