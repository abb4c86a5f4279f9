"""`python -m impetus` is the command line."""

from impetus.cli import main

if __name__ == "__main__":
    main()
