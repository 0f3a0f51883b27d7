// A GGUF file -> the same model with its matrices in another type.
#pragma once

#include "base/result.h"
#include "convert/conversion.h"

namespace dramatis::convert {

// Metadata and vectors stay; matrices become what type_for makes of `how.type`. A matrix that is
// already of its type is copied byte for byte. Errors: kInvalidArgument naming a tensor that does
// not fit the type; those of the writer. Checked: how.type is set. Threads: any.
[[nodiscard]] Result<Converted> retype(const formats::Gguf& file, const Conversion& how);

}  // namespace dramatis::convert
