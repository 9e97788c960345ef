"""The broker's and the plugin's configuration as text, and the names of the administration's JSON fields.

The one place that knows how these are spelled.
"""

import json

MOSQUITTO = """\
per_listener_settings false
allow_anonymous {anonymous}
log_type {log_type}
log_dest file {directory}/mosquitto.log
connection_messages true
set_tcp_nodelay true
listener {port} 127.0.0.1
persistence_location {directory}/
"""

COMMANDS = {
    "register": "registerDevice",
    "list": "listDevices",
    "show": "getDevice",
    "disable": "disableDevice",
    "enable": "enableDevice",
    "remove": "removeDevice",
    "block": "blockDevice",
    "unblock": "unblockDevice",
    "reinstate": "reinstateDevice",
    "rekey": "rekeyDevice",
    "reset_epoch": "resetEpoch",
    "sessions": "listSessions",
    "end_session": "endSession",
    "metrics": "getMetrics",
}


def mosquitto_conf(directory, port, *, plugin=None, plugin_options=None, user="root", anonymous=True, extra=(),
                   log_type="all"):
    """mosquitto.conf with one listener on loopback; `plugin_options` without their `plugin_opt_`."""
    lines = [MOSQUITTO.format(directory=directory, port=port, anonymous=str(bool(anonymous)).lower(),
                              log_type=log_type)]
    if user:
        lines.append(f"user {user}\n")
    if plugin:
        lines.append(f"plugin {plugin}\n")
        for name, value in (plugin_options or {}).items():
            lines.append(f"plugin_opt_{name} {value}\n")
    lines += [f"{line}\n" for line in extra]
    return "".join(lines)


def toml_value(value):
    if isinstance(value, bool):
        return str(value).lower()
    if isinstance(value, (int, float)):
        return str(value)
    if isinstance(value, str):
        return json.dumps(value)
    if isinstance(value, dict):
        return "{ " + ", ".join(f"{key} = {toml_value(one)}" for key, one in value.items()) + " }"
    return "[" + ", ".join(toml_value(one) for one in value) + "]"


def toml(rules=(), relays=(), **settings):
    """countersign.toml: a dict among `settings` is a table, `rules` and `relays` are arrays of tables."""
    plain = {key: value for key, value in settings.items() if not isinstance(value, dict)}
    tables = {key: value for key, value in settings.items() if isinstance(value, dict)}
    out = [f"{key} = {toml_value(value)}" for key, value in plain.items()]
    for name, table in tables.items():
        out += ["", f"[{name}]"] + [f"{key} = {toml_value(value)}" for key, value in table.items()]
    for name, entries in (("rule", rules), ("relay", relays)):
        for entry in entries:
            out += ["", f"[[{name}]]"] + [f"{key} = {toml_value(value)}" for key, value in entry.items()]
    return "\n".join(out) + "\n"


def rule(topic, mode="enforce", **more):
    """One topic rule, e.g. rule("plant/%d/#", subscribe="anyone", range={"min": -40, "max": 85})."""
    return {"topic": topic, "mode": mode, **more}


def command(name, **fields):
    """One administration command; `name` is a key of COMMANDS or the wire's own name."""
    return {"command": COMMANDS.get(name, name), **fields}


def register_device(identity, key, **fields):
    return command("register", identity=identity, key=key.hex(), **fields)
