// Paragraphs -> prompts.
#include "dataset/experience_prompts.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

namespace dramatis::dataset {
namespace {

lm::Prompt ask(std::string told, std::string_view ask) {
  lm::Prompt prompt;
  prompt.messages = {{.role = lm::Role::kSystem, .text = std::move(told)},
                     {.role = lm::Role::kPlayer, .text = std::string(ask)}};
  return prompt;
}

std::string about(const Subject& subject) {
  const auto& who = subject.character;
  std::string text = fmt::format("{}, {}, lives in {}.", who.name, who.title, subject.world.name);
  if (!who.summary.empty() && who.summary != subject.paragraph.text)
    text += fmt::format(" {}", who.summary);
  text += "\n\nThis is known";
  if (!subject.paragraph.heading.empty()) text += fmt::format(" ({})", subject.paragraph.heading);
  return text + fmt::format(":\n{}\n", subject.paragraph.text);
}

// How the script is laid out, and who may think.
std::string form_of(const persona::Character& who, const ScriptSize& size) {
  return fmt::format(
      "Begin with one paragraph \"Background: \" that says where it is and what is the matter, and "
      "tells nobody's thoughts or feelings. Then the lines, about {1} of them and about {2} words "
      "together. Each line is a paragraph of its own: a name with (speaking) or (thinking) behind "
      "it, and below that what is said or thought, such as\n\n"
      "{0} (thinking)\nHe has not come for the weather.\n\n"
      "{0} (speaking)\nSit down before you fall down.\n\n"
      "{0} alone may think, for a sentence or two before speaking; nobody else's thoughts are "
      "written, for nobody could know them. Everybody wants something and has a manner of "
      "speaking. {0} sounds like {0}: {3} No gestures, no narration between the lines, and nothing "
      "after the last one.",
      who.short_name, size.turns, size.words, who.speech);
}

}  // namespace

lm::Prompt scenes_prompt(const Subject& subject, std::size_t count) {
  return ask(
      fmt::format(
          "You plan the scenes of a play about one person.\n\n{0}\n"
          "Think of {1} scenes from {2}'s life in which this shows. Take nothing that the text "
          "does not tell or plainly allow, and let the {1} together leave out nothing that it "
          "tells. No two are alike: other places, other times of day, other company. Tell how each "
          "begins, and not what is said in it.\n\n"
          "Write three lines for each scene and an empty line after it:\n"
          "Type: chat, debate, discussion or speech\n"
          "Location: where, and at what time\n"
          "Background: who is there and what is the matter, in one to three sentences\n\n"
          "Write nothing else.",
          about(subject), count, subject.character.short_name),
      kAskScenes);
}

lm::Prompt dialogue_prompt(const Subject& subject, const SceneDraft& scene,
                           const ScriptSize& size) {
  return ask(
      fmt::format("You write the script of one scene, so true to life that a reader stands "
                  "in the room.\n\n{}\nThe scene is a {}.\nLocation: {}\nBackground: {}\n\n{}",
                  about(subject), scene.type, scene.place, scene.background,
                  form_of(subject.character, size)),
      kAskScript);
}

lm::Prompt protective_prompt(const Subject& subject, const persona::Interlocutor& visitor,
                             std::string_view unknown, const ScriptSize& size) {
  const auto& who = subject.character;
  return ask(
      fmt::format(
          "You write the script of one scene, so true to life that a reader stands in the "
          "room.\n\n{0}\n"
          "{1}, {2} ({3}), comes to talk with {4} about what was told above, and steers again and "
          "again, in passing and by many ways, to something else: {5}. In {4}'s world nobody has "
          "heard of that. {4} knows nothing of it, guesses nothing right, is puzzled, says so in "
          "{4}'s own manner, may grow short or angry as {4} would, and comes back to what {4} "
          "knows. The scene ends when {1} gives up.\n\n{6}",
          about(subject), visitor.name, visitor.role, fmt::join(visitor.manner, ", "),
          who.short_name, unknown, form_of(who, size)),
      kAskScript);
}

}  // namespace dramatis::dataset
