package perdura.cli;

import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import perdura.cli.words.Json;
import perdura.cli.words.Table;
import perdura.grids.spec.Advice;
import perdura.training.checkpoint.FileDigest;
import perdura.training.weights.WeightManifest;
import perdura.training.weights.WeightSet;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

/** Lists imported weights. */
@Command(name = "list", description = "List the imported weights.")
final class WeightsListCommand extends Subcommand {
    private static final int DIGEST_DIGITS = 12;

    @Option(names = "--json", description = "as JSON")
    private boolean json;

    @Override
    public Integer call() {
        List<WeightSet> sets = connection.weights().list();
        if (json) {
            terminal.result(Json.of(sets.stream().map(WeightsListCommand::view).toList()));
            return 0;
        }
        if (sets.isEmpty()) {
            terminal.message("No weights are imported; " + Advice.WEIGHTS_IMPORT.in("FILE", "NAME") + " does it.");
            return 0;
        }
        Table table = new Table("NAME", "DIGEST", "KIND", "SIZES", "BYTES", "SOURCE");
        for (WeightSet set : sets) {
            WeightManifest manifest = set.manifest();
            table.row(
                    set.names().isEmpty() ? "-" : String.join(", ", set.names()),
                    set.digest().substring(0, DIGEST_DIGITS),
                    manifest.kind().word(),
                    sizes(manifest),
                    sizeBytes(manifest),
                    manifest.source().file());
        }
        terminal.result(table.toString());
        return 0;
    }

    private static String sizes(WeightManifest manifest) {
        String image = manifest.image() == null ? "" : manifest.image().toString();
        String text = manifest.text() == null ? "" : manifest.text().toString();
        return image.isEmpty() || text.isEmpty() ? image + text : image + "; " + text;
    }

    private static long sizeBytes(WeightManifest manifest) {
        return manifest.files().values().stream()
                .mapToLong(FileDigest::sizeBytes)
                .sum();
    }

    private static Map<String, @Nullable Object> view(WeightSet set) {
        Map<String, @Nullable Object> view = new LinkedHashMap<>();
        view.put("names", set.names());
        view.put("digest", set.digest());
        view.put("kind", set.manifest().kind().word());
        view.put("image", set.manifest().image());
        view.put("text", set.manifest().text());
        view.put("sizeBytes", sizeBytes(set.manifest()));
        view.put("source", set.manifest().source());
        view.put("folder", set.folder().toString());
        return view;
    }
}
