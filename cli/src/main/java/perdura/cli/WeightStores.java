package perdura.cli;

import java.nio.file.Path;
import java.util.Collection;
import java.util.Optional;
import perdura.cli.settings.Setting;
import perdura.cli.settings.Settings;
import perdura.grids.read.WeightNames;
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
    static WeightNames names(WeightStore store) {
        return new WeightNames() {
            @Override
            public Optional<String> findDigest(String nameOrDigest) {
                return store.findDigest(nameOrDigest);
            }

            @Override
            public Collection<String> known() {
                return store.known();
            }
        };
    }
}
