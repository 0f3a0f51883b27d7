// Reads, converts, writes beside the target and renames: who reads it sees the old or the new.
#include "model_make.h"

#include <cstdio>

#include <fmt/format.h>
#include <unistd.h>

#include "base/files.h"
#include "commands.h"
#include "convert/hugging_face.h"
#include "convert/merge.h"
#include "convert/retype.h"
#include "convert/weight_types.h"
#include "model_file.h"
#include "text/utterance.h"

namespace dramatis::app {
namespace {

// On a terminal alone: the line is written over itself.
void show_progress(std::size_t done, std::size_t all) {
  if (isatty(STDERR_FILENO) == 0) return;
  fmt::print(stderr, "\r{} of {} tensors{}", done, all, done == all ? "\n" : "");
  std::fflush(stderr);
}

Result<convert::Conversion> conversion_for(const MakeArgs& args) {
  convert::Conversion how{.threads = all_threads(), .progress = show_progress};
  if (args.type.empty()) return how;
  DRAMATIS_TRY(how.type, convert::parse_type(args.type));
  return how;
}

// Asked before the work, so that an hour of it is not thrown away.
Status check_target(const MakeArgs& args) {
  std::error_code failed;
  if (!args.replaces && std::filesystem::exists(args.to, failed)) {
    return fail(
        ErrorCode::kConflict,
        fmt::format("{} is there already. Name another file, or say --force.", args.to.string()));
  }
  const auto folder = args.to.has_parent_path() ? args.to.parent_path() : ".";
  if (std::filesystem::is_directory(folder, failed) &&
      !std::filesystem::is_directory(args.to, failed))
    return {};
  return fail(
      ErrorCode::kNotFound,
      fmt::format("{} cannot be written: its folder is missing, or it is one.", args.to.string()));
}

Status write_model(const MakeArgs& args, const convert::Converted& made) {
  for (const auto& warning : made.warnings)
    fmt::print(stderr, "dramatis: {}\n", text::printable(warning));
  DRAMATIS_DO(write_file(args.to, made.file.bytes()));
  fmt::print("{}: {}\n", text::printable(args.to.string()), shown_bytes(made.file.file_size()));
  return {};
}

Status convert_folder(const MakeArgs& args) {
  DRAMATIS_DO(check_target(args));
  DRAMATIS_TRY(const auto how, conversion_for(args));
  if (!convert::is_folder_of_a_model(args.from)) {
    return fail(ErrorCode::kInvalidArgument,
                fmt::format("{} is no folder with a config.json. A GGUF file is changed by "
                            "`dramatis model quantize`.",
                            args.from.string()));
  }
  DRAMATIS_TRY(const auto made, convert::read_folder(args.from, how));
  return write_model(args, made);
}

Status quantize(const MakeArgs& args) {
  DRAMATIS_DO(check_target(args));
  DRAMATIS_TRY(const auto how, conversion_for(args));
  if (convert::is_folder_of_a_model(args.from)) return convert_folder(args);
  DRAMATIS_TRY(const auto file, formats::Gguf::read(args.from));
  DRAMATIS_TRY(const auto made, convert::retype(file, how));
  return write_model(args, made);
}

Status merge_adapters(const MakeArgs& args) {
  if (args.adapters.empty()) {
    return fail(ErrorCode::kInvalidArgument,
                fmt::format("{} is the file to write; name the adapters before it: dramatis model "
                            "merge MODEL ADAPTER... OUTPUT.",
                            args.to.string()));
  }
  DRAMATIS_DO(check_target(args));
  DRAMATIS_TRY(const auto how, conversion_for(args));
  if (args.scales.size() > args.adapters.size()) {
    return fail(ErrorCode::kInvalidArgument, fmt::format("{} scales for {} adapters.",
                                                         args.scales.size(), args.adapters.size()));
  }
  std::vector<std::string> warnings;
  DRAMATIS_TRY(const auto base, open_weights(args.from, warnings));
  DRAMATIS_TRY(const auto shape, model::read_config(base));
  std::vector<model::Adapter> adapters;
  for (const auto& path : args.adapters) {
    DRAMATIS_TRY(auto read, model::Adapter::read(path, shape));
    adapters.push_back(std::move(read));
  }
  std::vector<model::AdapterUse> uses;
  for (std::size_t n = 0; n < adapters.size(); ++n) {
    const double scale = n < args.scales.size() ? args.scales[n] : 1;
    uses.push_back({.adapter = &adapters[n], .scale = static_cast<float>(scale)});
  }
  DRAMATIS_TRY(auto made, convert::merge(base, uses, how));
  made.warnings.insert(made.warnings.begin(), warnings.begin(), warnings.end());
  return write_model(args, made);
}

int told(const Status& status) {
  return status ? 0 : complain(status.error());
}

}  // namespace

int run_model_convert(const MakeArgs& args) {
  return told(convert_folder(args));
}

int run_model_quantize(const MakeArgs& args) {
  return told(quantize(args));
}

int run_model_merge(const MakeArgs& args) {
  return told(merge_adapters(args));
}

}  // namespace dramatis::app
