/** Files of which a crash leaves all or nothing, and pages made of a template. Called by the ingest, checkpoints, figures, reports, and the state of the local stack. */
@NullMarked
package perdura.datasets.file;

import org.jspecify.annotations.NullMarked;
