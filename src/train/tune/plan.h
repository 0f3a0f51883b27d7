// A recipe of the kind `tune`: which model learns what, how, and what is written in the end.
#pragma once

#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "formats/safetensors.h"
#include "train/recipe.h"

namespace dramatis::train::tune {

enum class Method {
  kFull,  // every weight
  kLora,  // low-rank additions; the base stays
  kDpo,   // the same, from preferences; the base without them is the reference
};
[[nodiscard]] std::string_view name_of(Method method);  // "full"

// Whether the system's message (the sheet) is read before the talk.
enum class Sheet { kKeep, kDrop };

// Which replies of a conversation count.
enum class Learnt { kAll, kLast };

// How the rate falls after the warm-up.
enum class Fall { kCosine, kLinear, kNone };

// What matrix products are computed in.
enum class Numbers {
  kChosen,  // bf16 where the processor multiplies it, else f32
  kF32,
  kBf16,
};

// Whether each layer of a pass keeps its input alone and is computed again on the way back.
enum class Recompute { kWhereMemoryAsks, kAlways, kNever };

// Where training begins.
struct Base {
  std::string model{};       // a GGUF file, a Hugging Face folder, or "hearth"; empty: a new shape
  Shape shape{};             // of a new model
  std::string vocabulary{};  // of a new model: a GGUF file with a tokenizer
  std::string form{};        // of render::template_named; empty: the model's own
};

// The cast itself as lessons.
struct CastData {
  std::string folder{};                  // of worlds; empty: not used
  std::vector<std::string> only{};       // characters by id; empty: all
  std::vector<std::string> leave_out{};  // characters by id
  std::size_t passes = 1;                // differently drawn prompts of each conversation
  std::size_t examples = 3;              // most that one prompt shows; 0: none does
  bool dialogues = true;                 // each exchange; else the wordings alone
  double wordings = 0;                   // share of the players' other wordings in each pass
  std::size_t most_of_topic = 0;         // about so many of one topic in a pass; 0: any number
  double alone = 0;                      // share of those that are to be known by heart
  bool named = false;                    // those have the name of who is asked before them
  std::size_t opening =
      0;  // tokens of a reply that passes after the first teach; 0: all, and its end
  double after_talk = 0.4;  // share of wordings that come after other talk
  std::string matcher = "models/matcher.safetensors";  // finds the examples of prompts
};

struct Data {
  std::vector<std::string> conversations{};  // JSONL of messages
  std::vector<std::string> held_out{};       // likewise, only ever measured
  std::vector<std::string> preferences{};    // JSONL of prompt, chosen, rejected
  CastData cast{};
  double held_out_share = 0.05;  // of conversations, where no file is held out
  Sheet sheet = Sheet::kKeep;
  Learnt learnt = Learnt::kAll;
  std::size_t most_tokens = 2048;  // of a conversation; longer ones lose their oldest exchanges
};

struct Lora {
  std::size_t rank = 16;
  double alpha = 32;                   // the addition is scaled by alpha / rank
  bool by_root = false;                // rsLoRA: by alpha / sqrt(rank)
  double dropout = 0;                  // share of the inputs that an addition does not see
  std::vector<std::string> targets{};  // of kTargets; the recipe's default: all
};

// How the matrices of blocks and adapters move; anything else moves by AdamW.
enum class Rule { kAdamW, kMuon };

struct Optimizer {
  Rule rule = Rule::kAdamW;
  double rate = 5e-5;
  double first = 0.9;     // how slowly the mean of gradients changes
  double second = 0.999;  // likewise of their squares
  double epsilon = 1e-8;
  double decay = 0;  // decoupled, of matrices
  double clip = 1;   // gradients longer than this are shortened to it; 0: none are. A matrix that
                     // moves by Muon moves as far as ever
};

struct Steps {
  std::size_t epochs = 5;
  std::size_t most = 0;  // updates; 0: as many as the epochs have
  double warmup = 0;     // below 1: share of all updates in which the rate rises; else updates
  Fall fall = Fall::kCosine;
  std::size_t conversations = 8;   // of a batch; 0: by tokens
  std::size_t tokens = 0;          // of a batch
  std::size_t accumulation = 1;    // batches to one update
  std::size_t pass_tokens = 2048;  // computed at once: more is faster up to the cache, and larger
  std::size_t checkpoint = 50;     // updates between checkpoints
  Recompute recompute = Recompute::kWhereMemoryAsks;
  // Bytes that the passes of a process may keep for their way back, before layers are computed
  // again; 0: most of what the machine has free when training begins.
  std::uint64_t pass_memory = 0;
};

struct Watch {
  std::size_t every = 0;     // updates between evaluations; 0: once an epoch
  std::size_t patience = 0;  // evaluations without a better one before the run ends; 0: never
  std::vector<std::string> questions{};  // asked at each evaluation
  std::string sheet{};                   // what the system says before them
  std::size_t reply_tokens = 48;
};

struct Output {
  std::string name{};        // of the model; empty: the recipe file's
  std::string gguf{};        // a type for a whole model ("q8_0"); empty: none is written
  bool safetensors = false;  // full: the weights under Hugging Face's names as well
  formats::SafeDtype adapter = formats::SafeDtype::kF32;  // of an adapter's numbers
};

struct Plan {
  std::uint64_t seed = 1;
  Base base{};
  Data data{};
  Method method = Method::kLora;
  Lora lora{};
  double beta = 0.1;  // of DPO: larger keeps nearer to the reference
  Optimizer optimizer{};
  Steps steps{};
  Watch watch{};
  Output output{};
  Numbers numbers = Numbers::kChosen;
  std::string digest{};  // SHA-256 of the recipe's text
};

// The matrices of a layer that can be adapted, in GGUF's names and in PEFT's.
struct Target {
  std::string_view recipe;  // "q"
  std::string_view gguf;    // "attn_q"
  std::string_view peft;    // "self_attn.q_proj"
};
[[nodiscard]] const std::vector<Target>& targets();

// "auto", "always", "never": how a recipe and the command say it, in the order of Recompute.
[[nodiscard]] const std::vector<std::string>& recompute_words();

// Errors: kInvalidArgument naming line and field, with the nearest right name for an unknown one;
// kOverBudget.
[[nodiscard]] Result<Plan> parse_plan(std::string_view document);
// The same with the file's name before each error.
[[nodiscard]] Result<Plan> read_plan(const std::filesystem::path& path);
// The `kind` of any recipe. Errors: those of the YAML parser; kInvalidArgument where there is none.
[[nodiscard]] Result<std::string> kind_of(const std::filesystem::path& path);

}  // namespace dramatis::train::tune
