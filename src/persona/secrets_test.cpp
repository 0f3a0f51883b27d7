#include "persona/secrets.h"

#include <vector>

#include <gtest/gtest.h>

namespace dramatis::persona {
namespace {

const std::vector<Secret> kSecrets{{.id = "a", .text = "t", .words = {"Landsknecht", "Heron cave"}},
                                   {.id = "b", .text = "t", .words = {"rat"}}};

TEST(Secrets, CaseSpacesPunctuationAndInvisibleLettersHideNothing) {
  for (const char* text :
       {"landsknecht", "Say LANDSKNECHT!", "lands-knecht", "l a n d s k n e c h t",
        "L.a.n.d.s.k.n.e.c.h.t.", "lands\u00ADknecht", "lands\u200Bknecht", "three landsknechts",
        "Oberlandsknecht", "the heroncave", "Heron's? heron\n cave", "rats", "a rat",
        "lands\u2013knecht"}) {
    EXPECT_TRUE(find_secret(text, kSecrets)) << text;
  }
}

TEST(Secrets, OrdinaryWordsPass) {
  for (const char* text : {"", "pirate", "the heron left its cave", "land's knight", "cave heron",
                           "she wore a tie", "era town"}) {
    EXPECT_FALSE(find_secret(text, kSecrets)) << text;
  }
  EXPECT_FALSE(find_secret("Landsknecht", {}));
}

}  // namespace
}  // namespace dramatis::persona
