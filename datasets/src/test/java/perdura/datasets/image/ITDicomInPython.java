package perdura.datasets.image;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assumptions.assumeThat;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import perdura.datasets.image.DicomWriter.Encoding;
import perdura.datasets.image.DicomWriter.Photometric;
import perdura.datasets.image.DicomWriter.Tags;

/** Needs a Python with {@code pydicom}, {@code numpy} and {@code Pillow}: {@code -Dperdura.python=venv/bin/python}. */
class ITDicomInPython {
    private static final String PYTHON = System.getProperty("perdura.python", "python3");

    @TempDir
    Path folder;

    @BeforeAll
    static void findPython() {
        int exit;
        try {
            exit = start("import pydicom, numpy, PIL").waitFor();
        } catch (IOException | InterruptedException e) {
            exit = -1;
        }
        assumeThat(exit).as("exit status of importing pydicom, numpy and PIL").isZero();
    }

    @Test
    void everyEncodingIsOpened() throws Exception {
        byte[] pixels = new byte[15 * 7];
        for (int i = 0; i < pixels.length; i++) {
            pixels[i] = (byte) (2 * i);
        }
        for (Encoding encoding : Encoding.values()) {
            for (Photometric photometric : Photometric.values()) {
                Tags tags = new Tags("p1", "1.2.3.4", "1.2.3", "1.2.3.1", "PA", photometric);
                Path file = folder.resolve(encoding + "-" + photometric + ".dcm");
                Files.write(file, DicomWriter.write(new GrayImage(15, 7, pixels.clone()), tags, encoding));
                String line = python("""
                        import sys, numpy, pydicom
                        pydicom.config.settings.reading_validation_mode = pydicom.config.RAISE
                        d = pydicom.dcmread(sys.argv[1])
                        a = d.pixel_array.astype(int)
                        shown = 255 - a if d.PhotometricInterpretation == "MONOCHROME1" else a
                        loss = abs(shown - 2 * numpy.arange(105).reshape(7, 15)).max()
                        print(d.file_meta.TransferSyntaxUID, d.PhotometricInterpretation, d.PatientID, d.ViewPosition, loss <= 2)
                        """, file);
                assertThat(line).isEqualTo(encoding.uid() + " " + photometric + " p1 PA True");
            }
        }
    }

    private static String python(String program, Path file) throws IOException, InterruptedException {
        Process process = start(program, file.toString());
        String out = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
        assertThat(process.waitFor()).as(out).isZero();
        return out.strip();
    }

    private static Process start(String program, String... arguments) throws IOException {
        ProcessBuilder builder = new ProcessBuilder(PYTHON, "-c", program);
        builder.command().addAll(Arrays.asList(arguments));
        return builder.redirectErrorStream(true).start();
    }
}
