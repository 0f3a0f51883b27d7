// Other wordings of the questions in a character's dialogues: <character>.wordings.yaml, topic by
// topic.
#pragma once

#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "persona/dialogues.h"
#include "persona/finding.h"

namespace dramatis::persona {

// What players say when they mean one topic. Any answer of the dialogues under that topic is right.
struct TopicWordings {
  std::string topic{};
  std::vector<std::string> lines{};

  friend bool operator==(const TopicWordings&, const TopicWordings&) = default;
};

// The wordings of `yaml`; faults as in parse_world. A topic that no exchange of `dialogues` has is
// an error, and so is a line in which a word of `secrets` stands.
[[nodiscard]] std::vector<TopicWordings> parse_wordings(std::string_view yaml,
                                                        const std::string& file,
                                                        std::span<const Dialogue> dialogues,
                                                        std::span<const Secret> secrets,
                                                        std::vector<Finding>& found);

// Those of a cast's own wordings.yaml: what players say to anybody, whoever has the topic.
[[nodiscard]] std::vector<TopicWordings> parse_shared_wordings(std::string_view yaml,
                                                               const std::string& file,
                                                               std::vector<Finding>& found);

// Adds to `own` the lines of `shared` on topics that `dialogues` have, each line once; those in
// which a word of `secrets` stands are left out.
void add_shared(std::span<const TopicWordings> shared, std::span<const Dialogue> dialogues,
                std::span<const Secret> secrets, std::vector<TopicWordings>& own);

}  // namespace dramatis::persona
