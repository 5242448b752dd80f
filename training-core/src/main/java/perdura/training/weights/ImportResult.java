package perdura.training.weights;

import org.jspecify.annotations.Nullable;

/**
 * What an import has done.
 *
 * @param isNew whether the weights were not in the store before
 * @param nameBefore the digest that the name stood for before, if that was another
 */
public record ImportResult(
        WeightSet set, boolean isNew, @Nullable String nameBefore) {}
