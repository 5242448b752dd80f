/**
 * How a spec is declared: each field once, with its key, its type and its meaning. Reading with all faults and their places,
 * writing, identity, JSON Schema, tables and parameters follow from that. Called by {@code perdura.grids.read} and by the methods
 * of pre-training, which declare their own part of the spec.
 */
@NullMarked
package perdura.grids.codec;

import org.jspecify.annotations.NullMarked;
