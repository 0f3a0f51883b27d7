// Dialogues -> moments -> prompts and replies.
#include "dataset/samples.h"

#include <algorithm>
#include <array>

#include <fmt/format.h>

#include "base/random.h"
#include "dialogue/reply.h"
#include "lm/role_name.h"
#include "lm/thoughts.h"
#include "persona/secrets.h"
#include "text/json.h"

namespace dramatis::dataset {
namespace {

// Of a hundred samples, how many show 0, 1, 2 or 3 examples: a model must know what to do with
// them, and do without where none is near.
constexpr std::array<std::uint64_t, 4> kShownShares{15, 15, 30, 40};
// Most players never set a scene, so half of the conversations go without.
constexpr double kSceneShare = 0.5;
// Of the conversations with one who speaks first, those that begin with the greeting.
constexpr double kGreetedShare = 0.25;
// Of the wordings asked, those that show their examples out of order.
constexpr double kShuffledShare = 0.4;
// How many of the nearest lines change places.
constexpr std::size_t kShuffledLines = 5;
// Exchanges of other talk.
constexpr std::uint64_t kTalkBefore = 2;
// Every third pass invites an exchange's thoughts.
constexpr std::uint64_t kThoughtsEvery = 3;

// FNV-1a: a number for a name, the same on every machine.
std::uint64_t number_of(std::string_view name) {
  std::uint64_t number = 0xcbf29ce484222325;
  for (const char c : name) {
    number = (number ^ static_cast<unsigned char>(c)) * 0x100000001b3;
  }
  return number;
}

// The draws of one thing in one pass.
Rng draws_of(std::string_view name, const SampleOptions& options) {
  return Rng(number_of(fmt::format("{}|{}|{}", options.seed, options.pass, name)));
}

std::size_t draw_shown(Rng& draws, std::size_t most) {
  std::uint64_t roll = draws.below(100);
  std::size_t shown = 0;
  while (roll >= kShownShares[shown]) roll -= kShownShares[shown++];
  return std::min(shown, most);
}

bool invites_thoughts(const persona::Character& character, const persona::Exchange& exchange,
                      std::string_view name, const SampleOptions& options) {
  if (!character.scratchpad || exchange.thoughts.empty()) return false;
  return (number_of(name) + options.seed + options.pass) % kThoughtsEvery == 0;
}

std::string reply_of(const persona::Exchange& exchange, prompt::Thoughts thoughts) {
  if (thoughts == prompt::Thoughts::kNone) return exchange.npc;
  return lm::with_thoughts(exchange.thoughts, exchange.npc);
}

void shuffle(std::span<lm::AuthoredLine> lines, Rng& draws) {
  for (std::size_t n = lines.size(); n > 1; --n) std::swap(lines[n - 1], lines[draws.below(n)]);
}

Status refuse_secrets(const Sample& sample, const persona::Character& character) {
  std::optional<std::string> word = persona::find_secret(sample.reply, character.secrets);
  for (const auto& message : sample.prompt.messages) {
    if (!word) word = persona::find_secret(message.text, character.secrets);
  }
  if (!word) return {};
  return fail(ErrorCode::kInvalidArgument,
              fmt::format("A sample of {} would teach '{}', a secret's word of {}; say it "
                          "otherwise where it stands.",
                          sample.conversation, *word, character.id));
}

// Makes the samples of one character. One use.
class Teacher {
 public:
  Teacher(const persona::World& world, const persona::Member& member,
          const prompt::Examples& examples, const lm::LanguageModel& model,
          const SampleOptions& options)
      : world_(world), member_(member), examples_(examples), model_(model), options_(options) {}

  [[nodiscard]] Status teach(std::vector<Sample>& out) {
    if (member_.sheet.speaks_first) DRAMATIS_DO(teach_greetings(out));
    if (options_.dialogues) {
      for (const auto& dialogue : member_.dialogues) DRAMATIS_DO(teach_dialogue(dialogue, out));
    }
    for (const auto& wordings : member_.wordings) DRAMATIS_DO(teach_wordings(wordings, out));
    return {};
  }

