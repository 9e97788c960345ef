#include "flash/provisioning.hpp"

#include "countersign/identity.hpp"

namespace countersign::mcu {
namespace {

/// The settings by their tags. These values are in flash: they never change.
enum class Tag8 : std::uint8_t {
  identity = 1,
  server_id = 2,
  broker = 3,
  proof = 4,    // suite, method
  address = 5,  // address, mask, gateway
  topic = 6,
  pace = 7,  // interval, readings
  flags = 8,
  data = 9,  // address, count
  command_port = 10,
  wake = 11,
  will_topic = 12,
  will_payload = 13,
  password = 14,
  word = 16,   // repeated
  name = 17,   // repeated
  field = 18,  // s8(name) || value, repeated
};

constexpr std::uint8_t kLive = 0x01;
constexpr std::uint8_t kSealedReadings = 0x02;
constexpr std::uint32_t kMagic = 0x43535031;  // "CSP1"
constexpr std::uint32_t kHeadBytes = 12;
constexpr std::size_t kSecretWords = kSecretsBytes / kWordBytes;
constexpr Word kCrcSeed = kMagic;

/// Appends `view` to a list. \returns false if it is full.
template <class T, std::size_t N>
bool append(std::array<T, N>& list, std::size_t& count, T view) {
  if (count == N) {
    return false;
  }
  list[count++] = view;
  return true;
}

bool read_field(ByteView value, Settings& out) {
  Reader in{value};
  RegistrationField field;
  field.name = text_of(in.s8());
  field.value = in.rest();
  return in.ok() && is_field_name(field.name) && !field.value.empty() &&
         append(out.fields, out.field_count, field);
}

bool read_flags(std::uint8_t flags, Settings& out) {
  out.live = (flags & kLive) != 0;
  out.sealed = (flags & kSealedReadings) != 0;
  return (flags & ~(kLive | kSealedReadings)) == 0;
}

bool read_proof(Reader& in, Settings& out) {
  out.suite = in.be<std::uint8_t>();
  const auto method = in.be<std::uint8_t>();
  out.mfar = method == 1;
  return (out.suite == 1 || out.suite == 2) && method <= 1;
}

/// One setting. \returns false if it is none.
bool read_setting(Tag8 tag, ByteView value, Settings& out) {
  Reader in{value};
  switch (tag) {
    case Tag8::identity:
      out.identity = text_of(value);
      return is_identity(out.identity);
    case Tag8::server_id:
      out.server_id = text_of(value);
      return is_identity(out.server_id);
    case Tag8::broker:
      out.broker = in.array<4>();
      out.broker_port = in.be<std::uint16_t>();
      return in.done() && out.broker_port != 0;
    case Tag8::proof:
      return read_proof(in, out) && in.done();
    case Tag8::address:
      out.address = in.array<4>();
      out.mask = in.array<4>();
      out.gateway = in.array<4>();
      out.has_address = in.done();
      return in.done();
    case Tag8::topic:
      out.topic = text_of(value);
      return !value.empty() && value.size() <= 128;
    case Tag8::pace:
      out.interval_ms = in.be<std::uint32_t>();
      out.readings = in.be<std::uint32_t>();
      return in.done();
    case Tag8::flags:
      return read_flags(in.be<std::uint8_t>(), out) && in.done();
    case Tag8::data:
      out.data_at = in.be<std::uint32_t>();
      out.data_count = in.be<std::uint32_t>();
      return in.done();
    case Tag8::command_port:
      out.command_port = in.be<std::uint16_t>();
      return in.done();
    case Tag8::wake:
      out.wake = value;
      return value.size() <= kMaxWakeBytes;
    case Tag8::will_topic:
      out.will_topic = text_of(value);
      return !value.empty() && value.size() <= 128;
    case Tag8::will_payload:
      out.will_payload = value;
      return true;
    case Tag8::password:
      out.password = value;
      return !value.empty() && value.size() <= 64;
    case Tag8::word:
      return !value.empty() && append(out.words, out.word_count, text_of(value));
    case Tag8::name:
      return is_identity(text_of(value)) && append(out.names, out.name_count, text_of(value));
    case Tag8::field:
      return read_field(value, out);
  }
  return false;
}

bool is_whole(const Settings& settings) {
  return !settings.identity.empty() && !settings.server_id.empty() && settings.broker_port != 0 &&
         !settings.topic.empty() && (!settings.mfar || !settings.password.empty());
}

class SettingWriter {
 public:
  explicit SettingWriter(Writer& out) : out_{out} {}

