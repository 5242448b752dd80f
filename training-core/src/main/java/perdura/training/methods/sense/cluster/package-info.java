/**
 * K-means of SENSE's study features (sense.md 3b). Called by {@code methods.sense}, which knows studies and epochs.
 */
@NullMarked
package perdura.training.methods.sense.cluster;

import org.jspecify.annotations.NullMarked;