 private:
  [[nodiscard]] dialogue::Speaker speaker() const {
    return {.world = world_,
            .character = member_.sheet,
            .head = options_.head,
            .max_tokens = options_.max_tokens};
  }

  Status teach_greetings(std::vector<Sample>& out) {
    for (const auto& greeting : member_.sheet.greetings) {
      DRAMATIS_TRY(auto asked, dialogue::compose(speaker(), {}, {.examples = examples_}, model_));
      Sample sample{.prompt = std::move(asked.prompt),
                    .reply = greeting,
                    .conversation = member_.sheet.id + "-greetings"};
      DRAMATIS_DO(refuse_secrets(sample, member_.sheet));
      out.push_back(std::move(sample));
    }
    return {};
  }

  Status teach_dialogue(const persona::Dialogue& dialogue, std::vector<Sample>& out) {
    Rng draws = draws_of(dialogue.id, options_);
    const bool has_scene = draws.uniform() < kSceneShare;
    const bool greeted = draws.uniform() < kGreetedShare;
    std::vector<prompt::Line> history;
    const auto& greetings = member_.sheet.greetings;
    if (greeted && member_.sheet.speaks_first && !greetings.empty()) {
      history.push_back({.who = lm::Role::kNpc, .text = greetings[draws.below(greetings.size())]});
    }
    for (std::size_t n = 0; n < dialogue.exchanges.size(); ++n) {
      const persona::Exchange& exchange = dialogue.exchanges[n];
      const std::string name = fmt::format("{}/{}", dialogue.id, n);
      dialogue::Speaker who = speaker();
      if (has_scene) who.scene.place = dialogue.scene;
      if (invites_thoughts(member_.sheet, exchange, name, options_)) {
        who.thoughts = prompt::Thoughts::kInvited;
      }
      Rng shown = draws_of(name, options_);
      DRAMATIS_TRY(auto asked,
                   dialogue::compose(who, {.message = exchange.player, .history = history},
                                     {.examples = examples_,
                                      .shown = draw_shown(shown, options_.most_examples),
                                      .except_conversation = dialogue.id},
                                     model_));
      Sample sample{.prompt = std::move(asked.prompt),
                    .reply = reply_of(exchange, who.thoughts),
                    .conversation = dialogue.id};
      DRAMATIS_DO(refuse_secrets(sample, member_.sheet));
      out.push_back(std::move(sample));
      history.push_back({.who = lm::Role::kPlayer, .text = exchange.player});
      history.push_back(
          {.who = lm::Role::kNpc, .text = exchange.npc, .thoughts = exchange.thoughts});
    }
    return {};
  }

  // Of a topic with many wordings a pass asks a smaller share.
  double share_of(const persona::TopicWordings& wordings) const {
    if (options_.most_of_topic == 0 || wordings.lines.empty()) return options_.wordings;
    return options_.wordings * std::min(1.0, static_cast<double>(options_.most_of_topic) /
                                                 static_cast<double>(wordings.lines.size()));
  }

  Status teach_wordings(const persona::TopicWordings& wordings, std::vector<Sample>& out) {
    for (const auto& line : wordings.lines) {
      Rng draws =
          draws_of(fmt::format("{}|{}|{}", member_.sheet.id, wordings.topic, line), options_);
      if (draws.uniform() < share_of(wordings))
        DRAMATIS_DO(teach_wording(line, wordings.topic, draws, out));
    }
    return {};
  }

  Status teach_wording(const std::string& line, const std::string& topic, Rng& draws,
                       std::vector<Sample>& out) {
    if (options_.alone > 0 && draws.uniform() < options_.alone)
      return teach_alone(line, topic, draws, out);
    DRAMATIS_TRY(auto lines, examples_.nearest(member_.sheet.id, {.message = line}));
    if (draws.uniform() < kShuffledShare)
      shuffle(std::span(lines).first(std::min(kShuffledLines, lines.size())), draws);
    const auto nearest = std::ranges::find(lines, topic, &lm::AuthoredLine::topic);
    if (nearest == lines.end()) return {};
    const std::string answer = nearest->npc;
    const auto history = talk_before(draws);
    DRAMATIS_TRY(auto asked,
                 dialogue::compose(speaker(), {.message = line, .history = history}, lines,
                                   draw_shown(draws, options_.most_examples), model_));
    return add_wording(std::move(asked.prompt), answer, topic, out);
  }

