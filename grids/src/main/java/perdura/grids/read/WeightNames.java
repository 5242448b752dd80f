package perdura.grids.read;

import java.util.Collection;
import java.util.List;
import java.util.Optional;

/** The imported weights that a spec may name. */
public interface WeightNames {
    /** The digest of what a name, a digest or the beginning of one means; empty if there are no such weights. */
    Optional<String> findDigest(String nameOrDigest);

    /** Every name, for a suggestion. */
    Collection<String> known();

    /** Takes whole digests as they are, and knows no name: for specs whose names were resolved before. */
    static WeightNames digestsAlone() {
        return new WeightNames() {
            @Override
            public Optional<String> findDigest(String nameOrDigest) {
                return Optional.of(nameOrDigest).filter(text -> text.matches("[0-9a-f]{64}"));
            }

            @Override
            public Collection<String> known() {
                return List.of();
            }
        };
    }
}
