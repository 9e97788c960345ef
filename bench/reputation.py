"""How well the evaluators tell real readings from introduced events, on the running system.

Four devices in two groups replay tests/data/telosb-single-hop.csv through a real broker. Each reading goes to one topic
for each evaluator, under rules that observe: so that scores do not hide what an evaluator says. Then each is enforced by
a broker of its own, and the devices send until they are expelled.

The numbers in `EVALUATORS` were chosen on readings numbered up to `LEARNED`, which hold no labelled event: one and a
half times what they need to object to nothing there. The shares come from the other readings.
"""

import collections
import csv
import pathlib

from countersign_tests import config, mqtt
from countersign_tests.plant import Plant

DATA = pathlib.Path(__file__).resolve().parent.parent / "tests/data/telosb-single-hop.csv"
LEARNED = 2200
LIMITS = {"enforce_after_messages": 1_000_000}
INDOOR, OUTDOOR = ["mote-1", "mote-2"], ["mote-3", "mote-4"]


def groups(window, humidity, temperature):
    return [{"pointer": pointer, "members": members, "tolerance": tolerance, "window": window}
            for pointer, tolerance in (("/humidity", humidity), ("/temperature", temperature))
            for members in (INDOOR, OUTDOOR)]


CORRELATED = {"pointers": ["/humidity", "/temperature"], "resolution": [0.05, 0.02], "tolerance": 10}
EVALUATORS = {
    "range": {"range": [{"pointer": "/humidity", "min": 20, "max": 75}, {"pointer": "/temperature", "min": 10, "max": 45}]},
    "group, window 60": {"group": groups(60, 3.1, 0.9)},
    "group, window 120": {"group": groups(120, 2.9, 1.0)},
    "correlated": {"correlated": CORRELATED},
    "rate (stuck 20)": {"rate": {"pointer": "/temperature", "stuck": 20}},
    "any of them": {"group": groups(120, 2.9, 1.0), "correlated": CORRELATED,
                    "rate": {"pointer": "/temperature", "stuck": 20}},
    "majority of them": {"group": groups(120, 2.9, 1.0), "correlated": CORRELATED,
                         "range": [{"pointer": "/humidity", "min": 20, "max": 75}], "combine": "majority"},
}

Reading = collections.namedtuple("Reading", "number mote payload event")


def readings():
    """All of them, in the order in which they were taken."""
    with open(DATA, newline="", encoding="ascii") as file:
        rows = [Reading(int(row["reading"]), f"mote-{row['mote_id']}",
                        f'{{"humidity":{row["humidity"]},"temperature":{row["temperature"]}}}'.encode(), row["label"] == "1")
                for row in csv.DictReader(file)]
    return sorted(rows, key=lambda row: (row.number, row.mote))


def topic_of(index, mote):
    return f"data/{index}/{mote}"


def observed():
    """{evaluator: set of (mote, number) it objected to}"""
    rules = [config.rule(f"data/{index}/%d", mode="observe", name=name, **spec)
             for index, (name, spec) in enumerate(EVALUATORS.items())]
    objections = {name: set() for name in EVALUATORS}
    sent = {}
    settings = {"audit": {"queue": 65536}, "limits": LIMITS}
    with Plant(rules=rules, settings=settings, log_type="error") as plant:
        devices = {mote: plant.device(mote, suite=2) for mote in INDOOR + OUTDOOR}
        for reading in readings():
            device = devices[reading.mote]
            for index in range(len(rules)):
                last = device.publish(topic_of(index, reading.mote), reading.payload, qos=0)
                sent[topic_of(index, reading.mote), last.seq] = reading
        for device in devices.values():
            device.request_receipt(timeout=60)
        plant.stop()
        for line in plant.broker.audit():
            if line["event"] == "gap":
                raise RuntimeError("the audit dropped lines")
            if line["event"] == "publish" and line.get("why") == "out_of_range":
                reading = sent[line["topic"], line["seq"]]
                index = int(line["topic"].split("/")[1])
                objections[list(EVALUATORS)[index]].add((reading.mote, reading.number))
    return objections


def shares(objections):
    """Of one evaluator's objections."""
    everything = readings()
    events = {(one.mote, one.number) for one in everything if one.event}
    normal = {(one.mote, one.number) for one in everything if not one.event and one.number > LEARNED}
    learned = {(one.mote, one.number) for one in everything if one.number <= LEARNED}
    return {"normal": len(normal), "penalised": len(objections & normal), "events": len(events),
            "caught": len(objections & events), "penalised_where_chosen": len(objections & learned)}


def until_expelled(name):
    """{mote: what became of each device whose readings hold events}, with the evaluator enforced."""
    rule = config.rule("data/%d", subscribe=["anyone"], out_of_range="deliver", **EVALUATORS[name])
    found = {}
    with Plant(rules=[rule], settings={"limits": LIMITS}, version=mqtt.V5, log_type="error") as plant:
        devices = {mote: plant.device(mote, suite=2) for mote in INDOOR + OUTDOOR}
        begun = collections.Counter()
        for reading in readings():
            if reading.mote not in devices:
                continue
            begun[reading.mote] += reading.event
            device = devices[reading.mote]
            try:
                if device.publish(f"data/{reading.mote}", reading.payload).code >= 0x80:
                    device.answer_enforcement()
            except mqtt.Closed:
                found[reading.mote] = begun[reading.mote]
                del devices[reading.mote]
    return found


def run():
    objections = observed()
    return {"shares": {name: shares(found) for name, found in objections.items()},
            "expelled": {name: until_expelled(name) for name in EVALUATORS}}


def table(found):
    lines = ["| evaluator | normal readings penalised | events caught | penalised where chosen |", "|---|---|---|---|"]
    for name, one in found["shares"].items():
        lines.append(f"| {name} | {one['penalised']} of {one['normal']} ({100 * one['penalised'] / one['normal']:.2f} %) | "
                     f"{one['caught']} of {one['events']} ({100 * one['caught'] / one['events']:.0f} %) | "
                     f"{one['penalised_where_chosen']} |")
    lines += ["", "| enforced | expelled, after how many readings of the event |", "|---|---|"]
    for name, expelled in found["expelled"].items():
        told = ", ".join(f"{mote}: {count}" for mote, count in sorted(expelled.items())) or "nobody"
        lines.append(f"| {name} | {told} |")
    return "\n".join(lines) + "\n"


if __name__ == "__main__":
    print(table(run()))
