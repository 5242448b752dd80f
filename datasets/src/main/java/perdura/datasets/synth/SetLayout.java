package perdura.datasets.synth;

import java.io.IOException;
import java.util.List;

/** How a data set lies in its folder. */
interface SetLayout {
    /** The files that grow patient by patient. */
    List<Table> tables();

    /** Writes the files that don't depend on patients. */
    void begin() throws IOException;

    /**
     * Writes a patient's own files. Called from several threads, in no order.
     *
     * @return what the patient adds to each of {@link #tables}, in their order
     */
    List<String> write(Patient patient) throws IOException;

    /**
     * A file of a data set to which every patient adds rows.
     *
     * @param path below the data set's folder, with slashes
     * @param header its first line with the line's end, or empty
     */
    record Table(String path, String header, Packing packing) {
        /** How the file is kept. */
        enum Packing {
            PLAIN,
            GZIP
        }
    }
}
