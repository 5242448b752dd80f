/**
 * From the files of a data set's owner to a folder of arrays: a plan, parts that can be made in any order and on any
 * machine, and their assembly. The steps are the cpu activities' and {@code perdura data}'s.
 */
@NullMarked
package perdura.datasets.ingest;

import org.jspecify.annotations.NullMarked;
