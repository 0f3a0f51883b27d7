// What a sheet rules out by field -> the words of that field, where the reply says one.
#include <algorithm>
#include <array>

#include <fmt/format.h>

#include "signs/limits.h"
#include "signs/rules.h"
#include "signs/sheet_words.h"
#include "signs/words.h"

namespace dramatis::signs {
namespace {

constexpr std::string_view kName = "anachronism";

// A field of things, how sheets name it, and the words that give knowledge of it away.
struct Field {
  std::string_view name;
  std::span<const Phrase> named;  // in the sheet's `unknown`
  std::span<const Phrase> words;
};

constexpr auto kPhoneNames = std::to_array<Phrase>({"telephone*", "phone*", "radio*", "wire"});
constexpr auto kPhones = std::to_array<Phrase>(
    {"telephone*", "phone", "phones", "smartphone*", "iphone*", "mobile phone", "text message*",
     "texted me", "voicemail", "radio", "radios", "walkie talkie"});
constexpr auto kComputerNames =
    std::to_array<Phrase>({"computer*", "internet", "artificial minds", "machines that calculate",
                           "machines that think", "thinking engines", "language models"});
constexpr auto kComputers = std::to_array<Phrase>(
    {"computer*", "laptop*", "internet",  "website*",    "web site",     "online",    "email*",
     "e mail*",   "wifi",    "wi fi",     "software",    "hard drive",   "google*",   "wikipedia",
     "facebook",  "twitter", "instagram", "tiktok",      "youtube",      "download*", "upload*",
     "app store", "robot*",  "chatbot*",  "video game*", "social media", "gigabyte*"});
constexpr auto kCodeNames = std::to_array<Phrase>({"programming", "programs", "code", "computers"});
constexpr auto kCode = std::to_array<Phrase>(
    {"python", "javascript", "java", "c++", "quicksort", "source code", "algorithm*", "programmer*",
     "programming", "debug*", "compiler", "def", "stroustrup", "database*"});
constexpr auto kFlightNames =
    std::to_array<Phrase>({"aeroplane*", "airplane*", "flying machine*", "helicopter*", "planes"});
constexpr auto kFlight = std::to_array<Phrase>(
    {"aeroplane*", "airplane*", "aircraft", "airport*", "helicopter*", "jet engine", "by plane",
     "a plane", "the plane", "planes", "pilot licence", "pilot license", "boeing", "airline*",
     "rocket*", "spaceship*", "astronaut*", "satellite*"});
constexpr auto kFilmNames =
    std::to_array<Phrase>({"film*", "television*", "photograph*", "moving pictures"});
constexpr auto kFilms = std::to_array<Phrase>(
    {"movie*", "films", "television*", "tv", "cinema*", "netflix", "hollywood", "photograph*",
     "camera*", "titanic", "star wars", "dvd*", "video*", "selfie*"});
constexpr auto kCarNames = std::to_array<Phrase>(
    {"cars", "car", "motor cars", "trains", "engines", "carriages without horses"});
constexpr auto kCars = std::to_array<Phrase>(
    {"car", "cars", "automobile*", "motorcycle*", "motorbike*", "motorway*", "petrol", "gasoline",
     "train station", "subway", "audi", "toyota", "ford mustang", "traffic light*", "bus stop",
     "diesel", "electric car", "taxi*"});
constexpr auto kBrandNames = std::to_array<Phrase>({"brand*", "firms", "companies"});
constexpr auto kBrands = std::to_array<Phrase>(
    {"coca cola",   "pepsi",         "starbucks",    "amazon prime", "microsoft", "samsung",
     "nike",        "adidas",        "ikea",         "walmart",      "tesla",     "disney",
     "pizza",       "credit card*",  "supermarket*", "plastic",      "vaccine*",  "antibiotic*",
     "electricity", "refrigerator*", "microwave*",   "dollars"});

constexpr std::array kFields{
    Field{"telephones", kPhoneNames, kPhones}, Field{"computers", kComputerNames, kComputers},
    Field{"programming", kCodeNames, kCode},   Field{"flying machines", kFlightNames, kFlight},
    Field{"films", kFilmNames, kFilms},        Field{"engines", kCarNames, kCars},
    Field{"later ages", kBrandNames, kBrands}};

// "phones newer than 2023" rules no phone out, and "the news since October" no news.
constexpr auto kBounds = std::to_array<Phrase>({"newer than", "since", "inside", "at first hand"});

bool stands_in(std::span<const Word> words, std::span<const Phrase> phrases) {
  return std::ranges::any_of(phrases,
                             [&](Phrase phrase) { return find_phrase(words, phrase).has_value(); });
}

bool is_ruled_out(const Field& field, const persona::Character& character) {
  return std::ranges::any_of(character.unknown, [&](const std::string& item) {
    const auto words = words_of(item);
    return !stands_in(words, kBounds) && stands_in(words, field.named);
  });
}

bool claims(std::span<const Word> words, std::size_t at) {
  if (at == 0) return false;
  const std::string& before = words[at - 1].plain;
  return before == "my" || before == "our";
}

struct Listening {
  std::vector<Word> reply, heard;
};

// The word that gave a field away, beside what was found of it.
struct Suspect {
  Finding finding;
  Phrase phrase;
};

void look_in(const Field& field, const Listening& in, std::vector<Suspect>& found) {
  for (const Phrase phrase : field.words) {
    auto place = find_phrase(in.reply, phrase);
    if (!place) continue;
    const bool asked = find_phrase(in.heard, phrase).has_value();
    for (; place && found.size() < kMaxFindingsOfRule;
         place = find_phrase(in.reply, phrase, place->word + 1)) {
      if (asked && !claims(in.reply, place->word)) continue;
      auto finding = finding_at(in.reply, *place, kName,
                                fmt::format("The sheet knows nothing of {}.", field.name));
      const bool known = std::ranges::any_of(
          found, [&](const Suspect& other) { return other.finding.first == finding.first; });
      if (!known) found.push_back({.finding = std::move(finding), .phrase = phrase});
    }
  }
}

}  // namespace

Findings look_for_anachronism(const Said& said) {
  if (said.character == nullptr || said.character->unknown.empty()) return {};
  const Listening in{.reply = words_of(said.reply), .heard = words_of(said.heard)};
  std::vector<Suspect> suspects;
  for (const auto& field : kFields) {
    if (is_ruled_out(field, *said.character)) look_in(field, in, suspects);
  }
  if (suspects.empty()) return {};
  const auto own = known_words(*said.character, said.world);
  Findings found;
  for (auto& [finding, phrase] : suspects) {
    if (!find_phrase(own, phrase)) found.push_back(std::move(finding));
  }
  std::ranges::stable_sort(found, {}, &Finding::first);
  return found;
}

}  // namespace dramatis::signs
