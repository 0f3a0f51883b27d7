#include "remote/url.h"

#include <gtest/gtest.h>

namespace dramatis::remote {
namespace {

TEST(Url, ReadsWhatAnOperatorWrites) {
  const auto local = parse_url("http://localhost:11434/v1/").value();
  EXPECT_EQ(local.scheme, Scheme::kHttp);
  EXPECT_EQ(local.authority(), "localhost:11434");
  EXPECT_EQ(local.path, "/v1");
  const auto far = parse_url("https://api.example.com").value();
  EXPECT_EQ(far.scheme, Scheme::kHttps);
  EXPECT_EQ(far.authority(), "api.example.com:443");
  EXPECT_EQ(far.path, "");
  const auto v6 = parse_url("http://[::1]:8080/a/b").value();
  EXPECT_EQ(v6.host, "::1");
  EXPECT_EQ(v6.authority(), "[::1]:8080");
}

// B16: addresses that hide another.
TEST(Url, RefusesWhatTwoReadersCouldReadDifferently) {
  for (const char* wrong : {"",
                            "localhost:1",
                            "ftp://a/",
                            "http://",
                            "http:///v1",
                            "http://a@b/",
                            "http://a\\b/",
                            "http://a:0/",
                            "http://a:65536/",
                            "http://a:/",
                            "http://a:1x/",
                            "http://a b/",
                            "http://a/?q=1",
                            "http://a/#f",
                            "http://a/\r\nX: y",
                            "http://[::1",
                            "http://[::1]x",
                            "http://[]:1/",
                            "HTTP://a",
                            "http://\xC3\xA4/"}) {
    EXPECT_FALSE(parse_url(wrong)) << wrong;
  }
  EXPECT_FALSE(parse_url("http://a/" + std::string(10'000, 'x')));
}

TEST(Url, DoesNotRepeatAPasswordInItsError) {
  EXPECT_EQ(parse_url("http://user:hunter2@host/").error().what.find("hunter2"), std::string::npos);
}

}  // namespace
}  // namespace dramatis::remote
