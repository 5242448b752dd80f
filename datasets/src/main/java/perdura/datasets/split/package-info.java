/**
 * Which samples of a data set train, validate and test (prior.md 4; sense.md 4.2, 4.4). Pure functions of ids, patients, labels
 * and a seed; no file is read. Called by the ingest of data sets and by the jobs that train on a part of one.
 */
@NullMarked
package perdura.datasets.split;

import org.jspecify.annotations.NullMarked;
