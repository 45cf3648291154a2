"""`python -m petitions` is the command `petitions`."""

from petitions.cli import main

main()
