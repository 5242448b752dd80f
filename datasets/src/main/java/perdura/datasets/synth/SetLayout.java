package perdura.datasets.synth;

import java.io.IOException;
import java.nio.file.Path;
import java.util.List;

/** How a data set lies in its folder. */
abstract class SetLayout {
    final Path folder;
    final SynthConfig config;

    SetLayout(Path folder, SynthConfig config) {
        this.folder = folder;
        this.config = config;
    }

    /** The files that grow patient by patient, the truth apart. */
    abstract List<Table> tables();

    /** Writes the files that don't depend on patients. */
    void begin() throws IOException {}

    /**
     * Writes a patient's own files. Called from several threads, in no order.
     *
     * @return what the patient adds to the truth and to each of {@link #tables}, in their order
     */
    abstract List<String> write(Patient patient) throws IOException;

    /**
     * A file of a data set to which every patient adds rows.
     *
     * @param path below the data set's folder, with slashes; packed if it ends with {@code .gz}
     * @param header its first line with the line's end, or empty
     */
    record Table(String path, String header) {}
}
