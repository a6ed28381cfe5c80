"""What is measured exists, what wakes a person has a page, and a page's commands exist."""

import json
import re
from typing import Any

import pytest
from flask import Request

from emulators.environment import deployments
from shared import errors, http, log, operate
from tests.terraform.conftest import ROOT, Planned

RUNBOOKS = {path.stem: path.read_text() for path in (ROOT / "docs" / "runbooks").glob("*.md")}
SOURCE = "\n".join(path.read_text() for folder in ("functions", "shared") for path in (ROOT / folder).rglob("*.py"))
TARGETS = set(re.findall(r"^([a-z0-9-]+):", (ROOT / "Makefile").read_text(), re.MULTILINE))
# Pages that no alert opens: what a person decides to do.
OPERATIONS = {
    "database-failover", "migrate", "pause", "region-loss", "replay", "restore", "rollback", "rotate-secrets"
}  # fmt: skip


def metrics(planned: Planned) -> dict[str, dict[str, Any]]:
    """Return the planned log-based metrics by name."""
    return {metric["name"]: metric for metric in planned.of("google_logging_metric").values()}


# What the business asks every morning, and the metric that answers.
ANSWERS = {
    "how many transfers": ("transfers", "INT64", set()),
    "what was refused, and why": ("refusals", "INT64", {"problem", "route"}),
    "how long a top-up took": ("topup_seconds", "DISTRIBUTION", set()),
    "how old the oldest event is": ("outbox_age_seconds", "DISTRIBUTION", set()),
    "where the books disagree": ("findings", "INT64", {"promise"}),
}


@pytest.mark.parametrize("question", ANSWERS)
def test_each_figure_of_the_business_is_measured_and_drawn(question: str, planned: Planned) -> None:
    """Transfers, refusals by reason, top-up time, outbox age and findings: each a metric, each on the dashboard."""
    name, kind, labels = ANSWERS[question]
    (descriptor,) = metrics(planned)[name]["metric_descriptor"]
    assert descriptor["value_type"] == kind
    assert {label["key"] for label in descriptor["labels"]} == labels
    (dashboard,) = planned.of("google_monitoring_dashboard").values()
    assert f"logging.googleapis.com/user/{name}" in dashboard["dashboard_json"]


def matches(line: dict[str, Any], metric: dict[str, Any]) -> bool:
    """Whether a line of a function is one that the metric counts: each clause of its filter holds."""
    clauses = re.findall(r'jsonPayload\.(\w+)(!=|>=|=)("[^"]*"|\d+)', metric["filter"])
    compare = {
        "=": lambda a, b: a == b,
        "!=": lambda a, b: a is not None and a != b,
        ">=": lambda a, b: a is not None and a >= b,
    }
    return all(compare[sign](line.get(field), json.loads(value)) for field, sign, value in clauses)


@pytest.mark.parametrize(
    ("status", "raised", "counted"),
    [
        (201, None, {"transfers", "request_milliseconds"}),
        (201, errors.InsufficientFunds(), {"refusals", "request_milliseconds"}),
        (201, errors.Paused(), {"refusals", "request_milliseconds"}),
    ],
)
def test_a_request_counts_where_it_should(status, raised, counted, planned: Planned, capsys) -> None:
    """The line that a request really writes is matched by its own metrics and by no other."""
    router = http.Router()

    @router.route("POST", "/v1/transfers", status=status, public=True)
    def create() -> dict[str, str]:
        if raised is not None:
            raise raised
        return {}

    request = Request.from_values("/v1/transfers", method="POST")
    router.dispatch(request)
    line = json.loads(capsys.readouterr().out.splitlines()[-1])
    log_based = {name: one for name, one in metrics(planned).items() if "cloud_run_revision" in one["filter"]}
    assert {name for name, one in log_based.items() if matches(line, one)} == counted


def test_every_counted_line_is_written_by_the_code(planned: Planned) -> None:
    """Each message that a metric filters on stands in the code, as a constant of a log line."""
    for name, metric in metrics(planned).items():
        for message in re.findall(r'jsonPayload\.message="([^"]+)"', metric["filter"]):
            assert re.search(rf'log\.write\([^)]*?"{re.escape(message)}"', SOURCE, re.DOTALL), name


def test_every_counted_field_may_be_logged(planned: Planned) -> None:
    """Each field that a metric filters on or extracts is on the allow-list of log fields."""
    for name, metric in metrics(planned).items():
        text = json.dumps([metric["filter"], metric["label_extractors"], metric.get("value_extractor")])
        fields = set(re.findall(r"jsonPayload\.(\w+)", text)) - {"message"}
        assert fields <= log.FIELDS, name