  SettingWriter& bytes(Tag8 tag, ByteView value) {
    if (!value.empty()) {
      out_.be(static_cast<std::uint8_t>(tag)).s8(value);
    }
    return *this;
  }
  template <class... Numbers>
  SettingWriter& numbers(Tag8 tag, Numbers... values) {
    out_.be(static_cast<std::uint8_t>(tag)).be(static_cast<std::uint8_t>((sizeof(values) + ...)));
    (out_.be(values), ...);
    return *this;
  }

 private:
  Writer& out_;
};

void write_network(const Settings& from, SettingWriter& to, Writer& out) {
  out.be(static_cast<std::uint8_t>(Tag8::broker)).be(std::uint8_t{6});
  out.raw(from.broker).be(from.broker_port);
  to.numbers(Tag8::proof, from.suite, static_cast<std::uint8_t>(from.mfar ? 1 : 0));
  if (from.has_address) {
    out.be(static_cast<std::uint8_t>(Tag8::address)).be(std::uint8_t{12});
    out.raw(from.address).raw(from.mask).raw(from.gateway);
  }
}

void write_lists(const Settings& from, SettingWriter& to, Writer& out) {
  for (const std::string_view word : from.commands()) {
    to.bytes(Tag8::word, bytes_of(word));
  }
  for (const std::string_view name : from.commanders()) {
    to.bytes(Tag8::name, bytes_of(name));
  }
  for (const RegistrationField& field : from.registration()) {
    out.be(static_cast<std::uint8_t>(Tag8::field));
    out.be(static_cast<std::uint8_t>(1 + field.name.size() + field.value.size()));
    out.s8(bytes_of(field.name)).raw(field.value);
  }
}

void write_secrets(const Secrets& secrets, Writer& out) {
  out.raw(secrets.key.bytes()).raw(secrets.seed.bytes());
  for (const Key32& commander : secrets.commanders) {
    out.raw(commander.bytes());
  }
}

/// The CRC of `bytes`, which are whole words.
Word crc_of(ByteView bytes) {
  std::array<Word, kMaxSettingsWords> words{};
  const MutableBytes copied = std::as_writable_bytes(std::span{words}).first(bytes.size());
  copy(bytes, copied);
  const Word crc = crc32(kCrcSeed, std::span{words}.first(bytes.size() / kWordBytes));
  wipe(copied);
  return crc;
}

}  // namespace

bool parse_settings(ByteView bytes, Settings& out) {
  out = {};
  Reader in{bytes};
  std::uint8_t last = 0;
  while (in.ok() && !in.done()) {
    const auto tag = in.be<std::uint8_t>();
    const ByteView value = in.s8();
    const bool again = tag == last && tag < static_cast<std::uint8_t>(Tag8::word);
    if (!in.ok() || tag < last || again || !read_setting(static_cast<Tag8>(tag), value, out)) {
      return false;
    }
    last = tag;
  }
  return in.done() && is_whole(out);
}

bool read_settings(const Flash& flash, std::uint32_t page, std::span<Word, kMaxSettingsWords> room,
                   Settings& out) {
  Bytes<kHeadBytes> head;
  if (!flash.read(page * kPageBytes, head)) {
    return false;
  }
  Reader in{head};
  const auto magic = in.be<std::uint32_t>();
  const auto size = in.be<std::uint32_t>();
  const auto crc = in.be<std::uint32_t>();
  if (magic != kMagic || size == 0 || size > kMaxSettingsBytes) {
    return false;
  }
  const auto words = room.first(in_words(size) / kWordBytes);
  if (!read_words(flash, page * kPageBytes + kHeadBytes, words) || crc32(kCrcSeed, words) != crc) {
    return false;
  }
  return parse_settings(std::as_bytes(words).first(size), out);
}

bool read_secrets(const Flash& flash, std::uint32_t page, Secrets& out) {
  std::array<Word, kSecretWords> words{};
  const MutableBytes bytes = std::as_writable_bytes(std::span{words});
  Bytes<4> crc;
  const std::uint32_t at = page * kPageBytes + kSecretsOffset;
  const bool there = flash.read(at, bytes) && flash.read(at + kSecretsBytes, crc) &&
                     Reader{crc}.be<std::uint32_t>() == crc32(kCrcSeed, words);
  Reader in{bytes};
  copy(in.take(32), out.key.fill());
  copy(in.take(kProvisionedSeedBytes), out.seed.fill());
  for (Key32& commander : out.commanders) {
    copy(in.take(32), commander.fill());
  }
  wipe(bytes);
  if (!there) {
    out = {};
  }
  return there;
}

bool destroy_secrets(Flash& flash, std::uint32_t page) {
  // the CRC first: from then on nobody takes what is left
  constexpr std::array<Word, 8> kZeros{};
  const std::uint32_t at = page * kPageBytes + kSecretsOffset;
  bool ok = program_word(flash, at + kSecretsBytes, 0);
  for (std::uint32_t done = 0; ok && done < kSecretsBytes; done += sizeof kZeros) {
    ok = program_words(flash, at + done, kZeros);
  }
  return ok;
}

void write_settings(const Settings& settings, Writer& out) {
  SettingWriter to{out};
  to.bytes(Tag8::identity, bytes_of(settings.identity));
  to.bytes(Tag8::server_id, bytes_of(settings.server_id));
  write_network(settings, to, out);
  to.bytes(Tag8::topic, bytes_of(settings.topic));
  to.numbers(Tag8::pace, settings.interval_ms, settings.readings);
  to.numbers(Tag8::flags, static_cast<std::uint8_t>((settings.live ? kLive : 0) |
                                                    (settings.sealed ? kSealedReadings : 0)));
  to.numbers(Tag8::data, settings.data_at, settings.data_count);
  to.numbers(Tag8::command_port, settings.command_port);
  to.bytes(Tag8::wake, settings.wake);
  to.bytes(Tag8::will_topic, bytes_of(settings.will_topic));
  to.bytes(Tag8::will_payload, settings.will_payload);
  to.bytes(Tag8::password, settings.password);
  write_lists(settings, to, out);
}

void write_open_settings(ByteView settings, Writer& out) {
  constexpr std::string_view kHidden = "*";
  Reader in{settings};
  while (!in.done()) {
    const auto tag = in.be<std::uint8_t>();
    const ByteView value = in.s8();
    if (!in.ok() || tag == 0 || static_cast<Tag8>(tag) > Tag8::field) {
      return;  // what fills up the last word, or the room behind it
    }
    const bool hides = static_cast<Tag8>(tag) == Tag8::password;
    if (static_cast<Tag8>(tag) != Tag8::field) {
      out.be(tag).s8(hides ? bytes_of(kHidden) : value);
    }
  }
}

bool write_page(const Settings& settings, const Secrets& secrets,
                std::span<std::byte, kPageBytes> page) {
  for (std::byte& b : page) {
    b = std::byte{0xFF};
  }
  Writer body{page.subspan(kHeadBytes, kMaxSettingsBytes)};
  write_settings(settings, body);
  Settings read_back;
  if (!body.ok() || !parse_settings(body.written(), read_back)) {
    return false;
  }
  const auto size = static_cast<std::uint32_t>(body.written().size());
  Writer head{page};
  head.be(kMagic).be(size).be(crc_of(page.subspan(kHeadBytes, in_words(size))));
  Writer hidden{page.subspan(kSecretsOffset)};
  write_secrets(secrets, hidden);
  hidden.be(crc_of(page.subspan(kSecretsOffset, kSecretsBytes)));
  return hidden.ok();
}

}  // namespace countersign::mcu
