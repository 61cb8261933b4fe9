"""`python -m app` is the program `captionist`."""

from app.cli import main

main()
