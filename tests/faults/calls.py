"""A gRPC proxy of our own before Firestore: chosen calls are answered with a status, before they happen or after.

The TCP proxy next door cuts connections; this one knows single calls, so it can refuse one as Firestore
does, or let it happen and lose its answer.
"""

from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from typing import Any

import grpc

HOST = "127.0.0.1"
THREADS = 16
CALL_SECONDS = 20
# What gRPC itself adds to a call, and adds again to the one that goes on.
OWN_METADATA = ("user-agent", "grpc-", ":")


@dataclass
class Fault:
    """Answer the next `left` calls of `method` whose request holds `holding` with `status`."""

    method: str
    status: grpc.StatusCode
    left: int
    holding: bytes
    happens: bool
    then: Callable[[], object] | None
    done: int = 0


class Calls(grpc.GenericRpcHandler):
    """Forwards the calls to 127.0.0.1:`port` to `target`, an address."""

    def __init__(self, target: str) -> None:
        self._faults: list[Fault] = []
        self._channel = grpc.insecure_channel(target)
        self._server = grpc.server(ThreadPoolExecutor(THREADS), handlers=[self])
        self.port: int = self._server.add_insecure_port(f"{HOST}:0")
        self._server.start()

    @property
    def address(self) -> str:
        """What FIRESTORE_EMULATOR_HOST says of a deployment that comes through here."""
        return f"{HOST}:{self.port}"

    def fail(
        self, method: str, status: str, *, times: int = 1, holding: bytes = b"", happens: bool = False,
        then: Callable[[], object] | None = None,
    ) -> Fault:  # fmt: skip
        """Fail the next calls of a method ("Commit", "RunQuery"), which happen all the same where it says so.

        `then` is done in the moment that the first of them fails.
        """
        self._faults.append(Fault(method, grpc.StatusCode[status], times, holding, happens, then))
        return self._faults[-1]

    def mend(self) -> None:
        """Fail nothing any more."""
        self._faults.clear()

    def close(self) -> None:
        """Stop listening."""
        self._server.stop(None).wait()
        self._channel.close()

    def service(self, handler_call_details: Any) -> Any:
        """Handle any method, as bytes: a call with one answer looks like one with a stream of them."""
        method = handler_call_details.method
        return grpc.unary_stream_rpc_method_handler(lambda request, context: self._answer(method, request, context))

    def _answer(self, method: str, request: bytes, context: Any) -> Iterator[bytes]:
        fault = self._fault_of(method.rpartition("/")[2], request)
        if fault is None or fault.happens:
            answers = self._forward(method, request, context)
        if fault is not None:
            if fault.then is not None:
                fault.then()
            context.abort(fault.status, "a fault of the test's")
        yield from answers

    def _forward(self, method: str, request: bytes, context: Any) -> list[bytes]:
        metadata = [pair for pair in context.invocation_metadata() if not pair[0].startswith(OWN_METADATA)]
        try:
            return list(self._channel.unary_stream(method)(request, timeout=CALL_SECONDS, metadata=metadata))
        except grpc.RpcError as error:
            return context.abort(error.code(), error.details())

    def _fault_of(self, method: str, request: bytes) -> Fault | None:
        for fault in self._faults:
            if fault.left and fault.method == method and fault.holding in request:
                fault.left, fault.done = fault.left - 1, fault.done + 1
                return fault
        return None
