/**
 * The only package that knows the tensor engine: step scopes, scripts, gradients, parameter stores. A tensor of it is a
 * {@link perdura.training.torch.Tensor}; no type of the engine leaves. Called by {@code optim}, {@code model},
 * {@code pretrain} and {@code task}.
 */
@NullMarked
package perdura.training.torch;

import org.jspecify.annotations.NullMarked;
