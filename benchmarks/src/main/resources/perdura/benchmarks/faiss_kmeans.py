"""K-means by FAISS, for KMeansBenchmark: arguments points, first centroids (float32, raw), width, iterations, threads."""

import sys

import faiss
import numpy as np

from rounds import answer_each

width, iterations, threads = int(sys.argv[3]), int(sys.argv[4]), int(sys.argv[5])
points = np.fromfile(sys.argv[1], dtype="<f4").reshape(-1, width)
first = np.fromfile(sys.argv[2], dtype="<f4").reshape(-1, width)
faiss.omp_set_num_threads(threads)


def cluster():
    clustering = faiss.Clustering(width, len(first))
    clustering.niter = iterations
    clustering.max_points_per_centroid = len(points)
    clustering.min_points_per_centroid = 1
    faiss.copy_array_to_vector(first.reshape(-1), clustering.centroids)
    index = faiss.IndexFlatL2(width)
    clustering.train(points, index)
    squares, _ = index.search(points, 1)
    return float(squares.astype(np.float64).sum())


print(f"FAISS {faiss.__version__}", flush=True)
answer_each(cluster)
