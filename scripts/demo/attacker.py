"""The attacker: raw sockets and an independent implementation of the protocol; none of its code is the product's.

It sits on mote 1's line (`Tap`), so it has every byte that mote 1's `countersign publish` sent, and can add its own
packets to that very connection. It has connections of its own too, from another address.
"""

from countersign_tests import device, mqtt, session
from countersign_tests import envelope as e
from countersign_tests import handshake as h
from countersign_tests import primitives as p

from .answers import connack, puback

ADDRESS = "127.0.0.66"


class Attacker:
    def __init__(self, scene):
        self.scene = scene
        self.victim = scene.motes[0]
        self.tap = scene.taps[self.victim.number]

    # what it has overheard

    def overheard(self):
        """Mote 1's signed readings, oldest first, as they went over the wire."""
        return self.tap.captured(lambda message: message.topic == self.victim.topic)

    def first_message(self):
        """The m1 of mote 1's login."""
        return self.tap.captured(
            lambda message: message.topic == session.AUTH_TOPIC and message.payload[:1] == p.u8(h.M1))[0].payload

    # on mote 1's own connection

    def _inject(self, payload, topic=None, like=None):
        properties = {} if like is None else like.properties
        return puback(self.tap.live().inject(topic or self.victim.topic, payload, properties))

    def forge(self):
        """A next message as mote 1 would sign it, with a made-up tag."""
        header = e.parse_payload(self.overheard()[-1].payload).header
        fake = e.Header(0, header.kid, header.seq + 1000)
        return self._inject(fake.encode() + b'{"temperature":20.0}' + bytes(range(16)))

    def flip(self):
        """Mote 1's last reading with one bit of the temperature flipped."""
        message = self.overheard()[-1]
        wire = bytearray(message.payload)
        wire[wire.index(b"temperature") + len(b'temperature": ')] ^= 0x01
        return self._inject(bytes(wire), like=message)

    def move(self):
        """Mote 1's last reading, every byte of it, to another topic of mote 1's."""
        message = self.overheard()[-1]
        return self._inject(message.payload, topic=f"plant/{self.victim.identity}/valve", like=message)

    def repeat(self, back):
        """A reading from `back` messages ago, once more."""
        message = self.overheard()[-1 - back]
        return self._inject(message.payload, like=message)

    def speak_unsigned(self):
        return self._inject(b'{"temperature":20.0}')

    # on connections of its own

    def _connect(self, client_id, **connect):
        client = mqtt.Client(self.scene.broker.port, version=mqtt.V5, source=ADDRESS)
        return client, client.connect(client_id, check=False, **connect)

    def _publish(self, topic, payload):
        client, ack = self._connect("passer-by")
        with client:
            return connack(ack.code) if ack.code else puback(client.publish(topic, payload, qos=1))

    def repeat_elsewhere(self):
        return self._publish(self.victim.topic, self.overheard()[-1].payload)

    def speak_unsigned_elsewhere(self):
        return self._publish(self.victim.topic, b'{"temperature":20.0}')

    def steal_client_id(self):
        """CONNECT as mote 1, which would end mote 1's own connection."""
        client, ack = self._connect(self.victim.identity)
        client.abandon()
        return connack(ack.code)

    def steal_client_id_with_proof(self):
        """The same with a resume proof of the right form: the live kid, a made-up tag."""
        kid = e.parse_payload(self.overheard()[-1].payload).header.kid
        password = p.base64url(p.u16(kid) + p.u32(9) + bytes(range(16)))
        client, ack = self._connect(self.victim.identity, username=self.victim.identity, password=password)
        client.abandon()
        return connack(ack.code)

    def repeat_handshake(self):
        """Mote 1's own m1 on a connection for handshakes. A ping's answer shows that no m2 came before it."""
        client, ack = self._connect(device.auth0_client_id())
        with client:
            if ack.code:
                return connack(ack.code)
            client.publish(session.AUTH_TOPIC, self.first_message(), qos=1)
            answers = client.pending(session.auth_reply_topic(client.client_id))
            return f"{len(answers)} answers" if answers else "no answer"
