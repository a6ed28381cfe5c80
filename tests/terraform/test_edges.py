"""What the world meets first: the gateway's document, the site, the schedules."""

import base64
import json

import yaml

from tests.terraform.conftest import ROOT, Planned

SPECIFICATION = yaml.safe_load((ROOT / "openapi.yaml").read_text())
DEPLOYMENTS = json.loads((ROOT / "functions" / "deployments.json").read_text())
SITE = json.loads((ROOT / "web" / "site.json").read_text())
METHODS = {"get", "put", "post", "patch", "delete"}
OPERATIONS = [
    (path, method, operation)
    for path, item in SPECIFICATION["paths"].items()
    for method, operation in item.items()
    if method in METHODS
]


def test_every_operation_has_a_backend_that_is_deployed() -> None:
    """The gateway's backends are the deployments that wait for it, and each has operations."""
    backends = set(SPECIFICATION["x-google-api-management"]["backends"])
    waiting = {name for name, deployment in DEPLOYMENTS.items() if deployment["trigger"] in ("gateway", "public")}
    assert {operation["x-google-backend"] for *_, operation in OPERATIONS} == backends == waiting


def test_a_public_deployment_serves_public_operations_alone() -> None:
    """What is open to strangers is deployed apart, without the keys of those who are signed in."""
    for path, method, operation in OPERATIONS:
        if DEPLOYMENTS[operation["x-google-backend"]]["trigger"] == "public":
            assert operation["security"] == [], (method, path)


def test_the_gateways_document_is_the_contract_with_this_environments_addresses(planned: Planned) -> None:
    """Terraform adds addresses, audiences, issuer and keys to openapi.yaml, and changes nothing else."""
    (config,) = planned.of("google_api_gateway_api_config").values()
    (file,) = config["openapi_documents"]
    document = json.loads(base64.b64decode(file["document"][0]["contents"]))
    backends = document["x-google-api-management"]["backends"]
    authentication = document["components"]["securitySchemes"]["accessToken"]["x-google-auth"]

    assert ".invalid" not in json.dumps(document)
    assert {(backend["address"], backend["jwtAudience"]) for backend in backends.values()} == {
        ("https://function.example", "https://function.example")
    }
    assert authentication["issuer"] == "https://wallet.example.id"
    assert authentication["jwksUri"] == "https://wallet.example.id/.well-known/jwks.json"
    assert document["paths"] == json.loads(json.dumps(SPECIFICATION["paths"]))
    for part in (backends, {"x-google-auth": authentication}):
        for settings in part.values():
            for name in ("address", "jwtAudience", "issuer", "jwksUri"):
                settings.pop(name, None)
    original = json.loads(json.dumps(SPECIFICATION))
    for settings in original["x-google-api-management"]["backends"].values():
        del settings["address"], settings["jwtAudience"]
    stripped = original["components"]["securitySchemes"]["accessToken"]["x-google-auth"]
    del stripped["issuer"], stripped["jwksUri"]
    assert document == original


def test_the_apps_own_pages_are_answered_by_the_app(planned: Planned) -> None:
    """Every page of web/site.json has a rule that answers with index.html; /v1/ comes before them."""
    (url_map,) = planned.of("google_compute_url_map", "default").values()
    (matcher,) = url_map["path_matcher"]
    rules = matcher["route_rules"]
    templates = [rule["match_rules"][0]["path_template_match"] for rule in rules if rule["route_action"]]
    assert templates == [page.replace("/*", "/{page=**}") for page in SITE["routes"] if page != "/"]
    assert {
        rule["route_action"][0]["url_rewrite"][0]["path_template_rewrite"] for rule in rules if rule["route_action"]
    } == {"/index.html"}
    first = min(rules, key=lambda rule: rule["priority"])
    assert {match["prefix_match"] for match in first["match_rules"]} == {"/v1/", "/.well-known/jwks.json"}


def test_the_sites_headers_are_the_shared_ones(planned: Planned) -> None:
    """Bucket and API answer with the security headers of web/site.json."""
    wanted = {f"{name}: {value}" for name, value in SITE["security_headers"].items()}
    (bucket,) = planned.of("google_compute_backend_bucket").values()
    (api,) = planned.of("google_compute_backend_service").values()
    assert set(bucket["custom_response_headers"]) == set(api["custom_response_headers"]) == wanted


def test_files_are_cached_as_the_site_says(planned: Planned) -> None:
    """Named-by-content assets are kept for ever by browsers, everything else is asked for again."""
    files = planned.of("google_storage_bucket_object", "site")
    assert files.keys() == {"index.html", "assets/main-1.js"}
    assert files["assets/main-1.js"]["cache_control"] == SITE["cache_control"]["/assets/*"]
    assert files["index.html"]["cache_control"] == SITE["cache_control"]["*"]
    assert files["assets/main-1.js"]["content_type"].startswith("text/javascript")


def test_every_schedule_of_the_map_is_planned(planned: Planned) -> None:
    """Cloud Scheduler has one job per line of the map, with its clock, zone and body; dev's relay ends when nothing waits."""
    jobs = planned.of("google_cloud_scheduler_job", "default")
    lines = {f"{name}-{line['name']}": line for name, d in DEPLOYMENTS.items() for line in d["schedule"] or []}
    assert jobs.keys() == lines.keys()
    for name, line in lines.items():
        job = jobs[name]
        body = base64.b64decode(job["http_target"][0]["body"])
        extra = {"until_empty": True} if (name, planned.environment) == ("relay-drain-drain", "dev") else {}
        assert (job["schedule"], job["time_zone"]) == (line["cron"], line["time_zone"])
        assert json.loads(body) == line["body"] | extra


def test_events_are_planned_as_their_definitions_say(planned: Planned) -> None:
    """Topics, subscriptions, tables and indexes are those of terraform/schemas, and dead letters are kept."""
    schemas = ROOT / "terraform" / "schemas"
    topics, subscriptions, tables, firestore = (
        json.loads((schemas / f"{name}.json").read_text())
        for name in ("topics", "subscriptions", "tables", "firestore")
    )
    assert planned.of("google_pubsub_topic", "default").keys() == topics.keys()
    assert planned.of("google_pubsub_subscription", "default").keys() == subscriptions.keys()
    assert planned.of("google_bigquery_table", "default").keys() == tables.keys()
    assert len(planned.of("google_firestore_index", "default")) == len(firestore["indexes"])
    kept = {subscription["topic"] for subscription in subscriptions.values()}
    assert {subscription["dead_letter"] for subscription in subscriptions.values()} - {None} <= kept
