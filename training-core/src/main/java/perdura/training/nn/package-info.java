/**
 * Building blocks of models: each declares its parameters in a {@link perdura.training.nn.StateDictLayout} and writes its forward function into a
 * {@link perdura.training.nn.ScriptBuilder}. Names of parameters are torchvision's and Hugging Face's. Called by the methods and by the tasks.
 */
@NullMarked
package perdura.training.nn;

import org.jspecify.annotations.NullMarked;
