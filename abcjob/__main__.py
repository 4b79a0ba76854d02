"""`python -m abcjob` is the console script `abcjob`."""

import os
import signal

if signal.getsignal(signal.SIGINT) is signal.default_int_handler:
    signal.signal(signal.SIGINT, signal.SIG_DFL)  # no traceback until `main` listens

# NumPy's threads, of which there is one per processor, begin by waiting busily for matrices.
os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")

from abcjob.cli import main

if __name__ == "__main__":
    main()
