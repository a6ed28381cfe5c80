"""openapi.yaml by itself: valid, within API Gateway's rules, and nothing left open."""

import json
import re

import pytest
from openapi_spec_validator import OpenAPIV30SpecValidator

from shared import errors
from shared.problem import Problem
from tests.contract.openapi import ROOT, document, operations, resolve, schemas, slug

# Whoever calls these has no access token yet, or is no person.
PUBLIC = {
    "createUser",
    "createSession",
    "refreshSession",
    "getKeys",
    "getPayPage",
    "decidePayment",
    "receiveProviderEvent",
}
EVERY = pytest.mark.parametrize("operation", operations(), ids=lambda operation: operation.id)
REQUESTS = {
    name for operation in operations() if operation.body for name in re.findall(r"schemas/(\w+)", str(operation.body))
}


def test_is_valid_openapi():
    assert list(OpenAPIV30SpecValidator(document()).iter_errors()) == []


def test_operation_ids_are_unique_and_camel_case():
    ids = [operation.id for operation in operations()]
    assert len(set(ids)) == len(ids)
    assert not [one for one in ids if not re.fullmatch(r"[a-z]+([A-Z][a-z]+)*", one)]


class TestGateway:
    @EVERY
    def test_a_path_has_one_parameter_per_segment_and_does_not_end_in_z(self, operation):
        """API Gateway refuses the first and mistakes the second for its own."""
        assert operation.path.startswith("/")
        assert not operation.path.endswith(("/", "z"))
        for segment in operation.path.strip("/").split("/"):
            assert re.fullmatch(r"\{\w+\}|[A-Za-z0-9._-]+", segment), segment

    @EVERY
    def test_the_parameters_of_the_path_are_stated(self, operation):
        stated = {one["name"] for one in operation.parameters if one["in"] == "path"}
        assert stated == set(re.findall(r"\{(\w+)\}", operation.path))

    @EVERY
    def test_an_operation_needs_a_token_or_is_on_the_public_list(self, operation):
        assert operation.is_public == (operation.id in PUBLIC)
        if not operation.is_public:
            assert operation.stated.get("security", document()["security"]) == [{"accessToken": []}]
            assert operation.problems(401) >= {"unauthenticated"}

    def test_the_backends_are_the_deployments_behind_the_gateway(self):
        """The public callback is one of them: it has no token, but the same origin."""
        deployments = json.loads((ROOT / "functions/deployments.json").read_text(encoding="utf-8"))
        behind = {name for name, one in deployments.items() if one["trigger"] in ("gateway", "public")}
        assert set(document()["x-google-api-management"]["backends"]) == behind
        assert {operation.backend for operation in operations()} == behind

    def test_what_differs_by_environment_is_a_placeholder(self):
        """A forgotten one then fails at once, instead of reaching somebody's host."""
        for backend in document()["x-google-api-management"]["backends"].values():
            assert backend["address"].endswith(".invalid")
            assert backend["jwtAudience"] == backend["address"]
            assert backend["pathTranslation"] == "APPEND_PATH_TO_ADDRESS"
            assert 0 < backend["deadline"] <= 60
        settings = document()["components"]["securitySchemes"]["accessToken"]["x-google-auth"]
        assert ".invalid" in settings["issuer"]
        assert ".invalid" in settings["jwksUri"]

    def test_a_backend_waits_at_least_as_long_as_its_function_may_take(self):
        deployments = json.loads((ROOT / "functions/deployments.json").read_text(encoding="utf-8"))
        for name, backend in document()["x-google-api-management"]["backends"].items():
            assert backend["deadline"] >= deployments[name]["timeout_seconds"], name

    def test_the_token_is_taken_from_the_header_alone(self):
        scheme = document()["components"]["securitySchemes"]["accessToken"]
        settings = scheme["x-google-auth"]
        assert scheme["type"] == "oauth2", "API Gateway reads a JWT's settings from no other kind of scheme"
        assert settings["audiences"] == ["e-wallet-lite"]
        assert settings["jwtLocations"] == [{"header": "Authorization", "valuePrefix": "Bearer "}]


class TestBounds:
    @pytest.mark.parametrize("name", sorted(REQUESTS))
    def test_a_body_takes_no_unknown_field(self, name):
        assert document()["components"]["schemas"][name]["additionalProperties"] is False

    @pytest.mark.parametrize("name", document()["components"]["schemas"])
    def test_text_numbers_and_lists_have_an_end(self, name):
        for schema in schemas(document()["components"]["schemas"][name]):
            if schema["type"] == "string" and "enum" not in schema:
                bounded = {"maxLength", "pattern"} & schema.keys() or schema.get("format") in (
                    "uuid",
                    "date",
                    "date-time",
                )
                assert bounded, schema
            if schema["type"] == "integer":
                assert {"minimum", "maximum"} <= schema.keys(), schema
            if schema["type"] == "array":
                assert "maxItems" in schema, schema

    @pytest.mark.parametrize("name", document()["components"]["schemas"])
    def test_money_is_an_integer_in_a_field_that_says_so(self, name):
        """Whole rupiah, in fields that end in amount or balance."""
        for schema in schemas(document()["components"]["schemas"][name]):
            for field, stated in schema.get("properties", {}).items():
                if field.endswith(("amount", "balance")):
                    assert resolve(stated)["type"] == "integer", field
            assert schema["type"] != "number"


class TestProblems:
    def test_the_document_and_the_code_know_the_same_problems(self):
        stated = {}
        for schema in document()["components"]["schemas"].values():
            if any("/problems/" in str(part.get("properties", {}).get("type", "")) for part in schema.get("allOf", [])):
                stated[slug(schema)] = schema
        assert set(stated) == {problem.slug for problem in Problem.__subclasses__()}

    @pytest.mark.parametrize("name", document()["components"]["responses"])
    def test_a_problem_has_the_status_of_its_class(self, name):
        """A response stands under the name of its problem's class."""
        problem = getattr(errors, name.replace("Topup", "TopUp"))
        for operation in operations():
            for status in operation.responses:
                if status >= 400 and problem.slug in operation.problems(status):
                    assert status == problem.status, operation.id

    @pytest.mark.parametrize("name", document()["components"]["schemas"])
    def test_members_of_a_problem_leave_the_standards_own_alone(self, name):
        """RFC 9457 has type, title, status, detail and instance; a member must not overwrite one."""
        schema = document()["components"]["schemas"][name]
        for part in schema.get("allOf", []):
            if name.startswith("Problem") and "properties" in part:
                assert not {"title", "status", "detail", "instance"} & part["properties"].keys()

    @EVERY
    def test_an_operation_states_what_can_always_happen(self, operation):
        if operation.body:
            assert "malformed" in operation.problems(400)
            assert operation.problems(413) == {"too-large"}
            assert operation.problems(415) == {"unsupported-media-type"}
        if operation.id not in {"getKeys", "getPushKey"}:
            assert "unavailable" in operation.problems(503)

    @EVERY
    def test_no_operation_promises_a_defect(self, operation):
        assert 500 not in operation.responses
        assert all(status == 503 for status in operation.responses if status >= 500)

    @pytest.mark.parametrize("status", [429, 503])
    def test_who_must_wait_is_told_how_long(self, status):
        for operation in operations():
            if status in operation.responses:
                assert "Retry-After" in operation.responses[status]["headers"], operation.id
