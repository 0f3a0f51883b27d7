// The sections of a prompt, their order and their wording.
#include "prompt/compose.h"

#include <algorithm>

#include <fmt/format.h>

#include "prompt/internal/head.h"
#include "prompt/internal/history.h"
#include "prompt/limits.h"

namespace dramatis::prompt {
namespace {

constexpr std::string_view kFullInvitation =
    "Before each answer, write your private thoughts between <scratchpad> and </scratchpad>. "
    "Nobody else "
    "reads them. After </scratchpad>, write only what you say aloud.";
constexpr std::string_view kCompactInvitation =
    "First think between <scratchpad> and </scratchpad>, then speak.";

std::string tell_player(const Scene& scene) {
  if (scene.player.empty() && scene.player_is.empty()) return {};
  const std::string_view between = scene.player.empty() || scene.player_is.empty() ? "" : ", ";
  return fmt::format("You are speaking with {}{}{}.", scene.player, between, scene.player_is);
}

std::string tell_scene(const Material& material) {
  const Scene& scene = material.scene;
  std::vector<std::string> lines;
  if (!scene.place.empty()) lines.push_back("Scene: " + scene.place);
  if (!scene.time.empty()) lines.push_back("Time: " + scene.time);
  if (!scene.status.empty()) lines.push_back("Now: " + scene.status);
  // Small models were taught without names and would only repeat them.
  if (material.head == Head::kFull) {
    if (auto player = tell_player(scene); !player.empty()) lines.push_back(std::move(player));
    if (!scene.acquaintance.empty()) lines.push_back(scene.acquaintance);
  }
  return fmt::format("{}", fmt::join(lines, "\n"));
}

std::string tell_note(std::string_view note) {
  return note.empty() ? std::string() : fmt::format("Direction: {}", note);
}

void invite_thoughts(const Material& material, internal::Told& character) {
  if (material.thoughts == Thoughts::kNone) return;
  character.text += "\n";
  character.text += material.head == Head::kFull ? kFullInvitation : kCompactInvitation;
}

// Composes one prompt. One use.
class Composer {
 public:
  Composer(const Material& material, const Budget& budget, const lm::LanguageModel& model)
      : material_(material), budget_(budget), model_(model), left_(budget.tokens) {}

  [[nodiscard]] Result<Composed> compose() {
    DRAMATIS_DO(tell_head());
    DRAMATIS_DO(reserve_message());
    DRAMATIS_DO(choose_examples());
    DRAMATIS_DO(recall_history());
    write_message();
    hand_over_authored();
    return std::move(composed_);
  }

 private:
  Status tell_head() {
    const std::size_t room = budget_.tokens * kHeadPercent / 100;
    DRAMATIS_TRY(auto head, material_.head == Head::kFull
                                ? internal::tell_full(material_, room, model_)
                                : internal::tell_compact(material_, model_));
    invite_thoughts(material_, head.character);
    DRAMATIS_TRY(head.character.tokens, model_.count_tokens(head.character.text));
    const std::string scene = tell_scene(material_);
    DRAMATIS_TRY(const std::size_t scene_tokens, model_.count_tokens(scene));
    const std::string direction = tell_note(material_.note);
    DRAMATIS_TRY(const std::size_t direction_tokens, model_.count_tokens(direction));
    std::string system = std::move(head.world.text);
    if (!system.empty()) system += "\n###\n";
    system += head.character.text;
    composed_.prompt.common_bytes = system.size();
    if (!scene.empty()) system += "\n" + scene;
    if (!direction.empty()) system += "\n" + direction;
    DRAMATIS_TRY(const std::size_t tokens, model_.count_tokens(system));
    DRAMATIS_DO(spend(tokens + kTokensPerMessage, "world, character, scene and note"));
    note("world", head.world.tokens, head.world.cut);
    note("character", head.character.tokens, head.character.cut);
    note("scene", scene_tokens, 0);
    note("note", direction_tokens, 0);
    composed_.prompt.messages.push_back({.role = lm::Role::kSystem, .text = std::move(system)});
    return {};
  }

