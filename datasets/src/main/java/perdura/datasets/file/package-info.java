/** Files of which a crash leaves all or nothing, pages made of a template, and work on files by several threads. Called by the ingest, the synthetic data sets, checkpoints, figures, reports, and the state of the local stack. */
@NullMarked
package perdura.datasets.file;

import org.jspecify.annotations.NullMarked;
