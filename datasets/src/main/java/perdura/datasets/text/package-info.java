/** Reports as text: sections, sentences, WordPiece tokens (prior.md 1.3-1.5, sense.md 1.5). Called by {@code perdura.datasets.data}. */
@NullMarked
package perdura.datasets.text;

import org.jspecify.annotations.NullMarked;
