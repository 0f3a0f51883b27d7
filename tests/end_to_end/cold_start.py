#!/usr/bin/env python3
"""Measures how long the first word of a talk takes from the start of a process, files in the page cache.

  cold_start.py PROGRAM [--times 10] [-- arguments of `dramatis chat`]

One JSON object: medians, least and most in seconds, without pages of an earlier start and with them. Replies are cut after
one token, so the line that a pipe gets is the first word. Something else running on the machine spoils it; `load` tells.
"""
import argparse, json, os, statistics, subprocess, sys, tempfile, time

def first_word(program, arguments, home, warm):
    environment = {**os.environ, "XDG_DATA_HOME": home, "DRAMATIS_WARM": warm}
    begun = time.perf_counter()
    talk = subprocess.Popen([program, "chat", *arguments, "--max-tokens", "1", "--seed", "1"], env=environment,
                            stdin=subprocess.PIPE, stdout=subprocess.PIPE)
    talk.stdin.write(b"Who are you?\n")
    talk.stdin.close()
    said = talk.stdout.readline()
    taken = time.perf_counter() - begun
    talk.stdout.read()
    talk.wait()  # a model with random weights may say nothing aloud, which is no success but as long
    if not said: raise SystemExit("the talk failed")
    return taken


def spread(values):
    return {"median": round(statistics.median(values), 3), "min": round(min(values), 3), "max": round(max(values), 3)}


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("program")
    parser.add_argument("--times", type=int, default=10)
    asked = parser.parse_args(sys.argv[1:sys.argv.index("--")] if "--" in sys.argv else None)
    arguments = sys.argv[sys.argv.index("--") + 1:] if "--" in sys.argv else ["orlando-marlo"]
    with tempfile.TemporaryDirectory() as home:
        first_word(asked.program, arguments, home, "off")  # into the page cache
        cold = [first_word(asked.program, arguments, home, "off") for _ in range(asked.times)]
        first_word(asked.program, arguments, home, home + "/warm")
        warm = [first_word(asked.program, arguments, home, home + "/warm") for _ in range(asked.times)]
    print(json.dumps({"cold_s": spread(cold), "warm_s": spread(warm), "times": asked.times,
                      "load": round(os.getloadavg()[0], 1)}))


main()
