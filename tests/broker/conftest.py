"""What every test against the real broker shares: devices, addresses to attack from, what a refusal looks like.

Each file has its own `plant`, one broker for all its tests.
"""

import itertools

import pytest
from countersign_tests import mqtt

DENIED = 0x87
_numbers = itertools.count(1)


@pytest.fixture(autouse=True)
def broker_survives(request):
    """A broker that died, or that a sanitizer stopped, fails the test that did it."""
    plant = request.getfixturevalue("plant") if "plant" in request.fixturenames else None
    yield
    if plant is not None:
        broker = plant.broker
        if broker.process is not None and "runtime error" in broker.output() or "AddressSanitizer" in broker.output():
            pytest.fail(broker.output()[-6000:])


@pytest.fixture(params=[mqtt.V311, mqtt.V5], ids=["mqtt311", "mqtt5"])
def version(request):
    return request.param


@pytest.fixture
def new_address():
    """Loopback addresses that nobody has used: what one attacker does is not held against another test."""
    def make():
        number = next(_numbers)
        return f"127.77.{number // 250}.{number % 250 + 1}"
    return make


@pytest.fixture
def new_mote(plant, new_address):
    """Makes registered devices, each at an address of its own: `new_mote(version)`, logged in unless told."""
    def make(version=mqtt.V311, *, log_in=True, suite=1, **fields):
        identity = f"mote-{next(_numbers)}"
        plant.register(identity, **fields)
        device = plant.client_of(identity, version=version, suite=suite)
        device.source = new_address()
        if log_in:
            device.login()
        return device
    return make


@pytest.fixture
def mote(new_mote, version):
    """A logged-in device, once for each version of MQTT."""
    return new_mote(version)


@pytest.fixture
def raw(plant, new_address):
    """Opens raw clients that nobody knows: `raw(version)`, not connected yet. Each comes from its own address."""
    clients = []

    def open_client(version=mqtt.V311, source=None):
        clients.append(mqtt.Client(plant.broker.port, version=version, source=source or new_address()))
        return clients[-1]

    yield open_client
    for client in clients:
        client.abandon()


@pytest.fixture
def reader(plant):
    """A plain MQTT 5 client that reads everything Countersign lets it read of the plant."""
    with plant.subscriber("plant/#", version=mqtt.V5) as client:
        yield client


@pytest.fixture
def assert_refused(plant, reader):
    """Asserts that what `act` publishes is refused as `why`: not delivered, told to who can see it, audited."""
    def check(device, why, act, *, notice=True):
        reader.pending()
        mark = plant.mark()
        sent = act()
        code = getattr(sent, "code", sent)
        assert reader.pending() == [], f"{why} was delivered"
        assert code == (DENIED if device.version == mqtt.V5 else 0), "QoS 1: 3.1.1 cannot be told"
        if notice:
            assert device.wait_notice(why)["why"] == why
        line = plant.broker.wait_for_audit(after=mark, verdict="refuse", why=why)
        assert line["event"] == "publish"
        return line
    return check


@pytest.fixture
def new_registered(plant, new_address):
    """Makes devices registered by their data (MFA_R), each at an address of its own, not logged in unless told."""
    def make(version=mqtt.V311, *, log_in=False, **fields):
        device = plant.registered(version=version, source=new_address(), **fields)
        if log_in:
            device.login()
        return device
    return make


@pytest.fixture
def registered(new_registered, version):
    """A registered device, once for each version of MQTT."""
    return new_registered(version)


@pytest.fixture
def new_agent(plant):
    """Makes agents that are online, and ends their connections after the test: `new_agent(host)`."""
    made = []

    def make(host="desk-7", **options):
        made.append(plant.agent(f"agent-{next(_numbers)}", host=host, **options))
        return made[-1]

    yield make
    for agent in made:
        agent.connection.abandon()


@pytest.fixture
def agent(new_agent):
    return new_agent()


@pytest.fixture
def new_card(plant):
    """Makes registered cards, which are in no reader yet."""
    return lambda: plant.card(f"holder-{next(_numbers)}")


@pytest.fixture
def card(new_card):
    return new_card()
