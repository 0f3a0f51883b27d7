// Lines of a person or a pipe -> turns.
#include "talk.h"

#include <array>
#include <charconv>
#include <chrono>
#include <cstdio>

#include <fmt/format.h>
#include <unistd.h>

#include "commands.h"
#include "dialogue/conversations.h"
#include "prompt/compose.h"
#include "scene_words.h"
#include "text/limits.h"
#include "text/utf8.h"
#include "text/utterance.h"
#include "word_wrap.h"

namespace dramatis::app {
namespace {

using dialogue::Reply;

// Turns that /history shows: a few screens.
constexpr std::size_t kTurnsShown = 50;

// Prints speech as it comes, broken between words, with nothing in it that a terminal would obey.
class Screen final : public lm::TextSink {
 public:
  explicit Screen(WordWrap wrap) : wrap_(std::move(wrap)) {}

  [[nodiscard]] lm::Go write(std::string_view words) override {
    return show(wrap_.push(text::printable(words)));
  }
  void finish() { (void)show(wrap_.finish()); }

 private:
  static lm::Go show(const std::string& lines) {
    std::fwrite(lines.data(), 1, lines.size(), stdout);
    return std::fflush(stdout) == 0 ? lm::Go::kOn : lm::Go::kStop;
  }

  WordWrap wrap_;
};

// Keeps speech until the reply is whole.
class Silent final : public lm::TextSink {
 public:
  [[nodiscard]] lm::Go write(std::string_view /*words*/) override { return lm::Go::kOn; }
};

enum class Way { kTake, kGreet, kRegenerate };

// One generation of the talk, which a signal may stop.
Result<Reply> speak(Talk& talk, Way way, std::string_view message, lm::TextSink& sink) {
  const dialogue::Request request{.pair = talk.pair, .message = message, .seed = talk.seed};
  if (talk.seed) ++*talk.seed;
  const std::stop_token stop = talk.signals.begin_work();
  Result<Reply> reply = fail(ErrorCode::kInternal, "no way to speak");
  if (way == Way::kTake) reply = dialogue::take_turn(request, talk.ports, sink, stop);
  if (way == Way::kGreet) reply = dialogue::greet(request, talk.ports, sink, stop);
  if (way == Way::kRegenerate) reply = dialogue::regenerate(request, talk.ports, sink, stop);
  talk.signals.end_work();
  return reply;
}

Result<std::string> system_prompt(const Talk& talk) {
  DRAMATIS_TRY(const auto told, dialogue::preview({.pair = talk.pair}, talk.ports));
  return told.prompt.messages.front().text;
}

std::string_view origin_in_words(lm::Origin origin) {
  switch (origin) {
    case lm::Origin::kAuthored:
      return "a line that the character's author wrote";
    case lm::Origin::kAdapted:
      return "the model's own words, after a line of the author's";
    case lm::Origin::kOwn:
      return "the model's own words";
  }
  return "";
}

double milliseconds(std::chrono::nanoseconds time) {
  return std::chrono::duration<double, std::milli>(time).count();
}

// How a reply came about, in lines.
std::vector<std::string> explain_reply(const dialogue::Turn& turn) {
  if (!turn.spoken.account) return {"No model was asked for these words."};
  const dialogue::Account& account = *turn.spoken.account;
  std::vector<std::string> lines{
      fmt::format("Said: {}.", origin_in_words(account.origin)),
      fmt::format("Prompt: {} tokens, {} of them remembered from before; the model wrote {}.",
                  account.prompt_tokens, account.cached_tokens, account.generated_tokens)};
  for (const auto& section : account.sections) {
    const std::string cut =
        section.cut == 0 ? "" : fmt::format("; {} did not fit or were not asked for", section.cut);
    lines.push_back(fmt::format("  {:<10} {:>5} tokens{}", section.name, section.tokens, cut));
  }
  lines.push_back(fmt::format("First word after {:.0f} ms, all after {:.0f} ms; seed {}.",
                              milliseconds(account.first_word), milliseconds(account.total),
                              account.how.seed.value_or(0)));
  return lines;
}

// The talk with a person: what they see, and the commands that they may type.
class Person {
 public:
  explicit Person(Talk& talk) : talk_(talk), paint_(Paint::for_stream(stdout)) {}

  void begin() {
    quiet(fmt::format("{}, {} ({}), with {}. /help lists commands.",
                      text::printable(talk_.character.name), text::printable(talk_.character.title),
                      text::printable(talk_.world.name),
                      text::printable(talk_.ports.models.first().model.name())));
    const auto last = dialogue::history(talk_.pair, talk_.ports.store, 1, dialogue::Eyes::kPlayer);
    if (last && !last->empty()) {
      quiet("You have spoken before; these were the last words:");
      show(last->back());
    } else {
      greet();
    }
  }

