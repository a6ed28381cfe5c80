"""telemetry — spans leave by OpenTelemetry's own SDK and exporter.

Imported by the thread that sends and by nothing else (shared/trace.py says why): the SDK describes
this deployment, the exporter encodes what was recorded as OTLP and posts it to the address that
OTEL_EXPORTER_OTLP_TRACES_ENDPOINT names. In the cloud that is Google's own OTLP endpoint, which
wants to know who sends; locally it is the gateway's console.
"""

import os
from collections.abc import Sequence
from functools import cache
from typing import TYPE_CHECKING

from opentelemetry.exporter.otlp.proto.http.trace_exporter import OTLPSpanExporter
from opentelemetry.sdk.resources import Resource
from opentelemetry.sdk.trace import ReadableSpan
from opentelemetry.sdk.trace.export import SpanExportResult
from opentelemetry.sdk.util.instrumentation import InstrumentationScope
from opentelemetry.trace import SpanContext, SpanKind, Status, StatusCode, TraceFlags

from shared import config
from shared.trace import Span

if TYPE_CHECKING:
    from requests import Session

# All attempts of one batch together, beside a request whose instance falls asleep after its answer.
TIMEOUT_SECONDS = 5.0
SCOPE = InstrumentationScope("shared.trace")
SAMPLED = TraceFlags(TraceFlags.SAMPLED)


class NotTaken(RuntimeError):
    """The endpoint refused the batch, or could not be reached."""


def export(spans: Sequence[Span]) -> None:
    """Send spans that have ended. Raises NotTaken where they did not arrive."""
    if _exporter().export([readable(one) for one in spans]) is not SpanExportResult.SUCCESS:
        raise NotTaken


def readable(span: Span) -> ReadableSpan:
    """Return a recorded span as the SDK knows it."""
    return ReadableSpan(
        name=span.name,
        context=_context(span.trace_id, span.span_id, is_remote=False),
        parent=_context(span.trace_id, span.parent_id, is_remote=True) if span.parent_id else None,
        resource=_resource(),
        attributes=span.attributes,
        kind=SpanKind[span.kind],
        status=Status(StatusCode.ERROR if span.is_failed else StatusCode.UNSET),
        start_time=span.start_ns,
        end_time=span.end_ns,
        instrumentation_scope=SCOPE,
    )


def _context(trace_id: str, span_id: str, *, is_remote: bool) -> SpanContext:
    return SpanContext(int(trace_id, 16), int(span_id, 16), is_remote, SAMPLED)


@cache
def _resource() -> Resource:
    return Resource.create(
        {
            "service.name": os.environ.get("K_SERVICE", "unknown"),
            "service.version": os.environ.get("K_REVISION", "local"),
            "gcp.project_id": config.require("GOOGLE_CLOUD_PROJECT"),
        }
    )


@cache
def _exporter() -> OTLPSpanExporter:
    return OTLPSpanExporter(timeout=TIMEOUT_SECONDS, session=_session())


def _session() -> "Session | None":
    """Return a session that signs as this deployment's account; a local run's console asks nobody's name."""
    if config.is_local():
        return None
    import google.auth
    from google.auth.transport.requests import AuthorizedSession

    # No quota project: naming one, even one's own, asks for serviceusage.services.use, which no deployment has.
    credentials, _ = google.auth.default(scopes=["https://www.googleapis.com/auth/cloud-platform"])
    return AuthorizedSession(credentials)  # type: ignore[no-untyped-call]  # google-auth has no types
