// The port between people and numbers: a prompt goes in, words stream out. engine/, remote/ and
// voice/ implement it.
#pragma once

#include <chrono>
#include <cstdint>
#include <optional>
#include <span>
#include <stop_token>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "lm/embedder.h"

namespace dramatis::lm {

enum class Role { kSystem, kPlayer, kNpc };

// One block of a prompt. Its text is only ever text: no model sees a control token in it.
struct Message {
  Role role;
  std::string text;

  friend bool operator==(const Message&, const Message&) = default;
};

// A line which the character's author wrote, with what a player had said before it.
struct AuthoredLine {
  std::string player;
  std::string npc;
  double relevance = 0;  // how likely it is that this line answers what was said now, 0 to 1
  std::string topic{};   // lines of one topic answer the same question; empty where nobody named it
  std::string thoughts{};  // what the character thinks before it says this; usually empty
};

// What is served first.
enum class Urgency {
  kPlayer,      // somebody waits for the words
  kBackground,  // nobody does: it is computed while no player's words are
};

// For whom a prompt is. The keys are opaque: they are compared and shown to nobody.
struct Asker {
  std::string player{};  // models share their time evenly between these; empty: one of its own
  // What was computed of this conversation's words serves it alone, and is kept for its next turn;
  // empty: it is kept for nobody.
  std::string conversation{};
  Urgency urgency = Urgency::kPlayer;
  // Who pays: what is asked of a paid service counts as this key's; empty: nobody's.
  std::string account{};

  friend bool operator==(const Asker&, const Asker&) = default;
};

// An adapter, by the name under which the model has it.
struct AdapterChoice {
  std::string name;
  double scale = 1;  // times the adapter's own; 0: as if it were not there

  friend bool operator==(const AdapterChoice&, const AdapterChoice&) = default;
};

// An adapter that a reply was computed with.
struct AdapterUsed {
  std::string name{};
  double scale = 1;
  // Of its numbers, 16 hexadecimal digits: a name's file may change. Empty where nobody told.
  std::string checksum{};

  friend bool operator==(const AdapterUsed&, const AdapterUsed&) = default;
};

// What a model is asked to continue.
struct Prompt {
  std::vector<Message> messages;  // system first; ends with the player's message, or with the
                                  // system's where the NPC speaks first
  std::string reply_start;        // the reply's first words, already decided; usually empty

  bool thinks = false;  // the reply is to begin with thoughts, between the marks of lm/thoughts.h

  // For models that speak with the author's help (voice/); others ignore it. Nearest first.
  std::vector<AuthoredLine> authored;
  // Lines by which this character says that he does not know; for the same models.
  std::vector<std::string> does_not_know;
  // The character's own sayings; for the same models.
  std::vector<std::string> sayings{};
  // Replies that the last message got before; the same models say another where they have one.
  std::vector<std::string> passed_over{};

  // So many leading bytes of the messages' texts, counted through, are the same for every player,
  // and hold no player's words: what is computed of them may serve everybody. 0: nothing is.
  std::size_t common_bytes = 0;
  Asker asker{};

  // Added to the model in this order; empty: those it has for everybody. kNotFound where it has no
  // such adapter, kUnsupported where it takes none.
  std::vector<AdapterChoice> adapters{};
};

// The form that a whole reply keeps to, letter for letter; docs/formats/grammars.md.
struct GrammarText {
  enum class Kind {
    kGbnf,        // `text` is a grammar in GBNF
    kJsonSchema,  // `text` is a JSON Schema: the reply is a JSON text that it allows
    kJsonObject,  // any JSON object; `text` is empty
  };
  Kind kind = Kind::kGbnf;
  std::string text{};

