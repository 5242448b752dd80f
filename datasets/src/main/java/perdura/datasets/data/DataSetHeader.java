package perdura.datasets.data;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.DeserializationFeature;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.json.JsonMapper;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import perdura.datasets.array.NpyWriter.NpyInfo;
import perdura.grids.input.RegularFile;
import perdura.grids.spec.Advice;
import perdura.grids.spec.ErrorCode;
import perdura.grids.spec.IngestSpec;
import perdura.grids.spec.PerduraException;
import perdura.grids.spec.PlainText;
import perdura.grids.spec.ReadLimit;
import perdura.grids.spec.SourceSet;

/**
 * {@code dataset.json}: what an ingested data set is. Written last, so a folder that has it is whole.
 *
 * @param digest SHA-256 of {@code manifest.jsonl}: the data set's identity
 * @param imageSize side of the images that a model sees, pixels
 * @param labels names of the columns of {@code labels.npy}
 * @param vocabulary of the reports; null for a set without
 * @param pixels mean and deviation of the pixels in [0, 1], by split
 * @param arrays by file name
 */
public record DataSetHeader(
        int format,
        String digest,
        SourceSet set,
        IngestSpec.Profile profile,
        int imageSize,
        List<String> labels,
        @Nullable Words vocabulary,
        long samples,
        long images,
        long patients,
        Map<String, Long> splits,
        Map<String, PixelStatistics> pixels,
        Map<String, NpyInfo> arrays) {
    /** The format that this program writes. */
    public static final int FORMAT = 1;

    /** Its name in the folder of a data set. */
    public static final String FILE = "dataset.json";

    private static final ObjectMapper JSON = JsonMapper.builder()
            .disable(DeserializationFeature.FAIL_ON_UNKNOWN_PROPERTIES)
            .build();

    public DataSetHeader {
        labels = List.copyOf(labels);
        splits = Collections.unmodifiableMap(new LinkedHashMap<>(splits));
        pixels = Collections.unmodifiableMap(new LinkedHashMap<>(pixels));
        arrays = Collections.unmodifiableMap(new LinkedHashMap<>(arrays));
    }

    /**
     * The vocabulary that the reports were cut by.
     *
     * @param pieces how many it has
     * @param sha256 of its file
     */
    public record Words(int pieces, String sha256) {}

    /** Of 8-bit pixels divided by 255. */
    public record PixelStatistics(double mean, double deviation) {}

    /** @throws PerduraException INVALID_DATA if the folder holds no whole data set of a format that we know */
    static DataSetHeader read(Path folder) {
        Path file = folder.resolve(FILE);
        if (!Files.exists(file)) {
            throw new PerduraException(
                    ErrorCode.INVALID_DATA,
                    folder + ": no ingested data set; run its " + Advice.DATA_INGEST.in("SET", "DIR") + " again");
        }
        try {
            DataSetHeader header =
                    JSON.readValue(RegularFile.read(file, ReadLimit.STORE_FILE_BYTES), DataSetHeader.class);
            if (header == null) {
                throw damaged(file, "it is null", null);
            }
            if (header.format() != FORMAT) {
                throw new PerduraException(
                        ErrorCode.INVALID_DATA,
                        file + ": format " + header.format() + ", this program knows " + FORMAT
                                + "; ingest the data set again");
            }
            return header;
        } catch (JsonProcessingException e) {
            throw damaged(file, PlainText.shown(e.getOriginalMessage()), e);
        } catch (IOException e) {
            throw damaged(file, RegularFile.reason(e), e);
        }
    }

    private static PerduraException damaged(Path file, String what, @Nullable IOException cause) {
        return new PerduraException(
                ErrorCode.INVALID_DATA, file + ": damaged (" + what + "); ingest the data set again", cause);
    }

    /** As JSON. */
    public byte[] write() {
        try {
            return JSON.writerWithDefaultPrettyPrinter().writeValueAsBytes(this);
        } catch (IOException e) {
            throw new IllegalStateException("a header can't be written", e);
        }
    }
}
