"""problem — what every refusal and failure has in common (RFC 9457)."""

from typing import Any, ClassVar


class Problem(Exception):
    """A refusal or failure with one meaning.

    `detail` is a sentence for the developer of a client; `members` are the extra members that
    the contract names for this problem; `headers` go with the answer.
    """

    slug: ClassVar[str]
    title: ClassVar[str]
    status: ClassVar[int]
    default_headers: ClassVar[dict[str, str]] = {}

    def __init__(self, detail: str = "", *, headers: dict[str, str] | None = None, **members: Any) -> None:
        super().__init__(detail or self.title)
        self.detail = detail or self.title
        self.members = members
        self.headers = {**self.default_headers, **(headers or {})}
