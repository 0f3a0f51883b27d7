// Facts -> Markdown for people.
#include <algorithm>

#include <fmt/format.h>

#include "runs/facts.h"

namespace dramatis::runs {
namespace {

// On one line, harmless in a table.
std::string cell(std::string_view text) {
  std::string out;
  for (const char c : text) {
    if (c == '|') out += '\\';
    out += c == '\n' || c == '\r' ? ' ' : c;
  }
  return out;
}

std::string what_learnt(const Facts& facts) {
  if (facts.rank == 0) return fmt::format("every weight, {} numbers", facts.parameters);
  return fmt::format("an adapter (LoRA{}) of rank {}, alpha {}, dropout {}, on {}: {} numbers",
                     facts.by_root ? ", rsLoRA" : "", facts.rank, facts.alpha, facts.dropout,
                     fmt::join(facts.targets, ", "), facts.parameters);
}

std::string_view unit_of(const Facts& facts) {
  return facts.method == "dpo" ? "nats per preference" : "nats per token of the character's";
}

std::string curve(const Facts& facts) {
  std::string out =
      fmt::format("| update | held-out loss, {} | |\n|---|---|---|\n", unit_of(facts));
  for (const auto& one : facts.evaluations) {
    out += fmt::format("| {} | {:.4f} | {} |\n", one.update, one.loss,
                       one.update == facts.best_update ? "kept" : "");
  }
  return out;
}

std::string sources(const Facts& facts) {
  std::string out = "| made from | SHA-256 |\n|---|---|\n";
  out += fmt::format("| base: {} | `{}` |\n", cell(facts.base), facts.base_checksum);
  out += fmt::format("| recipe | `{}` |\n", facts.recipe);
  for (const auto& [name, hash] : facts.files)
    out += fmt::format("| {} | `{}` |\n", cell(name), hash);
  out += fmt::format("| all tokens learnt and measured | `{}` |\n", facts.lessons);
  return out;
}

std::string limits(const Facts& facts) {
  std::string out;
  if (facts.held_out == 0)
    out += "- Nothing was held out: the last weights were kept, and how well they do is unknown.\n";
  if (facts.held_out > 0 && facts.held_out < 30) {
    out += fmt::format("- Only {} were held out; the loss above is rough.\n", facts.held_out);
  }
  if (facts.best_update == 0)
    out += "- No update made the held-out loss better than the base's; it is the base.\n";
  if (!facts.sheet) {
    out +=
        "- It learnt without its sheet: what the lessons never said it does not know, and will "
        "make up.\n";
  } else {
    out += "- It learnt with its sheet before the talk; without one it is out of its depth.\n";
  }
  out +=
      "- It was trained on what its character says, not on what is true; it asserts what the "
      "lessons assert.\n"
      "- Far from the lessons' questions a small model tends to recite them. Ask it such questions "
      "before it meets players.\n";
  return out;
}

double pace(const Facts& facts) {
  return facts.seconds > 0 ? facts.tokens / facts.seconds : 0;
}

}  // namespace

std::string print_card(const Facts& facts) {
  std::string out = fmt::format(
      "# {}\n\nTrained by Dramatis with method {} on {}. What learnt: {}. The chat form is {}; the "
      "character's sheet was {} its context.\n\n",
      facts.name, facts.method, cell(facts.base), what_learnt(facts), facts.form,
      facts.sheet ? "in" : "not in");
  out += fmt::format("## From what\n\n{} {} learnt, {} held out, {} too long and left out.\n\n{}\n",
                     facts.learnt, facts.method == "dpo" ? "preferences" : "conversations",
                     facts.held_out, facts.too_long, sources(facts));
  out += fmt::format(
      "## Figures\n\nHeld-out loss {:.4f} before, {:.4f} after update {} of {}, which is kept.\n\n"
      "{}\n",
      facts.first_loss, facts.best_loss, facts.best_update, facts.updates, curve(facts));
  out += fmt::format(
      "{:.0f} tokens in {:.0f} s of updates: {:.0f} tokens/s in {} on {} process{}; {:.0f} MB of "
      "memory at the peak. Seed {}, rate {}. {} of {} sample replies ended by themselves.\n\n",
      facts.tokens, facts.seconds, pace(facts), facts.arithmetic, facts.workers,
      facts.workers == 1 ? "" : "es", facts.megabytes, facts.seed, facts.rate, facts.ended,
      facts.answers);
  if (!facts.samples.empty()) {
    out +=
        "## Samples\n\nThe likeliest words, of the kept weights.\n\n| asked | said |\n|---|---|\n";
    for (const auto& [question, reply] : facts.samples)
      out += fmt::format("| {} | {} |\n", cell(question), cell(reply));
    out += "\n";
  }
  return out + "## Limits\n\n" + limits(facts);
}

std::string print_comparison(const std::vector<Facts>& runs) {
  std::string out =
      "| run | method | base | sheet | rank | rate | lessons | held out | updates | loss before | "
      "loss kept | at update | ended | tokens/s | MB |\n"
      "|---|---|---|---|---|---|---|---|---|---|---|---|---|---|---|\n";
  for (const auto& run : runs) {
    out += fmt::format(
        "| {} | {} | {} | {} | {} | {} | {} | {} | {} | {:.4f} | {:.4f} | {} | {}/{} | {:.0f} | "
        "{:.0f} |\n",
        cell(run.name), run.method, cell(run.base), run.sheet ? "in context" : "not in context",
        run.rank == 0 ? std::string("-") : fmt::format("{}", run.rank), run.rate, run.learnt,
        run.held_out, run.updates, run.first_loss, run.best_loss, run.best_update, run.ended,
        run.answers, pace(run), run.megabytes);
  }
  const bool is_one_kind = std::all_of(runs.begin(), runs.end(), [&runs](const Facts& run) {
    return run.lessons == runs.front().lessons;
  });
  if (!is_one_kind) {
    out +=
        "\nThese runs learnt and were measured on different tokens; their losses tell how each "
        "went, "
        "not which speaks better.\n";
  }
  return out;
}

}  // namespace dramatis::runs
