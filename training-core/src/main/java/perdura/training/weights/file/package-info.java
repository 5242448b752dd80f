/**
 * Files of tensors that others wrote: PyTorch's two formats, read without executing anything, and safetensors. Called by
 * {@code perdura.training.weights} and the commands.
 */
@NullMarked
package perdura.training.weights.file;

import org.jspecify.annotations.NullMarked;
