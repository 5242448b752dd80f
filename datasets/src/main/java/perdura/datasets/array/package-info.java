/**
 * Arrays in NumPy's file format, written from front to end and read by mapping. Called by {@code ingest}, which writes
 * data sets, and by {@code data}, which reads them.
 */
@NullMarked
package perdura.datasets.array;

import org.jspecify.annotations.NullMarked;
