/**
 * PRIOR's modules (prior.md 2): each declares its parameters in a {@link perdura.training.nn.StateDictLayout} and writes its
 * forward function into a {@link perdura.training.nn.ScriptBuilder}; the forward pass of each stage, the pass in chunks, and the
 * programs that encode and reconstruct. Called by {@code methods.prior}, by the pair tasks and by {@code figure}.
 */
@NullMarked
package perdura.training.methods.prior.model;

import org.jspecify.annotations.NullMarked;
