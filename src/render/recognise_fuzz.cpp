// Any bytes as a chat template -> a family or an Error that lists them; words that no template
// marks change nothing, and the bytes as a name find the family of that name alone.
#include <cstdint>
#include <cstdlib>
#include <string>
#include <string_view>

#include "render/limits.h"
#include "render/render.h"

namespace {

namespace render = dramatis::render;

void same(const dramatis::Result<render::Template>& a,
          const dramatis::Result<render::Template>& b) {
  if (a.has_value() != b.has_value()) std::abort();
  if (a && *a != *b) std::abort();
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string_view bytes(reinterpret_cast<const char*>(data), size);
  const auto form = render::recognise(bytes);
  if (form) {
    if (render::template_named(render::name_of(*form)) != *form) std::abort();
  } else if (form.error().what.find("chatml") == std::string::npos) {
    std::abort();
  }
  if (size + 2 <= render::kMaxTemplateBytes) {
    std::string beside = "x";
    beside.append(bytes).push_back('x');
    same(form, render::recognise(beside));
  }
  const auto named = render::template_named(bytes);
  if (named && render::name_of(*named) != bytes) std::abort();
  return 0;
}
