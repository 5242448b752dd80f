"""What the scripts share that take turns with a process of ours: one round for each line of the input."""
import sys
import time


def held(field):
    """The kilobytes that the process holds (VmRSS) or has held at most so far (VmHWM)."""
    with open("/proc/self/status") as status:
        return next(line.split()[1] for line in status if line.startswith(field))


def answer_each(work, prepare=tuple):
    """Prints for each line the seconds of `work`, those of the processors, the number that it returns, and the kilobytes that were held at
    most so far. Its arguments are what `prepare` returns, for which no time is counted.
    """
    for _ in sys.stdin:
        arguments = prepare()
        begun, worked = time.perf_counter(), time.process_time()
        value = work(*arguments)
        print(time.perf_counter() - begun, time.process_time() - worked, value, held("VmHWM"), flush=True)
