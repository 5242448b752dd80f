package perdura.datasets.synth;

import java.io.IOException;
import java.util.List;

/** How a data set lies in its folder. */
interface SetLayout {
    /** The files that grow patient by patient. */
    List<SetTable> tables();

    /** Writes the files that don't depend on patients. */
    void begin() throws IOException;

    /**
     * Writes a patient's own files. Called from several threads, in no order.
     *
     * @return what the patient adds to each of {@link #tables}, in their order
     */
    List<String> write(Patient patient) throws IOException;
}
