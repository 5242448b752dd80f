package perdura.cli;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import perdura.grids.spec.ErrorCode;
import perdura.grids.spec.PerduraException;
import perdura.store.StoredDataSet;

/**
 * The report of an ingested data set, which lies in its folder.
 *
 * @param folder of the data set
 */
record DataReportFiles(Path folder) {
    private static final ObjectMapper JSON = new ObjectMapper();

    static DataReportFiles of(StoredDataSet data) {
        return new DataReportFiles(data.folder());
    }

    String text() {
        return read("report.txt");
    }

    JsonNode json() {
        try {
            return JSON.readTree(read("report.json"));
        } catch (IOException e) {
            throw unreadable(folder.resolve("report.json"), e);
        }
    }

    Path page() {
        return folder.resolve("report.html");
    }

    private String read(String name) {
        Path file = folder.resolve(name);
        try {
            return Files.readString(file);
        } catch (IOException e) {
            throw unreadable(file, e);
        }
    }

    private static PerduraException unreadable(Path file, IOException e) {
        return new PerduraException(
                ErrorCode.ARTIFACT_STORE_UNAVAILABLE,
                file + ": can't be read (" + e.getClass().getSimpleName() + "); is the artifact store mounted here?",
                e);
    }
}
