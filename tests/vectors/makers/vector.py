"""One vector and its file format (README.md beside make_vectors.py)."""

import hashlib
import textwrap
from dataclasses import dataclass, field


def fixed(name, size=32):
    """Bytes that look random and are the same in every run."""
    return hashlib.shake_256(b"countersign vector " + name.encode()).digest(size)


def text_of(value):
    if isinstance(value, (bytes, bytearray)):
        return bytes(value).hex()
    return str(value)


@dataclass
class Vector:
    """`name` is the file's name, `fields` its header lines in order, `body` the bytes after them."""

    name: str
    note: str
    expect: str = "accept"
    fields: dict = field(default_factory=dict)
    body: bytes = b""

    def render(self):
        lines = [f"expect: {self.expect}", f"note: {self.note}"]
        for key, value in self.fields.items():
            text = text_of(value)
            assert "\n" not in text and ": " not in key, (self.name, key)
            lines.append(f"{key}: {text}".rstrip() if text else f"{key}:")
        hex_lines = textwrap.wrap(self.body.hex(), 64)
        return "\n".join(lines + [""] + hex_lines) + "\n"
