// dramatis db: the database as a whole -> a newer one, a file, another database, a verdict.
#include "db.h"

#include <cstdio>

#include <fmt/format.h>
#include <unistd.h>

#include "commands.h"
#include "places.h"
#include "store/backup.h"
#include "store/copy.h"
#include "store/database.h"
#include "terminal.h"
#include "text/json.h"
#include "text/utterance.h"

namespace dramatis::app {
namespace {

using Opened = std::unique_ptr<store::Database>;

// A database that is to be read must be there: none is made for the sake of looking into it.
Result<Opened> open_existing(const std::string& address) {
  DRAMATIS_TRY(const auto parsed, store::parse_address(address));
  std::error_code none;
  if (parsed.kind == store::Kind::kSqlite && !std::filesystem::exists(parsed.path, none)) {
    return fail(ErrorCode::kNotFound,
                fmt::format("{}: there is no database; name it with --database.", parsed.shown));
  }
  return store::open(address);
}

// A line on a terminal that says how far it is.
store::Progress progress_of(Output output) {
  if (output == Output::kJson || isatty(STDERR_FILENO) == 0) return {};
  return [](const store::TableCount& so_far) {
    fmt::print(stderr, "\r{:<16}{:>12}", so_far.table, so_far.rows);
    std::fflush(stderr);
  };
}

void end_progress(const store::Progress& progress) {
  if (progress) fmt::print(stderr, "\r{:<28}\r", "");
}

text::JsonObject contents_json(const store::Contents& contents) {
  text::JsonObject rows;
  for (const auto& table : contents) rows.emplace_back(table.table, table.rows);
  return rows;
}

std::string contents_text(const store::Contents& contents) {
  std::string text;
  for (const auto& table : contents)
    text += fmt::format("{}{} {}", text.empty() ? "" : ", ", table.rows, table.table);
  return text;
}

// What a command says when it is done.
void report(Output output, const std::string& sentence, text::JsonObject fields) {
  if (output == Output::kJson) {
    fmt::print("{}\n", text::print_json(std::move(fields)));
  } else {
    fmt::print("{}\n", text::printable(sentence));
  }
}

Result<int> migrate(const std::string& address, Output output) {
  DRAMATIS_TRY(const auto database, store::open(address));
  const auto before = database->version_before();
  const auto now = store::newest_version();
  const std::string& where = database->address().shown;
  report(output,
         before == 0     ? fmt::format("{}: made, version {}.", where, now)
         : before == now ? fmt::format("{}: version {} already.", where, now)
                         : fmt::format("{}: version {} became version {}.", where, before, now),
         {{"database", where}, {"before", before}, {"version", now}});
  return 0;
}

Result<int> check(const std::string& address, Output output) {
  DRAMATIS_TRY(const auto database, open_existing(address));
  DRAMATIS_TRY(const auto wrong, store::check(*database));
  DRAMATIS_TRY(const auto contents, store::count(*database));
  const std::string& where = database->address().shown;
  text::JsonArray sentences;
  std::string lines = fmt::format("{}: {}.", where, contents_text(contents));
  for (const auto& sentence : wrong) {
    sentences.emplace_back(sentence);
    lines += " " + sentence;
  }
  if (wrong.empty()) lines += " Nothing is wrong.";
  report(output, lines,
         {{"database", where}, {"wrong", sentences}, {"rows", contents_json(contents)}});
  return wrong.empty() ? 0 : 1;
}

Result<int> back_up(const std::string& address, const DbArgs& args, const std::stop_token& stop) {
  DRAMATIS_TRY(const auto database, open_existing(address));
  const auto progress = progress_of(args.output);
  const auto written = store::backup(*database, args.file, progress, stop);
  end_progress(progress);
  if (!written) return tl::unexpected(written.error());
  report(args.output,
         fmt::format("{}: {}. Its checksum is in {}.", args.file.string(), contents_text(*written),
                     store::checksum_of(args.file).string()),
         {{"database", database->address().shown},
          {"backup", args.file.string()},
          {"checksum", store::checksum_of(args.file).string()},
          {"rows", contents_json(*written)}});
  return 0;
}

Result<int> restore(const std::string& address, const DbArgs& args, const std::stop_token& stop) {
  // Before the database, which is made where there is none.
  DRAMATIS_DO(store::find_backup(args.file));
  DRAMATIS_TRY(const auto database, store::open(address));
  const auto progress = progress_of(args.output);
  const auto over = args.replaces ? store::Over::kEverything : store::Over::kEmpty;
  const auto restored = store::restore(args.file, *database, over, progress, stop);
  end_progress(progress);
  if (!restored) return tl::unexpected(restored.error());
  report(args.output,
         fmt::format("{}: {} from {}.", database->address().shown, contents_text(*restored),
                     args.file.string()),
         {{"database", database->address().shown},
          {"backup", args.file.string()},
          {"rows", contents_json(*restored)}});
  return 0;
}

Result<int> move(const std::string& address, const DbArgs& args, const std::stop_token& stop) {
  DRAMATIS_TRY(const auto from, open_existing(address));
  DRAMATIS_TRY(const auto to, store::open(args.to));
  if (from->address().url == to->address().url && from->address().path == to->address().path) {
    return fail(ErrorCode::kInvalidArgument,
                fmt::format("{} is where everything is already.", to->address().shown));
  }
  const auto progress = progress_of(args.output);
  const auto over = args.replaces ? store::Over::kEverything : store::Over::kEmpty;
  const auto copied = store::copy(*from, *to, over, progress, stop);
  end_progress(progress);
  if (!copied) return tl::unexpected(copied.error());
  report(args.output,
         fmt::format("{}: {} from {}, which stays as it is. Say --database {} from now on.",
                     to->address().shown, contents_text(*copied), from->address().shown,
                     to->address().shown),
         {{"database", from->address().shown},
          {"to", to->address().shown},
          {"rows", contents_json(*copied)}});
  return 0;
}

Result<int> run(const Settings& settings, const std::string& which, const DbArgs& args) {
  const std::string address = database_address(settings);
  if (which == "migrate") return migrate(address, args.output);
  if (which == "check") return check(address, args.output);
  // Ctrl-C leaves nothing by halves.
  Signals signals;
  const std::stop_token stop = signals.begin_work();
  if (which == "backup") return back_up(address, args, stop);
  if (which == "restore") return restore(address, args, stop);
  return move(address, args, stop);
}

}  // namespace

int run_db(const Settings& settings, const std::string& which, const DbArgs& args) {
  const auto done = run(settings, which, args);
  return done ? *done : complain(done.error());
}

}  // namespace dramatis::app
