// Opens the language model that the settings name.
#include "model_port.h"

#include <algorithm>
#include <charconv>
#include <cstdio>
#include <filesystem>
#include <numeric>
#include <sstream>

#include <fmt/format.h>

#include "base/random.h"
#include "convert/base_model.h"
#include "convert/hugging_face.h"
#include "engine/encoder.h"
#include "engine/engine.h"
#include "formats/safetensors.h"
#include "memory_size.h"
#include "model_file.h"
#include "models.h"
#include "remote/key.h"
#include "remote/remote_model.h"
#include "remote/service.h"
#include "text/utterance.h"
#include "voice/guided_model.h"

namespace dramatis::app {
namespace {

// A model below this size heeds a short head better than a long one, reads it sooner, and knows
// less than its author.
constexpr std::size_t kSmallModel = 500'000'000;
constexpr std::int64_t kMostThreads = 512;

std::size_t parameters_of(const formats::Gguf& file) {
  std::size_t sum = 0;
  for (const auto& tensor : file.tensors()) {
    sum += std::accumulate(tensor.shape.begin(), tensor.shape.end(), std::size_t{1},
                           std::multiplies<>());
  }
  return sum;
}

// dramatis-train leaves its recipe's digest in what it makes.
bool is_trained_on_a_cast(const formats::Gguf& file) {
  return file.find("dramatis.recipe") != nullptr;
}

// The ids which it leaves beside it, parted by spaces.
std::vector<std::string> taught_characters(const formats::Gguf& file) {
  std::vector<std::string> ids;
  const auto listed = file.text("dramatis.characters");
  std::istringstream words(listed ? std::string(*listed) : std::string());
  for (std::string id; words >> id;) ids.push_back(id);
  return ids;
}

constexpr std::string_view kEnglishName = "english-base.safetensors";
// The English base with its weights, tables and the keys and values of the line that it judges.
constexpr std::size_t kEnglishBytes = 48'000'000;

// The cast, what finds its lines, and the database.
constexpr std::size_t kTalkBytes = 16'000'000;

// The promise of memory, and what of it is not the engine's; 0 where none was given.
struct Promise {
  std::size_t ram_bytes = 0;
  std::size_t beside_bytes = 0;
};

Result<Promise> promise_of(const Settings& settings, const std::filesystem::path& model) {
  const Settled& ram = settings.find("ram");
  Promise promise;
  if (ram.value.empty()) return promise;
  DRAMATIS_TRY(promise.ram_bytes, parse_memory_size(ram.place, ram.value));
  const bool has_judge = settings.find("voice").value != "free" &&
                         std::filesystem::exists(model.parent_path() / kEnglishName);
  promise.beside_bytes = kTalkBytes + (has_judge ? kEnglishBytes : 0);
  return promise;
}

// "brogue.gguf@0.5,other": the files, and how strongly each is applied.
Status choose_adapters(const Settled& listed, engine::EngineOptions& options) {
  std::string_view rest = listed.value;
  while (!rest.empty()) {
    const std::string_view one = rest.substr(0, rest.find(','));
    rest.remove_prefix(std::min(one.size() + 1, rest.size()));
    const std::size_t at = one.rfind('@');
    const std::string name(one.substr(0, at));
    double scale = 1;
    if (at != one.npos) {
      const char* const last = one.data() + one.size();
      const auto [end, failed] = std::from_chars(one.data() + at + 1, last, scale);
      if (failed != std::errc{} || end != last) {
        return fail(ErrorCode::kInvalidArgument,
                    fmt::format("{}: '{}' ends with no scale; write it as brogue.gguf@0.5.",
                                listed.place, one));
      }
    }
    options.adapters.push_back({.name = name, .path = name});
    options.for_all.push_back({.name = name, .scale = scale});
  }
  return {};
}

Result<std::unique_ptr<engine::Engine>> load_engine(const std::filesystem::path& path,
                                                    const engine::EngineOptions& options) {
  if (!convert::is_folder_of_a_model(path)) return engine::Engine::load(path, options);
  std::vector<std::string> unused;  // `dramatis model info` tells the oddities of a folder
  DRAMATIS_TRY(auto file, open_weights(path, unused));
  return engine::Engine::make(std::move(file), path.filename().string(), options);
}

Result<engine::WarmPlace> warm_place(const Settings& settings, Start start) {
  const Settled& where = settings.find("warm");
  if (start == Start::kCold || where.value.empty() || where.value == "off")
    return engine::WarmPlace();
  const Settled& size = settings.find("warm_size");
  DRAMATIS_TRY(const std::size_t bytes, parse_memory_size(size.place, size.value));
  return engine::WarmPlace{.folder = settings.path("warm"), .max_bytes = bytes};
}

}  // namespace

Result<OpenedModel> open_model_file(const Settings& settings, const std::filesystem::path& path,
                                    const std::string& place, Start start) {
  std::error_code failed;
  if (!std::filesystem::exists(path, failed)) {
    return fail(
        ErrorCode::kNotFound,
        fmt::format("There is no model file {} ({}). Name one with --model, or a service such "
                    "as --model http://localhost:11434/v1 --model-name llama3.2.",
                    path.string(), place));
  }
  DRAMATIS_TRY(const auto threads, settings.integer("threads", 0, kMostThreads));
  const auto count = static_cast<std::size_t>(threads);
  DRAMATIS_TRY(const auto promise, promise_of(settings, path));
  engine::EngineOptions options{
      .threads = count, .ram_bytes = promise.ram_bytes, .beside_bytes = promise.beside_bytes};
  DRAMATIS_DO(choose_adapters(settings.find("adapters"), options));
  DRAMATIS_TRY(options.adapter_bytes, adapter_room(settings));
  // One that arrives is there as a body, as a file's bytes and as numbers before it is loaded.
  if (promise.ram_bytes > 0) options.beside_bytes += 3 * options.adapter_bytes;
  DRAMATIS_TRY(options.warm, warm_place(settings, start));
  DRAMATIS_TRY(auto engine, load_engine(path, options));
  for (const auto& warning : engine->warnings())
    fmt::print(stderr, "dramatis: {}\n", text::printable(warning));
  if (const auto& refused = engine->warm_start().refused; !refused.empty())
    fmt::print(stderr, "dramatis: {}\n", text::printable(refused));
  const formats::Gguf& file = engine->model().file();
  const bool is_small = parameters_of(file) < kSmallModel;
  OpenedModel opened{.head = is_small ? prompt::Head::kCompact : prompt::Head::kFull,
                     .engine = engine.get()};
  const bool is_actor = is_trained_on_a_cast(file);
  if (is_actor) opened.taught = taught_characters(file);
  if (!is_actor || settings.find("voice").value == "free") {
    opened.model = std::move(engine);
    return opened;
  }
  if (auto english = open_english(path, file, count)) opened.english = *std::move(english);
  opened.model = std::make_unique<voice::GuidedModel>(*engine, opened.english.get());
  opened.own = std::move(engine);
  return opened;
}

namespace {

// The settings that name a service. Keys are each service's own: none is sent to another.
struct ServiceKeys {
  std::string_view url;
  std::string_view name;
  std::string_view key_variable;
  std::string_view key_file;
};

Result<std::unique_ptr<remote::RemoteModel>> open_remote(const Settings& settings,
                                                         const ServiceKeys& keys,
                                                         const Clock& clock) {
  remote::RemoteOptions options;
  DRAMATIS_TRY(auto service, remote::parse_service(settings.find(keys.url).value));
  options.protocol = service.protocol;
  options.url = std::move(service.url);
  options.model = std::move(service.model);
  if (const auto& named = settings.find(keys.name).value; !named.empty()) options.model = named;
  const remote::KeySource source{.variable = settings.find(keys.key_variable).value,
                                 .file = settings.path(keys.key_file)};
  if (!source.variable.empty() || !source.file.empty()) {
    DRAMATIS_TRY(options.key, remote::read_key(source));
  }
  DRAMATIS_TRY(const std::uint64_t seed, random_u64());
  return remote::RemoteModel::open(std::move(options), Rng(seed), clock);
}

Result<OpenedModel> open_service(const Settings& settings, const Clock& clock) {
  constexpr ServiceKeys kKeys{
      .url = "model", .name = "model_name", .key_variable = "key_variable", .key_file = "key_file"};
  DRAMATIS_TRY(auto model, open_remote(settings, kKeys, clock));
  return OpenedModel{.model = std::move(model)};
}

}  // namespace

Result<OpenedModel> open_model(const Settings& settings, const Clock& clock, Start start) {
  const std::string& voice = settings.find("voice").value;
  if (voice != "guided" && voice != "free") {
    return fail(ErrorCode::kInvalidArgument,
                fmt::format("voice is '{}' ({}); it takes guided or free.", voice,
                            settings.find("voice").place));
  }
  if (const ModelSettings* listed = settings.chosen_model())
    return open_listed_model(settings, *listed, clock, start);
  const Settled& model = settings.find("model");
  if (remote::is_service(model.value)) return open_service(settings, clock);
  return open_model_file(settings, settings.path("model"), model.place, start);
}

void keep_warm(const OpenedModel& opened) {
  if (opened.engine == nullptr) return;
  if (const auto kept = opened.engine->keep_warm(); !kept)
    fmt::print(stderr, "dramatis: {}\n", text::printable(kept.error().what));
}

Result<OpenedExamples> open_examples(const Settings& settings, const persona::Cast& cast) {
  const std::filesystem::path path = settings.path("matcher");
  std::error_code failed;
  if (path.empty() || !std::filesystem::exists(path, failed)) {
    DRAMATIS_TRY(auto examples, prompt::Examples::build(cast));
    return OpenedExamples{.examples = std::move(examples)};
  }
  DRAMATIS_TRY(auto read, search::Matcher::read(path));
  auto matcher = std::make_unique<const search::Matcher>(std::move(read));
  DRAMATIS_TRY(auto examples, prompt::Examples::build(cast, *matcher));
  return OpenedExamples{.matcher = std::move(matcher), .examples = std::move(examples)};
}

Result<std::unique_ptr<lm::Embedder>> open_embedder(const Settings& settings, const Clock& clock) {
  const std::string& where = settings.find("embeddings").value;
  if (where.empty()) return std::unique_ptr<lm::Embedder>();
  if (remote::is_service(where)) {
    constexpr ServiceKeys kKeys{.url = "embeddings",
                                .name = "embeddings_name",
                                .key_variable = "embeddings_key_variable",
                                .key_file = "embeddings_key_file"};
    DRAMATIS_TRY(auto service, open_remote(settings, kKeys, clock));
    return std::unique_ptr<lm::Embedder>(std::move(service));
  }
  DRAMATIS_TRY(const auto threads, settings.integer("threads", 0, kMostThreads));
  const auto path = settings.path("embeddings");
  const auto count = static_cast<std::size_t>(threads);
  if (std::filesystem::is_regular_file(path)) {
    DRAMATIS_TRY(auto engine, engine::Engine::load(path, {.threads = count}));
    return std::unique_ptr<lm::Embedder>(std::move(engine));
  }
  DRAMATIS_TRY(auto encoder, engine::Encoder::load(path, {.threads = count}));
  return std::unique_ptr<lm::Embedder>(std::move(encoder));
}

Result<std::size_t> adapter_room(const Settings& settings) {
  const Settled& size = settings.find("adapters_size");
  if (size.value.empty()) return std::size_t{0};
  return parse_memory_size(size.place, size.value);
}

void prepare_memory(const Settings& settings) {
  if (!settings.find("ram").value.empty()) keep_memory_small();
}

Result<std::unique_ptr<lm::LanguageModel>> open_english(const std::filesystem::path& model,
                                                        std::size_t threads) {
  DRAMATIS_TRY(const auto like, formats::Gguf::read(model));
  return open_english(model, like, threads);
}

Result<std::unique_ptr<lm::LanguageModel>> open_english(const std::filesystem::path& model,
                                                        const formats::Gguf& like,
                                                        std::size_t threads) {
  // Documents of the English stage are parted by this token (train/vocabulary.h).
  constexpr std::uint32_t kEnd = 2;
  DRAMATIS_TRY(const auto weights, formats::Safetensors::read(model.parent_path() / kEnglishName));
  DRAMATIS_TRY(auto file, convert::base_model(weights, like, kEnd));
  // It judges single lines, and goes on from none.
  constexpr std::size_t kLineBytes = 8 * 1024 * 1024;
  DRAMATIS_TRY(auto engine, engine::Engine::make(std::move(file), "English base",
                                                 {.threads = threads, .kv_bytes = kLineBytes}));
  return std::unique_ptr<lm::LanguageModel>(std::move(engine));
}

}  // namespace dramatis::app
