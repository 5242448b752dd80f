/** Golden fixtures: numbers of the PyTorch references. Their folder is the system property perdura.golden.dir. */
@NullMarked
package perdura.training.golden;

import org.jspecify.annotations.NullMarked;
