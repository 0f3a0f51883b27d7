// The commands of dramatis: each is one file, and gives the exit code.
#pragma once

#include <cstdint>
#include <filesystem>
#include <optional>
#include <string>
#include <vector>

#include "base/result.h"
#include "settings.h"

namespace dramatis::app {

enum class Output { kText, kJson };

struct ChatArgs {
  std::string character;             // as typed; empty: the one that the cast is known for
  bool list = false;                 // say who there is, and no more
  bool shows_thoughts = false;       // the scratchpad after each reply
  std::vector<std::string> scene{};  // "time=Dusk": a new conversation, there and then
};

struct LogitsArgs {
  std::filesystem::path file;
  std::string tokens;      // "1,70,80"
  std::size_t greedy = 0;  // how many tokens to go on with, always the likeliest
  Output output = Output::kText;
};

struct InfoArgs {
  std::filesystem::path file;
  std::size_t context = 0;        // tokens of a conversation; 0: several lengths
  std::size_t conversations = 0;  // 0: several numbers
  Output output = Output::kText;
};

struct GetArgs {
  std::string what;              // hf:org/repo:Q8_0, or an address
  std::filesystem::path folder;  // where it goes; empty: the user's models
  std::string sha256;
  std::string endpoint = "https://huggingface.co";
  std::filesystem::path certificates;  // to trust instead of the system's; empty: the system's
  bool replaces = false;
};

int run_chat(const Settings& settings, const ChatArgs& args);
int run_serve(const Settings& settings);
int run_lint(const std::filesystem::path& cast, Output output);
int run_doctor(const Settings& settings, Output output);
int run_model_info(const InfoArgs& args);
// What lies in the folders of models: those that came with Dramatis, and the user's.
int run_model_list(Output output);
// A model of the web -> a file in a folder of models. The only command that fetches anything.
int run_model_get(const GetArgs& args);
// Standard input, byte for byte, as token ids.
int run_model_tokenize(const std::filesystem::path& file, Output output);
int run_model_logits(const LogitsArgs& args);
// The lines of standard input as vectors, by what the setting `embeddings` names.
int run_model_embed(const Settings& settings, Output output);
// Becomes dramatis-train, which lies beside this program.
int run_train(const std::vector<std::string>& args);

// Says what is wrong on standard error, and gives the exit code that the error table has for it.
int complain(const Error& error);

}  // namespace dramatis::app
