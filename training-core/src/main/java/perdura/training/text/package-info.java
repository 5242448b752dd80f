/** Reports as text: sections, sentences, WordPiece tokens (prior.md 1.3-1.5, sense.md 1.5). Called by {@code perdura.training.data}. */
@NullMarked
package perdura.training.text;

import org.jspecify.annotations.NullMarked;
