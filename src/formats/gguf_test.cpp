#include "formats/gguf.h"

#include <cmath>
#include <cstring>
#include <filesystem>
#include <limits>

#include <fmt/format.h>
#include <gtest/gtest.h>
#include <sys/stat.h>

#include "base/bytes.h"
#include "base/files.h"
#include "base/testing/scratch_folder.h"
#include "formats/gguf_writer.h"
#include "formats/limits.h"
#include "formats/testing/gguf_bytes.h"

namespace dramatis::formats {
namespace {

using testing::GgufBytes;
using testing::small_gguf;

ErrorCode code_of(const GgufBytes& file) {
  const auto parsed = Gguf::parse(file.bytes());
  EXPECT_FALSE(parsed) << "accepted";
  if (parsed) return ErrorCode::kInternal;
  EXPECT_FALSE(parsed.error().what.empty());
  return parsed.error().code;
}
bool accepted(const GgufBytes& file) {
  return Gguf::parse(file.bytes()).has_value();
}

// One pair whose value follows, no tensors.
GgufBytes one_key(std::string_view key, std::uint32_t kind) {
  GgufBytes file;
  file.header(0, 1).key(key, kind);
  return file;
}
// One tensor with `data` bytes of zeros behind it.
GgufBytes one_tensor(std::string_view name, const std::vector<std::uint64_t>& shape,
                     std::uint32_t type, std::uint64_t offset, std::size_t data) {
  GgufBytes file;
  file.header(1, 0).tensor(name, shape, type, offset).pad().zeros(data);
  return file;
}

TEST(Gguf, ReadsEveryKindOfValue) {
  const auto file = Gguf::parse(small_gguf()).value();
  EXPECT_EQ(file.version(), 3U);
  EXPECT_EQ(file.text("general.architecture").value(), "llama");
  EXPECT_EQ(file.integer("a.u8").value(), 200);
  EXPECT_EQ(file.integer("a.i8").value(), -3);
  EXPECT_EQ(file.integer("a.u16").value(), 60000);
  EXPECT_EQ(file.integer("a.i16").value(), -300);
  EXPECT_EQ(file.integer("a.u32").value(), 4000000000);
  EXPECT_EQ(file.integer("a.i32").value(), -70000);
  EXPECT_EQ(file.integer("a.u64").value(), 1LL << 40);
  EXPECT_EQ(file.integer("a.i64").value(), -5);
  EXPECT_EQ(file.number("a.f32").value(), 0.5);
  EXPECT_EQ(file.number("a.f64").value(), 0.25);
  EXPECT_EQ(file.number("a.u8").value(), 200.0);
  EXPECT_TRUE(std::get<bool>(*file.find("a.bool")));
  const auto& texts =
      std::get<std::vector<std::string>>(std::get<GgufArray>(*file.find("a.texts")));
  EXPECT_EQ(texts, (std::vector<std::string>{"one", ""}));
  const auto& ints = std::get<std::vector<std::int64_t>>(std::get<GgufArray>(*file.find("a.ints")));
  EXPECT_EQ(ints, (std::vector<std::int64_t>{1, -2, 3}));
  const auto& floats = std::get<std::vector<double>>(std::get<GgufArray>(*file.find("a.floats")));
  EXPECT_EQ(floats, (std::vector<double>{1.5, -1.0}));
  EXPECT_TRUE(file.warnings().empty());
}

TEST(Gguf, GivesTensorsTheirBytes) {
  const auto file = Gguf::parse(small_gguf()).value();
  ASSERT_EQ(file.tensors().size(), 2U);
  const auto* x = file.tensor("x.weight");
  ASSERT_NE(x, nullptr);
  EXPECT_EQ(x->shape, (std::vector<std::size_t>{4, 2}));
  EXPECT_EQ(load_le<float>(x->bytes, 20), 5.0F);
  EXPECT_EQ(file.tensor("y.weight")->dtype, tensor::Dtype::kQ8_0);
  EXPECT_EQ(file.tensor("y.weight")->bytes.size(), 34U);
  EXPECT_EQ(file.tensor("z"), nullptr);
}

TEST(Gguf, StaysWholeWhenMoved) {
  auto first = Gguf::parse(small_gguf()).value();
  const auto second = std::move(first);
  EXPECT_EQ(load_le<float>(second.tensor("x.weight")->bytes, 4), 1.0F);
}

TEST(Gguf, TypedLookUpsNameTheKey) {
  const auto file = Gguf::parse(small_gguf()).value();
  EXPECT_EQ(file.integer("b").error().code, ErrorCode::kNotFound);
  EXPECT_EQ(file.integer("a.f32").error().code, ErrorCode::kCorrupt);
  EXPECT_EQ(file.number("a.texts").error().code, ErrorCode::kCorrupt);
  EXPECT_NE(file.text("a.u8").error().what.find("a.u8"), std::string::npos);
}

// G1
TEST(Gguf, RefusesEveryPrefix) {
  const auto whole = small_gguf();
  // The last tensor's padding is not needed, everything before it is.
  for (std::size_t length = 0; length < whole.size() - 30; ++length) {
    const auto parsed =
        Gguf::parse({whole.begin(), whole.begin() + static_cast<std::ptrdiff_t>(length)});
    ASSERT_FALSE(parsed) << length;
    EXPECT_EQ(parsed.error().code, ErrorCode::kCorrupt) << length;
  }
}

// G30
TEST(Gguf, AnswersEveryBitFlip) {
  const auto whole = small_gguf();
  std::size_t refused = 0;
  for (std::size_t bit = 0; bit < std::min<std::size_t>(whole.size(), 4096) * 8; ++bit) {
    auto flipped = whole;
    flipped[bit / 8] ^= static_cast<std::byte>(1U << (bit % 8));
    const auto parsed = Gguf::parse(std::move(flipped));
    if (parsed) continue;
    ++refused;
    EXPECT_FALSE(parsed.error().what.empty());
  }
  EXPECT_GT(refused, 500U);
}

// Each count, length and offset of a file, told as a number at the edge of what fits.
std::vector<std::vector<std::byte>> with_lies(const GgufBytes& file, const testing::Measure& of) {
  std::uint64_t honest = 0;
  std::memcpy(&honest, file.bytes().data() + of.at, of.width);
  const std::uint64_t edges[] = {0,   honest - 1, honest + 1, 1ULL << 31, ~0U - 31ULL,
                                 ~0U, 1ULL << 63, ~0ULL - 31, ~0ULL};
  std::vector<std::vector<std::byte>> all;
  for (const std::uint64_t lie : edges) {
    std::uint64_t told = 0;
    std::memcpy(&told, &lie, of.width);
    if (told == honest) continue;
    all.push_back(file.bytes());
    std::memcpy(all.back().data() + of.at, &told, of.width);
  }
  return all;
}

// G30
TEST(Gguf, AnswersNumbersAtTheEdgeInEveryCountLengthAndOffset) {
  const auto whole = testing::small_gguf_measured();
  EXPECT_EQ(whole.measures().size(), 2U + 15 + 3 + 3 + 5 + 4);
  std::size_t refused = 0;
  std::size_t tried = 0;
  for (const auto& measure : whole.measures()) {
    for (auto& lying : with_lies(whole, measure)) {
      ++tried;
      const auto parsed = Gguf::parse(std::move(lying));
      if (parsed) continue;
      ++refused;
      EXPECT_TRUE(parsed.error().code == ErrorCode::kCorrupt ||
                  parsed.error().code == ErrorCode::kUnsupported)
          << parsed.error().what;
    }
  }
  EXPECT_GT(tried, 200U);
  EXPECT_GT(refused, tried * 9 / 10);
}

// G2
TEST(Gguf, RefusesOtherFiles) {
  for (const std::string_view magic : {"FUGG", "GGML", "ggjt", "\x1F\x8B\x08",
                                       "\x7F"
                                       "ELF",
                                       "\x89PNG"}) {
    EXPECT_EQ(code_of(GgufBytes().raw(magic).zeros(4096)), ErrorCode::kCorrupt);
  }
  EXPECT_EQ(code_of(GgufBytes().zeros(4096)), ErrorCode::kCorrupt);
}

// G3
TEST(Gguf, RefusesOtherVersions) {
  for (const std::uint32_t version : {0U, 1U, 4U, 0xFFFFFFFFU, 0x03000000U}) {
    EXPECT_EQ(code_of(GgufBytes().header(0, 0, version)), ErrorCode::kUnsupported) << version;
  }
  EXPECT_TRUE(accepted(GgufBytes().header(0, 0, 2)));
  EXPECT_NE(
      Gguf::parse(GgufBytes().header(0, 0, 0x03000000U).bytes()).error().what.find("big-endian"),
      std::string::npos);
}

// G4, G5
TEST(Gguf, RefusesCountsBeforeItReserves) {
  for (const std::uint64_t count : {1ULL << 63, ~0ULL, 1ULL << 40, 1ULL}) {
    EXPECT_EQ(code_of(GgufBytes().header(count, 0)), ErrorCode::kCorrupt) << count;
    EXPECT_EQ(code_of(GgufBytes().header(0, count)), ErrorCode::kCorrupt) << count;
  }
  // One more than there are, with the bytes of tensors behind them.
  const auto small = testing::small_gguf_measured();
  for (const std::size_t which : {0U, 1U}) {
    GgufBytes more = small;
    more.set(small.measures()[which].at, which == 0 ? std::uint64_t{3} : std::uint64_t{16});
    EXPECT_FALSE(accepted(more)) << which;
  }
  EXPECT_EQ(code_of(GgufBytes().header(0, kMaxGgufPairs + 1).zeros(16 * kMaxGgufPairs)),
            ErrorCode::kOverBudget);
  EXPECT_EQ(code_of(GgufBytes().header(kMaxGgufTensors + 1, 0).zeros(40 * kMaxGgufTensors)),
            ErrorCode::kOverBudget);
}

// G6
TEST(Gguf, RefusesBadKeys) {
  for (const std::uint64_t length : {~0ULL, 1ULL << 63, 65536ULL * 2}) {
    EXPECT_EQ(code_of(GgufBytes().header(0, 1).put(length).zeros(64)), ErrorCode::kCorrupt)
        << length;
  }
  using namespace std::string_view_literals;
  for (const std::string_view key : {""sv, "a\0b"sv, "a\nb"sv, "\xFF\xFE"sv, "\x1B[2J"sv}) {
    EXPECT_EQ(code_of(one_key(key, 7).put<std::uint8_t>(0).zeros(16)), ErrorCode::kCorrupt);
  }
  EXPECT_EQ(code_of(one_key(std::string(kMaxGgufKeyBytes + 1, 'k'), 7).put<std::uint8_t>(0)),
            ErrorCode::kCorrupt);
  EXPECT_TRUE(accepted(one_key(std::string(kMaxGgufKeyBytes, 'k'), 7).put<std::uint8_t>(0)));
  GgufBytes twice;
  twice.header(0, 2).key("k", 7).put<std::uint8_t>(0).key("k", 7).put<std::uint8_t>(1);
  EXPECT_EQ(code_of(twice), ErrorCode::kCorrupt);
}

// G7
TEST(Gguf, MeasuresTextsAgainstTheFile) {
  EXPECT_TRUE(accepted(one_key("k", 8).text("exactly what is left")));
  EXPECT_EQ(code_of(one_key("k", 8).put<std::uint64_t>(21).raw("exactly what is left")),
            ErrorCode::kCorrupt);
  EXPECT_EQ(code_of(one_key("k", 8).put<std::uint64_t>((1ULL << 30) + 1).zeros(64)),
            ErrorCode::kCorrupt);
}

// G8
TEST(Gguf, MeasuresArraysAgainstTheFile) {
  // The last but one times eight is eight again.
  for (const std::uint64_t count : {1ULL << 63, ~0ULL, 1ULL << 61, (1ULL << 61) + 1, 1ULL << 30}) {
    EXPECT_EQ(code_of(one_key("k", 9).put<std::uint32_t>(0).put(count)), ErrorCode::kCorrupt)
        << count;
    EXPECT_EQ(code_of(one_key("k", 9).put<std::uint32_t>(0).put(count).zeros(1024)),
              ErrorCode::kCorrupt)
        << count;
    EXPECT_EQ(code_of(one_key("k", 9).put<std::uint32_t>(8).put(count).zeros(1024)),
              ErrorCode::kCorrupt)
        << count;
  }
  EXPECT_EQ(code_of(one_key("k", 9)
                        .put<std::uint32_t>(0)
                        .put<std::uint64_t>(kMaxGgufElements + 1)
                        .zeros(kMaxGgufElements + 1)),
            ErrorCode::kOverBudget);
}

// G9
TEST(Gguf, RefusesNestedArraysAndUnknownTypes) {
  GgufBytes nested = one_key("k", 9);
  for (int depth = 0; depth < 10'000; ++depth) nested.put<std::uint32_t>(9).put<std::uint64_t>(1);
  EXPECT_EQ(code_of(nested), ErrorCode::kUnsupported);
  EXPECT_EQ(code_of(one_key("k", 9).put<std::uint32_t>(9).put<std::uint64_t>(0)),
            ErrorCode::kUnsupported);
  for (const std::uint32_t kind : {13U, 255U, 0xFFFFFFFFU}) {
    EXPECT_EQ(code_of(one_key("k", kind).zeros(16)), ErrorCode::kCorrupt) << kind;
    EXPECT_EQ(code_of(one_key("k", 9).put(kind).put<std::uint64_t>(0)), ErrorCode::kCorrupt)
        << kind;
  }
}

// G9
TEST(Gguf, NormalisesBools) {
  const auto file = Gguf::parse(one_key("k", 7).put<std::uint8_t>(7).bytes()).value();
  EXPECT_TRUE(std::get<bool>(*file.find("k")));
}

TEST(Gguf, RefusesIntegersThatDoNotFit) {
  EXPECT_EQ(code_of(one_key("k", 10).put<std::uint64_t>(1ULL << 63)), ErrorCode::kCorrupt);
}

// G10
TEST(Gguf, RefusesOddAlignments) {
  for (const std::uint32_t alignment : {0U, 1U, 3U, 13U, 1U << 31, 0xFFFFFFFFU}) {
    EXPECT_EQ(code_of(one_key("general.alignment", 4).put(alignment)), ErrorCode::kCorrupt)
        << alignment;
  }
  EXPECT_EQ(code_of(one_key("general.alignment", 5).put(-32)), ErrorCode::kCorrupt);
  EXPECT_EQ(code_of(one_key("general.alignment", 8).text("32")), ErrorCode::kCorrupt);
  EXPECT_TRUE(accepted(one_key("general.alignment", 4).put(64U)));
}

TEST(Gguf, ObeysTheAlignment) {
  GgufBytes file;
  file.header(1, 1).key("general.alignment", 4).put(8U).tensor("t", {2}, 0, 8).pad(8).zeros(16);
  EXPECT_TRUE(accepted(file));
}

// G11, G12
TEST(Gguf, RefusesBadShapes) {
  const std::vector<std::vector<std::uint64_t>> bad = {
      {},
      {1, 1, 1, 1, 1},
      {0},
      {8, 0},
      {~0ULL},
      {1ULL << 62, 4},
      {1ULL << 62, 1ULL << 62, 1ULL << 62, 1ULL << 62},
      {1ULL << 62}};
  for (const auto& shape : bad) {
    EXPECT_EQ(code_of(one_tensor("t", shape, 0, 0, 256)), ErrorCode::kCorrupt)
        << fmt::format("{}", fmt::join(shape, ","));
  }
  GgufBytes deep;
  deep.header(1, 0).text("t").put<std::uint32_t>(0xFFFFFFFFU).zeros(64);
  EXPECT_EQ(code_of(deep), ErrorCode::kCorrupt);
  EXPECT_EQ(code_of(one_tensor("t", {33}, 8, 0, 256)), ErrorCode::kCorrupt);
  EXPECT_EQ(code_of(one_tensor("t", {128, 2}, 14, 0, 256)), ErrorCode::kCorrupt);
}

// G12, G13
TEST(Gguf, RefusesSumsThatWrap) {
  GgufBytes file;
  const std::uint64_t huge = 0x7FFFFFFFFFFFFFC0ULL;
  file.header(2, 0).tensor("a", {huge}, 0, 0).tensor("b", {huge}, 0, 0).pad().zeros(64);
  EXPECT_EQ(code_of(file), ErrorCode::kCorrupt);
}

// G13
TEST(Gguf, RefusesBadOffsets) {
  EXPECT_TRUE(accepted(one_tensor("t", {8}, 0, 0, 32)));
  for (const std::uint64_t offset : {1ULL, 16ULL, 32ULL, 64ULL, ~0ULL - 31, ~0ULL}) {
    EXPECT_EQ(code_of(one_tensor("t", {8}, 0, offset, 32)), ErrorCode::kCorrupt) << offset;
  }
}

// G14
TEST(Gguf, RefusesOverlaps) {
  GgufBytes one_byte;
  one_byte.header(2, 0).tensor("a", {33}, 0, 0).tensor("b", {8}, 0, 128).pad().zeros(256);
  EXPECT_EQ(code_of(one_byte), ErrorCode::kCorrupt);
  GgufBytes same;
  same.header(10'000, 0);
  for (int n = 0; n < 10'000; ++n) same.tensor(std::to_string(n), {8}, 0, 0);
  same.pad().zeros(32);
  EXPECT_EQ(code_of(same), ErrorCode::kCorrupt);
}

// G14
TEST(Gguf, WarnsOfHolesAndTrailingBytes) {
  GgufBytes file;
  file.header(2, 0).tensor("a", {8}, 0, 0).tensor("b", {8}, 0, 128).pad().zeros(128 + 32 + 1000);
  const auto parsed = Gguf::parse(file.bytes()).value();
  ASSERT_EQ(parsed.warnings().size(), 2U);
  EXPECT_NE(parsed.warnings()[0].find("96"), std::string::npos);
  EXPECT_NE(parsed.warnings()[1].find("1000"), std::string::npos);
}

// G15
TEST(Gguf, RefusesBadTensorNames) {
  EXPECT_TRUE(accepted(one_tensor(std::string(63, 'n'), {8}, 0, 0, 32)));
  EXPECT_TRUE(accepted(one_tensor("%s%n../x", {8}, 0, 0, 32)));
  for (const std::size_t length :
       {std::size_t{0}, std::size_t{64}, std::size_t{65}, std::size_t{1'000'000}}) {
    EXPECT_EQ(code_of(one_tensor(std::string(length, 'n'), {8}, 0, 0, 32)), ErrorCode::kCorrupt)
        << length;
  }
  const auto escaped = Gguf::parse(one_tensor("\x1B]0;x", {8}, 0, 0, 32).bytes());
  ASSERT_FALSE(escaped);
  EXPECT_EQ(escaped.error().what.find('\x1B'), std::string::npos);
  GgufBytes twice;
  twice.header(2, 0).tensor("a", {8}, 0, 0).tensor("a", {8}, 0, 32).pad().zeros(64);
  EXPECT_EQ(code_of(twice), ErrorCode::kCorrupt);
}

// G16
TEST(Gguf, RefusesUnknownTensorTypes) {
  for (const std::uint32_t type : {4U, 5U, 255U, 0xFFFFFFFFU}) {
    EXPECT_EQ(code_of(one_tensor("t", {32}, type, 0, 256)), ErrorCode::kUnsupported) << type;
  }
}

// G27
TEST(Gguf, ReadsRegularFilesOnly) {
  EXPECT_EQ(Gguf::read("/dev/zero").error().code, ErrorCode::kInvalidArgument);
  EXPECT_EQ(Gguf::read("/").error().code, ErrorCode::kInvalidArgument);
  EXPECT_EQ(Gguf::read("/no/such.gguf").error().code, ErrorCode::kNotFound);
  const ScratchFolder scratch;
  const auto at = [&](const char* name) { return scratch.path() / name; };
  ASSERT_EQ(::mkfifo(at("pipe.gguf").c_str(), 0600), 0);
  EXPECT_EQ(Gguf::read(at("pipe.gguf")).error().code, ErrorCode::kInvalidArgument);
  std::filesystem::create_symlink("circle.gguf", at("circle.gguf"));
  EXPECT_EQ(Gguf::read(at("circle.gguf")).error().code, ErrorCode::kUnavailable);
  scratch.write("sparse.gguf", "GGUF");
  std::filesystem::resize_file(at("sparse.gguf"), std::uintmax_t{1} << 40);
  EXPECT_EQ(Gguf::read(at("sparse.gguf")).error().code, ErrorCode::kOverBudget);
}

// G27: what was read is ours, whatever becomes of the file and its name.
TEST(Gguf, KeepsWhatItReadWhenTheFileIsCutShortOrReplaced) {
  const ScratchFolder scratch;
  const auto whole = small_gguf();
  scratch.write("model.gguf", as_text(whole));
  const auto path = scratch.path() / "model.gguf";
  const auto file = Gguf::read(path).value();
  std::filesystem::resize_file(path, 0);
  EXPECT_TRUE(std::ranges::equal(file.bytes(), whole));
  EXPECT_EQ(load_le<float>(file.tensor("x.weight")->bytes, 20), 5.0F);
  scratch.write("model.gguf", "something else");
  EXPECT_TRUE(std::ranges::equal(file.bytes(), whole));
}

// G27, S10: a file that shrinks while it is read is a short file.
TEST(Gguf, JudgesWhatIsThereOfAFileThatShrinksMeanwhile) {
  const ScratchFolder scratch;
  const auto whole = small_gguf();
  scratch.write("model.gguf", as_text(whole));
  const auto path = scratch.path() / "model.gguf";
  std::vector<std::byte> room;
  const auto got = read_file_into(path, kMaxGgufBytes, [&](std::size_t wanted) {
    room.resize(wanted);
    std::filesystem::resize_file(path, whole.size() / 2);
    return std::span(room);
  });
  ASSERT_TRUE(got);
  EXPECT_EQ(*got, whole.size() / 2);
  room.resize(*got);
  EXPECT_EQ(Gguf::parse(std::move(room)).error().code, ErrorCode::kCorrupt);
}

TEST(GgufWriter, WritesWhatTheReaderReads) {
  GgufWriter writer;
  writer.add_text("general.architecture", "llama");
  writer.add_u32("llama.block_count", 3);
  writer.add_f32("llama.rope.freq_base", 10000.0F);
  writer.add_bool("tokenizer.ggml.add_bos_token", false);
  const std::vector<std::int32_t> types = {1, 3};
  const std::vector<float> scores = {0.0F, -1.5F};
  const std::vector<std::string> tokens = {"a", "b c"};
  writer.add_i32s("tokenizer.ggml.token_type", types);
  writer.add_f32s("tokenizer.ggml.scores", scores);
  writer.add_texts("tokenizer.ggml.tokens", tokens);
  writer.add_tensor({.name = "a",
                     .dtype = tensor::Dtype::kF32,
                     .shape = {3},
                     .bytes = std::vector<std::byte>(12, std::byte{1})});
  writer.add_tensor({.name = "b",
                     .dtype = tensor::Dtype::kQ8_0,
                     .shape = {32, 2},
                     .bytes = std::vector<std::byte>(68, std::byte{2})});
  const auto file = Gguf::parse(writer.finish().value()).value();
  EXPECT_EQ(file.integer("llama.block_count").value(), 3);
  EXPECT_EQ(
      std::get<std::vector<std::string>>(std::get<GgufArray>(*file.find("tokenizer.ggml.tokens"))),
      tokens);
  EXPECT_EQ(file.tensor("a")->bytes[11], std::byte{1});
  EXPECT_EQ(file.tensor("b")->bytes[67], std::byte{2});
  EXPECT_EQ(file.tensor("b")->shape, (std::vector<std::size_t>{32, 2}));
  EXPECT_TRUE(file.warnings().empty());
}

TEST(GgufWriter, RefusesWhatNobodyCouldRead) {
  GgufWriter twice;
  twice.add_u32("k", 1);
  twice.add_u32("k", 2);
  EXPECT_FALSE(twice.finish());
  GgufWriter wrong;
  wrong.add_tensor({.name = "a",
                    .dtype = tensor::Dtype::kF32,
                    .shape = {3},
                    .bytes = std::vector<std::byte>(8)});
  wrong.add_tensor({.name = "b",
                    .dtype = tensor::Dtype::kF32,
                    .shape = {8},
                    .bytes = std::vector<std::byte>(32)});
  EXPECT_FALSE(wrong.finish());
}

}  // namespace
}  // namespace dramatis::formats
