// dramatis: the command line -> one command.
#include <algorithm>
#include <clocale>
#include <filesystem>
#include <map>
#include <string>
#include <vector>

#include <CLI/CLI.hpp>
#include <fmt/format.h>

#include "bench_serve.h"
#include "commands.h"
#include "dataset_words.h"
#include "db.h"
#include "measuring.h"
#include "model_bench.h"
#include "model_make.h"
#include "names.h"
#include "places.h"
#include "settings.h"
#include "text/utterance.h"
#include "with_postgres.h"

namespace {

using namespace std::string_literals;
namespace app = dramatis::app;

// What the command line said; the commands read it once it is parsed.
struct Spoken {
  std::map<std::string, std::string, std::less<>> flags;  // settings by key
  std::string config;
  char** words = nullptr;  // the command line as it was
  app::ChatArgs chat;
  app::LogitsArgs logits;
  app::BenchArgs bench;
  app::ServeBenchArgs serve_bench;
  app::InfoArgs info;
  app::MakeArgs make;
  app::GetArgs get;
  app::Measuring measuring;
  app::DatasetArgs dataset;
  app::DbArgs db;
  std::string folder;
  std::string file;
  bool json = false;
  std::vector<std::string> rest;

  [[nodiscard]] app::Output output() const {
    return json ? app::Output::kJson : app::Output::kText;
  }
};

// The flags of the settings that a command heeds.
void add_settings(CLI::App& command, Spoken& spoken, const std::vector<std::string>& keys) {
  for (const auto& row : app::setting_rows()) {
    const std::string key(row.key);
    if (std::find(keys.begin(), keys.end(), key) == keys.end()) continue;
    const auto put = [&spoken, key](const std::string& value) { spoken.flags[key] = value; };
    auto* option =
        command.add_option_function<std::string>(app::flag_of(key), put, std::string(row.meaning));
    option->group("Settings");
    if (!row.fallback.empty()) option->default_str(std::string(row.fallback));
    if (key == "thoughts" || key == "keys") option->expected(0, 1)->default_str("on");
  }
  command
      .add_option("--config", spoken.config,
                  "The settings file. Default: dramatis.yaml here, or "
                  "the user's")
      ->group("Settings");
}

void add_talking(CLI::App& dramatis, Spoken& spoken) {
  auto* chat = dramatis.add_subcommand("chat", "Talk to a character in the terminal");
  chat->add_option("character", spoken.chat.character,
                   "Whom to talk to; a part of the name will do");
  chat->add_flag("--list", spoken.chat.list, "Say who there is");
  chat->add_option("--scene", spoken.chat.scene,
                   "Begin a new conversation there: 'The weir', time=Dusk, now=..., player=..., "
                   "player-is=..., known=... (again for each)")
      ->allow_extra_args(false);
  chat->add_flag("--scratchpad", spoken.chat.shows_thoughts,
                 "Show what the character thought, after each reply");
  add_settings(*chat, spoken,
               {"model", "model_name", "key_variable", "key_file", "voice", "adapters", "matcher",
                "cast", "database", "player", "temperature", "max_tokens", "history", "thoughts",
                "seed", "threads", "ram", "warm", "warm_size"});
}

void add_serve(CLI::App& dramatis, Spoken& spoken) {
  auto* serve = dramatis.add_subcommand("serve", "Answer games over HTTP");
  serve->footer(
      "Several models, services with keys and prices, and limits of spending are the list "
      "`models:` "
      "of dramatis.yaml; docs/settings.md lists its fields.");
  add_settings(*serve, spoken,
               {"model",
                "model_name",
                "key_variable",
                "key_file",
                "voice",
                "adapters",
                "adapters_folder",
                "adapters_size",
                "matcher",
                "embeddings",
                "embeddings_name",
                "embeddings_key_variable",
                "embeddings_key_file",
                "cast",
                "database",
                "threads",
                "ram",
                "warm",
                "warm_size",
                "host",
                "port",
                "listen_compat",
                "serve_key_file",
                "keys",
                "names",
                "origins",
                "metrics",
                "log",
                "turn_seconds",
                "runs",
                "datasets"});
}

void add_looking(CLI::App& dramatis, Spoken& spoken) {
  auto* lint = dramatis.add_subcommand("lint", "Judge the sheets of a cast");
  lint->add_option("folder", spoken.folder, "The cast. Default: as the setting says");
  lint->add_flag("--json", spoken.json, "Print JSON");
  add_settings(*lint, spoken, {"cast"});
  auto* doctor =
      dramatis.add_subcommand("doctor", "Say whether all is well, and how to mend what is not");
  doctor->add_flag("--json", spoken.json, "Print JSON");
  add_settings(*doctor, spoken,
               {"model", "model_name", "key_variable", "key_file", "voice", "adapters", "matcher",
                "embeddings", "embeddings_name", "embeddings_key_variable", "embeddings_key_file",
                "cast", "database", "player", "threads", "ram"});
}

// The commands that make a model of another.
void add_making(CLI::App& model, Spoken& spoken) {
  app::MakeArgs& args = spoken.make;
  auto* convert = model.add_subcommand("convert", "A Hugging Face folder as a GGUF file");
  convert->add_option("folder", args.from, "With config.json, tokenizer.json and safetensors")
      ->required();
  auto* quantize = model.add_subcommand("quantize", "A GGUF file in another type");
  quantize->add_option("file", args.from, "The model")->required();
  auto* merge = model.add_subcommand("merge", "A model with LoRA adapters in its weights");
  merge->add_option("model", args.from, "A GGUF file or a Hugging Face folder")->required();
  // The last of them is the output; run_model() takes it away.
  merge
      ->add_option("adapters", args.adapters,
                   "PEFT folders or GGUF adapters, and then the file to write")
      ->required()
      ->expected(1, -1);
  merge->add_option("--scale", args.scales, "How strongly the next adapter is applied. Default: 1")
      ->expected(1)
      ->take_all();
  for (auto* command : {convert, quantize})
    command->add_option("output", args.to, "The file to write")->required();
  for (auto* command : {convert, quantize, merge}) {
    auto* type = command->add_option(
        "--type", args.type,
        "f32, f16, bf16, q8_0, q6_k, q5_k, q5_1, q5_0, q4_k, q4_1, q4_0, iq4_nl, q3_k or q2_k"s +
            (command == quantize ? "" : ". Default: as stored"));
    if (command == quantize) type->required();
    command->add_flag("--force", args.replaces, "Replace a file that is there");
  }
}

void add_fetching(CLI::App& model, Spoken& spoken) {
  auto* list = model.add_subcommand("list", "What lies in the folders of models");
  list->add_flag("--json", spoken.json, "Print JSON");
  auto* get = model.add_subcommand("get", "Fetch a model from the web");
  app::GetArgs& args = spoken.get;
  get->add_option("what", args.what, "hf:org/repo:Q8_0, or the address of a GGUF file")->required();
  get->add_option("--to", args.folder, "The folder. Default: the user's models");
  get->add_option("--sha256", args.sha256, "What the file must hash to");
  get->add_option("--endpoint", args.endpoint, "A mirror of Hugging Face")->capture_default_str();
  get->add_option("--certificates", args.certificates,
                  "A PEM file to trust instead of the system's certificates");
  get->add_flag("--force", args.replaces, "Replace a file that is there");
}

void add_model(CLI::App& dramatis, Spoken& spoken) {
  auto* model = dramatis.add_subcommand("model", "Look into models, make and fetch them");
  model->require_subcommand(1);
  auto* info = model->add_subcommand("info", "What is in a model or an adapter");
  auto* tokenize = model->add_subcommand("tokenize", "Standard input as token ids");
  auto* logits = model->add_subcommand("logits", "How likely the model finds each next token");
  auto* bench = model->add_subcommand("bench", "How fast a model is here");
  for (auto* command : {info, tokenize, logits, bench}) {
    command
        ->add_option("file", spoken.file,
                     command == bench  ? "A GGUF file"
                     : command == info ? "A GGUF file, a Hugging Face folder or one of PEFT's"
                                       : "A GGUF file or a Hugging Face folder")
        ->required();
    command->add_flag("--json", spoken.json, "Print JSON");
  }
  auto* embed = model->add_subcommand("embed", "A vector for each line of standard input");
  embed->add_option_function<std::string>(
      "folder", [&spoken](const std::string& where) { spoken.flags["embeddings"] = where; },
      "A Hugging Face folder of a BERT encoder, or a service's address. Default: as the setting "
      "embeddings says");
  embed->add_flag("--json", spoken.json, "Print a JSON list for each line, with every digit");
  add_settings(*embed, spoken,
               {"embeddings", "embeddings_name", "embeddings_key_variable", "embeddings_key_file",
                "threads"});
  info->add_option("--context", spoken.info.context,
                   "The memory for conversations of so many tokens. Default: several lengths");
  info->add_option("--conversations", spoken.info.conversations,
                   "The memory for so many conversations. Default: several numbers");
  add_making(*model, spoken);
  add_fetching(*model, spoken);
  logits->add_option("--tokens", spoken.logits.tokens, "The ids to begin with, such as 1,70,80")
      ->required();
  logits->add_option("--greedy", spoken.logits.greedy,
                     "Go on with so many of the likeliest tokens");
}

void add_bench(CLI::App& dramatis, Spoken& spoken) {
  auto* bench = dramatis.get_subcommand("model")->get_subcommand("bench");
  app::BenchArgs& args = spoken.bench;
  bench->add_option("--mode", args.mode, "single, batch or tavern")->capture_default_str();
  bench->add_option("--threads", args.threads, "Threads that compute; 0: one for each core")
      ->capture_default_str();
  bench->add_option("--repeat", args.repeat, "Measured runs, after one that warms up")
      ->capture_default_str();
  bench->add_option("--streams", args.streams, "batch: replies at once")->capture_default_str();
  bench->add_option("--personas", args.personas, "tavern: characters")->capture_default_str();
  bench->add_option("--players", args.players, "tavern: players")->capture_default_str();
  bench->add_option("--turns", args.turns, "tavern: turns of each player")->capture_default_str();
  bench->add_option("--ram", args.ram, "Memory to keep within, such as 200M");
}

void add_db(CLI::App& dramatis, Spoken& spoken) {
  auto* db = dramatis.add_subcommand("db", "Look after the database as a whole");
  db->require_subcommand(1);
  app::DbArgs& args = spoken.db;
  auto* migrate = db->add_subcommand("migrate", "Bring its tables up to date, as every start does");
  auto* check = db->add_subcommand("check", "Read all of it, and say what is wrong");
  auto* backup = db->add_subcommand("backup", "One moment of it as a file; services may go on");
  backup->add_option("file", args.file, "The file to write; none may be there")->required();
  auto* restore = db->add_subcommand("restore", "The rows of a backup into the database");
  restore->add_option("file", args.file, "What `backup` wrote, its checksum beside it")->required();
  auto* move = db->add_subcommand("move", "Everything into another database");
  move->add_option("to", args.to, "A path, sqlite:path or postgresql://user@host/name")->required();
  for (auto* command : {restore, move})
    command->add_flag("--force", args.replaces, "Replace what the target holds");
  for (auto* command : {migrate, check, backup, restore, move}) {
    command->add_flag("--json", spoken.json, "Print JSON");
    add_settings(*command, spoken, {"database"});
  }
}

void add_bench_serve(CLI::App& dramatis, Spoken& spoken) {
  auto* bench = dramatis.add_subcommand("bench", "How much a service carries on this machine");
  bench->require_subcommand(1);
  auto* serve = bench->add_subcommand(
      "serve", "Load a service, in another process and with a scripted model, until it shows");
  app::ServeBenchArgs& args = spoken.serve_bench;
  serve->add_option("--seconds", args.seconds, "The measured part of each phase")
      ->capture_default_str();
  serve->add_option("--players", args.players, "Who take turns as fast as they are answered")
      ->capture_default_str();
  serve->add_option("--readers", args.readers, "Who read a stream each, all at once")
      ->capture_default_str();
  serve->add_option("--stalled", args.stalled, "Who ask for a long reply and never read it")
      ->capture_default_str();
  serve->add_option("--database", args.database,
                    "A file or postgresql://... Default: a file that goes with the bench");
  serve->add_flag("--served", args.serves)->group("");  // the other process
  serve->add_flag("--json", spoken.json, "Print JSON");
}

dramatis::Result<app::Settings> settle(const Spoken& spoken) {
  return app::Settings::settle({.flags = spoken.flags,
                                .variable = app::variable,
                                .file = app::settings_file(spoken.config),
                                .defaults = app::machine_defaults()});
}

int run_measuring(const CLI::App& command, const Spoken& spoken) {
  const auto settings = settle(spoken);
  if (!settings) return app::complain(settings.error());
  if (command.get_name() == "arena")
    app::become_one_with_postgres(settings->find("database").value, spoken.words);
  return app::run_measuring(command, *settings, spoken.measuring, spoken.flags, spoken.config);
}

int run_dataset(const CLI::App& command, const Spoken& spoken) {
  const auto settings = settle(spoken);
  if (!settings) return app::complain(settings.error());
  return app::run_dataset(command, *settings, spoken.dataset, spoken.json);
}

int run_with_settings(const std::string& command, const Spoken& spoken) {
  const auto settings = settle(spoken);
  if (!settings) return app::complain(settings.error());
  app::become_one_with_postgres(settings->find("database").value, spoken.words);
  if (command.starts_with("db ")) {
    app::DbArgs args = spoken.db;
    args.output = spoken.output();
    return app::run_db(*settings, command.substr(3), args);
  }
  if (command == "chat") return app::run_chat(*settings, spoken.chat);
  if (command == "serve") return app::run_serve(*settings);
  if (command == "doctor") return app::run_doctor(*settings, spoken.output());
  if (command == "embed") return app::run_model_embed(*settings, spoken.output());
  const std::filesystem::path cast(spoken.folder);
  return app::run_lint(cast.empty() ? settings->path("cast") : cast, spoken.output());
}

// Of the commands that were named, the last: `dramatis model` alone is answered with what it can
// do.
const CLI::App& innermost(const CLI::App& app) {
  const auto named = app.get_subcommands();
  return named.empty() ? app : innermost(*named.front());
}

int tell_what_lacks(const CLI::App& dramatis, const CLI::RequiredError& error) {
  const CLI::App& asked = innermost(dramatis);
  if (asked.get_require_subcommand_min() == 0) {
    dramatis.exit(error);
    return 2;
  }
  for (const auto& word : dramatis.remaining(true))
    fmt::print(stderr, "dramatis: There is no \"{}\" here.\n\n", ::dramatis::text::printable(word));
  const CLI::App* parent = asked.get_parent();
  fmt::print(stderr, "{}", asked.help(parent == nullptr ? "" : parent->get_name()));
  return 2;
}

int run_model(const CLI::App& model, Spoken& spoken) {
  const std::string which = model.get_subcommands().front()->get_name();
  if (which == "embed") return run_with_settings(which, spoken);
  if (which == "info") {
    spoken.info.file = spoken.file;
    spoken.info.output = spoken.output();
    return app::run_model_info(spoken.info);
  }
  if (which == "list") return app::run_model_list(spoken.output());
  if (which == "get") return app::run_model_get(spoken.get);
  if (which == "convert") return app::run_model_convert(spoken.make);
  if (which == "quantize") return app::run_model_quantize(spoken.make);
  if (which == "merge") {
    spoken.make.to = spoken.make.adapters.back();
    spoken.make.adapters.pop_back();
    return app::run_model_merge(spoken.make);
  }
  if (which == "tokenize") return app::run_model_tokenize(spoken.file, spoken.output());
  if (which == "bench") {
    spoken.bench.file = spoken.file;
    spoken.bench.output = spoken.output();
    return app::run_model_bench(spoken.bench);
  }
  spoken.logits.file = spoken.file;
  spoken.logits.output = spoken.output();
  return app::run_model_logits(spoken.logits);
}

// Of flags that nobody knows: the one that was perhaps meant.
void tell_nearest(const CLI::App& dramatis, int argc, char** argv) {
  const CLI::App* command = &dramatis;
  while (!command->get_subcommands().empty()) command = command->get_subcommands().front();
  std::vector<std::string> flags;
  for (const CLI::Option* option : command->get_options()) {
    for (const auto& name : option->get_lnames()) flags.push_back("--" + name);
  }
  for (int n = 1; n < argc; ++n) {
    const std::string_view word(argv[n]);
    const std::string typed(word.substr(0, word.find('=')));
    if (!typed.starts_with("--") || std::ranges::find(flags, typed) != flags.end()) continue;
    const auto nearest = app::nearest_names(typed, flags, 1);
    if (!nearest.empty()) fmt::print(stderr, "Did you mean {}?\n", nearest.front());
  }
}

int run(int argc, char** argv) {
  // Letters beyond ASCII must be editable even where nobody has set a locale.
  if (std::setlocale(LC_CTYPE, "") == nullptr || MB_CUR_MAX == 1)
    std::setlocale(LC_CTYPE, "C.UTF-8");
  app::become_one_with_postgres(argc, argv);
  // Everything after `train` belongs to dramatis-train.
  if (argc > 1 && argv[1] == "train"s) return app::run_train({argv + 2, argv + argc});

  CLI::App dramatis("Brings a cast of characters to life on an ordinary computer.", "dramatis");
  dramatis.set_version_flag("--version", "dramatis " DRAMATIS_VERSION);
  dramatis.require_subcommand(1);
  Spoken spoken;
  spoken.words = argv;
  add_talking(dramatis, spoken);
  add_serve(dramatis, spoken);
  add_looking(dramatis, spoken);
  app::add_measuring(dramatis, spoken.measuring,
                     [&spoken](CLI::App& command, const std::vector<std::string>& keys) {
                       add_settings(command, spoken, keys);
                     });
  app::add_dataset(dramatis, spoken.dataset, spoken.json,
                   [&spoken](CLI::App& command, const std::vector<std::string>& keys) {
                     add_settings(command, spoken, keys);
                   });
  add_db(dramatis, spoken);
  add_model(dramatis, spoken);
  add_bench(dramatis, spoken);
  add_bench_serve(dramatis, spoken);
  dramatis.add_subcommand("train", "Train models (dramatis-train; `dramatis train --help`)");
  dramatis.footer(
      "A setting comes from its flag, its DRAMATIS_... variable, dramatis.yaml or its default, in "
      "this "
      "order; docs/settings.md lists them.");
  try {
    dramatis.parse(argc, argv);
  } catch (const CLI::RequiredError& error) {
    return tell_what_lacks(dramatis, error);
  } catch (const CLI::ParseError& error) {
    const int code = dramatis.exit(error);
    if (dynamic_cast<const CLI::ExtrasError*>(&error) != nullptr)
      tell_nearest(dramatis, argc, argv);
    return code == 0 ? 0 : 2;
  }
  const CLI::App& command = *dramatis.get_subcommands().front();
  if (app::is_measuring(command)) return run_measuring(command, spoken);
  if (command.get_name() == "dataset") return run_dataset(command, spoken);
  if (command.get_name() == "model") return run_model(command, spoken);
  if (command.get_name() == "db")
    return run_with_settings("db " + command.get_subcommands().front()->get_name(), spoken);
  if (command.get_name() == "bench") {
    spoken.serve_bench.output = spoken.output();
    return app::run_bench_serve(spoken.serve_bench);
  }
  return run_with_settings(command.get_name(), spoken);
}

}  // namespace

int main(int argc, char** argv) {
  // What no room has caught is a defect or exhausted memory; either way a sentence, not a core
  // file.
  try {
    return run(argc, argv);
  } catch (const std::exception& thrown) {
    return app::complain({dramatis::ErrorCode::kInternal, thrown.what()});
  }
}
