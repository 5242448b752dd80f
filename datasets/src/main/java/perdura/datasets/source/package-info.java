/**
 * The files of a data set's owner, as they come: a folder or a zip file, tables, and what is wrong with them. Called by
 * {@code ingest}, and for lists of images by {@code split.chexpert}.
 */
@NullMarked
package perdura.datasets.source;

import org.jspecify.annotations.NullMarked;
