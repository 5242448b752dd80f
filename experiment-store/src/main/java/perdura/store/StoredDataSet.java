package perdura.store;

import java.net.URI;
import java.nio.file.Path;
import java.time.Instant;
import java.util.List;
import org.jdbi.v3.core.mapper.Nested;

/**
 * An ingested data set.
 *
 * @param digest its identity
 * @param names what people call it, sorted
 * @param uri folder of its arrays
 */
public record StoredDataSet(
        String digest,
        List<String> names,
        @Nested Source source,
        @Nested Size size,
        String uri,
        Instant recordedAt) {
    public StoredDataSet {
        names = List.copyOf(names);
    }

    /**
     * What it was made of.
     *
     * @param sourceSet word of the source set
     * @param profile whose rules its images and reports follow
     * @param imageSize side of the images that a model sees, pixels
     */
    public record Source(String sourceSet, String profile, int imageSize) {}

    /** How much there is of it. */
    public record Size(long samples, long images, long patients) {}

    /** Where its arrays lie. */
    public Path folder() {
        return Path.of(URI.create(uri));
    }
}
