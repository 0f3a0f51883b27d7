// One function for each command's words.
#include "measuring.h"

namespace dramatis::app {
namespace {

const std::vector<std::string> kAnswering{
    "model", "model_name",  "key_variable", "key_file", "voice", "adapters", "matcher",
    "cast",  "temperature", "max_tokens",   "thoughts", "seed",  "threads",  "ram"};

void add_json(CLI::App& command, Measuring& measuring, const char* what = "Print JSON") {
  command.add_flag("--json", measuring.json, what);
}

void add_talk(CLI::App& command, ArenaArgs& args) {
  command
      .add_option("talk", args.talk,
                  "The talk: its id, the last letters of it, or `last` for the newest")
      ->required();
}

void add_arena(CLI::App& dramatis, Measuring& measuring, const AddSettings& add_settings) {
  ArenaArgs& args = measuring.arena;
  auto* arena = dramatis.add_subcommand(
      "arena", "Let characters talk with each other: dramatis arena orlando sarah");
  arena->require_subcommand(0, 1);
  arena->add_option("characters", args.characters,
                    "Two characters or more; a part of the name will do. The first one begins");
  arena->add_option("--turns", args.turns, "Lines to say; 0: only begin")->capture_default_str();
  arena->add_option("--opening", args.opening, "What the first one hears; \"\": it speaks first")
      ->capture_default_str();
  arena->add_option("--scene", args.scene, "'The weir', time=Dusk, now=... (again for each)")
      ->allow_extra_args(false);
  arena->add_option("--note", args.note, "What a director tells all of them");
  arena->add_option("--order", args.order, "Who speaks next: round-robin, or natural")
      ->capture_default_str();
  arena->add_option("--named", args.named, "Who speaks next: these, again and again")
      ->delimiter(',');
  add_json(*arena, measuring, "Print the transcript as JSON at the end");
  std::vector<std::string> keys = kAnswering;
  keys.insert(keys.end(), {"database", "history", "warm", "warm_size"});
  add_settings(*arena, keys);
  auto* resume = arena->add_subcommand("resume", "Go on with a talk; after a kill, too");
  add_talk(*resume, args);
  resume->add_option("--turns", args.turns, "Lines to say")->capture_default_str();
  add_json(*resume, measuring, "Print the transcript as JSON at the end");
  add_settings(*resume, keys);
  auto* turn = arena->add_subcommand("turn", "One line more");
  add_talk(*turn, args);
  add_json(*turn, measuring, "Print the transcript as JSON at the end");
  add_settings(*turn, keys);
  for (const auto& [name, what] :
       {std::pair{"list", "All talks, newest first"},
        std::pair{"show", "What was said; thoughts are nobody's to read here"},
        std::pair{"evaluate", "The figures of a talk, and who moved whose objective"},
        std::pair{"remove", "Forget a talk; the conversations behind it stay"}}) {
    auto* verb = arena->add_subcommand(name, what);
    if (std::string_view(name) != "list") add_talk(*verb, args);
    add_json(*verb, measuring);
    add_settings(*verb, {"cast", "database"});
  }
}

template <class Args>
void add_files(CLI::App& command, Args& args) {
  command.add_option("--out", args.out, "Write the report as JSON there, too");
  command.add_option("--html", args.html, "Write the page there, too");
  command.add_option("--junit", args.junit, "Write the thresholds as JUnit tests there");
  command
      .add_option("--fail-under", args.fail_under,
                  "memory=5.5: exit with 1 where the mean is less; again for more")
      ->allow_extra_args(false);
}

void add_interview(CLI::App& dramatis, Measuring& measuring, const AddSettings& add_settings) {
  InterviewArgs& args = measuring.interview;
  auto* interview = dramatis.add_subcommand(
      "interview", "Ask characters about themselves, and score the answers from 1 to 7");
  interview->add_option("characters", args.characters,
                        "Whom to ask, or `all` (whom the model was taught). Default: all");
  interview->add_option("--single", args.single, "Questions that stand alone, of each")
      ->capture_default_str();
  interview->add_option("--multi", args.multi, "Interviews of several turns, of each: 10x5, or 0")
      ->capture_default_str();
  interview->add_option("--questions", args.questions,
                        "A YAML file (docs/formats/questions.md). Default: from each sheet");
  interview->add_flag("--write-questions", args.writes_questions,
                      "Print the questions as YAML, for a writer to go on with, and ask none");
  interview->add_option("--interviewer", args.interviewer,
                        "A model of the list models:, or a file, that follows up. Default: a "
                        "script does");
  interview
      ->add_option("--judge", args.judges,
                   "A model that scores the answers beside the rules; again for more")
      ->allow_extra_args(false);
  interview->add_option("--baseline", args.baseline,
                        "No model: `nearest` answers with the author's nearest line, `assistant` "
                        "as an assistant would");
  interview->add_option("--at-once", args.at_once, "Interviews at the same time")
      ->capture_default_str();
  interview->add_flag("--resume", args.resumes, "Do only what an earlier run has not done");
  interview->add_option("--journal", args.journal,
                        "Where answers are kept as they come. Default: beside the reports");
  interview->add_option("--title", args.title,
                        "Of the report. Default: who was asked and answered");
  interview->add_option("--since", args.since,
                        "A report to compare with. Default: the newest of the same title");
  add_files(*interview, args);
  add_json(*interview, measuring, "Print the report as JSON");
  add_settings(*interview, kAnswering);
}

void add_suite(CLI::App& evaluate, Measuring& measuring, const AddSettings& add_settings) {
  SuiteArgs& args = measuring.suite;
  auto* suite = evaluate.add_subcommand(
      "suite", "Interviews as a file says, of one candidate or several; for machines that build");
  suite->add_option("suite", args.suite, "A YAML file (docs/formats/suites.md)")->required();
  suite
      ->add_option("--runs", args.runs,
                   "Ask everything so often, each time with the next seed (and temperature 0.6, "
                   "unless one is set)")
      ->capture_default_str();
  suite->add_option("--at-once", args.at_once, "Interviews at the same time")
      ->capture_default_str();
  add_files(*suite, args);
  add_json(*suite, measuring, "Print the report as JSON");
  add_settings(*suite, kAnswering);
}

void add_checks(CLI::App& evaluate, Measuring& measuring, const AddSettings& add_settings) {
  EvaluateArgs& args = measuring.checks;
  auto* checks = evaluate.add_subcommand("checks", "Put the checks of the cast to its characters");
  checks->add_option("folder", args.folder, "The cast. Default: as the setting says");
  checks->add_option("--character", args.characters,
                     "Whom to ask; again for more. Default: everyone");
  checks->add_option("--checks", args.checks,
                     "A folder of files such as orlando-marlo.checks.yaml, instead of the cast's");
  checks->add_option("--examples", args.examples, "on or off: shown in the prompt")
      ->capture_default_str();
  checks
      ->add_option("--sheet", args.sheet,
                   "on or off: the prompt tells who is played; off is for models of one character")
      ->capture_default_str();
  checks->add_flag("--nearest", args.nearest, "Without a model: the nearest authored line answers");
  checks->add_flag("--fluency", args.fluency, "Measure how fluent the replies are, too");
  checks->add_option("--english", args.english,
                     "The GGUF file that judges it. Default: the English base beside the model");
  add_json(*checks, measuring, "Print JSON with every answer");
  add_settings(*checks, kAnswering);
}

void add_voices(CLI::App& evaluate, Measuring& measuring, const AddSettings& add_settings) {
  VoicesArgs& args = measuring.voices;
  auto* voices = evaluate.add_subcommand(
      "voices", "The figures of a model card: checks with and without adapters, and odd questions");
  voices->add_option("characters", args.characters,
                     "Whom to ask, of those that have an adapter. Default: all");
  voices->add_option("--voices", args.voices,
                     "A folder of adapters, orlando-marlo/ or orlando-marlo.gguf. Default: "
                     "models/voices of Dramatis");
  voices->add_option("--checks", args.checks,
                     "A folder of orlando-marlo.checks.yaml and orlando-marlo.off-topic.yaml. "
                     "Default: tests/voices of Dramatis");
  add_json(*voices, measuring, "Print JSON with every answer");
  add_settings(*voices, kAnswering);
}

void add_benign(CLI::App& evaluate, Measuring& measuring, const AddSettings& add_settings) {
  BenignArgs& args = measuring.benign;
  auto* benign = evaluate.add_subcommand(
      "benign", "Say harmless lines about drink, war, heresy and love; who refuses or preaches?");
  benign->add_option("characters", args.characters, "Whom to ask. Default: all");
  benign->add_option("--lines", args.lines, "One a line. Default: the 200 that came with Dramatis");
  benign->add_option("--most", args.most, "Per cent that may; more is exit code 1")
      ->capture_default_str();
  benign->add_option("--baseline", args.baseline, "`nearest` or `assistant`, instead of a model");
  benign->add_option("--at-once", args.at_once, "Replies at the same time")->capture_default_str();
  add_json(*benign, measuring);
  add_settings(*benign, kAnswering);
}

void add_evaluate(CLI::App& dramatis, Measuring& measuring, const AddSettings& add_settings) {
  auto* evaluate =
      dramatis.add_subcommand("evaluate", "Measure how well characters stay themselves");
  evaluate->require_subcommand(0, 1);
  evaluate->add_option("--transcripts", measuring.transcripts.file,
                       "Score conversations of other systems: OpenAI messages, ShareGPT or "
                       "SillyTavern, JSON or JSONL");
  evaluate->add_option("--character", measuring.transcripts.character,
                       "Whose sheet the rules use. Default: who bears the name in the file");
  add_json(*evaluate, measuring);
  add_settings(*evaluate, {"cast", "matcher"});
  add_checks(*evaluate, measuring, add_settings);
  add_suite(*evaluate, measuring, add_settings);
  auto* compare = evaluate->add_subcommand(
      "compare", "Reports of the same questions: who is better in what, and how surely");
  compare->add_option("reports", measuring.compare.reports, "What `interview --out` wrote")
      ->required()
      ->expected(2, -1);
  compare
      ->add_option("--name", measuring.compare.names,
                   "Of each report, in their order. Default: the files' names")
      ->allow_extra_args(false);
  add_json(*compare, measuring);
  add_voices(*evaluate, measuring, add_settings);
  add_benign(*evaluate, measuring, add_settings);
  auto* collapse = evaluate->add_subcommand(
      "collapse", "Whether the cast has become one: same names, openings, plots");
  collapse->add_option("--report", measuring.collapse.report,
                       "What `interview --out` wrote: its answers' openings, too");
  collapse->add_flag("--strict", measuring.collapse.strict, "Exit with 1 where anything is shared");
  add_json(*collapse, measuring);
  add_settings(*collapse, {"cast"});
}

int run_arena_verb(const CLI::App& arena, const Settings& settings, ArenaArgs args) {
  const auto verbs = arena.get_subcommands();
  const std::string verb = verbs.empty() ? "" : verbs.front()->get_name();
  if (verb == "list") return run_arena_list(settings, args);
  if (verb == "show") return run_arena_show(settings, args);
  if (verb == "evaluate") return run_arena_evaluate(settings, args);
  if (verb == "remove") return run_arena_remove(settings, args);
  if (verb == "turn") args.turns = 1;
  return verb.empty() ? run_arena(settings, args) : run_arena_resume(settings, args);
}

template <class Args>
Args with_output(Args args, bool json) {
  args.output = json ? Output::kJson : Output::kText;
  return args;
}

}  // namespace

void add_measuring(CLI::App& dramatis, Measuring& measuring, const AddSettings& add_settings) {
  add_arena(dramatis, measuring, add_settings);
  add_interview(dramatis, measuring, add_settings);
  add_evaluate(dramatis, measuring, add_settings);
}

bool is_measuring(const CLI::App& command) {
  const std::string name = command.get_name();
  return name == "arena" || name == "interview" || name == "evaluate";
}

int run_measuring(const CLI::App& command, const Settings& settings, const Measuring& measuring,
                  const std::map<std::string, std::string, std::less<>>& flags,
                  const std::string& config) {
  const bool json = measuring.json;
  if (command.get_name() == "arena")
    return run_arena_verb(command, settings, with_output(measuring.arena, json));
  if (command.get_name() == "interview")
    return run_interview(settings, with_output(measuring.interview, json));
  const auto verbs = command.get_subcommands();
  const std::string verb = verbs.empty() ? "" : verbs.front()->get_name();
  if (verb == "checks") return run_evaluate_checks(settings, with_output(measuring.checks, json));
  if (verb == "voices") return run_evaluate_voices(settings, with_output(measuring.voices, json));
  if (verb == "compare") return run_evaluate_compare(with_output(measuring.compare, json));
  if (verb == "benign") return run_evaluate_benign(settings, with_output(measuring.benign, json));
  if (verb == "collapse")
    return run_evaluate_collapse(settings, with_output(measuring.collapse, json));
  if (verb == "suite") {
    SuiteArgs args = with_output(measuring.suite, json);
    args.flags = flags;
    args.config = config;
    return run_evaluate_suite(settings, args);
  }
  if (measuring.transcripts.file.empty()) {
    return complain(
        {ErrorCode::kInvalidArgument,
         "What is to be measured? --transcripts FILE, checks, suite, compare, benign or "
         "collapse; `dramatis evaluate --help` tells of each."});
  }
  return run_evaluate_transcripts(settings, with_output(measuring.transcripts, json));
}

}  // namespace dramatis::app
