"""The least that functions-framework can serve: the measure of every cold start."""

import functions_framework
from flask import Request


@functions_framework.http
def hello(request: Request) -> str:
    """Say hello."""
    return "hello"
