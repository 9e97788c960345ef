"""openapi.yaml and the program say the same."""

import itertools
import json
import pathlib
import re

import jsonschema
import pytest
import yaml

from service import device_data

TEXT = (pathlib.Path(__file__).resolve().parents[2] / "registrar/openapi.yaml").read_text()
API = yaml.safe_load(TEXT)
METHODS = ("get", "put", "post", "delete", "options", "head", "patch", "trace")
NAMES = {"user": "nobody", "id": "0011223344556677"}
ROUTES = [(method, path) for path, item in API["paths"].items() for method in METHODS if method in item]


def resolve(part):
    while "$ref" in part:
        place = API
        for name in part["$ref"].removeprefix("#/").split("/"):
            place = place[name]
        part = place
    return part


def check(schema, value):
    """`value` against a schema of the file; its references are the file's."""
    whole = {"$schema": "https://json-schema.org/draft/2020-12/schema", "components": API["components"], **schema}
    jsonschema.Draft202012Validator(whole).validate(value)


def contents():
    """(name, schema, examples) of every body in the file."""
    for method, path in ROUTES:
        operation = API["paths"][path][method]
        bodies = {"request": operation.get("requestBody", {})} | {code: resolve(reply) for code, reply in operation["responses"].items()}
        for what, body in bodies.items():
            for media in body.get("content", {}).values():
                yield f"{method} {path} {what}", media["schema"], media.get("example")


def concrete(path):
    return re.sub(r"\{(\w+)\}", lambda match: NAMES[match[1]], path)


def test_it_is_served_as_it_is(registrar):
    reply = registrar.get("/openapi.yaml")
    assert reply.body.decode() == TEXT and reply.headers["Content-Type"] == "application/yaml"


@pytest.mark.parametrize("path", API["paths"])
def test_a_path_takes_exactly_the_methods_it_lists(registrar, path):
    listed = {method.upper() for method in METHODS if method in API["paths"][path]}
    refused = registrar.admin("PATCH", concrete(path))
    assert refused.status == 405
    assert set(refused.headers["Allow"].split(", ")) - {"HEAD"} == listed


def test_what_it_does_not_list_is_not_there(registrar):
    parts = sorted({part for path in API["paths"] for part in path.split("/")[1:]} | {"v2", "admin", "metrics"})
    guesses = {"/" + "/".join(guess) for size in (1, 2, 3) for guess in itertools.permutations(parts, size)}
    listed = [re.compile(re.sub(r"\{\w+\}", "[^/]+", path)) for path in API["paths"]]
    unlisted = [guess for guess in sorted(guesses) if not any(path.fullmatch(guess) for path in listed)]
    assert len(unlisted) > 100
    for guess in unlisted[::5]:
        assert registrar.admin("GET", guess).status == 404, guess


@pytest.mark.parametrize("method, path", ROUTES)
def test_who_may_use_a_route_is_as_it_says(registrar, method, path):
    security = API["paths"][path][method].get("security", API["security"])
    body = {} if "requestBody" in API["paths"][path][method] else None
    status = registrar.request(method.upper(), concrete(path), body).status
    assert status == (401 if security else 200)


@pytest.mark.parametrize("method, path", ROUTES)
def test_what_it_answers_is_among_what_it_says(registrar, source, method, path):
    operation = API["paths"][path][method]
    bodies = [None] if "requestBody" not in operation else ["{", {}, {"deviceData": device_data()}, {"user": "x"}, "x" * 17_000]
    for body, token in itertools.product(bodies, (registrar.token, "wrong", None)):
        reply = registrar.request(method.upper(), concrete(path), body, token=token, source=source)
        said = operation["responses"].get(str(reply.status))
        assert said, (method, path, body, reply)
        said = resolve(said)
        assert bool(said.get("content")) == bool(reply.body)
        for kind, media in said.get("content", {}).items():
            assert reply.headers["Content-Type"] == kind
            check(media["schema"], yaml.safe_load(reply.body) if kind != "application/yaml" else TEXT)
        for name in said.get("headers", {}):
            assert name in reply.headers, (name, reply.headers)


@pytest.mark.parametrize("schema, example", [(schema, example) for _, schema, example in contents() if example is not None],
                         ids=[name for name, _, example in contents() if example is not None])
def test_its_examples_are_what_they_show(schema, example):
    check(schema, example)


def test_its_schemas_refuse_something():
    """A validator that let everything pass would prove nothing above."""
    for name, broken in (("DeviceData", {"uuid": "x"}), ("Registration", {"identity": "a"}), ("Problem", {}), ("TokenId", "XYZ"),
                         ("NewLegacyDevice", {"user": "a", "password": "b", "passwordHash": "$6$a$b"}), ("Identity", "a b")):
        with pytest.raises(jsonschema.ValidationError):
            check({"$ref": f"#/components/schemas/{name}"}, broken)
    json.dumps(API)


def test_every_reference_leads_somewhere():
    def walk(part):
        if isinstance(part, dict):
            if "$ref" in part:
                resolve(part)
            for one in part.values():
                walk(one)
        elif isinstance(part, list):
            for one in part:
                walk(one)
    walk(API)
    jsonschema.Draft202012Validator.check_schema({"$defs": API["components"]["schemas"]})
