"""Files made up from the JSON Schema of the scenario language, whole ones and broken ones, and YAML as the
schema sees it.

`Maker(schema, seed)` walks the schema: `whole()` is a value that it should take, `changed()` one in which a
single thing was made different, mostly wrong, with what that was. Nothing here knows a key or a kind of fault by its name, but for
the services that a rule may name, and the phase that an expectation may.
"""
import collections
import functools
import random
import re

import yaml

# What stands for a var in the schema's patterns, and the key that brings what other files hold.
VAR, ELSEWHERE = r"\$\{", "include"
SERVICES = ("api", "login", "img.v2")
PHASE = "down"
ADDED = "no-such-key"


class Reader(yaml.SafeLoader):
    """YAML 1.2's core schema, as editors read it: no dates, and yes is a text."""


Reader.yaml_implicit_resolvers = {}
for tag, pattern, first in (
        ("bool", r"true|True|TRUE|false|False|FALSE", "tTfF"),
        ("int", r"[-+]?[0-9]+|0o[0-7]+|0x[0-9a-fA-F]+", "-+0123456789"),
        ("float", r"[-+]?(?:\.[0-9]+|[0-9]+(?:\.[0-9]*)?)(?:[eE][-+]?[0-9]+)?|[-+]?\.inf|\.nan", "-+0123456789."),
        ("null", r"~|null|Null|NULL|", ["~", "n", "N", ""])):
    Reader.add_implicit_resolver(f"tag:yaml.org,2002:{tag}", re.compile(f"^(?:{pattern})$"), first)
Reader.add_constructor("tag:yaml.org,2002:int", lambda loader, node: int(loader.construct_scalar(node), 10))


def with_text_keys(value):
    """Keys are texts in JSON, whatever YAML takes them for."""
    if isinstance(value, dict):
        return {str(key): with_text_keys(item) for key, item in value.items()}
    return [with_text_keys(item) for item in value] if isinstance(value, list) else value


def read(text):
    return with_text_keys(yaml.load(text, Reader))


def as_yaml(value):
    """In one line, texts in quotes; None is no value at all."""
    if value is None:
        return ""
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, (int, float)):
        return repr(value)
    if isinstance(value, list):
        return "[" + ", ".join(map(as_yaml, value)) + "]"
    if isinstance(value, dict):
        return "{" + ", ".join(f"{as_yaml(key)}: {as_yaml(item)}" for key, item in value.items()) + "}"
    return '"' + value.replace("\\", "\\\\").replace('"', '\\"') + '"'


NUMBERS = ("0", "1", "2", "5", "10", "30", "60", "100", "250", "0.5", "1.5", "12.25", "99.5", "365", "600", "1000")
UNITS = ("", "us", "ms", "s", "m", "h", "d", "B", "KB", "MB", "GB", "KiB", "MiB", "GiB", "%", "/s", "/m", "/h",
         "B/s", "KB/s", "MiB/s", "kbit/s", "Gbit/s")
CANDIDATES = tuple(
    [number + unit for number in NUMBERS for unit in UNITS] + ["x" + number for number in NUMBERS] +
    ["1h30m", "1m05s", "2s500ms", "1..3", "2..", "0..9", "/api/*", "/", "**", "?", "host.example", "*.example",
     "a.b:x", "name-1", "A_b", " 30% ", "0% -> 100%", "30%->5%", "0s 8%", "5s 20%", "1m 0.5%", "1h 100%",
     "", "-1", "08s", "9999999d", "101%", "x", "5 s", "1e9", "..", "a/b:1", "a:80", "3..1", "1m1h", "x08", "1%%"])


def without_vars(schema):
    """The schema as it would be if there were neither vars nor other files."""
    if isinstance(schema, list):
        return [without_vars(each) for each in schema]
    if not isinstance(schema, dict):
        return schema
    plain = {key: without_vars(each) for key, each in schema.items() if key != ELSEWHERE}
    if isinstance(plain.get("pattern"), str):
        plain["pattern"] = plain["pattern"].removesuffix("|" + VAR)
    forms = plain.get("anyOf", [])
    if forms and forms[-1] == {"type": "string", "pattern": VAR}:
        del plain["anyOf"]
        plain.update(forms[0])
    if "not" in plain.get("if", {}):
        plain.update(plain.pop("then"))
        del plain["if"]
    return plain


@functools.lru_cache(maxsize=None)
def matching(pattern):
    found = [text for text in CANDIDATES if re.search(pattern, text)]
    # Else a narrow range of numbers: count through it.
    found = found or [text for text in map(str, range(100000)) if re.search(pattern, text)][:50]
    assert found, f"nothing here is like {pattern}"
    return found


