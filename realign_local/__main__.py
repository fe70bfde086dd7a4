"""`python -m realign_local` is the `realign` command."""

from realign_local.cli import main

if __name__ == "__main__":
    main()