  friend bool operator==(const GrammarText&, const GrammarText&) = default;
};

// How the next token is drawn. Defaults suit conversation.
struct Sampling {
  double temperature = 0.6;  // 0: always the likeliest; larger: bolder. [0, 5]
  int top_k = 40;            // candidates kept by rank; 0: all
  double top_p = 0.95;       // candidates kept by summed probability; 1: all. (0, 1]
  double min_p = 0.0;        // candidates kept by their share of the likeliest; 0: all. [0, 1)
  double repetition_penalty = 1.0;  // divides the logits of recent tokens; 1: off. [0.5, 2]
  int repetition_window = 64;       // how many recent tokens that concerns
  // Taken from the logit of each token that the reply has; 0: off. Below 0 it helps it. [-2, 2]
  double presence_penalty = 0.0;
  double frequency_penalty = 0.0;  // the same for each time that the reply has it. [-2, 2]
  // DRY ("don't repeat yourself"): a token that would prolong a repetition of `length` tokens loses
  // dry_multiplier * dry_base ^ (length - dry_allowed_length).
  double dry_multiplier = 0.0;  // 0: off; 0.8 is usual. [0, 10]
  double dry_base = 1.75;       // larger: long repetitions are punished sooner. [1, 4]
  int dry_allowed_length = 2;   // repetitions shorter than this are free. [1, 1000]
  int dry_range = 0;            // how many recent tokens are searched; 0: as many as are allowed
  // A repetition never reaches back over one of these; at most 16, none empty.
  std::vector<std::string> dry_breakers = {"\n", ":", "\"", "*"};
  int max_tokens = 200;               // the reply is cut here, at least 1
  std::optional<std::uint64_t> seed;  // nothing: drawn from the kernel
  std::vector<std::string> stop;      // the reply ends before any of these; at most 16, none empty
  // Nothing: any text. A model that cannot promise it answers kUnsupported, and never a free reply.
  std::optional<GrammarText> grammar{};
  std::optional<std::chrono::steady_clock::time_point> deadline;  // nothing: the model's own

  friend bool operator==(const Sampling&, const Sampling&) = default;
};

// kInvalidArgument naming the first field out of its range.
[[nodiscard]] Status validate(const Sampling& how);

enum class StopReason { kEndOfTurn, kStopString, kLength };

// Where a reply's words come from; larger models always speak in their own.
enum class Origin { kOwn, kAdapted, kAuthored };

// What was generated, after the last word has gone to the sink.
struct Completion {
  std::string text;
  StopReason why = StopReason::kEndOfTurn;
  Origin origin = Origin::kOwn;
  std::size_t prompt_tokens = 0;
  std::size_t cached_tokens = 0;    // of the prompt's, found already computed
  std::size_t computed_tokens = 0;  // the prompt's others; a remote model tells neither
  std::size_t generated_tokens = 0;
  std::chrono::nanoseconds first_word{0};  // from the call to the first text given to the sink
  std::chrono::nanoseconds total{0};
  std::uint64_t seed = 0;  // the one used: the same prompt and seed give the same text
  // The name of the model that spoke, where one of several did; empty: the one that was asked.
  std::string model{};
  // What was added to it, those for everybody included; empty: nothing, or a model that tells not.
  std::vector<AdapterUsed> adapters{};
};

// What a listener wants after a piece of text. kEnough: the rest is not needed; a model that can
// ends the reply there as if it had been cut (kLength), others go on.
enum class Go { kOn, kStop, kEnough };

// Receives text as it is made: whole code points, never a part of a stop string. kStop ends the
// reply within one token; the call then returns kCancelled.
class TextSink {
 public:
  TextSink() = default;
  TextSink(const TextSink&) = delete;
  TextSink& operator=(const TextSink&) = delete;
  virtual ~TextSink() = default;
  [[nodiscard]] virtual Go write(std::string_view text) = 0;
};

// How likely a text is as the reply to a prompt.
struct Score {
  double log_likelihood = 0;  // natural, summed over the text's tokens and the end of the turn
  std::size_t tokens = 0;     // how many that were, at least 1
};

// Thread-safe: calls from several threads are served in turn or together.
class LanguageModel : public Embedder {
 public:
  // Tokens that prompt and reply may fill together.
  [[nodiscard]] virtual std::size_t context_size() const = 0;
  // Exact for a model of ours; an estimate that errs on the high side for a remote one.
  [[nodiscard]] virtual Result<std::size_t> count_tokens(std::string_view text) const = 0;

  // Blocks until the reply has ended. Errors: kCancelled (stop token or sink), kDeadline,
  // kOverBudget (prompt and max_tokens do not fit), kUnavailable (nothing answers), kCorrupt
  // (nonsense answers).
  [[nodiscard]] virtual Result<Completion> generate(const Prompt& asked, const Sampling& how,
                                                    TextSink& sink, std::stop_token stop) = 0;

  // The likelihood of each of `replies`. kUnsupported for a model that does not tell.
  [[nodiscard]] virtual Result<std::vector<Score>> score(const Prompt& asked,
                                                         std::span<const std::string> replies,
                                                         std::stop_token stop) = 0;

  // kUnsupported unless a model says otherwise.
  [[nodiscard]] Result<std::vector<std::vector<float>>> embed(std::span<const std::string> texts,
                                                              std::stop_token stop) override;
};

}  // namespace dramatis::lm
