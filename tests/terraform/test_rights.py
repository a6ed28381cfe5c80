"""Who may do what: each account has the rights that its code uses, and no more."""

import json
import re
from typing import Any

from tests.terraform.conftest import ROOT, Planned
from tools import package

DEPLOYMENTS: dict[str, dict[str, Any]] = json.loads((ROOT / "functions" / "deployments.json").read_text())
TOPICS = {
    name for name, topic in json.loads((ROOT / "terraform/schemas/topics.json").read_text()).items() if topic["schema"]
}
# What a Google service in a deployment's "google" list means in roles: (resource, role).
MEANS = {
    "firestore": {("project", "roles/datastore.user")},
    "pubsub": {(f"topic {topic}", "roles/pubsub.publisher") for topic in TOPICS},
    "bigquery": {("project", "roles/bigquery.jobUser"), ("dataset", "roles/bigquery.dataViewer")},
}
# What "reads_only" leaves of it.
READS = {"firestore": {("project", "roles/datastore.viewer")}}
DATABASE = {("project", "roles/cloudsql.client"), ("project", "roles/cloudsql.instanceUser")}
# Terraform looks at every resource before it plans: the role of the hosted CI's account that shows it, by the first
# pattern that the resource's type begins with.
SHOWS = [
    (r"google_\w+_iam_|google_service_account$", "roles/iam.securityReviewer"),
    (r"google_api_gateway_", "roles/apigateway.admin"),
    (r"google_artifact_registry_", "roles/artifactregistry.repoAdmin"),
    (r"google_bigquery_data_transfer_", "roles/bigquery.user"),
    (r"google_bigquery_", "roles/bigquery.dataOwner"),
    (r"google_cloud_run_", "roles/run.developer"),
    (r"google_cloud_scheduler_", "roles/cloudscheduler.admin"),
    (r"google_cloudfunctions2_", "roles/cloudfunctions.developer"),
    (r"google_compute_s(ecurity|sl)_policy", "roles/compute.securityAdmin"),
    (r"google_compute_(sub)?network$|google_service_networking_", "roles/compute.networkUser"),
    (r"google_compute_", "roles/compute.loadBalancerAdmin"),
    (r"google_firebaserules_", "roles/firebaserules.admin"),
    (r"google_firestore_backup_schedule", "roles/datastore.backupSchedulesViewer"),
    (r"google_firestore_", "roles/datastore.indexAdmin"),
    (r"google_iam_workload_identity_pool", "roles/iam.workloadIdentityPoolViewer"),
    (r"google_logging_", "roles/logging.configWriter"),
    (r"google_monitoring_", "roles/monitoring.editor"),
    (r"google_project_service", "roles/serviceusage.serviceUsageConsumer"),
    (r"google_pubsub_", "roles/pubsub.editor"),
    (r"google_secret_manager_", "roles/secretmanager.viewer"),
    (r"google_sql_", "roles/cloudsql.viewer"),
    (r"google_storage_bucket$", "roles/storage.bucketViewer"),
    (r"google_storage_bucket_object", "roles/storage.objectAdmin"),
]
# A budget belongs to the billing account, where a person grants the look at it (docs/deploy.md).
SHOWN_ELSEWHERE = {"google_billing_budget", "terraform_data"}
EVERYONE = {("project", "roles/telemetry.tracesWriter")}
BROAD = re.compile(
    r"roles/(owner|editor|viewer|.*\.(superAdmin|organizationAdmin)|iam\.securityAdmin|resourcemanager\..*)$"
)


WRITE = re.compile(r"\b(?:DELETE FROM|INSERT INTO|UPDATE|MERGE(?: INTO)?) `?(?:\S+\.)?(\w+)`?\b")


def written_tables(folder: str) -> set[str]:
    """Return the warehouse's tables that a folder's code writes."""
    text = "\n".join(path.read_text() for path in (ROOT / "functions" / folder).glob("*.py"))
    return set(WRITE.findall(text)) & json.loads((ROOT / "terraform/schemas/tables.json").read_text()).keys()


