"""A Google provider on paper: it knows every argument and does nothing.

`terraform plan` needs a provider to ask for its schema and to say what a new resource would look
like. The real one cannot always be had; this one answers from provider.json (made by
tools/provider_schema.py) over Terraform's plugin protocol 5, so that Terraform itself checks our
files: names and types of arguments, required ones, references, functions, for_each keys that must
be known, cycles. What the plan then says is what the tests look at.

Terraform finds a provider that already runs through TF_REATTACH_PROVIDERS.
"""

import json
import os
from collections.abc import Iterator
from concurrent import futures
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import grpc
import msgspec
from google.protobuf import descriptor_pb2, descriptor_pool, message_factory

SCHEMA = json.loads((Path(__file__).parent / "provider.json").read_text(encoding="utf-8"))["resources"]
PROVIDERS = ("registry.terraform.io/hashicorp/google", "registry.terraform.io/hashicorp/google-beta")
# Terraform's extension type for "not known before apply", in msgpack.
UNKNOWN = msgspec.msgpack.Ext(0, b"\x00")

# Filled in by the provider of paper itself: a function's address, so that the gateway's document,
# which is made of them, can be read in the plan.
FILLED_IN = {"uri": "https://function.example"}

PROVIDER_ARGUMENTS: dict[str, Any] = {
    "project": "string",
    "region": "string",
    "user_project_override": "bool",
    "billing_project": "string",
    "default_labels": ["map", "string"],
}
PROJECT = {"project_id": "string", "number": "string", "id": "string"}

# The protocol's messages, as far as they are spoken here: name → fields (number, name, type).
# A type in capitals is a message of this table; "*" marks a repeated field, "map" a string-keyed map.
MESSAGES: dict[str, list[tuple[int, str, str]]] = {
    "Value": [(1, "msgpack", "bytes"), (2, "json", "bytes")],
    "Diagnostic": [(1, "severity", "int32"), (2, "summary", "string"), (3, "detail", "string")],
    "Attribute": [
        (1, "name", "string"),
        (2, "type", "bytes"),
        (4, "required", "bool"),
        (5, "optional", "bool"),
        (6, "computed", "bool"),
    ],
    "Nested": [(1, "type_name", "string"), (2, "block", "Block"), (3, "nesting", "int32"), (5, "max_items", "int64")],
    "Block": [(1, "version", "int64"), (2, "attributes", "*Attribute"), (3, "block_types", "*Nested")],
    "Schema": [(1, "version", "int64"), (2, "block", "Block")],
    "ResourceEntry": [(1, "key", "string"), (2, "value", "Schema")],
    "Nothing": [],
    "SchemaAnswer": [
        (1, "provider", "Schema"),
        (2, "resource_schemas", "*ResourceEntry"),
        (3, "data_source_schemas", "*ResourceEntry"),
    ],
    "Config": [(1, "config", "Value")],
    "Prepared": [(1, "prepared_config", "Value")],
    "Typed": [(1, "type_name", "string"), (2, "config", "Value")],
    "Diagnostics": [(1, "diagnostics", "*Diagnostic")],
    "PlanRequest": [
        (1, "type_name", "string"),
        (2, "prior_state", "Value"),
        (3, "proposed_new_state", "Value"),
        (4, "config", "Value"),
    ],
    "PlanAnswer": [(1, "planned_state", "Value"), (5, "legacy_type_system", "bool")],
    "DataAnswer": [(1, "state", "Value")],
}
CALLS = {
    "GetSchema": ("Nothing", "SchemaAnswer"),
    "PrepareProviderConfig": ("Config", "Prepared"),
    "ValidateResourceTypeConfig": ("Typed", "Diagnostics"),
    "ValidateDataSourceConfig": ("Typed", "Diagnostics"),
    "Configure": ("Nothing", "Diagnostics"),
    "PlanResourceChange": ("PlanRequest", "PlanAnswer"),
    "ReadDataSource": ("Typed", "DataAnswer"),
    "Stop": ("Nothing", "Nothing"),
}


def _messages() -> dict[str, Any]:
    file = descriptor_pb2.FileDescriptorProto(name="paper.proto", package="paper", syntax="proto3")
    plain = descriptor_pb2.FieldDescriptorProto
    for name, fields in MESSAGES.items():
        message = file.message_type.add(name=name)
        for number, field, kind in fields:
            label = plain.LABEL_REPEATED if kind.startswith("*") else plain.LABEL_OPTIONAL
            added = message.field.add(name=field, number=number, label=label)
            if (plain_kind := kind.lstrip("*")) in MESSAGES:
                added.type, added.type_name = plain.TYPE_MESSAGE, f".paper.{plain_kind}"
            else:
                added.type = getattr(plain, f"TYPE_{kind.upper()}")
    pool = descriptor_pool.DescriptorPool()
    pool.Add(file)
    return {name: message_factory.GetMessageClass(pool.FindMessageTypeByName(f"paper.{name}")) for name in MESSAGES}