def test_what_is_charted_and_alerted_on_is_measured(planned: Planned) -> None:
    """Every metric of our own that the dashboard or an alert names exists, and each is looked at somewhere."""
    (dashboard,) = planned.of("google_monitoring_dashboard").values()
    text = json.dumps([dashboard["dashboard_json"], list(planned.of("google_monitoring_alert_policy").values())])
    named = set(re.findall(r"logging\.googleapis\.com/user/(\w+)", text))
    known = metrics(planned).keys()
    assert named <= known
    assert known - named == set()


def test_every_alert_brings_its_page(planned: Planned) -> None:
    """An alert carries the text of its runbook, and every runbook is an alert's or an operation's."""
    used = set()
    for alert in planned.of("google_monitoring_alert_policy").values():
        text = alert["documentation"][0]["content"]
        (page,) = [name for name, content in RUNBOOKS.items() if content == text]
        used.add(page)
        # Google cuts an alert's text off at this length.
        assert len(text.encode()) <= 10_240, page
    assert used | OPERATIONS == RUNBOOKS.keys()
    assert not used & OPERATIONS


def test_a_provider_that_contradicts_us_is_told_to_somebody_with_the_page_of_reviews(planned: Planned) -> None:
    """One line of the callback is enough, whatever its reason."""
    alert = planned.of("google_monitoring_alert_policy", "default")["provider-contradicts"]
    (condition,) = alert["conditions"][0]["condition_threshold"]
    assert "user/contradictions" in condition["filter"]
    assert (condition["threshold_value"] or 0, condition["comparison"]) == (0, "COMPARISON_GT")
    assert alert["documentation"][0]["content"] == RUNBOOKS["topups-review"]
    assert matches({"message": "a provider contradicts us", "reason": "paid-twice"}, metrics(planned)["contradictions"])


def test_every_promise_is_measured_and_watched(planned: Planned) -> None:
    """Availability, latency, top-up time and event delay are objectives, each with a fast and a slow alert."""
    objectives = {objective["slo_id"] for objective in planned.of("google_monitoring_slo").values()}
    assert objectives == {"availability", "latency", "topup", "events"}
    names = planned.of("google_monitoring_alert_policy", "default").keys()
    for page in ("api-errors", "api-slow", "topups-slow", "outbox-stuck"):
        assert {f"{page}-fast", f"{page}-slow"} <= names


def test_alerts_wake_someone_in_prod_only(planned: Planned) -> None:
    """Alerts are planned everywhere, so that they are tested, and on where somebody is on call."""
    enabled = {alert["enabled"] for alert in planned.of("google_monitoring_alert_policy").values()}
    assert enabled == {planned.environment == "prod"}


@pytest.mark.parametrize("name", RUNBOOKS)
def test_a_page_leads_to_pages_and_commands_that_exist(name: str) -> None:
    """Links, targets of the Makefile, actions of the operators' job, deployments and scheduler jobs are real."""
    text = RUNBOOKS[name]
    jobs = {f"{d}-{line['name']}" for d, entry in deployments().items() for line in entry["schedule"] or []}
    assert set(re.findall(r"\]\(([\w-]+)\.md\)", text)) <= RUNBOOKS.keys()
    assert set(re.findall(r"`?make ([a-z][a-z-]+)", text)) <= TARGETS
    assert set(re.findall(r"--args=(\w+)", text)) <= operate.ACTIONS.keys()
    assert set(re.findall(r"python -m (?:tools|shared)\.(\w+)", text)) <= {
        path.stem for folder in ("tools", "shared") for path in (ROOT / folder).glob("*.py")
    }
    assert set(re.findall(r"scheduler jobs (?:describe|resume|run) ([a-z][\w-]+)", text)) <= jobs


@pytest.mark.parametrize("name", RUNBOOKS)
def test_a_page_says_what_it_means_where_to_look_and_what_to_do(name: str) -> None:
    """Each page has the same parts in the same order, so that nobody searches at night."""
    headings = re.findall(r"^## (.+)$", RUNBOOKS[name], re.MULTILINE)
    assert headings in (["Look", "Do"], ["Look", "Do", "Afterwards"])
    assert re.match(r"# \S.{8,}\n\n\S.{40,}", RUNBOOKS[name])
