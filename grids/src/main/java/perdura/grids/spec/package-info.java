/** The shared words of Perdura, as records of the JDK only. Every module may import this package. */
@NullMarked
package perdura.grids.spec;

import org.jspecify.annotations.NullMarked;
