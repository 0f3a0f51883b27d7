// dramatis model list: folders -> the models in them, without reading more than their names and
// sizes.
#include <algorithm>
#include <filesystem>
#include <set>

#include <fmt/format.h>

#include "commands.h"
#include "convert/hugging_face.h"
#include "model_file.h"
#include "places.h"
#include "text/json.h"
#include "text/utterance.h"

namespace dramatis::app {
namespace {

namespace fs = std::filesystem;

// Entries of a folder that are looked at.
constexpr std::size_t kMaxEntries = 10'000;

struct Found {
  fs::path path;
  std::string_view kind;
  std::uint64_t bytes = 0;
};

std::uint64_t size_of(const fs::path& path) {
  std::error_code failed;
  const auto bytes = fs::file_size(path, failed);
  return failed ? 0 : bytes;
}

std::uint64_t size_of_folder(const fs::path& folder) {
  std::uint64_t sum = 0;
  std::error_code failed;
  for (fs::directory_iterator at(folder, failed), end; !failed && at != end; at.increment(failed)) {
    if (at->path().extension() == ".safetensors") sum += size_of(at->path());
  }
  return sum;
}

// A folder that cannot be read holds nothing.
void look_into(const fs::path& folder, std::set<fs::path>& seen, std::vector<Found>& out) {
  std::error_code failed;
  const auto real = fs::canonical(folder, failed);
  if (failed || !seen.insert(real).second) return;
  std::vector<Found> here;
  std::size_t entries = 0;
  for (fs::directory_iterator at(folder, failed), end;
       !failed && at != end && ++entries < kMaxEntries; at.increment(failed)) {
    const auto& path = at->path();
    if (path.extension() == ".gguf") {
      here.push_back({.path = path, .kind = "GGUF", .bytes = size_of(path)});
    } else if (path.extension() == ".part") {
      here.push_back({.path = path, .kind = "unfinished", .bytes = size_of(path)});
    } else if (convert::is_folder_of_a_model(path)) {
      here.push_back({.path = path, .kind = "folder", .bytes = size_of_folder(path)});
    }
  }
  std::ranges::sort(here, {}, &Found::path);
  out.insert(out.end(), here.begin(), here.end());
}

}  // namespace

int run_model_list(Output output) {
  std::set<fs::path> seen;
  std::vector<Found> all;
  for (const auto& folder : {shipped("models"), user_models()}) look_into(folder, seen, all);
  if (output == Output::kJson) {
    text::JsonArray rows;
    for (const auto& found : all) {
      rows.emplace_back(text::JsonObject{{"path", text::printable(found.path.string())},
                                         {"kind", found.kind},
                                         {"bytes", found.bytes}});
    }
    fmt::print("{}\n", text::print_json(rows));
    return 0;
  }
  for (const auto& found : all) {
    fmt::print("{:>8}  {:<10}  {}\n", shown_bytes(found.bytes), found.kind,
               text::printable(found.path.string()));
  }
  if (all.empty())
    fmt::print("No models in {} and {}. `dramatis model get` fetches one.\n",
               shipped("models").string(), user_models().string());
  return 0;
}

}  // namespace dramatis::app