def bindings(planned: Planned) -> list[dict[str, Any]]:
    """Return every planned grant of a role, with its address."""
    return [
        {"address": resource["address"], "type": resource["type"], "name": resource["name"], **resource["values"]}
        for resource in planned.resources
        if "_iam_" in resource["type"] and "role" in resource["values"]
    ]


def test_nothing_is_open_to_everyone_but_the_sites_files(planned: Planned) -> None:
    """Everyone may read the site's bucket; no function, topic or table is granted to everyone."""
    source = "\n".join(path.read_text() for path in (ROOT / "terraform").glob("*.tf"))
    assert "allAuthenticatedUsers" not in source
    open_ = [grant["address"] for grant in bindings(planned) if grant.get("member") == "allUsers"]
    assert open_ == ["google_storage_bucket_iam_member.site"]


def test_nobody_has_a_basic_or_an_all_powerful_role(planned: Planned) -> None:
    """No owner, editor or viewer, and nobody may change who may do what."""
    assert [grant["address"] for grant in bindings(planned) if BROAD.match(grant["role"])] == []


def test_grants_are_added_one_by_one() -> None:
    """No policy or binding resource, which would silently take away what others hold."""
    source = "\n".join(path.read_text() for path in (ROOT / "terraform").glob("*.tf"))
    assert re.findall(r'resource "(\w+_iam_(?:policy|binding))"', source) == []


def test_a_deployment_has_exactly_the_rights_that_its_services_need(planned: Planned) -> None:
    """Roles follow from the map: database, Google services, secrets, tables, traces; nothing beside them."""
    given: dict[str, set[tuple[str, str]]] = {name: set() for name in DEPLOYMENTS}
    for grant in planned.resources:
        values, kind, index = grant["values"], grant["type"], str(grant.get("index", ""))
        deployment = index.partition("/")[0]
        if grant["name"] == "delivery_hands_over" or kind == "google_cloud_run_v2_service_iam_member":
            continue  # who may use the account, and who may call the function: not rights of its own
        if "_iam_member" in kind and deployment in DEPLOYMENTS:
            given[deployment].add((_place(kind, index), values["role"]))
    for name, deployment in DEPLOYMENTS.items():
        wanted = EVERYONE | (DATABASE if deployment["database_role"] else set())
        services = [service for service in deployment["google"] if service not in deployment.get("reads_only", [])]
        wanted |= {pair for service in services for pair in MEANS[service]}
        wanted |= {pair for service in deployment.get("reads_only", []) for pair in READS[service]}
        wanted |= {(f"table {table}", "roles/bigquery.dataEditor") for table in written_tables(deployment["folder"])}
        wanted |= {(f"secret {secret}", "roles/secretmanager.secretAccessor") for secret in deployment["secrets"]}
        assert given[name] == wanted, name


def _place(kind: str, index: str) -> str:
    rest = index.partition("/")[2]
    places = {
        "google_project_iam_member": "project",
        "google_bigquery_dataset_iam_member": "dataset",
        "google_bigquery_table_iam_member": f"table {rest}",
        "google_pubsub_topic_iam_member": f"topic {rest}",
        "google_secret_manager_secret_iam_member": f"secret {rest}",
    }
    return places[kind]


def test_who_may_only_read_documents_has_no_code_that_writes_them() -> None:
    """The word reads_only says what the code does: no write in the folder or in what it imports of shared/, and the reverse."""
    for name, deployment in DEPLOYMENTS.items():
        if "firestore" in deployment["google"]:
            own = sorted((ROOT / "functions" / deployment["folder"]).glob("*.py"))
            reached = [path for path in [*own, *package.shared_files(own)] if path.name != "firestore.py"]
            writes = any("firestore.commit(" in path.read_text() for path in reached)
            assert writes == ("firestore" not in deployment.get("reads_only", [])), name


def test_each_deployment_has_an_account_of_its_own(planned: Planned) -> None:
    """Two deployments share no identity, and every account's name is one that Google accepts."""
    accounts = planned.of("google_service_account")
    identifiers = [account["account_id"] for account in accounts.values()]
    assert set(DEPLOYMENTS) <= set(identifiers)
    assert len(identifiers) == len(set(identifiers))
    assert [found for found in identifiers if not re.fullmatch(r"[a-z][a-z0-9-]{4,28}[a-z0-9]", found)] == []


