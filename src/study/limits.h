// What a study may cost.
#pragma once

#include <cstddef>

namespace dramatis::study {

// Draws of a bootstrap: the ends of a 95 % interval then move by less than a twentieth of its width
// from seed to seed.
constexpr std::size_t kBootstrapDraws = 2000;
// Rounds of the Bradley-Terry iteration: sixteen players converge in a few hundred.
constexpr std::size_t kBradleyTerryRounds = 10'000;
// A question set, and the transcripts of other systems: a file that a person would send.
constexpr std::size_t kMaxQuestions = 10'000;
constexpr std::size_t kMaxTranscriptBytes = 64 * 1024 * 1024;
constexpr std::size_t kMaxTranscripts = 10'000;
constexpr std::size_t kMaxTranscriptLine = 8 * 1024 * 1024;
// Interviews at once: as many as a remote service serves; the engine of this process batches fewer.
constexpr std::size_t kMaxAtOnce = 64;
// Questions of one interview: the reference asks five.
constexpr std::size_t kMaxInterviewTurns = 50;
// A judge's answer: reasons and a score.
constexpr int kJudgeTokens = 512;
// An interviewer's question.
constexpr int kInterviewerTokens = 128;
// Runs of a suite.
constexpr std::size_t kMaxRuns = 1000;
// Candidates of one comparison: each is asked everything.
constexpr std::size_t kMaxCandidates = 16;
// A report: ten thousand interviews with their answers.
constexpr std::size_t kMaxReportBytes = 64 * 1024 * 1024;
// Its name: a file system's longest is 255.
constexpr std::size_t kMaxReportIdBytes = 100;
// Reports of one list, newest first.
constexpr std::size_t kMaxReportsListed = 100;

}  // namespace dramatis::study
