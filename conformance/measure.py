"""Runs a program and prints as JSON how long it took and how much memory it had.

  measure.py PROGRAM ARGUMENT...

The measuring process is small: what a process had before exec counts for it.
"""
import json
import os
import resource
import subprocess
import sys
import time

begin = time.monotonic()
code = subprocess.call(sys.argv[1:], stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
print(json.dumps({
  'seconds': time.monotonic() - begin,
  'kilobytes': resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss,
  'code': code,
}))
