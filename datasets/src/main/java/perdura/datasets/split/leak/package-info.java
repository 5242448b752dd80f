/**
 * Whether a pre-training has seen patients or images that a downstream task validates or tests on. Called before a launch, with
 * members read from the manifests of ingested data sets.
 */
@NullMarked
package perdura.datasets.split.leak;

import org.jspecify.annotations.NullMarked;
