package perdura.datasets.image;

import java.util.Arrays;
import java.util.Optional;

/** What DICOM files hold that are no images, by their SOP class (PS3.4 B.5, PS3.3 F). */
enum DicomContent {
    DIRECTORY("1.2.840.10008.1.3.10", "the directory of a medium (DICOMDIR)"),
    REPORT("1.2.840.10008.5.1.4.1.1.88.", "a structured report"),
    DOCUMENT("1.2.840.10008.5.1.4.1.1.104.", "an encapsulated document"),
    PRESENTATION("1.2.840.10008.5.1.4.1.1.11.", "a presentation state"),
    WAVEFORM("1.2.840.10008.5.1.4.1.1.9.", "a waveform"),
    RADIOTHERAPY("1.2.840.10008.5.1.4.1.1.481.", "a plan or another object of radiotherapy"),
    RAW_DATA("1.2.840.10008.5.1.4.1.1.66", "raw data, a registration or a segmentation");

    private final String uid;
    private final String shown;

    DicomContent(String uid, String shown) {
        this.uid = uid;
        this.shown = shown;
    }

    /** For messages: what a file without pixels holds, by its own class or that of its file meta information. */
    static Optional<String> withoutPixels(String sopClass, String mediaSopClass) {
        String uid = sopClass.isEmpty() ? mediaSopClass : sopClass;
        return Arrays.stream(values())
                .filter(content -> uid.startsWith(content.uid))
                .map(content -> content.shown)
                .findFirst();
    }
}
