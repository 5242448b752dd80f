/** Every random draw of a run, as a function of purpose, run seed, stage, epoch, step or sample (sense.md 1.3). */
@NullMarked
package perdura.datasets.seeds;

import org.jspecify.annotations.NullMarked;
