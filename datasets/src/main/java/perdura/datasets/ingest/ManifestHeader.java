package perdura.datasets.ingest;

import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import perdura.datasets.text.Vocabulary;
import perdura.grids.spec.CanonicalJson;
import perdura.grids.spec.IngestSpec;

/** The first line of a manifest: the settings that decide what its other lines are. */
final class ManifestHeader {
    private static final String FORMAT = "perdura.manifest/1";

    private ManifestHeader() {}

    /** The line, without its end. */
    static String write(IngestSpec spec, List<String> labels, @Nullable Vocabulary vocabulary) {
        Map<String, @Nullable Object> line = new LinkedHashMap<>();
        line.put("format", FORMAT);
        line.put("set", spec.set().word());
        line.put("profile", spec.profile().name());
        line.put("imageSize", spec.imageSize());
        line.put(
                "views",
                ImageView.of(spec).stream()
                        .map(view -> Map.of(
                                "name", view.name(),
                                "size", view.size(),
                                "fit", view.fit().name()))
                        .toList());
        line.put("labels", labels);
        if (vocabulary != null) {
            line.put("vocabulary", vocabulary.digest());
            line.put("sections", spec.sections().name());
            line.put("minSentences", spec.minSentences());
        }
        return CanonicalJson.write(line);
    }
}
