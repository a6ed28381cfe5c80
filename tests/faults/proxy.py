"""A TCP proxy before a store that can lose an answer, go deaf, or cut every connection."""

import socket
import threading
from contextlib import suppress

CHUNK_BYTES = 64 * 1024
# Postgres ends each answer with ReadyForQuery, idle; what comes before it may come in pieces.
ANSWER_END = b"Z\x00\x00\x00\x05I"


class Proxy:
    """Forwards 127.0.0.1:`port` to 127.0.0.1:`target`; the faults are armed by its methods."""

    def __init__(self, target: int) -> None:
        self.target = target
        self._listener = socket.create_server(("127.0.0.1", 0))
        self.port: int = self._listener.getsockname()[1]
        self._pairs: list[tuple[socket.socket, socket.socket]] = []
        self._drop_answer = threading.Event()
        self._asked = threading.Event()
        threading.Thread(target=self._accept, daemon=True).start()

    def drop_next_answer(self) -> None:
        """Let the next request through, swallow its answer, and cut the connection: a commit whose answer is lost."""
        self._asked.clear()
        self._drop_answer.set()

    def cut(self) -> None:
        """Cut every connection at once, as a restart of the store or of a router does."""
        for pair in self._pairs:
            _close(pair)
        self._pairs.clear()

    def close(self) -> None:
        """Stop listening and cut what is left."""
        self._listener.close()
        self.cut()

    def _accept(self) -> None:
        while True:
            try:
                client, _ = self._listener.accept()
                server = socket.create_connection(("127.0.0.1", self.target))
            except OSError:
                return
            pair = (client, server)
            self._pairs.append(pair)
            threading.Thread(target=self._requests, args=(pair,), daemon=True).start()
            threading.Thread(target=self._answers, args=(pair,), daemon=True).start()

    def _requests(self, pair: tuple[socket.socket, socket.socket]) -> None:
        client, server = pair
        with suppress(OSError):
            while data := client.recv(CHUNK_BYTES):
                if self._drop_answer.is_set():
                    self._asked.set()
                server.sendall(data)
        _close(pair)

    def _answers(self, pair: tuple[socket.socket, socket.socket]) -> None:
        client, server = pair
        with suppress(OSError):
            while data := server.recv(CHUNK_BYTES):
                if not (self._drop_answer.is_set() and self._asked.is_set()):
                    client.sendall(data)
                elif data.endswith(ANSWER_END):
                    # The whole answer is there, so the commit has happened; nobody will hear of it.
                    self._drop_answer.clear()
                    break
        _close(pair)


def _close(pair: tuple[socket.socket, socket.socket]) -> None:
    for end in pair:
        with suppress(OSError):
            end.shutdown(socket.SHUT_RDWR)
        end.close()
