/**
 * The rules of CheXpert v1.0-small: labels, the 5x200 set and both protocols' splits (prior.md 4.1-4.3, sense.md 4.2). Called by the
 * ingest of CheXpert.
 */
@NullMarked
package perdura.datasets.split.chexpert;

import org.jspecify.annotations.NullMarked;