TYPES = _messages()


def spellings(name: str) -> list[str]:
    """Return what a plural may be in the singular: the wheel writes every list in the plural, Terraform few."""
    found = []
    for ending, instead in (("ies", "y"), ("es", ""), ("s", "")):
        if name.endswith(ending):
            found.append(name.removesuffix(ending) + instead)
    return found


def block(schema: dict[str, Any], computed: dict[str, Any]) -> Any:
    """Return an extract's block as the protocol's message."""
    message = TYPES["Block"]()
    known = {**computed, **schema["arguments"]}
    for name, kind in known.items():
        many = kind[0] == "list" if isinstance(kind, list) else isinstance(kind, dict) and kind["many"]
        singular = [other for other in spellings(name) if other not in known]
        for spelling in [name, *singular] if many else [name]:
            if isinstance(kind, dict):
                nested = message.block_types.add(type_name=spelling, nesting=2, max_items=0 if kind["many"] else 1)
                nested.block.CopyFrom(block(kind, {}))
            else:
                required = name in schema["required"] and not many
                message.attributes.add(
                    name=spelling,
                    type=json.dumps(kind).encode(),
                    required=required,
                    optional=not required,
                    computed=not required,
                )
    return message


def _entry(name: str, content: Any) -> Any:
    return TYPES["ResourceEntry"](key=name, value=TYPES["Schema"](block=content))


def _get_schema(_: Any) -> Any:
    provider = TYPES["Schema"](block=block({"required": [], "arguments": PROVIDER_ARGUMENTS}, {}))
    data = block({"required": [], "arguments": PROJECT}, {})
    resources = [_entry(kind, block(schema, {"id": "string", **schema["computed"]})) for kind, schema in SCHEMA.items()]
    return TYPES["SchemaAnswer"](
        provider=provider, resource_schemas=resources, data_source_schemas=[_entry("google_project", data)]
    )


def left_open(value: Any) -> Any:
    """Return a block with everything that nobody set left for the provider to fill in."""
    if isinstance(value, dict):
        return {key: FILLED_IN.get(key, UNKNOWN) if item is None else left_open(item) for key, item in value.items()}
    return [left_open(item) for item in value] if isinstance(value, list) else value


def _plan(request: Any) -> Any:
    proposed = msgspec.msgpack.decode(request.proposed_new_state.msgpack)
    planned = None if proposed is None else left_open(proposed)
    value = TYPES["Value"](msgpack=msgspec.msgpack.encode(planned))
    return TYPES["PlanAnswer"](planned_state=value, legacy_type_system=True)


def _read(request: Any) -> Any:
    asked = msgspec.msgpack.decode(request.config.msgpack)
    state = {**asked, "number": "123456789012", "id": f"projects/{asked['project_id']}"}
    return TYPES["DataAnswer"](state=TYPES["Value"](msgpack=msgspec.msgpack.encode(state)))


ANSWERS = {
    "GetSchema": _get_schema,
    "PrepareProviderConfig": lambda request: TYPES["Prepared"](prepared_config=request.config),
    "PlanResourceChange": _plan,
    "ReadDataSource": _read,
}


class Calls(grpc.GenericRpcHandler):
    """Answers the calls in ANSWERS, and the others of CALLS with an empty message."""

    def service(self, call: grpc.HandlerCallDetails) -> grpc.RpcMethodHandler | None:
        """Return the handler of one call, or None where the protocol has one that we do not speak."""
        name = call.method.rpartition("/")[2]
        if not call.method.startswith("/tfplugin5.Provider/") or name not in CALLS:
            return None
        asked, answered = (TYPES[kind] for kind in CALLS[name])
        answer = ANSWERS.get(name, lambda _: answered())
        return grpc.unary_unary_rpc_method_handler(
            lambda request, _: answer(request),
            request_deserializer=asked.FromString,
            response_serializer=lambda message: message.SerializeToString(),
        )


@contextmanager
def running() -> Iterator[dict[str, str]]:
    """Serve the provider, and give the environment that makes Terraform use it."""
    server = grpc.server(futures.ThreadPoolExecutor(4), options=[("grpc.max_receive_message_length", -1)])
    server.add_generic_rpc_handlers((Calls(),))
    port = server.add_insecure_port("127.0.0.1:0")
    server.start()
    address = {"Network": "tcp", "String": f"127.0.0.1:{port}"}
    attach = {"Protocol": "grpc", "ProtocolVersion": 5, "Pid": os.getpid(), "Test": True, "Addr": address}
    try:
        yield {"TF_REATTACH_PROVIDERS": json.dumps(dict.fromkeys(PROVIDERS, attach))}
    finally:
        server.stop(grace=None)
