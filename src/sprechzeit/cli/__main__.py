"""`python -m sprechzeit.cli`: the `sprechzeit` command, wherever its script is not on the path."""

from sprechzeit.cli.main import main

main()
