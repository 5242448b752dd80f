package perdura.datasets.ingest;

import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;
import java.util.Optional;
import perdura.datasets.array.NpyFile;
import perdura.datasets.data.DataSet;
import perdura.datasets.ingest.PartWriter.StampLine;
import perdura.datasets.source.SourceTree.FileStamp;

/** Images that an earlier ingest has made from files that have not changed since. */
interface KnownImages {
    /** Knows nothing: every file is read. */
    KnownImages NONE = (sampleId, imageId, stamp) -> Optional.empty();

    /**
     * Looks an image up.
     *
     * @param stamp of its file now
     */
    Optional<KnownImage> find(String sampleId, String imageId, FileStamp stamp);

    /**
     * What is known of one.
     *
     * @param views pixels of each view
     */
    record KnownImage(String sha256, String pixels, int width, int height, java.util.List<byte[]> views) {}

    /** The images of the data set that the last ingest with the same settings has made. Thread-safe. */
    static final class EarlierDataSet implements KnownImages {
        private final DataSet data;
        private final NpyFile ids;
        private final NpyFile stamps;
        private final NpyFile sizes;
        private final NpyFile fileDigests;
        private final NpyFile pixelDigests;
        private final List<NpyFile> views;

        EarlierDataSet(DataSet data, List<ImageView> views) {
            this.data = data;
            this.ids = data.array("image_ids");
            this.stamps = data.array("image_stamps");
            this.sizes = data.array("image_sizes");
            this.fileDigests = data.array("image_digests");
            this.pixelDigests = data.array("pixel_digests");
            this.views = views.stream().map(view -> data.array(view.name())).toList();
        }

        @Override
        public Optional<KnownImage> find(String sampleId, String imageId, FileStamp stamp) {
            long sample = data.find(sampleId);
            if (sample < 0 || stamp.equals(StampLine.MISSING)) {
                return Optional.empty();
            }
            for (long row = data.firstImage(sample); row < data.firstImage(sample) + data.imageCount(sample); row++) {
                if (ids.textAt(row).equals(imageId)) {
                    return stamp.equals(stamp(row)) ? Optional.of(image(row)) : Optional.empty();
                }
            }
            return Optional.empty();
        }

        private FileStamp stamp(long row) {
            return new FileStamp(stamps.longAt(row, 0), stamps.longAt(row, 1));
        }

        private KnownImage image(long row) {
            List<byte[]> pixels = new ArrayList<>();
            for (NpyFile view : views) {
                byte[] own = new byte[view.rowBytes()];
                view.read(row, own, 0);
                pixels.add(own);
            }
            return new KnownImage(
                    hex(fileDigests, row), hex(pixelDigests, row), sizes.intAt(row, 0), sizes.intAt(row, 1), pixels);
        }

        private static String hex(NpyFile digests, long row) {
            byte[] digest = new byte[digests.rowBytes()];
            digests.read(row, digest, 0);
            return HexFormat.of().formatHex(digest);
        }
    }
}
