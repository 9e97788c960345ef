"""How long one HANDSHAKE KEY and one checksum take over real pcscd, on jCardSim."""

import statistics

from countersign_tests import smart_card
from countersign_tests.cards import CardHost

TIMES = 1000


def run():
    with CardHost(cards=1) as host:
        card = smart_card.SmartCard(host.link(0))
        card.select()
        holder = smart_card.Holder("mote-1")
        card.personalise(bytes.fromhex(host.transport_keys[0]), bytes.fromhex(host.uids[0]), holder)
        card.select()
        card.verify(holder.pin)
        commands = {
            "handshake key": smart_card.apdu(0x88, 0x0001, b"\x06broker"),
            "checksum": smart_card.apdu(0x2A, 0x8E80, smart_card.tlv(0x80, bytes(32))),
        }
        return {name: statistics.median(card.link.time(command, TIMES)) for name, command in commands.items()}


if __name__ == "__main__":
    print(run())
