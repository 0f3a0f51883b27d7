# One function for a room, one for a program: a CMakeLists.txt states facts and nothing else.
option(DRAMATIS_WERROR "Treat warnings as errors" ON)
option(DRAMATIS_TESTS "Build the tests" ON)
option(DRAMATIS_TRAIN "Build dramatis-train (needs libtorch)" ON)
option(DRAMATIS_FUZZ "Build the libFuzzer targets (clang)" OFF)
set(DRAMATIS_SANITIZE "" CACHE STRING "Sanitizers, such as address,undefined or thread")

add_library(dramatis_flags INTERFACE)
target_include_directories(dramatis_flags INTERFACE ${PROJECT_SOURCE_DIR}/src)
target_compile_options(dramatis_flags INTERFACE -Wall -Wextra -Wpedantic -Wshadow -Wconversion
  -Wno-sign-conversion -Wnon-virtual-dtor -Woverloaded-virtual -Wimplicit-fallthrough -Wundef
  $<$<CXX_COMPILER_ID:Clang>:-Wthread-safety>
  $<$<BOOL:${DRAMATIS_WERROR}>:-Werror>)
if(DRAMATIS_SANITIZE)
  target_compile_options(dramatis_flags INTERFACE -fsanitize=${DRAMATIS_SANITIZE}
    -fno-sanitize-recover=all -fno-omit-frame-pointer)
  target_link_options(dramatis_flags INTERFACE -fsanitize=${DRAMATIS_SANITIZE})
  # With sanitizers, g++ 12 follows paths that cannot be taken and warns of what it finds there; the build
  # without them keeps these warnings.
  target_compile_options(dramatis_flags INTERFACE $<$<CXX_COMPILER_ID:GNU>:-Wno-maybe-uninitialized
    -Wno-array-bounds -Wno-stringop-overflow -Wno-stringop-overread -Wno-restrict -Wno-nonnull>)
endif()
if(DRAMATIS_FUZZ)
  # Coverage belongs to every room; the driver is linked into the target alone.
  target_compile_options(dramatis_flags INTERFACE -fsanitize=fuzzer-no-link)
endif()

# The headers that nearly every file opens with, parsed once for all rooms and once for all tests: a parsed set
# is 100 MB on disk. A target whose options change the code itself parses its own (OWN_HEADERS).
set(DRAMATIS_PCH <algorithm> <chrono> <cstddef> <cstdint> <functional> <map> <memory> <optional>
  <span> <string> <string_view> <unordered_map> <utility> <vector> <fmt/format.h> <tl/expected.hpp>)
set(DRAMATIS_TEST_PCH ${DRAMATIS_PCH} <gmock/gmock.h> <gtest/gtest.h>)
file(GENERATE OUTPUT ${PROJECT_BINARY_DIR}/headers.cpp CONTENT "// Here the headers are parsed.\n")
add_library(dramatis_headers OBJECT ${PROJECT_BINARY_DIR}/headers.cpp)
target_link_libraries(dramatis_headers PRIVATE dramatis_flags fmt::fmt)
target_precompile_headers(dramatis_headers PRIVATE ${DRAMATIS_PCH})
if(DRAMATIS_TESTS)
  add_library(dramatis_replay OBJECT ${PROJECT_SOURCE_DIR}/fuzz/replay.cpp)
  add_library(dramatis_test_headers OBJECT ${PROJECT_BINARY_DIR}/headers.cpp)
  target_link_libraries(dramatis_test_headers PRIVATE dramatis_flags fmt::fmt GTest::gmock)
  target_precompile_headers(dramatis_test_headers PRIVATE ${DRAMATIS_TEST_PCH})
endif()

add_custom_target(all_fuzzers)

