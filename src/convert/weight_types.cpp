// Tables of types.
#include "convert/weight_types.h"

#include <algorithm>
#include <array>
#include <cctype>

#include <fmt/format.h>

#include "text/utterance.h"

namespace dramatis::convert {
namespace {

using tensor::Dtype;

struct Row {
  Dtype dtype;
  std::uint32_t file_type;  // llama.cpp, `llama_ftype`
  Dtype of_32;              // what stands in where rows are no whole blocks of 256
  bool is_finer_than_six;   // than Q6_K, or as fine
};

constexpr std::array kRows = {
    Row{Dtype::kF32, 0, Dtype::kF32, true},       Row{Dtype::kF16, 1, Dtype::kF16, true},
    Row{Dtype::kBF16, 32, Dtype::kBF16, true},    Row{Dtype::kQ8_0, 7, Dtype::kQ8_0, true},
    Row{Dtype::kQ6_K, 18, Dtype::kQ8_0, true},    Row{Dtype::kQ5_K, 17, Dtype::kQ5_1, false},
    Row{Dtype::kQ5_1, 9, Dtype::kQ5_1, false},    Row{Dtype::kQ5_0, 8, Dtype::kQ5_0, false},
    Row{Dtype::kQ4_K, 15, Dtype::kQ5_0, false},   Row{Dtype::kQ4_1, 3, Dtype::kQ4_1, false},
    Row{Dtype::kQ4_0, 2, Dtype::kQ4_0, false},    Row{Dtype::kIQ4_NL, 25, Dtype::kIQ4_NL, false},
    Row{Dtype::kQ3_K, 12, Dtype::kIQ4_NL, false}, Row{Dtype::kQ2_K, 10, Dtype::kIQ4_NL, false}};

const Row& row_of(Dtype dtype) {
  return *std::ranges::find(kRows, dtype, &Row::dtype);
}

std::string lower(std::string_view name) {
  std::string made(name);
  std::ranges::transform(made, made.begin(),
                         [](unsigned char c) { return static_cast<char>(std::tolower(c)); });
  return made;
}

}  // namespace

Result<tensor::Dtype> parse_type(std::string_view name) {
  std::vector<std::string> known;
  for (const auto& row : kRows) {
    known.push_back(lower(tensor::dtype_row(row.dtype).name));
    if (known.back() == lower(name)) return row.dtype;
  }
  return fail(ErrorCode::kInvalidArgument,
              fmt::format("There is no type \"{}\"; weights are written as {}.",
                          text::printable(name), fmt::join(known, ", ")));
}

tensor::Dtype type_for(Dtype wanted, std::size_t columns, Makes makes) {
  if (makes == Makes::kLogits && !row_of(wanted).is_finer_than_six) wanted = Dtype::kQ6_K;
  if (columns % tensor::dtype_row(wanted).block == 0) return wanted;
  wanted = row_of(wanted).of_32;
  return columns % tensor::dtype_row(wanted).block == 0 ? wanted : Dtype::kF16;
}

std::uint32_t file_type(Dtype dtype) {
  return row_of(dtype).file_type;
}

}  // namespace dramatis::convert
