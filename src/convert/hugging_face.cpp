// The story of a folder: its shape, its tokenizer, its tensors one by one.
#include "convert/hugging_face.h"

#include <set>

#include <fmt/format.h>

#include "base/files.h"
#include "convert/internal/folder_config.h"
#include "convert/internal/pack_rows.h"
#include "convert/internal/shards.h"
#include "convert/internal/tensor_places.h"
#include "convert/internal/write_tables.h"
#include "convert/limits.h"
#include "convert/weight_types.h"
#include "model/config.h"
#include "model/weights.h"
#include "text/utterance.h"
#include "tokens/hugging_face.h"

namespace dramatis::convert {
namespace {

namespace fs = std::filesystem;
using internal::FolderConfig;
using internal::TensorPlace;
using internal::Treatment;

// Whether the embedding also makes the logits is known once every tensor was seen.
struct Story {
  const fs::path& folder;
  const Conversion& how;
  FolderConfig config;
  formats::GgufWriter writer{};
  std::set<std::string> written{};
  std::size_t done = 0;
};

// Where the folder says tied, or does not say and has no output.
Status settle_output(Story& story, const std::set<std::string, std::less<>>& names) {
  if (story.config.is_tied || names.contains("lm_head.weight")) return {};
  if (story.config.says_tying) {
    return fail(ErrorCode::kNotFound,
                "config.json says tie_word_embeddings false, and no file has lm_head.weight.");
  }
  story.config.is_tied = true;
  return {};
}

tensor::Dtype type_of(const Story& story, const TensorPlace& place, tensor::Dtype stored) {
  if (place.shape.size() == 1) return tensor::Dtype::kF32;
  if (!story.how.type) return stored;
  const bool makes_logits =
      place.name == "output.weight" || (place.name == "token_embd.weight" && story.config.is_tied);
  return type_for(*story.how.type, place.shape[1], makes_logits ? Makes::kLogits : Makes::kNumbers);
}

// A row of a matrix, or the whole of a vector, where GGUF wants it.
internal::RowSource source_of(const formats::SafeTensor& tensor, const TensorPlace& place) {
  if (place.shape.size() == 2) {
    const std::size_t columns = place.shape[1];
    const std::size_t width = place.heads == 0 ? 0 : place.shape[0] / place.heads;
    return [&tensor, columns, width](std::size_t r, std::span<float> out) {
      const std::size_t from = width == 0 ? r : internal::row_before(r, width);
      internal::widen(tensor, from * columns, out);
    };
  }
  return [&tensor, &place](std::size_t, std::span<float> out) {
    internal::widen(tensor, 0, out);
    if (place.treatment == Treatment::kPlusOne) {
      for (auto& value : out) value += 1;
    }
    if (place.treatment != Treatment::kPermute) return;
    const std::vector<float> before(out.begin(), out.end());
    for (std::size_t n = 0; n < out.size(); ++n)
      out[n] = before[internal::row_before(n, out.size() / place.heads)];
  };
}

Status add_tensor(Story& story, const formats::SafeTensor& tensor) {
  DRAMATIS_TRY(const auto place, internal::find_place(story.config, tensor.name));
  if (!place) return {};
  if (tensor.shape != place->shape) {
    return fail(ErrorCode::kCorrupt,
                fmt::format("Tensor {} has the shape [{}]; config.json asks for [{}].",
                            text::printable(tensor.name), fmt::join(tensor.shape, ", "),
                            fmt::join(place->shape, ", ")));
  }
  if (!story.written.insert(place->name).second) {
    return fail(ErrorCode::kCorrupt,
                fmt::format("Tensor {} is in two files.", text::printable(tensor.name)));
  }
  DRAMATIS_TRY(const auto stored, internal::float_type(tensor));
  const auto dtype = type_of(story, *place, stored);
  const bool is_matrix = place->shape.size() == 2;
  const internal::PackedShape shape{
      .rows = is_matrix ? place->shape[0] : 1, .columns = place->shape.back(), .dtype = dtype};
  DRAMATIS_TRY(auto bytes, internal::pack_rows(tensor.name, shape, story.how.threads,
                                               source_of(tensor, *place)));
  story.writer.add_tensor({.name = place->name,
                           .dtype = dtype,
                           .shape = {place->shape.rbegin(), place->shape.rend()},
                           .bytes = std::move(bytes)});
  return {};
}

Status add_tensors(Story& story) {
  DRAMATIS_TRY(const auto shards, internal::find_shards(story.folder));
  std::set<std::string, std::less<>> listed;
  for (const auto& [file, tensors] : shards.files) listed.insert(tensors.begin(), tensors.end());
  for (const auto& [file, tensors] : shards.files) {
    DRAMATIS_TRY(const auto shard, internal::read_shard(story.folder, file, tensors));
    if (shards.tensors == 0) {
      for (const auto& tensor : shard.tensors()) listed.insert(tensor.name);
    }
    DRAMATIS_DO(settle_output(story, listed));
    for (const auto& tensor : shard.tensors()) {
      DRAMATIS_DO(add_tensor(story, tensor));
      if (story.how.progress) story.how.progress(++story.done, listed.size());
    }
  }
  const auto divisors = internal::rope_divisors(story.config);
  if (divisors.empty()) return {};
  const auto bytes = std::as_bytes(std::span(divisors));
  story.writer.add_tensor({.name = "rope_freqs.weight",
                           .dtype = tensor::Dtype::kF32,
                           .shape = {divisors.size()},
                           .bytes = {bytes.begin(), bytes.end()}});
  return {};
}

// The tokenizer's own configuration has the first word on where texts begin and end.
Status add_tokenizer(Story& story) {
  DRAMATIS_TRY(auto tables, tokens::read_hugging_face(story.folder));
  DRAMATIS_DO(tokens::pad_tables(tables, story.config.vocabulary));
  const auto& config = story.config;
  const auto fits = [&](std::int64_t id) {
    return id >= 0 && static_cast<std::size_t>(id) < tables.tokens.size();
  };
  if (!tables.begin && config.begin && fits(*config.begin)) tables.begin = config.begin;
  for (const auto id : config.ends) {
    if (!fits(id)) continue;
    if (!tables.end) tables.end = id;
    if (id != *tables.end && !tables.end_of_turn) tables.end_of_turn = id;
  }
  internal::add_tables(story.writer, tables);
  DRAMATIS_TRY(const auto form, tokens::read_chat_template(story.folder));
  if (form) story.writer.add_text("tokenizer.chat_template", *form);
  return {};
}

std::string name_of(const fs::path& folder) {
  const auto plain = folder.lexically_normal();
  const auto name = plain.has_filename() ? plain.filename() : plain.parent_path().filename();
  return text::printable(name.string());
}

}  // namespace

bool is_folder_of_a_model(const fs::path& path) {
  std::error_code ignored;  // what cannot be looked at is no folder of a model
  return fs::is_directory(path, ignored) && fs::exists(path / "config.json", ignored);
}

Result<Converted> read_folder(const fs::path& folder, const Conversion& how) {
  DRAMATIS_DO(internal::check_inside(folder, "config.json"));
  DRAMATIS_TRY(const auto document, read_text_file(folder / "config.json", kMaxConfigBytes));
  DRAMATIS_TRY(auto config, internal::parse_config(document));
  Story story{.folder = folder, .how = how, .config = std::move(config)};
  story.writer.add_text("general.architecture", story.config.architecture);
  story.writer.add_text("general.name", name_of(folder));
  if (how.type) {
    story.writer.add_u32("general.file_type", file_type(*how.type));
    story.writer.add_u32("general.quantization_version", 2);
  }
  internal::add_keys(story.writer, story.config);
  DRAMATIS_DO(add_tokenizer(story));
  DRAMATIS_DO(add_tensors(story));
  DRAMATIS_TRY(auto file, std::move(story.writer).build());
  // What cannot be bound must not be written.
  DRAMATIS_TRY(const auto shape, model::read_config(file));
  DRAMATIS_TRY(const auto bound, model::bind_weights(file, shape));
  Converted made{.file = std::move(file), .warnings = std::move(story.config.warnings)};
  made.warnings.insert(made.warnings.end(), bound.warnings.begin(), bound.warnings.end());
  return made;
}

}  // namespace dramatis::convert
