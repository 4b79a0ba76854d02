"""`python -m abcjob` is the console script `abcjob`."""

from abcjob.cli import main

if __name__ == "__main__":
    main()
