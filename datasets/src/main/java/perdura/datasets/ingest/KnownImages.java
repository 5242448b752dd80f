package perdura.datasets.ingest;

import java.util.List;
import java.util.Optional;
import perdura.datasets.array.NpyFile;
import perdura.datasets.data.DataSet;
import perdura.datasets.ingest.PartWriter.StampLine;
import perdura.datasets.ingest.SampleLoader.LoadedImage;
import perdura.datasets.source.SourceTree.FileStamp;

/** The images of the data set that the last ingest with the same settings has made, of files that have not changed since. Thread-safe. */
final class KnownImages {
    private final DataSet data;
    private final NpyFile ids;
    private final NpyFile stamps;
    private final NpyFile sizes;
    private final NpyFile fileDigests;
    private final NpyFile pixelDigests;
    private final List<NpyFile> views;

    KnownImages(DataSet data, List<ImageView> views) {
        this.data = data;
        this.ids = data.array("image_ids");
        this.stamps = data.array("image_stamps");
        this.sizes = data.array("image_sizes");
        this.fileDigests = data.array("image_digests");
        this.pixelDigests = data.array("pixel_digests");
        this.views = views.stream().map(view -> data.array(view.name())).toList();
    }

    /**
     * Looks an image up: all but its mask and its boxes.
     *
     * @param stamp of its file now
     */
    Optional<LoadedImage> find(String sampleId, String imageId, FileStamp stamp) {
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

    private LoadedImage image(long row) {
        Manifest.Line.Image line = new Manifest.Line.Image(
                ids.textAt(row),
                fileDigests.hexAt(row),
                pixelDigests.hexAt(row),
                sizes.intAt(row, 0),
                sizes.intAt(row, 1));
        return new LoadedImage(line, views.stream().map(view -> view.read(row)).toList(), List.of());
    }
}