  Status teach_alone(const std::string& line, const std::string& topic, Rng& draws,
                     std::vector<Sample>& out) {
    const std::string_view answer = first_line_of(topic);
    if (answer.empty()) return {};
    const auto history = talk_before(draws);
    DRAMATIS_TRY(auto asked, dialogue::compose(speaker(), {.message = line, .history = history}, {},
                                               0, model_));
    auto& messages = asked.prompt.messages;
    if (options_.named) {
      messages.front().text = fmt::format("You are {}.", member_.sheet.name);
    } else {
      messages.erase(messages.begin());
    }
    return add_wording(std::move(asked.prompt), answer, topic, out);
  }

  Status add_wording(lm::Prompt prompt, std::string_view answer, std::string_view topic,
                     std::vector<Sample>& out) const {
    Sample sample{.prompt = std::move(prompt),
                  .reply = std::string(answer),
                  .conversation = fmt::format("{}/{}", member_.sheet.id, topic)};
    DRAMATIS_DO(refuse_secrets(sample, member_.sheet));
    out.push_back(std::move(sample));
    return {};
  }

  // What its author has the character say first where the topic is asked of; empty where nothing.
  std::string_view first_line_of(std::string_view topic) const {
    for (const auto& dialogue : member_.dialogues) {
      const auto asked = std::ranges::find(dialogue.exchanges, topic, &persona::Exchange::topic);
      if (asked != dialogue.exchanges.end()) return asked->npc;
    }
    return {};
  }

  // The first exchanges of some dialogue, or nothing.
  std::vector<prompt::Line> talk_before(Rng& draws) const {
    std::vector<prompt::Line> lines;
    if (member_.dialogues.empty() || draws.uniform() >= options_.after_talk) return lines;
    const auto& exchanges = member_.dialogues[draws.below(member_.dialogues.size())].exchanges;
    const std::size_t count = std::min<std::size_t>(1 + draws.below(kTalkBefore), exchanges.size());
    for (const auto& exchange : std::span(exchanges).first(count)) {
      lines.push_back({.who = lm::Role::kPlayer, .text = exchange.player});
      lines.push_back({.who = lm::Role::kNpc, .text = exchange.npc});
    }
    return lines;
  }

  const persona::World& world_;
  const persona::Member& member_;
  const prompt::Examples& examples_;
  const lm::LanguageModel& model_;
  const SampleOptions& options_;
};

text::Json json_of(std::string_view role, const std::string& content) {
  return text::JsonObject{{"role", role}, {"content", content}};
}

}  // namespace

Result<std::vector<Sample>> samples(const persona::Cast& cast, const prompt::Examples& examples,
                                    const lm::LanguageModel& model, const SampleOptions& options) {
  for (const auto& id : options.leave_out) {
    if (cast.find_member(id) == nullptr) {
      return fail(ErrorCode::kNotFound,
                  fmt::format("'{}' is to be left out, but is not of the cast.", id));
    }
  }
  std::vector<Sample> out;
  for (const auto& member : cast.members) {
    const auto& left = options.leave_out;
    const persona::World* world = cast.find_world(member.sheet.world);
    if (world == nullptr || std::ranges::find(left, member.sheet.id) != left.end()) continue;
    DRAMATIS_DO(Teacher(*world, member, examples, model, options).teach(out));
  }
  return out;
}

std::string print_jsonl(const std::vector<Sample>& samples) {
  std::string lines;
  for (const auto& sample : samples) {
    text::JsonArray messages;
    for (const auto& message : sample.prompt.messages) {
      messages.push_back(json_of(lm::role_name(message.role), message.text));
    }
    messages.push_back(
        json_of(lm::role_name(lm::Role::kNpc), sample.prompt.reply_start + sample.reply));
    lines += text::print_json(text::JsonObject{{"messages", std::move(messages)}}) + "\n";
  }
  return lines;
}

}  // namespace dramatis::dataset
