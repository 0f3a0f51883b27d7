// The instructions of AMX, and whether they may be used.
#include "kernels/internal/amx.h"

#include <hwy/highway.h>

#include "base/check.h"

#if HWY_ARCH_X86 && defined(__linux__)

#include <cpuid.h>
#include <immintrin.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "kernels/simd/tile_products-inl.h"

HWY_PUSH_ATTRIBUTES(DRAMATIS_VNNI_TARGET ",amx-tile,amx-int8")
namespace dramatis::kernels::internal {
namespace {

// Tiles of this thread, configured while it lives: a thread that holds none costs less to switch.
class AmxTiles {
 public:
  AmxTiles() {
    alignas(64) Configuration wanted;
    wanted.shape(0, kTileTokens, 4 * kPanelRows);      // sums
    wanted.shape(1, kTileTokens, kRoundBlock);         // tokens of a block
    wanted.shape(2, kRoundBlock / 4, 4 * kPanelRows);  // its weights, four bytes of each row
    wanted.shape(3, kTileTokens, kPart);               // the same of half a block
    wanted.shape(4, kPart / 4, 4 * kPanelRows);
    _tile_loadconfig(&wanted);
  }
  AmxTiles(const AmxTiles&) = delete;
  AmxTiles& operator=(const AmxTiles&) = delete;
  ~AmxTiles() { _tile_release(); }

  static void sum_block(const std::int8_t* tokens, std::ptrdiff_t stride,
                        const std::uint8_t* weights, TileSums& to) {
    _tile_zero(0);
    _tile_loadd(1, tokens, stride);
    _tile_loadd(2, weights, 4 * kPanelRows);
    _tile_dpbsud(0, 1, 2);
    _tile_stored(0, to.of, sizeof to.of[0]);
  }
  static void sum_half(const std::int8_t* tokens, std::ptrdiff_t stride,
                       const std::uint8_t* weights, TileSums& to) {
    _tile_zero(0);
    _tile_loadd(3, tokens, stride);
    _tile_loadd(4, weights, 4 * kPanelRows);
    _tile_dpbsud(0, 3, 4);
    _tile_stored(0, to.of, sizeof to.of[0]);
  }

 private:
  // Palette 1 of the instruction's description.
  struct Configuration {
    std::uint8_t palette = 1;
    std::uint8_t start_row = 0;
    std::uint8_t reserved[14] = {};
    std::uint16_t row_bytes[16] = {};
    std::uint8_t rows[16] = {};

    void shape(std::size_t tile, std::size_t count, std::size_t bytes) {
      rows[tile] = static_cast<std::uint8_t>(count);
      row_bytes[tile] = static_cast<std::uint16_t>(bytes);
    }
  };
  static_assert(sizeof(Configuration) == 64);
};

bool processor_has_tiles() {
  constexpr unsigned kTilesAndBytes = 3U << 24U;  // AMX-TILE, AMX-INT8
  unsigned a = 0, b = 0, c = 0, d = 0;
  return __get_cpuid_count(7, 0, &a, &b, &c, &d) != 0 && (d & kTilesAndBytes) == kTilesAndBytes;
}

// Linux keeps room for tiles in a process's signal frames only when asked.
bool system_grants_tiles() {
  constexpr long kAskForState = 0x1023;  // ARCH_REQ_XCOMP_PERM
  constexpr long kTileData = 18;
  return ::syscall(SYS_arch_prctl, kAskForState, kTileData) == 0;
}

// The sums of a block and of a half one, at the ends of what bytes can be.
bool tiles_add_up() {
  alignas(64) std::int8_t tokens[kTileTokens][kRoundBlock];
  alignas(64) std::uint8_t weights[kRoundBlock / 4][kPanelRows][4];
  for (std::size_t t = 0; t < kTileTokens; ++t) {
    for (std::size_t n = 0; n < kRoundBlock; ++n)
      tokens[t][n] = static_cast<std::int8_t>(t == 0 ? -127 : (t * 37 + n * 101) % 255 - 127);
  }
  for (std::size_t n = 0; n < kRoundBlock; ++n) {
    for (std::size_t r = 0; r < kPanelRows; ++r)
      weights[n / 4][r][n % 4] = static_cast<std::uint8_t>(r == 0 ? 255 : r * 59 + n * 83);
  }
  TileSums whole;
  TileSums half;
  {
    const AmxTiles tiles;
    AmxTiles::sum_block(tokens[0], sizeof tokens[0], weights[0][0], whole);
    AmxTiles::sum_half(tokens[0] + kPart, sizeof tokens[0], weights[kPart / 4][0], half);
  }
  for (std::size_t t = 0; t < kTileTokens; ++t) {
    for (std::size_t r = 0; r < kPanelRows; ++r) {
      std::int32_t sums[kPartsOfBlock] = {};
      for (std::size_t n = 0; n < kRoundBlock; ++n)
        sums[n / kPart] += std::int32_t{tokens[t][n]} * weights[n / 4][r][n % 4];
      if (whole.of[t][r] != sums[0] + sums[1] || half.of[t][r] != sums[1]) return false;
    }
  }
  return true;
}

}  // namespace

bool has_amx() {
  static const bool has = processor_has_tiles() && system_grants_tiles() && tiles_add_up();
  return has;
}

void multiply_amx(const Panel& panel, const Inputs& x, Products out) {
  multiply_by_tiles<AmxTiles>(panel, x, out);
}

}  // namespace dramatis::kernels::internal
HWY_POP_ATTRIBUTES

#else

namespace dramatis::kernels::internal {

bool has_amx() {
  return false;
}
void multiply_amx(const Panel&, const Inputs&, Products) {
  DRAMATIS_CHECK(has_amx());
}

}  // namespace dramatis::kernels::internal

#endif
