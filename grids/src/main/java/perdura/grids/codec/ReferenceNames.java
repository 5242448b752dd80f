package perdura.grids.codec;

import java.util.Collection;
import java.util.List;
import java.util.Optional;
import perdura.grids.spec.ParameterType;

/** What a spec may name: data sets and weights, by name or digest. */
public interface ReferenceNames {
    /** The digest, or key, of what a name or a digest stands for. */
    Optional<String> findDigest(ParameterType.Reference.Kind kind, String nameOrDigest);

    /** Every name, for a suggestion. */
    default Collection<String> known(ParameterType.Reference.Kind kind) {
        return List.of();
    }

    /** Takes every name as it is: for specs whose names were looked up before, and for reading without a store. */
    static ReferenceNames unchecked() {
        return (kind, name) -> Optional.of(name);
    }

    /** Takes whole digests as they are, and knows no name: for specs whose names were resolved before. */
    static ReferenceNames digestsAlone() {
        return (kind, name) -> Optional.of(name).filter(text -> text.matches("[0-9a-f]{64}"));
    }
}
