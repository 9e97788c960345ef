/// What a broker sends to a microcontroller's MQTT client, in whatever pieces.
///   1     how many bytes arrive at once, 1–32; bit 7: the connection ends behind them
///   …     the stream

#include <algorithm>
#include <array>

#include "core/mqtt_client.hpp"
#include "fuzz/input.hpp"

namespace countersign::fuzz {
namespace {

using namespace mcu;

/// The broker's side: it says what the input says.
class Stream {
 public:
  Stream(ByteView bytes, std::size_t chunk, bool ends)
      : bytes_{bytes}, chunk_{chunk}, ends_{ends} {}

  [[nodiscard]] bool open(const Endpoint&) {
    state_ = LinkState::open;
    return true;
  }
  [[nodiscard]] LinkState state() const {
    return ends_ && bytes_.empty() ? LinkState::closed : state_;
  }
  [[nodiscard]] std::size_t room() const { return 256; }
  [[nodiscard]] bool send(ByteView bytes, bool) {
    require(state_ == LinkState::open && bytes.size() <= room());
    return true;
  }
  [[nodiscard]] std::size_t receive(MutableBytes room) {
    const std::size_t count = std::min({room.size(), bytes_.size(), chunk_});
    copy(bytes_.first(count), room);
    bytes_ = bytes_.subspan(count);
    return count;
  }
  void close() { state_ = LinkState::closed; }
  [[nodiscard]] bool empty() const { return bytes_.empty(); }

 private:
  ByteView bytes_;
  std::size_t chunk_;
  bool ends_;
  LinkState state_ = LinkState::closed;
};

bool inside(ByteView part, MutableBytes room) {
  return part.empty() ||
         (part.data() >= room.data() && part.data() + part.size() <= room.data() + room.size());
}

void check(const MqttEvent& event, MutableBytes room, bool online) {
  using What = MqttEvent::What;
  if (event.what == What::message) {
    require(online && event.message.qos <= 1 && !event.message.topic.empty());
    require(inside(event.message.payload, room));
    require(inside(bytes_of(event.message.topic), room));
    require((event.message.qos == 0) == (event.message.id == 0));
  }
  require(event.what != What::acknowledged || event.id != 0);
}

}  // namespace

void run(Input in) {
  const auto how = in.byte();
  std::array<std::byte, 96> room{};
  Stream link{in.rest(), 1 + static_cast<std::size_t>(how & 31U), (how & 128U) != 0};
  MqttClient<Stream> client{link, room};
  require(client.open({}, 0));
  if (client.poll(0).what != MqttEvent::What::linked) {
    return;  // it ended before it began
  }
  require(client.connect(
      {.client_id = "a", .username = {}, .password = {}, .will = {}, .keep_alive_s = 10}, 0));
  for (Millis now = 1; now < 20'000 && !client.closed(); ++now) {
    const bool online = client.online();
    const MqttEvent event = client.poll(now);
    check(event, room, online);
    if (link.empty() && event.what == MqttEvent::What::none) {
      now += 1'000;  // nothing more comes: the client must give up by itself
    }
  }
  require(client.closed());
}

}  // namespace countersign::fuzz

int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  countersign::fuzz::run({data, size});
  return 0;
}
