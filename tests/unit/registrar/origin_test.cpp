#include "registrar/origin.hpp"

#include <arpa/inet.h>
#include <gtest/gtest.h>
#include <netinet/in.h>

#include <cstring>

namespace countersign::registrar {
namespace {

Origin origin(const char* text) {
  sockaddr_storage peer{};
  sockaddr_in four{};
  sockaddr_in6 six{};
  if (::inet_pton(AF_INET, text, &four.sin_addr) == 1) {
    four.sin_family = AF_INET;
    std::memcpy(&peer, &four, sizeof four);
  } else if (::inet_pton(AF_INET6, text, &six.sin6_addr) == 1) {
    six.sin6_family = AF_INET6;
    std::memcpy(&peer, &six, sizeof six);
  }
  return origin_of(peer);
}

TEST(Origin, CountsIPv4ByAddress) {
  EXPECT_EQ(origin("192.0.2.7").address, "192.0.2.7");
  EXPECT_EQ(origin("192.0.2.7").network, "192.0.2.7");
}

TEST(Origin, CountsIPv6ByThe64ThatAHostHasToItself) {
  EXPECT_EQ(origin("2001:db8:1:2:3::1").address, "2001:db8:1:2:3::1");
  EXPECT_EQ(origin("2001:db8:1:2:3::1").network, origin("2001:db8:1:2:ffff::9").network);
  EXPECT_NE(origin("2001:db8:1:2::1").network, origin("2001:db8:1:3::1").network);
}

TEST(Origin, KnowsAnIPv4AddressInIPv6sClothes) {
  EXPECT_EQ(origin("::ffff:192.0.2.7").address, "192.0.2.7");
  EXPECT_EQ(origin("::ffff:192.0.2.7").network, "192.0.2.7");
}

TEST(Origin, HasAWordForWhatItDoesNotKnow) { EXPECT_EQ(origin("?").network, "unknown"); }

}  // namespace
}  // namespace countersign::registrar
