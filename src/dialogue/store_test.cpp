#include "dialogue/store.h"

#include "dialogue/testing/memory_store.h"
#include "dialogue/testing/store_contract.h"

namespace dramatis::dialogue::testing {

INSTANTIATE_TEST_SUITE_P(Memory, StoreContract,
                         ::testing::Values([] { return std::make_unique<MemoryStore>(); }));

}  // namespace dramatis::dialogue::testing
