"""The browser of the tests: Debian's Chromium, without its own conversations with the outside."""

import os
import shutil

from playwright.sync_api import Browser, BrowserType

FLAGS = [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
]


def launch(chromium: BrowserType, *more: str) -> Browser:
    """Start Chromium without a window; CHROMIUM names another one than the machine's."""
    path = os.environ.get("CHROMIUM") or shutil.which("chromium") or shutil.which("google-chrome")
    return chromium.launch(executable_path=path, args=[*FLAGS, *more])
