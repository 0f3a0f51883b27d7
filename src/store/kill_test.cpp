// A process that is killed between two instructions: what it had acknowledged is there, and nothing
// by halves.
#include <gtest/gtest.h>

#include "base/testing/scratch_folder.h"
#include "store/testing/killed.h"

namespace dramatis::store {
namespace {

// D1
TEST(KillNine, AcknowledgedTurnsAreThereAndNoTurnIsHalf) {
  const ScratchFolder scratch;
  testing::kill_and_look((scratch / "dramatis.sqlite").string(), 9);
}

}  // namespace
}  // namespace dramatis::store
