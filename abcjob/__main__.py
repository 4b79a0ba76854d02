"""`python -m abcjob` is the console script `abcjob`."""

import signal

if signal.getsignal(signal.SIGINT) is signal.default_int_handler:
    signal.signal(signal.SIGINT, signal.SIG_DFL)  # no traceback until `main` listens

from abcjob.cli import main

if __name__ == "__main__":
    main()
