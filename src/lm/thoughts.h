// The marks between which a reply's private thoughts stand, where a prompt asks for them.
#pragma once

#include <string>
#include <string_view>

namespace dramatis::lm {

constexpr std::string_view kThoughtsOpen = "<scratchpad>";
constexpr std::string_view kThoughtsClose = "</scratchpad>";

// A reply that begins with thoughts, as a prompt asks for it and as a history shows it.
[[nodiscard]] inline std::string with_thoughts(std::string_view thoughts, std::string_view spoken) {
  std::string reply(kThoughtsOpen);
  reply.append(thoughts).append(kThoughtsClose).append("\n").append(spoken);
  return reply;
}

// What such a reply says aloud; a reply without thoughts, whole.
[[nodiscard]] inline std::string_view spoken_part(std::string_view reply) {
  if (!reply.starts_with(kThoughtsOpen)) return reply;
  const std::size_t close = reply.find(kThoughtsClose);
  if (close == std::string_view::npos) return {};
  reply.remove_prefix(close + kThoughtsClose.size());
  const std::size_t first = reply.find_first_not_of(" \n");
  return first == std::string_view::npos ? std::string_view{} : reply.substr(first);
}

}  // namespace dramatis::lm
