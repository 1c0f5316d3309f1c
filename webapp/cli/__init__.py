"""The command `comity`: serve the product, deploy and check models, import, people, messages, exports.

Errors are one sentence on standard error and exit code 1; wrong usage is 2.
"""

from webapp.cli.main import main

__all__ = ["main"]
