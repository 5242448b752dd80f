/**
 * PRIOR's modules (prior.md 2): each declares its parameters in a {@link perdura.training.model.Layout} and writes its
 * forward function into a {@link perdura.training.model.Program}. Names are torchvision's and Hugging Face's. Called by
 * {@code pretrain}.
 */
@NullMarked
package perdura.training.model;

import org.jspecify.annotations.NullMarked;
