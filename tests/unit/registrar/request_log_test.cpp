#include "registrar/request_log.hpp"

#include <gmock/gmock.h>

#include <nlohmann/json.hpp>

namespace countersign::registrar {
namespace {

TEST(RequestLog, WritesOneLineInAFixedOrder) {
  RequestLine line;
  line.at = 1'772'366'400'007;
  line.event = "request";
  line.method = "POST";
  line.route = "/v1/devices";
  line.status = 201;
  line.caller = "enrolment";
  line.identity = "d-x";
  line.address = "192.0.2.1";
  line.took = 12;
  EXPECT_EQ(json_line(line),
            R"({"v":1,"at":"2026-03-01T12:00:00.007Z","event":"request","method":"POST",)"
            R"("route":"/v1/devices","status":201,"caller":"enrolment","identity":"d-x",)"
            R"("why":null,"address":"192.0.2.1","ms":12})");
}

TEST(RequestLog, EscapesWhatOthersChose) {
  RequestLine line;
  line.caller = "certificate:CN=\"\n\x1B[2J\xC3\xA9\xFF";
  const std::string text = json_line(line);
  EXPECT_TRUE(std::all_of(text.begin(), text.end(), [](char c) { return c >= ' ' && c <= '~'; }))
      << text;
  EXPECT_EQ(nlohmann::json::parse(text)["caller"],
            "certificate:CN=\"\n\x1B[2J\xC3\xA9\xEF\xBF\xBD");
}

}  // namespace
}  // namespace countersign::registrar
