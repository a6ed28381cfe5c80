"""sitecustomize — Python imports this before anything else, where a test has put this folder on PYTHONPATH."""

import os

if "FAILPOINTS" in os.environ:
    from tests.faults import failpoints

    failpoints.install()
