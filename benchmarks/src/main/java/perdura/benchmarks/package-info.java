/** Side-by-side measurements, each one command. */
@NullMarked
package perdura.benchmarks;

import org.jspecify.annotations.NullMarked;
