"""K-means by FAISS, for KMeansBenchmark: arguments points, first centroids (float32, raw), width, iterations, threads."""

import resource
import sys
import time

import faiss
import numpy as np

width, iterations, threads = int(sys.argv[3]), int(sys.argv[4]), int(sys.argv[5])
points = np.fromfile(sys.argv[1], dtype="<f4").reshape(-1, width)
first = np.fromfile(sys.argv[2], dtype="<f4").reshape(-1, width)
faiss.omp_set_num_threads(threads)


def processor_seconds() -> float:
    used = resource.getrusage(resource.RUSAGE_SELF)
    return used.ru_utime + used.ru_stime


print(f"FAISS {faiss.__version__}", flush=True)
for _ in sys.stdin:
    begun, used = time.perf_counter(), processor_seconds()
    clustering = faiss.Clustering(width, len(first))
    clustering.niter = iterations
    clustering.max_points_per_centroid = len(points)
    clustering.min_points_per_centroid = 1
    faiss.copy_array_to_vector(first.reshape(-1), clustering.centroids)
    index = faiss.IndexFlatL2(width)
    clustering.train(points, index)
    squares, _ = index.search(points, 1)
    seconds = time.perf_counter() - begun
    print(seconds, processor_seconds() - used, float(squares.astype(np.float64).sum()), flush=True)