@functools.lru_cache(maxsize=None)
def not_matching(pattern):
    return [text for text in CANDIDATES if not re.search(pattern, text)]


def out_of_bounds(schema):
    """Scalars that it should not take, of the types that it takes."""
    wrong = list(not_matching(schema["pattern"])) if "pattern" in schema else []
    wrong += [schema["maximum"] + 1] * 20 if "maximum" in schema else []
    return wrong + [schema["minimum"] - 1] * 20 if "minimum" in schema else wrong


class Maker:
    def __init__(self, schema, seed):
        self.schema = without_vars(schema)
        self.random = random.Random(seed)
        self.done = collections.Counter()

    def resolved(self, schema):
        """Without references: what stands beside the one of an `allOf` is added to it."""
        while "$ref" in schema or "allOf" in schema:
            name = schema.get("$ref") or schema["allOf"][0]["$ref"]
            schema = self.schema["definitions"][name.rpartition("/")[2]]
        return schema

    # Values that the schema takes.

    def whole(self):
        value = self.object(self.schema, 0)
        services = value["services"]
        for name in SERVICES:
            services[name] = {"match": self.value(self.schema["definitions"]["match"], 3)}
        value["phases"][0]["name"] = PHASE
        return value

    def value(self, schema, depth, key=None):
        schema = self.resolved(schema)
        if key == "service":
            return self.random.choice(SERVICES)
        if key == "during":
            return PHASE
        if "anyOf" in schema and "properties" not in schema:
            return self.value(self.random.choice(schema["anyOf"]), depth)
        if "enum" in schema:
            return self.random.choice(schema["enum"])
        if "not" in schema:
            return self.random.choice([1, "text", ["x"], {"at-most": "30s"}])
        kind = schema["type"]
        if kind == "object":
            return self.object(schema, depth)
        if kind == "array":
            return self.array(schema, depth)
        return self.scalar(schema, [kind] if isinstance(kind, str) else kind)

    def object(self, schema, depth):
        if "properties" not in schema:
            names = schema.get("propertyNames", {}).get("pattern")
            return {self.matching(names) if names else self.name(): self.value(schema["additionalProperties"], depth + 1)
                    for _ in range(self.random.randint(1, 2))}
        keys = self.keys(schema, depth)
        return {key: self.value(schema["properties"][key], depth + 1, key) for key in keys}

    def keys(self, schema, depth):
        """Those that are required, some others, and what conditions ask for."""
        properties, required = schema["properties"], schema.get("required", [])
        if schema.get("maxProperties") == 1:
            return [self.random.choice(list(properties))]
        chance = 0.7 if depth < 2 else 0.35
        choice = [part["required"][0] for part in schema.get("anyOf", schema.get("else", {}).get("anyOf", []))]
        if schema.get("minProperties"):
            choice = list(properties)
        keys = [key for key in properties
                if key in required or (key not in choice and self.random.random() < chance)]
        if "if" in schema and schema["if"]["required"][0] in keys:
            barred = schema["then"]["properties"]
            return [key for key in keys if barred.get(key, True)]
        return keys + ([self.random.choice(choice)] if choice else [])

    def array(self, schema, depth):
        several = schema.get("then", {}).get("items", {}).get("required", [])
        items = [self.value(schema["items"], depth + 1) for _ in range(self.random.randint(1, 3))]
        for key in several:
            item = self.resolved(schema["items"])["properties"][key]
            for each in items:
                each.setdefault(key, self.value(item, depth + 2))
        return items

    def scalar(self, schema, kinds):
        kind = self.random.choice(kinds)
        if kind in ("integer", "number"):
            low = schema.get("minimum", 0)
            high = min(schema.get("maximum", low + 1000), low + 10 ** 6)
            first, last = int(-(-low // 1)), int(high // 1)
            if first > last:
                return round(self.random.uniform(low, high), 3)
            return self.random.choice([self.random.randint(first, last), last])
        if kind == "null":
            return None
        if kind == "boolean":
            return self.random.random() < 0.5
        if "pattern" in schema:
            return self.matching(schema["pattern"])
        return self.random.choice(["text", "GET", "/api/**", "a b", "5", ""])

    def matching(self, pattern):
        return self.random.choice(matching(pattern))

    def name(self):
        return self.random.choice(["one", "Two-2", "3", "x-y", "a.b", "four_4"])

    # A value with a var.

    def with_var(self):
        """One scalar is given by a var."""
        value = self.whole()
        leaves = [(holder, key) for holder, key, _ in self.places(self.schema, value, None, None)
                  if isinstance(holder[key], (str, int, float)) and holder is not value.get("vars")]
        holder, key = self.random.choice(leaves)
        text = holder[key] if isinstance(holder[key], str) else as_yaml(holder[key])
        value["vars"], holder[key] = {"v": text}, "${v}"
        return f"{key}: {text}", value

    # Values that were changed in one place.

    def changed(self):
        """What was done, and the value; done where it has been done least so far."""
        value = self.whole()
        choices = [(self.done[name, id(schema)], self.random.random(), name, holder, key, schema)
                   for holder, key, schema in self.places(self.schema, value, None, None)
                   for name in self.CHANGES]
        for _, _, name, holder, key, schema in sorted(choices, key=lambda choice: choice[:2]):
            self.done[name, id(schema)] += 1
            if getattr(self, name)(holder, key, schema):
                return name, value
        raise AssertionError("there is nothing to change")

    def places(self, schema, value, holder, key):
        """Each value in it, with who holds it where, and its schema."""
        schema = self.resolved(schema)
        if "anyOf" in schema and "properties" not in schema:
            fitting = [each for each in map(self.resolved, schema["anyOf"]) if self.is_like(each, value)]
            schema = fitting[0] if fitting else schema
        if key is not None:
            yield holder, key, schema
        if isinstance(value, dict):
            for name, item in list(value.items()):
                inner = schema.get("properties", {}).get(name, schema.get("additionalProperties"))
                if isinstance(inner, dict):
                    yield from self.places(inner, item, value, name)
        if isinstance(value, list) and "items" in schema:
            for index, item in enumerate(value):
                yield from self.places(schema["items"], item, value, index)

    @staticmethod
    def is_like(schema, value):
        kind = {dict: "object", list: "array", str: "string", bool: "boolean",
                type(None): "null"}.get(type(value), "number")
        kinds = schema.get("type", [])
        kinds = [kinds] if isinstance(kinds, str) else kinds
        return kind in kinds or (kind == "number" and "integer" in kinds)

    CHANGES = ("add_key", "add_known_key", "rename_key", "take_key", "leave_out", "change_type", "leave_bounds",
               "leave_choices", "no_value")

    def add_known_key(self, holder, key, schema):
        """One that may stand there, though perhaps not beside the others."""
        names = [name for name in schema.get("properties", {}) if name not in holder[key]] \
            if isinstance(holder[key], dict) else []
        if names:
            name = self.random.choice(names)
            holder[key][name] = self.value(schema["properties"][name], 6, name)
        return bool(names)

    def rename_key(self, holder, key, schema):
        if not isinstance(holder[key], dict) or "propertyNames" not in schema or not holder[key]:
            return False
        holder[key][self.random.choice(["a b", "", "-a", "x" * 65])] = holder[key].popitem()[1]
        return True

    def take_key(self, holder, key, schema):
        """Any one: it may be needed there or not. All of them, where none is needed by its name."""
        if not isinstance(holder[key], dict) or not holder[key]:
            return False
        if "propertyNames" in schema:
            holder[key].clear()
        else:
            del holder[key][self.random.choice(list(holder[key]))]
        return True

    def add_key(self, holder, key, schema):
        if isinstance(holder[key], dict) and schema.get("additionalProperties") is False:
            holder[key][ADDED] = 1
            return True
        return False

    def change_type(self, holder, key, schema):
        old = holder[key]
        if "type" not in schema and "enum" not in schema:
            return False
        if isinstance(old, dict):
            holder[key] = self.random.choice([["x", {}], [[]]])
        elif isinstance(old, list):
            holder[key] = self.random.choice([{ADDED: []}, [None, {}]])
        else:
            holder[key] = self.random.choice([{ADDED: "x"}, [[]], [{}]])
        return True

    def leave_out(self, holder, key, schema):
        required = [name for name in schema.get("required", []) if name in holder[key]] \
            if isinstance(holder[key], dict) else []
        if required:
            del holder[key][self.random.choice(required)]
        return bool(required)

    def leave_bounds(self, holder, key, schema):
        if isinstance(holder[key], list) and schema.get("minItems"):
            holder[key].clear()
            return True
        wrong = [] if isinstance(holder[key], (bool, list, dict)) else out_of_bounds(schema)
        if wrong:
            holder[key] = self.random.choice(wrong)
        return bool(wrong)

    def leave_choices(self, holder, key, schema):
        if "enum" in schema:
            holder[key] = str(self.random.choice(schema["enum"])) + "x"
        return "enum" in schema

    def no_value(self, holder, key, schema):
        """In a list, nothing behind the last comma is no item."""
        if isinstance(holder, list):
            return False
        holder[key] = None
        return True