  Status reserve_message() {
    if (!material_.message) return {};
    DRAMATIS_TRY(message_tokens_, model_.count_tokens(*material_.message));
    return spend(message_tokens_ + kTokensPerMessage, "the message");
  }

  Status choose_examples() {
    if (!material_.message || material_.examples.empty() || budget_.examples == 0) return {};
    const std::size_t wanted = std::min(budget_.examples, material_.examples.size());
    const std::size_t room = left_ * kExamplesPercent / 100;
    std::string block = "[Spoken before]\n";
    std::size_t shown = 0;
    for (; shown < wanted; ++shown) {
      const auto& example = material_.examples[shown];
      const std::string more = block + fmt::format("To \"{}\": {}\n", example.player, example.npc);
      DRAMATIS_TRY(const std::size_t tokens, model_.count_tokens(more + "\n"));
      if (tokens > room) break;
      block = more;
      examples_tokens_ = tokens;
    }
    if (shown > 0) examples_ = block + "\n";
    examples_cut_ = wanted - shown;
    return spend(examples_tokens_, "the examples");
  }

  Status recall_history() {
    const std::size_t most = std::min(budget_.history_messages, kMaxHistoryMessages);
    DRAMATIS_TRY(auto kept, internal::remember_newest(material_.history, most, left_,
                                                      material_.thoughts, model_));
    note("history", kept.tokens, kept.cut);
    auto& messages = composed_.prompt.messages;
    messages.insert(messages.end(), std::make_move_iterator(kept.messages.begin()),
                    std::make_move_iterator(kept.messages.end()));
    return {};
  }

  void write_message() {
    note("examples", examples_tokens_, examples_cut_);
    if (!material_.message) return;
    note("message", message_tokens_, 0);
    composed_.prompt.messages.push_back(
        {.role = lm::Role::kPlayer, .text = examples_ + std::string(*material_.message)});
  }

  void hand_over_authored() {
    const auto nearest =
        material_.examples.first(std::min(kMaxAuthored, material_.examples.size()));
    composed_.prompt.authored.assign(nearest.begin(), nearest.end());
    composed_.prompt.thinks = material_.thoughts == Thoughts::kInvited;
    composed_.prompt.does_not_know = material_.character.does_not_know;
    composed_.prompt.sayings = material_.character.sayings;
  }

  Status spend(std::size_t tokens, std::string_view on) {
    if (tokens > left_) {
      return fail(
          ErrorCode::kOverBudget,
          fmt::format(
              "The prompt has room for {} more of its {} tokens; {} needs {}. A shorter text or a "
              "model with a larger context would do.",
              left_, budget_.tokens, on, tokens));
    }
    left_ -= tokens;
    return {};
  }

  void note(std::string_view name, std::size_t tokens, std::size_t cut) {
    if (tokens > 0 || cut > 0)
      composed_.sections.push_back({.name = std::string(name), .tokens = tokens, .cut = cut});
  }

  const Material& material_;
  const Budget& budget_;
  const lm::LanguageModel& model_;
  std::size_t left_;  // tokens not yet spent
  std::size_t message_tokens_ = 0;
  std::string examples_;  // the block before the message
  std::size_t examples_tokens_ = 0;
  std::size_t examples_cut_ = 0;
  Composed composed_;
};

}  // namespace

std::size_t tokens_for_prompt(const lm::LanguageModel& model, int max_tokens) {
  const auto reply = static_cast<std::size_t>(std::max(0, max_tokens));
  return model.context_size() > reply ? model.context_size() - reply : 0;
}

Result<Composed> compose(const Material& material, const Budget& budget,
                         const lm::LanguageModel& model) {
  return Composer(material, budget, model).compose();
}

}  // namespace dramatis::prompt
