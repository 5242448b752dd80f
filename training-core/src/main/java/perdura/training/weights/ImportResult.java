package perdura.training.weights;

import org.jspecify.annotations.Nullable;

/**
 * What an import has done.
 *
 * @param set the weights in the store
 * @param found what this import found in its file; an earlier one of the same weights may have left other things out
 * @param isNew whether the weights were not in the store before
 * @param nameBefore the digest that the name stood for before, if that was another
 */
public record ImportResult(
        WeightSet set,
        WeightManifest found,
        boolean isNew,
        @Nullable String nameBefore) {}
