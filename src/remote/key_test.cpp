#include "remote/key.h"

#include <cstdlib>
#include <fstream>

#include <gtest/gtest.h>

#include "base/testing/scratch_folder.h"

namespace dramatis::remote {
namespace {

TEST(Key, ComesFromAVariableOrAFileTrimmed) {
  ::setenv("DRAMATIS_TEST_KEY", " sk-one \n", 1);
  EXPECT_EQ(read_key({.variable = "DRAMATIS_TEST_KEY", .file = {}}).value(), "sk-one");
  const ScratchFolder scratch;
  const auto path = scratch / "key";
  scratch.write("key", "sk-two\n");
  EXPECT_EQ(read_key({.variable = {}, .file = path}).value(), "sk-two");
  EXPECT_EQ(read_key({}).value(), "");
}

TEST(Key, RefusesWhatIsMissingOrNotOneLineAndNeverRepeatsIt) {
  ::unsetenv("DRAMATIS_TEST_KEY");
  EXPECT_EQ(read_key({.variable = "DRAMATIS_TEST_KEY", .file = {}}).error().code,
            ErrorCode::kNotFound);
  for (const char* wrong : {"", "  ", "secret\nX-Other: y", "secret word", "secr\xC3\xA9t"}) {
    ::setenv("DRAMATIS_TEST_KEY", wrong, 1);
    const auto key = read_key({.variable = "DRAMATIS_TEST_KEY", .file = {}});
    ASSERT_FALSE(key) << wrong;
    EXPECT_EQ(key.error().what.find("secr"), std::string::npos);
  }
  EXPECT_FALSE(read_key({.variable = "A", .file = "b"}));
}

}  // namespace
}  // namespace dramatis::remote
