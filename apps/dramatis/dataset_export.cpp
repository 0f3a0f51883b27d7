// dramatis dataset export and import: data -> files for trainers; talks of elsewhere -> data.
#include <fmt/format.h>

#include "base/files.h"
#include "dataset.h"
#include "dataset/digest.h"
#include "dataset/limits.h"
#include "dataset_desk.h"
#include "names.h"
#include "study/limits.h"
#include "study/transcript.h"
#include "text/digest.h"

namespace dramatis::app {
namespace {

// As large as any adapter is made.
constexpr std::int64_t kMostRank = 1024;

// What is learnt from, and what is held out.
struct Halves {
  std::string train{};
  std::string held_out{};
  std::size_t lessons = 0;
  std::size_t lessons_held_out = 0;
};

struct Packing {
  dataset::LessonForm form = dataset::LessonForm::kMessages;
  dataset::Sheet sheet = dataset::Sheet::kOn;
};

Result<std::string> print_piece(const dataset::Piece& piece, const persona::Cast& cast,
                                const Packing& packing, std::size_t& lessons) {
  if (packing.form == dataset::LessonForm::kExperience) {
    ++lessons;
    return dataset::print_as_experience(piece, cast.find_member(piece.character)->sheet);
  }
  DRAMATIS_TRY(const auto made, dataset::lessons_of(piece, cast, packing.sheet));
  lessons += made.size();
  if (packing.form == dataset::LessonForm::kMessages) return dataset::print_messages(made);
  if (packing.form == dataset::LessonForm::kShareGpt) return dataset::print_sharegpt(made);
  return dataset::print_alpaca(made);
}

Result<Halves> pack(const Desk& desk, const std::vector<dataset::Piece>& pieces,
                    const Packing& packing) {
  std::vector<dataset::Kin> kin;
  for (const auto& piece : pieces) kin.push_back(piece.kin);
  const auto held =
      dataset::hold_out(kin, {.held_out = desk.recipe.held_out, .seed = desk.recipe.seed});
  Halves halves;
  for (std::size_t n = 0; n < pieces.size(); ++n) {
    std::size_t& lessons = held[n] ? halves.lessons_held_out : halves.lessons;
    DRAMATIS_TRY(const auto lines, print_piece(pieces[n], desk.studio.cast, packing, lessons));
    (held[n] ? halves.held_out : halves.train) += lines;
  }
  return halves;
}

// Everything about the files that a model card wants to know.
text::JsonObject manifest(const Desk& desk, const std::vector<dataset::Piece>& pieces,
                          const Halves& halves, const Packing& packing) {
  std::map<std::string, std::size_t> sources;
  for (const auto& piece : pieces) ++sources[std::string(dataset::name_of(piece.source))];
  text::JsonObject counted;
  for (const auto& [source, number] : sources) counted.emplace_back(source, number);
  text::JsonArray characters;
  for (const auto& id : desk.characters) characters.emplace_back(id);
  return {{"form", dataset::name_of(packing.form)},
          {"sheet", packing.sheet == dataset::Sheet::kOn},
          {"characters", std::move(characters)},
          {"pieces", std::move(counted)},
          {"train", halves.lessons},
          {"held_out", halves.lessons_held_out},
          {"seed", desk.recipe.seed},
          {"recipe_sha256", desk.recipe_digest},
          {"cast_sha256", dataset::digest(desk.studio.cast)},
          {"train_sha256", text::sha256(halves.train)},
          {"held_out_sha256", text::sha256(halves.held_out)}};
}

Result<Packing> packing_of(const DatasetArgs& args) {
  Packing packing;
  DRAMATIS_TRY(packing.form, dataset::parse_form(args.form));
  if (args.with_sheet != "on" && args.with_sheet != "off")
    return fail(ErrorCode::kInvalidArgument,
                fmt::format("--with-sheet is on or off, not '{}'.", args.with_sheet));
  packing.sheet = args.with_sheet == "on" ? dataset::Sheet::kOn : dataset::Sheet::kOff;
  if (args.rank < 0 || args.rank > kMostRank)
    return fail(ErrorCode::kInvalidArgument,
                fmt::format("--rank is {}; it goes to {}.", args.rank, kMostRank));
  return packing;
}

Result<int> write_out(const Settings& settings, const DatasetArgs& args) {
  DRAMATIS_TRY(const auto packing, packing_of(args));
  DRAMATIS_TRY(const auto desk, open_desk(settings, args));
  std::vector<dataset::Piece> pieces;
  for (const auto& character : desk->characters) {
    DRAMATIS_TRY(auto gathered, gather(*desk, character));
    for (auto& piece : gathered.pieces) pieces.push_back(std::move(piece));
  }
  if (pieces.empty())
    return fail(ErrorCode::kNotFound,
                "There is nothing to learn from yet; `dataset make` makes it.");
  DRAMATIS_TRY(const auto halves, pack(*desk, pieces, packing));
  std::error_code failed;
  std::filesystem::create_directories(args.out, failed);
  if (failed)
    return fail(ErrorCode::kUnavailable,
                fmt::format("{} cannot be made: {}.", args.out.string(), failed.message()));
  const dataset::TrainerSettings trainer{.form = packing.form,
                                         .base = args.base,
                                         .rank = static_cast<int>(args.rank),
                                         .seed = desk->recipe.seed};
  DRAMATIS_DO(write_text(args.out / "train.jsonl", halves.train));
  DRAMATIS_DO(write_text(args.out / "held-out.jsonl", halves.held_out));
  DRAMATIS_DO(write_text(args.out / "axolotl.yaml", dataset::axolotl_configuration(trainer)));
  if (const auto trl = dataset::trl_configuration(trainer); !trl.empty())
    DRAMATIS_DO(write_text(args.out / "trl.yaml", trl));
  const auto told = text::print_json(manifest(*desk, pieces, halves, packing));
  DRAMATIS_DO(write_text(args.out / "dataset.json", told + "\n"));
  if (args.output == Output::kJson) {
    fmt::print("{}\n", told);
  } else {
    fmt::print("{} lessons, and {} held out, in {}\n", halves.lessons, halves.lessons_held_out,
               args.out.string());
  }
  return 0;
}

// Whose a talk is: the one who was named, or who bears the name that it has.
Result<std::string> owner_of(const study::Transcript& talk, const Desk& desk,
                             const DatasetArgs& args) {
  std::vector<Named> named;
  for (const auto& id : desk.characters)
    named.push_back({id, desk.studio.cast.find_member(id)->sheet.name});
  const auto& typed = args.character.empty() ? talk.name : args.character;
  if (typed.empty()) {
    return fail(ErrorCode::kInvalidArgument,
                "The file does not tell who speaks; name the character with --character.");
  }
  DRAMATIS_TRY(const std::size_t which, find_named(typed, named));
  return named[which].id;
}

Result<int> take_in(const Settings& settings, const DatasetArgs& args) {
  if (!args.agreed) {
    return fail(ErrorCode::kRefused,
                "Nothing is learnt from talks whose players have not agreed. Where everybody has, "
                "or the words are your own, say so with --agreed.");
  }
  DRAMATIS_TRY(const auto desk, open_desk(settings, args));
  DRAMATIS_TRY(const auto bytes, read_text_file(args.file, study::kMaxTranscriptBytes));
  DRAMATIS_TRY(const auto talks, study::read_transcripts(bytes, args.file.string()));
  std::map<std::string, std::vector<text::JsonObject>> records;
  for (const auto& talk : talks) {
    DRAMATIS_TRY(const auto owner, owner_of(talk, *desk, args));
    records[owner].push_back(dataset::talk_record(talk, args.file.filename().string()));
  }
  std::size_t added = 0;
  for (const auto& [owner, some] : records) {
    DRAMATIS_TRY(const std::size_t more, desk->archive->add_talks(owner, some));
    added += more;
  }
  if (args.output == Output::kJson) {
    fmt::print("{}\n",
               text::print_json(text::JsonObject{{"talks", talks.size()}, {"added", added}}));
  } else {
    fmt::print("{} talks; {} were there already.\n", added, talks.size() - added);
  }
  return 0;
}

}  // namespace

int run_dataset_export(const Settings& settings, const DatasetArgs& args) {
  const auto done = write_out(settings, args);
  return done ? *done : complain(done.error());
}

int run_dataset_import(const Settings& settings, const DatasetArgs& args) {
  const auto done = take_in(settings, args);
  return done ? *done : complain(done.error());
}

}  // namespace dramatis::app
