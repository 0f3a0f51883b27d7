// A model file -> a language model: renders, computes, draws, decodes, and streams words.
#pragma once

#include <cstddef>
#include <filesystem>
#include <memory>
#include <optional>
#include <string>

#include "engine/adapter_shelf.h"
#include "engine/adapters.h"
#include "engine/guides.h"
#include "engine/limits.h"
#include "engine/memory_plan.h"
#include "engine/reply_work.h"
#include "engine/scheduler.h"
#include "engine/warm_pages.h"
#include "formats/gguf.h"
#include "lm/language_model.h"
#include "model/model.h"
#include "render/render.h"
#include "runtime/stop.h"
#include "tokens/vocabulary.h"

namespace dramatis::engine {

struct EngineOptions {
  std::size_t threads = 0;  // that compute; 0: one for each of the machine's
  std::size_t context =
      0;  // tokens of prompt and reply; 0: the model's own, at most kDefaultContext
  std::optional<std::string> template_name =
      std::nullopt;               // of render::template_named; nothing: the file's own
  std::size_t ram_bytes = 0;      // of the whole process, a promise; 0: none is given
  std::size_t beside_bytes = 0;   // of that promise, what the caller keeps beside the engine
  std::size_t conversations = 0;  // that should be kept ready under that promise; 0: chosen
  std::size_t kv_bytes = 0;       // for keys and values, kept ones included; 0: chosen
  std::optional<tensor::Dtype> kv_dtype = std::nullopt;  // nothing: chosen
  std::vector<AdapterFile> adapters{};                   // that prompts may choose
  std::size_t adapter_bytes = 0;  // of the promise, for all of them and those that come; 0: as many
  std::vector<lm::AdapterChoice> for_all{};  // of them, for prompts that choose none
  WarmPlace warm{};  // where personas' pages outlive the engine; empty: nowhere
  // Of activations; nothing: as the model's size asks for. kTwice is nearer to exact, and slower.
  std::optional<kernels::Rounding> rounding = std::nullopt;
  int nice = 0;  // priority of the threads that compute; larger: others first, up to 19
};

// A prompt that is given as tokens.
struct TokenPrompt {
  std::vector<TokenId> ids{};
  Placement placement{};  // how many of them are everybody's, and who asks
  Ends ends = Ends::kHeeded;
};

// Thread-safe: callers are served together, and each writes to its own sink on its own thread. A
// reply depends on prompt, settings and seed alone, not on threads, other callers or what was
// computed before.
class Engine final : public lm::LanguageModel {
 public:
  // Errors: those of Gguf::read, Model::bind, Vocabulary::from_gguf and render::recognise;
  // kInvalidArgument for options which the model cannot meet; those of plan_memory.
  [[nodiscard]] static Result<std::unique_ptr<Engine>> load(const std::filesystem::path& path,
                                                            const EngineOptions& options);
  // The same from a file already parsed; `name` is what name() tells.
  [[nodiscard]] static Result<std::unique_ptr<Engine>> make(formats::Gguf file, std::string name,
                                                            const EngineOptions& options);

  [[nodiscard]] std::string name() const override { return name_; }
  [[nodiscard]] std::size_t context_size() const override { return plan_.context; }
  [[nodiscard]] Result<std::size_t> count_tokens(std::string_view text) const override;
  [[nodiscard]] Result<lm::Completion> generate(const lm::Prompt& asked, const lm::Sampling& how,
                                                lm::TextSink& sink, std::stop_token stop) override;
  [[nodiscard]] Result<std::vector<lm::Score>> score(const lm::Prompt& asked,
                                                     std::span<const std::string> replies,
                                                     std::stop_token stop) override;

  // The mean of the last layer's states over all tokens of a text, at length 1, with keys and
  // values in f32. Each text is computed between two steps. Errors: as the port says;
  // kInvalidArgument for an empty text.
  [[nodiscard]] Result<std::vector<std::vector<float>>> embed(std::span<const std::string> texts,
                                                              std::stop_token stop) override;

  // A reply to a prompt that is given as tokens. Errors: those of generate; kInvalidArgument for a
  // token outside the vocabulary.
  [[nodiscard]] Result<lm::Completion> continue_tokens(TokenPrompt prompt, const lm::Sampling& how,
                                                       lm::TextSink& sink, std::stop_token stop);

