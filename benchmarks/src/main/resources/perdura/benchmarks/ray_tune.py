"""A grid of no-op trials with Ray Tune, one sweep for each line of its input.

Arguments: trials, trials at once, whether a process may run one trial after another (reuse) or each gets one of its own (fresh,
Ray Tune's default). Prints the version, then for each line the seconds of a sweep.
"""
import os
import sys
import tempfile
import time

os.environ["RAY_AIR_NEW_OUTPUT"] = "0"
os.environ["RAY_USAGE_STATS_ENABLED"] = "0"

import ray
from ray import tune

report, sys.stdout = sys.stdout, sys.stderr


def trial(config):
    return {"score": 1.0 - config["value"]}


def main():
    trials, at_once = int(sys.argv[1]), int(sys.argv[2])
    ray.init(num_cpus=at_once, include_dashboard=False, log_to_driver=False)
    print(f"Ray Tune {ray.__version__}", file=report, flush=True)
    for _ in sys.stdin:
        with tempfile.TemporaryDirectory() as folder:
            start = time.perf_counter()
            results = tune.Tuner(
                trial,
                param_space={"value": tune.grid_search([i / trials for i in range(trials)])},
                tune_config=tune.TuneConfig(max_concurrent_trials=at_once, reuse_actors=sys.argv[3] == "reuse"),
                run_config=tune.RunConfig(storage_path=folder, verbose=0),
            ).fit()
            seconds = time.perf_counter() - start
            if len(results) != trials or results.num_errors:
                sys.exit(f"{results.num_errors} of {len(results)} trials failed")
        print(seconds, file=report, flush=True)


main()