# dramatis_room(tokens DEPS base text LINK PkgConfig::pcre2 [OWN_HEADERS <torch/torch.h>])
#   library dramatis_tokens from every .cpp of this folder that is no test, bench or fuzz target;
#   tokens_tests from its *_test.cpp; one fuzzer for each *_fuzz.cpp.
function(dramatis_room room)
  cmake_parse_arguments(ARG "" "" "DEPS;LINK;TEST_LINK;OWN_HEADERS" ${ARGN})
  file(GLOB_RECURSE all CONFIGURE_DEPENDS RELATIVE ${CMAKE_CURRENT_SOURCE_DIR} *.cpp)
  set(sources ${all})
  list(FILTER sources EXCLUDE REGEX "_(test|bench|fuzz)\\.cpp$")
  list(TRANSFORM ARG_DEPS PREPEND dramatis_ OUTPUT_VARIABLE deps)
  add_library(dramatis_${room} STATIC ${sources})
  target_link_libraries(dramatis_${room} PUBLIC dramatis_flags fmt::fmt ${deps} PRIVATE ${ARG_LINK})
  if(ARG_OWN_HEADERS)
    target_precompile_headers(dramatis_${room} PRIVATE ${DRAMATIS_PCH} ${ARG_OWN_HEADERS})
  else()
    target_precompile_headers(dramatis_${room} REUSE_FROM dramatis_headers)
  endif()

  set(tests ${all})
  list(FILTER tests INCLUDE REGEX "_test\\.cpp$")
  if(DRAMATIS_TESTS AND tests)
    dramatis_tests(${room}_tests LABEL ${room} SOURCES ${tests} LINK dramatis_${room} ${ARG_TEST_LINK}
      OWN_HEADERS ${ARG_OWN_HEADERS})
  endif()
  set(fuzzers ${all})
  list(FILTER fuzzers INCLUDE REGEX "_fuzz\\.cpp$")
  foreach(source IN LISTS fuzzers)
    dramatis_fuzzer(${room} ${source} OWN_HEADERS ${ARG_OWN_HEADERS})
  endforeach()
  set(benches ${all})
  list(FILTER benches INCLUDE REGEX "_bench\\.cpp$")
  if(DRAMATIS_TESTS AND benches)
    add_executable(${room}_bench ${benches})
    target_link_libraries(${room}_bench PRIVATE dramatis_${room} benchmark::benchmark_main)
    add_test(NAME ${room}.bench_runs COMMAND ${room}_bench --benchmark_min_time=0.001)
    set_tests_properties(${room}.bench_runs PROPERTIES LABELS ${room})
  endif()
endfunction()

# dramatis_tests(flows_tests LABEL flows SOURCES a_test.cpp LINK dramatis_engine)
function(dramatis_tests target)
  cmake_parse_arguments(ARG "" "LABEL" "SOURCES;LINK;OWN_HEADERS" ${ARGN})
  add_executable(${target} ${ARG_SOURCES})
  target_link_libraries(${target} PRIVATE ${ARG_LINK} dramatis_flags GTest::gmock GTest::gtest_main)
  if(ARG_OWN_HEADERS)
    target_precompile_headers(${target} PRIVATE ${DRAMATIS_TEST_PCH} ${ARG_OWN_HEADERS})
  else()
    target_precompile_headers(${target} REUSE_FROM dramatis_test_headers)
  endif()
  target_compile_definitions(${target} PRIVATE DRAMATIS_SOURCE_DIR="${PROJECT_SOURCE_DIR}"
    DRAMATIS_BINARY_DIR="${PROJECT_BINARY_DIR}")
  gtest_discover_tests(${target} TEST_PREFIX "${ARG_LABEL}." DISCOVERY_MODE PRE_TEST
    PROPERTIES LABELS ${ARG_LABEL} TIMEOUT 300)
endfunction()

# A fuzz target. Elsewhere than under the `fuzz` preset the same file replays its corpus as a test.
function(dramatis_fuzzer room source)
  cmake_parse_arguments(ARG "" "" "OWN_HEADERS" ${ARGN})
  get_filename_component(name ${source} NAME_WE)
  string(REGEX REPLACE "_fuzz$" "" corpus ${name})
  if(DRAMATIS_FUZZ)
    add_executable(${name} ${source})
    target_link_libraries(${name} PRIVATE dramatis_${room} -fsanitize=fuzzer)
    add_dependencies(all_fuzzers ${name})
  elseif(DRAMATIS_TESTS)
    add_executable(${name}_replay ${source})
    target_link_libraries(${name}_replay PRIVATE dramatis_${room} dramatis_replay)
    if(NOT ARG_OWN_HEADERS)
      target_precompile_headers(${name}_replay REUSE_FROM dramatis_headers)
    endif()
    add_test(NAME ${room}.${name}_corpus COMMAND ${name}_replay ${PROJECT_SOURCE_DIR}/fuzz/corpus/${corpus})
    set_tests_properties(${room}.${name}_corpus PROPERTIES LABELS ${room} TIMEOUT 120)
  endif()
endfunction()
