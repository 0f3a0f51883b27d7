// The verbs of dataset, and their flags.
#include "dataset_words.h"

namespace dramatis::app {
namespace {

const std::vector<std::string> kReading{"cast", "matcher", "datasets"};
const std::vector<std::string> kWriting{"model",   "model_name", "key_variable", "key_file",
                                        "voice",   "adapters",   "matcher",      "cast",
                                        "threads", "ram",        "seed",         "datasets"};

CLI::App* add_verb(CLI::App& dataset, const char* name, const char* what, DatasetArgs& args) {
  auto* verb = dataset.add_subcommand(name, what);
  verb->add_option("recipe", args.recipe, "A YAML file (docs/formats/dataset-recipes.md)")
      ->required();
  verb->add_option("--folder", args.folder,
                   "Where what is made is kept. Default: datasets/ of the user, by the recipe's "
                   "name");
  verb->add_option("--database", args.database,
                   "Where it is kept instead, for workers on several machines: "
                   "postgresql://user@host/name, or a file");
  verb->add_option("--run", args.run, "Its name in the database. Default: the recipe's");
  return verb;
}

}  // namespace

void add_dataset(CLI::App& dramatis, DatasetArgs& args, bool& json,
                 const AddSettings& add_settings) {
  auto* dataset = dramatis.add_subcommand("dataset", "Make data that a small model can learn from");
  dataset->require_subcommand(1);
  auto* make = add_verb(*dataset, "make", "Make what is missing; after a kill, too", args);
  make->add_flag("--anew", args.anew, "Put aside what was made, and begin again");
  make->add_option("--lease", args.lease_seconds,
                   "Seconds after which another worker makes what a dead one had begun")
      ->capture_default_str();
  add_settings(*make, kWriting);
  auto* status = add_verb(*dataset, "status", "How far it is, and what it cost", args);
  auto* report =
      add_verb(*dataset, "report", "The table, and what was left out and why, with examples", args);
  auto* exported = add_verb(*dataset, "export", "Files for trainers, with what is held out", args);
  exported->add_option("--form", args.form, "messages, sharegpt, alpaca or experience")
      ->capture_default_str();
  exported
      ->add_option(
          "--with-sheet", args.with_sheet,
          "on: prompts hold the sheet as in a real turn; off: the model must know its part")
      ->capture_default_str();
  exported->add_option("--out", args.out, "The folder to write")->required();
  exported->add_option("--base", args.base, "The model that the trainers' configurations name")
      ->capture_default_str();
  exported->add_option("--rank", args.rank, "LoRA's rank in them; 0: all weights")
      ->capture_default_str();
  auto* import = add_verb(*dataset, "import",
                          "Talks that were held elsewhere: OpenAI, ShareGPT or SillyTavern", args);
  import->add_option("file", args.file, "JSON or JSONL")->required();
  import->add_option("--character", args.character,
                     "Who spoke there. Default: whoever bears the name in the file");
  import->add_flag("--agreed", args.agreed,
                   "Everybody whose words these are has agreed that they are learnt from");
  auto* curate = add_verb(*dataset, "curate",
                          "Pairs at random: make an answer better, and see what comes", args);
  curate->add_option("--character", args.character, "Whose. Default: the recipe's first");
  for (auto* verb : {status, report, exported, import}) add_settings(*verb, kReading);
  add_settings(*curate, kWriting);
  for (auto* verb : {make, status, report, exported, import})
    verb->add_flag("--json", json, "Print JSON");
}

int run_dataset(const CLI::App& dataset, const Settings& settings, DatasetArgs args, bool json) {
  args.output = json ? Output::kJson : Output::kText;
  const std::string verb = dataset.get_subcommands().front()->get_name();
  args.adds = verb == "make" || verb == "import";
  if (verb == "make") return run_dataset_make(settings, args);
  if (verb == "status") return run_dataset_status(settings, args);
  if (verb == "report") return run_dataset_report(settings, args);
  if (verb == "export") return run_dataset_export(settings, args);
  if (verb == "import") return run_dataset_import(settings, args);
  return run_dataset_curate(settings, args);
}

}  // namespace dramatis::app
