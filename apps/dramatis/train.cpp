// dramatis train ARGS -> dramatis-train ARGS, the program that is linked with libtorch.
#include <cerrno>
#include <cstring>

#include <fmt/format.h>
#include <unistd.h>

#include "commands.h"
#include "places.h"

namespace dramatis::app {

int run_train(const std::vector<std::string>& args) {
  const std::string program = (program_folder() / "dramatis-train").string();
  std::vector<std::string> words{program};
  words.insert(words.end(), args.begin(), args.end());
  std::vector<char*> pointers;
  for (auto& word : words) pointers.push_back(word.data());
  pointers.push_back(nullptr);
  execv(program.c_str(), pointers.data());
  return complain({ErrorCode::kNotFound,
                   fmt::format("{}: {}. Training is a program of its own; `./run train` builds it.",
                               program, std::strerror(errno))});
}

}  // namespace dramatis::app
