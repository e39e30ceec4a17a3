"""The command with worker processes however small the input is: ``workers.py METHOD ARGUMENTS``.

METHOD is how processes are started; empty leaves it to the system. Groups are small, so that each
worker gets several.
"""

import multiprocessing
import sys

from dedup.batch import folder
from dedup.cli import main

if __name__ == "__main__":
    method = sys.argv.pop(1)
    if method:
        multiprocessing.set_start_method(method)
    folder.MIN_POOL_BYTES = 0
    folder.GROUP_BYTES = 1 << 12
    sys.exit(main())
