"""`python -m webapp.cli`: the command `comity` where it is not on the path."""

from webapp.cli.main import main

main()
