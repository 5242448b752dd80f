/**
 * What is published about the data sets' sizes, to compare with what an ingest has counted. Called by the data report.
 */
@NullMarked
package perdura.datasets.split.totals;

import org.jspecify.annotations.NullMarked;