  // False: the person leaves.
  bool heard(const std::string& line) {
    if (line.find_first_not_of(" \t") == std::string::npos) return true;
    if (line.front() != '/') {
      reply(Way::kTake, line);
      return true;
    }
    const std::string word = line.substr(0, line.find_first_of(" \t"));
    const std::size_t said = line.find_first_not_of(" \t", word.size());
    said_after_ = said == std::string::npos ? "" : line.substr(said);
    if (word == "/bye" || word == "/quit" || word == "/exit") return false;
    for (const auto& command : kCommands) {
      if (word != command.word) continue;
      (this->*command.run)();
      return true;
    }
    quiet(fmt::format("There is no command {}; /help lists them.", text::printable(word)));
    return true;
  }

  void quiet(std::string_view words) const {
    fmt::print("{}{}{}\n", paint_.quiet, wrap_words(words, columns_of(stdout), 0), paint_.plain);
    std::fflush(stdout);
  }

 private:
  struct Command {
    std::string_view word, meaning;
    void (Person::*run)();
  };
  static const std::array<Command, 10> kCommands;

  void say_name() const {
    fmt::print("{}{}:{} ", paint_.name, text::printable(talk_.character.short_name), paint_.plain);
    std::fflush(stdout);
  }

  // Where the first word of a reply stands: after the name, a colon and a space.
  [[nodiscard]] std::size_t name_columns() const {
    return text::count_code_points(text::printable(talk_.character.short_name)) + 2;
  }

  void complain_aloud(const Error& error, bool in_a_line) const {
    if (in_a_line) fmt::print("\n");
    if (error.code == ErrorCode::kCancelled) {
      quiet("(stopped; nothing of this reply is kept)");
    } else {
      quiet(text::printable(error.what));
    }
  }

  void reply(Way way, std::string_view message) {
    say_name();
    Screen screen(WordWrap(columns_of(stdout), name_columns()));
    const auto spoken = speak(talk_, way, message, screen);
    screen.finish();
    if (!spoken) return complain_aloud(spoken.error(), true);
    fmt::print("\n");
    if (talk_.shows_thoughts && !spoken->turn.spoken.thoughts.empty()) {
      quiet(fmt::format("({})", text::printable(spoken->turn.spoken.thoughts)));
    }
    std::fflush(stdout);
  }

  void greet() {
    if (talk_.character.speaks_first) reply(Way::kGreet, {});
  }

  void show(const dialogue::Turn& turn) const {
    if (turn.message) {
      fmt::print("{}{}:{} {}\n", paint_.quiet, text::printable(talk_.player), paint_.plain,
                 text::printable(*turn.message));
    }
    say_name();
    fmt::print("{}\n",
               wrap_words(text::printable(turn.spoken.reply), columns_of(stdout), name_columns()));
  }

  void help() {
    for (const auto& command : kCommands)
      quiet(fmt::format("{:<10} {}", command.word, command.meaning));
    quiet("/bye       leave; so does Ctrl-D, and Ctrl-C twice. Ctrl-C once stops a reply");
  }
  void reset() {
    const auto forgotten = dialogue::reset(talk_.pair, talk_.ports);
    if (!forgotten) return complain_aloud(forgotten.error(), false);
    quiet(fmt::format("{} turns are forgotten.", *forgotten));
    greet();
  }
  void regenerate() { reply(Way::kRegenerate, {}); }
  void undo() {
    const auto gone = dialogue::undo(talk_.pair, talk_.ports);
    if (!gone) return complain_aloud(gone.error(), false);
    if (!*gone) return quiet("There is nothing to take back.");
    quiet(fmt::format("Taken back: {}",
                      text::printable((*gone)->message.value_or((*gone)->spoken.reply))));
  }
  void history() {
    const auto turns =
        dialogue::history(talk_.pair, talk_.ports.store, kTurnsShown, dialogue::Eyes::kPlayer);
    if (!turns) return complain_aloud(turns.error(), false);
    if (turns->empty()) return quiet("Nothing has been said yet.");
    for (const auto& turn : *turns) show(turn);
  }
  void explain() {
    const auto last = newest();
    if (!last) return;
    for (const auto& line : explain_reply(*last)) quiet(line);
  }
  void system() {
    const auto head = system_prompt(talk_);
    if (!head) return complain_aloud(head.error(), false);
    quiet(text::printable(*head));
  }