  // The logits after each of `ids`, or after the last, with keys and values in f32. Between two
  // steps: everybody waits. Errors: those of Model::prefill.
  [[nodiscard]] Result<model::Logits> logits(std::span<const TokenId> ids, model::Rows wanted,
                                             std::stop_token stop);

  // What was found where `warm` said.
  [[nodiscard]] const WarmStart& warm_start() const& { return warm_start_; }
  const WarmStart& warm_start() && = delete;
  // Writes the pages that are everybody's to that place, where there are new ones. Nothing happens
  // without a place. Errors: those of write_warm_pages.
  [[nodiscard]] Status keep_warm();

  // While it runs, from the next step on. Errors: kInvalidArgument.
  [[nodiscard]] Status set_threads(std::size_t threads);
  [[nodiscard]] Status set_nice(int nice);
  void pause() { scheduler_.pause(); }
  void resume() { scheduler_.resume(); }

  [[nodiscard]] std::size_t threads() const { return scheduler_.crew().threads; }
  [[nodiscard]] Counts counts() const { return scheduler_.counts(); }
  [[nodiscard]] const MemoryPlan& plan() const& { return plan_; }
  const MemoryPlan& plan() && = delete;
  // Waits for the end of a step, then use(pages).
  template <class Use>
  auto look_at_pages(const Use& use) {
    return scheduler_.between_steps(
        [&](runtime::ThreadPool& /*threads*/, const PageTree& pages) { return use(pages); });
  }

  // While it runs; replies under way keep the adapters that they began with. Under a promise of
  // memory there is room for what the options say, or for as much as those it began with took.
  // `load_adapter`
  // gives what is odd about it. Errors: those of AdapterShelf.
  [[nodiscard]] Result<std::vector<std::string>> load_adapter(const AdapterFile& file) {
    return adapters_.load(file);
  }
  // The same in place of the one of its name; errors: those of AdapterShelf::put.
  [[nodiscard]] Result<std::vector<std::string>> put_adapter(const AdapterFile& file) {
    return adapters_.put(file);
  }
  [[nodiscard]] const AdapterShelf& adapters() const& { return adapters_; }
  const AdapterShelf& adapters() && = delete;
  [[nodiscard]] Status unload_adapter(std::string_view name) { return adapters_.unload(name); }

  // What is odd about the adapters that it began with.
  [[nodiscard]] std::span<const std::string> warnings() const& { return adapters_.warnings(); }
  std::span<const std::string> warnings() && = delete;
  [[nodiscard]] const model::Model& model() const& { return model_; }
  const model::Model& model() && = delete;
  [[nodiscard]] const tokens::Vocabulary& vocabulary() const& { return vocabulary_; }
  const tokens::Vocabulary& vocabulary() && = delete;

 private:
  struct Parts;

  Engine(Parts parts, const EngineOptions& options);

  [[nodiscard]] Result<std::vector<TokenId>> render(const lm::Prompt& asked,
                                                    std::size_t reply_tokens) const;
  [[nodiscard]] Status judge_length(std::size_t prompt_tokens, std::size_t reply_tokens) const;
  [[nodiscard]] Result<std::size_t> common_tokens(const lm::Prompt& asked,
                                                  std::span<const TokenId> ids) const;
  [[nodiscard]] Result<lm::Completion> speak(std::vector<TokenId> ids, Placement placement,
                                             Drawing drawing, lm::TextSink& sink,
                                             std::stop_token stop);
  // What was heard of a reply, and whether the listener had enough before its end.
  struct Heard {
    std::string text{};
    bool was_enough = false;
  };
  [[nodiscard]] Result<Heard> listen(const std::shared_ptr<Session>& session, lm::TextSink* sink,
                                     std::chrono::steady_clock::time_point* first);

  const model::Model model_;
  const tokens::Vocabulary vocabulary_;
  AdapterShelf adapters_;
  const render::Template form_;
  const std::string name_;
  const MemoryPlan plan_;
  const WarmPlace warm_;
  PageKind kind_;
  WarmStart warm_start_;
  std::vector<TokenId> ends_;  // tokens after which the model has finished speaking
  Guides guides_;
  Scheduler scheduler_;  // last: its sessions refer to the others
};

}  // namespace dramatis::engine
