/** The embedded Temporal service, a process of its own. Started by the local stack, for {@code --embedded} and {@code quickstart}. */
@NullMarked
package perdura.embedded;

import org.jspecify.annotations.NullMarked;
