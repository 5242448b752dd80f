/** Tensors in host memory, safetensors files, and checkpoints: folders of files with a manifest of their digests. */
@NullMarked
package perdura.training.checkpoint;

import org.jspecify.annotations.NullMarked;