  void begin_anew() {
    prompt::Scene scene;
    if (const auto now = conversation()) scene = now->scene;
    const auto begun =
        dialogue::begin_conversation({.pair = talk_.pair, .scene = scene}, talk_.ports);
    if (!begun) return complain_aloud(begun.error(), false);
    quiet("A new conversation; the earlier one is kept.");
    greet();
  }
  void scene() {
    const auto now = conversation();
    prompt::Scene scene = now ? now->scene : prompt::Scene{};
    if (!said_after_.empty()) {
      const auto set = set_the_scene(now, scene);
      if (!set) return complain_aloud(set.error(), false);
    }
    const auto words = scene_words(scene);
    if (words.empty())
      return quiet("No scene is set. /scene time=Dusk sets the time; /scene The weir the place.");
    for (const auto& one : words) quiet(text::printable(one));
  }
  Status set_the_scene(const std::optional<dialogue::Conversation>& now, prompt::Scene& scene) {
    DRAMATIS_DO(set_scene(said_after_, scene));
    if (now)
      return dialogue::change_conversation(
                 now->id, {.scene = [&scene](prompt::Scene& kept) { kept = scene; }}, talk_.ports)
          .map([](const dialogue::Conversation&) {});
    return dialogue::begin_conversation({.pair = talk_.pair, .scene = scene}, talk_.ports)
        .map([](const dialogue::Conversation&) {});
  }
  void replies() {
    const auto last = newest();
    if (!last) return;
    if (!said_after_.empty()) return choose(*last);
    const auto all = talk_.ports.store.list_alternatives(last->id);
    if (!all) return complain_aloud(all.error(), false);
    for (std::size_t n = 0; n < all->size(); ++n) {
      quiet(fmt::format("{}{} {}", n + 1, n == last->chosen ? "*" : " ",
                        text::printable((*all)[n].reply)));
    }
  }
  void choose(const dialogue::Turn& last) {
    std::size_t number = 0;
    const char* end = said_after_.data() + said_after_.size();
    const auto [stopped, error] = std::from_chars(said_after_.data(), end, number);
    if (error != std::errc() || stopped != end || number < 1 || number > last.alternatives)
      return quiet(fmt::format("/replies takes a number from 1 to {}.", last.alternatives));
    const auto chosen = dialogue::choose_alternative(last.id, number - 1, talk_.ports);
    if (!chosen) return complain_aloud(chosen.error(), false);
    show(*chosen);
  }

  // The newest turn; nothing, and a word about it, where there is none.
  [[nodiscard]] std::optional<dialogue::Turn> newest() const {
    const auto turns = dialogue::history(talk_.pair, talk_.ports.store, 1, dialogue::Eyes::kOwner);
    if (!turns) {
      complain_aloud(turns.error(), false);
      return std::nullopt;
    }
    if (turns->empty()) {
      quiet("Nothing has been said yet.");
      return std::nullopt;
    }
    return turns->front();
  }
  [[nodiscard]] std::optional<dialogue::Conversation> conversation() const {
    const auto current = talk_.ports.store.current_conversation(talk_.pair);
    return current ? *current : std::nullopt;
  }

  Talk& talk_;
  Paint paint_;
  std::string said_after_{};  // the command that runs
};

const std::array<Person::Command, 10> Person::kCommands{{
    {"/help", "this list", &Person::help},
    {"/new", "begin another conversation; this one is kept", &Person::begin_anew},
    {"/reset", "forget the conversation and begin again", &Person::reset},
    {"/regen", "another reply to your last words", &Person::regenerate},
    {"/replies", "the replies to your last words; /replies 1 goes back to the first",
     &Person::replies},
    {"/scene", "where and when you are; /scene time=Dusk changes it", &Person::scene},
    {"/undo", "take the last turn back", &Person::undo},
    {"/history", "what was said", &Person::history},
    {"/explain", "how the last reply came about", &Person::explain},
    {"/system", "what the model is told of the character", &Person::system},
}};

// `reply` on one line: each run of line breaks is a space.
std::string one_line(std::string_view reply) {
  std::string line;
  for (const char letter : text::printable(reply)) {
    const bool is_break = letter == '\n' || letter == '\r';
    if (is_break && (line.empty() || line.back() == ' ')) continue;
    line += is_break ? ' ' : letter;
  }
  return line;
}

}  // namespace

int talk_with_person(Talk& talk, const std::filesystem::path& history) {
  LineEditor editor(history, talk.signals);
  Person person(talk);
  person.begin();
  const Paint paint = Paint::for_stream(stdout);
  // \1 brackets what takes no room on the screen.
  const std::string prompt =
      paint.quiet.empty() ? "> " : fmt::format("\1{}\1> \1{}\1", paint.quiet, paint.plain);
  bool warned = false;
  while (!talk.signals.leaving()) {
    const Typed typed = editor.read(prompt);
    if (typed.what == Typed::What::kEnd) break;
    if (typed.what == Typed::What::kInterrupt) {
      fmt::print("\n");
      if (typed.was_empty && warned) break;
      warned = typed.was_empty;
      if (warned) person.quiet("(Ctrl-C again, Ctrl-D or /bye leaves)");
      continue;
    }
    warned = false;
    if (!person.heard(typed.line)) break;
  }
  fmt::print("\n");
  return 0;
}

int talk_with_pipe(Talk& talk) {
  int exit_code = 0;
  // One byte more than a message may have, so that a longer one is refused and not cut.
  while (const auto line = read_line(stdin, text::kMaxUtteranceBytes + 1)) {
    if (talk.signals.leaving()) break;
    if (line->find_first_not_of(" \t\r") == std::string::npos) continue;
    Silent silent;
    const auto reply = speak(talk, Way::kTake, *line, silent);
    fmt::print("{}\n", reply ? one_line(reply->turn.spoken.reply) : std::string());
    if (std::fflush(stdout) != 0) break;
    if (reply) continue;
    const int code = complain(reply.error());
    if (exit_code == 0) exit_code = code;
    if (reply.error().code == ErrorCode::kCancelled) break;
  }
  return exit_code;
}

}  // namespace dramatis::app
