// Writes what came out.
#include "train/tune/result.h"

#include <algorithm>
#include <span>

#include <fmt/format.h>
#include <sys/resource.h>

#include "base/files.h"
#include "convert/adapter_file.h"
#include "convert/merge.h"
#include "convert/weight_types.h"
#include "runs/log.h"
#include "train/tune/order.h"
#include "train/tune/peft_folder.h"
#include "train/tune/whole_model.h"

namespace dramatis::train::tune {
namespace {

using runs::Facts;

double peak_megabytes() {
  rusage used{};
  getrusage(RUSAGE_SELF, &used);
  return static_cast<double>(used.ru_maxrss) / 1024;
}

void add_evaluation(const runs::Evaluation& one, Facts& to) {
  to.evaluations.push_back({.update = one.update, .loss = one.loss, .is_best = one.is_best});
  // The samples are those of the weights that are kept.
  if (one.update != to.best_update) return;
  to.samples.clear();
  to.answers = to.ended = 0;
  for (const auto& [question, reply, ended] : one.samples) {
    to.samples.emplace_back(question, reply);
    ++to.answers;
    if (ended) ++to.ended;
  }
}

Status add_log(const std::filesystem::path& path, Facts& to) {
  DRAMATIS_TRY(const auto entries, runs::read_log(path));
  for (const auto& entry : entries) {
    if (const auto* one = std::get_if<runs::Evaluation>(&entry)) add_evaluation(*one, to);
  }
  return {};
}

Status write_text(const std::filesystem::path& path, const std::string& text) {
  return write_file(path, std::as_bytes(std::span(text)));
}

Notes notes_of(const Facts& facts, const Plan& plan) {
  Notes notes{{"general.name", facts.name},
              {"dramatis.recipe", facts.recipe},
              {"dramatis.data", facts.lessons}};
  for (const auto& [name, hash] : facts.files) {
    if (name == plan.data.cast.folder) notes.emplace_back("dramatis.cast", hash);
  }
  return notes;
}

tensor::Dtype dtype_of(formats::SafeDtype dtype) {
  if (dtype == formats::SafeDtype::kF16) return tensor::Dtype::kF16;
  return dtype == formats::SafeDtype::kBF16 ? tensor::Dtype::kBF16 : tensor::Dtype::kF32;
}

Status write_adapter(const std::filesystem::path& folder, const Start& start, const Plan& plan) {
  DRAMATIS_TRY(const auto parts,
               peft_parts(start.network, plan.lora, start.name, plan.output.adapter));
  DRAMATIS_DO(write_peft(folder, parts));
  const auto& config = start.model.config();
  DRAMATIS_TRY(const auto adapter, model::Adapter::read(folder, config));
  DRAMATIS_TRY(const auto file, convert::write_adapter(adapter, config,
                                                       {.name = plan.output.name,
                                                        .dtype = dtype_of(plan.output.adapter)}));
  DRAMATIS_DO(write_file(folder / "adapter.gguf", file));
  if (plan.output.gguf.empty()) return {};
  DRAMATIS_TRY(const auto type, convert::parse_type(plan.output.gguf));
  const model::AdapterUse use{.adapter = &adapter};
  DRAMATIS_TRY(const auto merged,
               convert::merge(start.model.file(), {&use, 1}, {.type = type, .threads = 2}));
  return write_file(folder / "model.gguf", merged.file.bytes());
}

Status write_whole(const std::filesystem::path& folder, const Start& start, const Plan& plan,
                   const Facts& facts) {
  DRAMATIS_TRY(const auto type,
               convert::parse_type(plan.output.gguf.empty() ? "q8_0" : plan.output.gguf));
  DRAMATIS_TRY(const auto file,
               with_weights(start.model.file(), start.network, type, notes_of(facts, plan)));
  DRAMATIS_DO(write_file(folder / "model.gguf", file.bytes()));
  if (!plan.output.safetensors) return {};
  return write_folder(folder, start.network, plan.base.model);
}

}  // namespace

Result<Facts> facts_of(const Start& start, const Lessons& lessons, const Talks& talks,
                       const Plan& plan, const State& state, const std::filesystem::path& log) {
  Facts facts{.name = plan.output.name,
              .method = std::string(name_of(plan.method)),
              .base = start.name,
              .base_checksum = start.checksum,
              .recipe = plan.digest,
              .lessons = lessons.digest,
              .files = talks.hashes,
              .sheet = plan.data.sheet == Sheet::kKeep,
              .form = std::string(render::name_of(start.speech.form)),
              .arithmetic = start.network.arithmetic() == Arithmetic::kBf16 ? "bf16" : "f32"};
  if (plan.method != Method::kFull) {
    facts.rank = plan.lora.rank;
    facts.alpha = plan.lora.alpha;
    facts.by_root = plan.lora.by_root;
    facts.dropout = plan.lora.dropout;
    facts.targets = plan.lora.targets;
  }
  facts.rate = plan.optimizer.rate;
  facts.learnt = lessons.learnt.items();
  facts.held_out = lessons.held_out.items();
  facts.too_long = lessons.too_long;
  facts.updates = state.update;
  for (const auto& [name, tensor] : start.network.learnt())
    facts.parameters += static_cast<std::size_t>(tensor.numel());
  facts.first_loss = state.first_loss;
  facts.best_loss = state.best_loss;
  facts.best_update = state.best_update;
  facts.tokens = state.tokens;
  facts.seconds = state.seconds;
  facts.megabytes = peak_megabytes();
  facts.seed = plan.seed;
  DRAMATIS_DO(add_log(log, facts));
  return facts;
}

Status write_result(const std::filesystem::path& folder, const Start& start, const Plan& plan,
                    const Facts& facts) {
  if (plan.method == Method::kFull) {
    DRAMATIS_DO(write_whole(folder, start, plan, facts));
  } else {
    DRAMATIS_DO(write_adapter(folder, start, plan));
  }
  DRAMATIS_DO(write_text(folder / "result.json",
                         text::print_json(text::Json(runs::print_facts(facts))) + "\n"));
  return write_text(folder / "README.md", runs::print_card(facts));
}

}  // namespace dramatis::train::tune
