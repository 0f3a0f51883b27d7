// dramatis dataset curate: a pair at random, what a person makes of its answer, and what the next
// generation makes of that.
#include <fmt/format.h>
#include <unistd.h>

#include "base/files.h"
#include "base/random.h"
#include "dataset.h"
#include "dataset/curation.h"
#include "dataset/exchanges.h"
#include "dataset_desk.h"
#include "model_port.h"
#include "names.h"
#include "persona/dialogues.h"
#include "persona/limits.h"
#include "places.h"
#include "terminal.h"
#include "text/limits.h"
#include "text/utterance.h"

namespace dramatis::app {
namespace {

constexpr std::string_view kHelp =
    "Enter: the next pair. A line: what the answer should be. /keep: it is good, as an example. "
    "/quit: enough.";

// One sitting. One thread at a time.
class Sitting {
 public:
  Sitting(Desk& desk, std::filesystem::path cast, std::string character,
          const dataset::ExchangeMaker& maker, Signals& signals)
      : desk_(desk),
        cast_(std::move(cast)),
        character_(std::move(character)),
        maker_(maker),
        signals_(signals) {
    if (::isatty(STDIN_FILENO) != 0) editor_.emplace(desk_.folder / "curate.history", signals_);
  }

  // Shows a pair; whether to go on.
  Result<bool> sit(dataset::ExchangeItem item) {
    DRAMATIS_DO(show(item));
    for (;;) {
      const auto line = read();
      if (!line || *line == "/quit") return false;
      if (line->empty() || *line == "/skip") return true;
      if (line->front() == '/' && *line != "/keep") {
        fmt::print("{}\n", kHelp);
        continue;
      }
      const auto kept = keep({.asked = item,
                              .shown = item.made.answer,
                              .edited = *line == "/keep" ? item.made.answer : *line});
      if (kept) return true;
      if (kept.error().code != ErrorCode::kInvalidArgument) return tl::unexpected(kept.error());
      // The author's own rule, such as a secret's word; another line may be better.
      fmt::print("{}\n", text::printable(kept.error().what));
    }
  }

  [[nodiscard]] std::size_t added() const { return added_; }

 private:
  Status show(dataset::ExchangeItem& item) {
    const auto& met = item.met;
    fmt::print("\n[{}] {}, {}, at {}; {}, {}.\n\n", item.item, text::printable(met.who.name),
               text::printable(met.who.role), text::printable(met.place),
               text::printable(met.emotion), text::printable(met.reason));
    fmt::print("  {}\n\n", text::printable(item.made.question));
    if (added_ == 0) {
      fmt::print("  {}\n\n", text::printable(item.made.answer));
      return {};
    }
    // With the examples that were added in this sitting.
    fmt::print("  before: {}\n", text::printable(item.made.answer));
    const auto stop = signals_.begin_work();
    const auto again = maker_.answer_again(item, stop);
    signals_.end_work();
    if (!again && again.error().code != ErrorCode::kCancelled) return tl::unexpected(again.error());
    if (again && !again->answer.empty()) item.made.answer = again->answer;
    fmt::print("  now:    {}\n\n", again && !again->answer.empty()
                                       ? text::printable(again->answer)
                                       : "nothing that passes the gates");
    return {};
  }

  std::optional<std::string> read() {
    if (!editor_) return read_line(stdin, text::kMaxUtteranceBytes);
    const Typed typed = editor_->read("> ");
    if (typed.what != Typed::What::kLine) return std::nullopt;
    return typed.line;
  }

  Status keep(const dataset::Curated& curated) {
    persona::Member member = *desk_.studio.cast.find_member(character_);
    const auto path = cast_ / member.sheet.world / (character_ + ".dialogues.jsonl");
    auto dialogues = read_text_file(path, persona::kMaxDialoguesBytes);
    if (!dialogues && dialogues.error().code != ErrorCode::kNotFound)
      return tl::unexpected(dialogues.error());
    DRAMATIS_TRY(const auto with,
                 dataset::with_example(dialogues.value_or(std::string()), member, curated));
    std::vector<persona::Finding> found;
    member.dialogues = persona::parse_dialogues(with, path.string(), member.sheet.secrets, found);
    DRAMATIS_DO(persona::judge(found));
    DRAMATIS_DO(write_text(path, with));
    if (curated.edited != curated.shown) {
      DRAMATIS_TRY(const auto preference,
                   dataset::print_preference(curated, member.sheet, desk_.studio.cast));
      DRAMATIS_DO(dataset::append_preference(desk_.folder, preference));
    }
    DRAMATIS_DO(desk_.studio.examples->examples.renew(member));
    for (auto& one : desk_.studio.cast.members) {
      if (one.sheet.id == character_) one.dialogues = member.dialogues;
    }
    ++added_;
    fmt::print("An example more in {}.\n", path.string());
    return {};
  }

