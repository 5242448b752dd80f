/** Files of which a crash leaves all or nothing. Called by the ingest, checkpoints, figures, reports, and the state of the local stack. */
@NullMarked
package perdura.datasets.file;

import org.jspecify.annotations.NullMarked;
