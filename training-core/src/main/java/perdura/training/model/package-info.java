/**
 * PRIOR's modules (prior.md 2) and the classifiers of the downstream tasks: each declares its parameters in a
 * {@link perdura.training.model.Layout} and writes its forward function into a {@link perdura.training.model.Program}. Names
 * are torchvision's and Hugging Face's. Called by {@code pretrain} and {@code task}.
 */
@NullMarked
package perdura.training.model;

import org.jspecify.annotations.NullMarked;