  Desk& desk_;
  const std::filesystem::path cast_;
  const std::string character_;
  const dataset::ExchangeMaker& maker_;
  Signals& signals_;
  std::optional<LineEditor> editor_{};
  std::size_t added_ = 0;
};

Result<std::string> whose(const Desk& desk, const std::string& typed) {
  if (typed.empty()) return desk.characters.front();
  DRAMATIS_TRY(const auto ids, ids_of(desk.studio, {typed}));
  return ids.front();
}

// The pairs in the order of the setting `seed`, or in any.
Result<std::vector<dataset::ExchangeItem>> shuffled(const Settings& settings,
                                                    std::vector<dataset::ExchangeItem> items) {
  DRAMATIS_TRY(std::uint64_t seed, random_u64());
  if (!settings.find("seed").value.empty()) {
    DRAMATIS_TRY(const auto set, settings.integer("seed", 0, INT64_MAX));
    seed = static_cast<std::uint64_t>(set);
  }
  Rng rng(seed);
  for (std::size_t left = items.size(); left > 1; --left)
    std::swap(items[left - 1], items[rng.below(left)]);
  return items;
}

Result<int> curate(const Settings& settings, const DatasetArgs& args) {
  Signals signals;
  DRAMATIS_TRY(const auto desk, open_desk(settings, args));
  if (desk->recipe.kind != dataset::DataKind::kExchanges)
    return fail(ErrorCode::kUnsupported, "Exchanges are curated; this recipe makes experiences.");
  DRAMATIS_TRY(const auto character, whose(*desk, args.character));
  DRAMATIS_TRY(const auto records, desk->records(character, "exchanges"));
  DRAMATIS_TRY(auto items, dataset::read_exchange_items(records));
  if (items.empty())
    return fail(ErrorCode::kNotFound,
                fmt::format("{} has no exchanges yet; `dataset make` makes them.", character));
  DRAMATIS_TRY(items, shuffled(settings, std::move(items)));
  const auto& recipe = desk->recipe;
  DRAMATIS_TRY(auto opened,
               recipe.answers.model.empty()
                   ? open_model(settings, desk->studio.clock)
                   : open_named_model(settings, recipe.answers.model, desk->studio.clock));
  dataset::Purse purse({}, desk->studio.clock);
  dataset::Writer writer(*opened.model, purse, recipe.answers.price);
  const dataset::ExchangeRecipe exchanges{.character = character,
                                          .seed = recipe.seed,
                                          .examples = recipe.examples,
                                          .tries = recipe.tries,
                                          .answer_temperature = recipe.answers.temperature,
                                          .gates = recipe.gates};
  DRAMATIS_TRY(const auto maker,
               dataset::ExchangeMaker::make(exchanges, desk->studio.cast,
                                            desk->studio.examples->examples, writer, writer));
  // Preferences are kept there, wherever the pairs come from.
  std::error_code failed;
  std::filesystem::create_directories(desk->folder, failed);
  fmt::print("{}\n", kHelp);
  Sitting sitting(*desk, settings.path("cast"), character, maker, signals);
  for (auto& item : items) {
    DRAMATIS_TRY(const bool on, sitting.sit(std::move(item)));
    if (!on) break;
  }
  fmt::print("{} examples more.{}\n", sitting.added(),
             sitting.added() == 0 ? "" : " `dataset make --anew` makes all anew with them.");
  return 0;
}

}  // namespace

int run_dataset_curate(const Settings& settings, const DatasetArgs& args) {
  prepare_memory(settings);
  const auto done = curate(settings, args);
  return done ? *done : complain(done.error());
}

}  // namespace dramatis::app
