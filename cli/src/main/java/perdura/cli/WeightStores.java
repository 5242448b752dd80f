package perdura.cli;

import java.nio.file.Path;
import java.util.Collection;
import java.util.Optional;
import perdura.cli.settings.Setting;
import perdura.cli.settings.Settings;
import perdura.grids.codec.ReferenceNames;
import perdura.grids.spec.ParameterType;
import perdura.training.weights.WeightStore;

/** Where the imported weights are: in the artifact folder that the settings name, else in that of the local stack. */
final class WeightStores {
    private WeightStores() {}

    /** Needs no running stack. */
    static Path artifacts(ConnectionFlags connection) {
        Settings settings = connection.load();
        return settings.has(Setting.ARTIFACTS)
                ? settings.artifacts()
                : connection.stackHome().artifacts();
    }

    static WeightStore of(ConnectionFlags connection) {
        return new WeightStore(artifacts(connection));
    }

    /** What a spec may name. */
    static ReferenceNames names(WeightStore store) {
        return new ReferenceNames() {
            @Override
            public Optional<String> findDigest(ParameterType.Reference.Kind kind, String nameOrDigest) {
                return store.findDigest(nameOrDigest);
            }

            @Override
            public Collection<String> known(ParameterType.Reference.Kind kind) {
                return store.known();
            }
        };
    }
}
