// Unpacks and packs row by row.
#include "convert/retype.h"

#include <fmt/format.h>

#include "base/check.h"
#include "convert/internal/gguf_parts.h"
#include "convert/internal/pack_rows.h"
#include "kernels/matmul.h"

namespace dramatis::convert {

Result<Converted> retype(const formats::Gguf& file, const Conversion& how) {
  DRAMATIS_CHECK(how.type.has_value());
  formats::GgufWriter writer;
  internal::copy_pairs(file, writer);
  internal::add_type(writer, *how.type);
  bool was_rounded = false;
  std::size_t done = 0;
  for (const auto& tensor : file.tensors()) {
    const auto dtype = internal::is_matrix(tensor) ? type_for(*how.type, tensor.shape[0],
                                                              internal::makes_of(file, tensor.name))
                                                   : tensor.dtype;
    if (dtype == tensor.dtype) {
      writer.add_tensor(internal::copy_of(tensor));
    } else {
      was_rounded = was_rounded || kernels::wants_rounded(tensor.dtype);
      const auto from = internal::view_of(tensor);
      DRAMATIS_TRY(auto bytes,
                   internal::pack_rows(tensor.name,
                                       {.rows = from.rows, .columns = from.columns, .dtype = dtype},
                                       how.threads, [&from](std::size_t r, std::span<float> out) {
                                         kernels::unpack_row(from, r, out);
                                       }));
      writer.add_tensor(
          {.name = tensor.name, .dtype = dtype, .shape = tensor.shape, .bytes = std::move(bytes)});
    }
    if (how.progress) how.progress(++done, file.tensors().size());
  }
  DRAMATIS_TRY(auto made, std::move(writer).build());
  Converted converted{.file = std::move(made)};
  if (was_rounded)
    converted.warnings.emplace_back(
        "The file was quantised before; start from F16 or BF16 for a better one.");
  return converted;
}

}  // namespace dramatis::convert