def test_the_build_account_reads_the_zips_where_they_lie_and_where_google_copies_them(planned: Planned) -> None:
    """Our bucket of zips, and the bucket that the functions' builds read; no function is built before it may."""
    (copies,) = planned.of("google_project_iam_member", "build_copies").values()
    (ours,) = planned.of("google_storage_bucket_iam_member", "build").values()
    assert copies["role"] == ours["role"] == "roles/storage.objectViewer"
    expression = copies["condition"][0]["expression"]
    assert expression == 'resource.name.startsWith("projects/_/buckets/gcf-v2-sources-")'
    waits = (
        (ROOT / "terraform" / "functions.tf").read_text().partition("  depends_on = [\n    terraform_data.migrate")[2]
    )
    assert "google_project_iam_member.build_copies" in waits.partition("]")[0]


def test_a_function_is_called_by_its_trigger_alone() -> None:
    """One grant of run.invoker per deployment, to the account of its trigger."""
    source = (ROOT / "terraform" / "functions.tf").read_text()
    assert source.count('"roles/run.invoker"') == 1
    triggers = {deployment["trigger"] for deployment in DEPLOYMENTS.values()}
    members = dict(re.findall(r"^    (\w+) += google_service_account\.(\w+)\.member", source, re.MULTILINE))
    assert members == {"gateway": "gateway", "public": "gateway", "push": "push", "schedule": "scheduler"}
    assert triggers == members.keys()


def test_no_secrets_value_is_in_the_state(planned: Planned) -> None:
    """Secrets are created empty; no resource that would keep a value in the state exists at all."""
    source = "\n".join(path.read_text() for path in (ROOT / "terraform").glob("*.tf"))
    forbidden = [
        "google_secret_manager_secret_version",
        "random_password",
        "tls_private_key",
        "google_service_account_key",
    ]
    assert [kind for kind in forbidden if f'resource "{kind}"' in source] == []
    assert re.findall(r"^\s*(?:root_)?password\s*=", source, re.MULTILINE) == []
    secrets = {name for deployment in DEPLOYMENTS.values() for name in deployment["secrets"]}
    assert planned.of("google_secret_manager_secret", "default").keys() == secrets


def test_the_database_has_no_public_address_and_no_password(planned: Planned) -> None:
    """Private address only, mutual TLS through the connector, IAM logins alone."""
    (database,) = planned.of("google_sql_database_instance").values()
    settings = database["settings"][0]
    assert settings["ip_configuration"][0]["ipv4_enabled"] is False
    assert settings["connector_enforcement"] == "REQUIRED"
    assert {"name": "cloudsql.iam_authentication", "value": "on"} in settings["database_flags"]
    assert {"name": "log_lock_waits", "value": "on"} in settings["database_flags"]
    users = planned.of("google_sql_user").values()
    assert {user["type"] for user in users} == {"CLOUD_IAM_SERVICE_ACCOUNT"}
    assert [user for user in users if user.get("password")] == []


def test_the_hosted_ci_may_look_at_everything_that_it_plans(planned: Planned) -> None:
    """Each kind of resource is shown by a role that the deployer holds; without one, its first plan is refused."""
    held = planned.of("google_project_iam_member", "delivery").keys()
    for kind in {resource["type"] for resource in planned.resources} - SHOWN_ELSEWHERE:
        roles = [role for pattern, role in SHOWS if re.match(pattern, kind)]
        assert roles, kind
        assert roles[0] in held, kind


def test_the_hosted_ci_is_one_repository_and_one_environment(planned: Planned) -> None:
    """The token exchange is bound to the named repository and to the environment that is deployed."""
    (provider,) = planned.of("google_iam_workload_identity_pool_provider").values()
    condition = provider["attribute_condition"]
    assert condition == f"assertion.sub == 'repo:example/e-wallet-lite:environment:{planned.environment}'"
