package perdura.datasets.synth;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.util.zip.GZIPInputStream;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import perdura.datasets.seeds.RandomStream;
import perdura.datasets.synth.TableFiles.StoredGzip;

class TestStoredGzip {
    @ParameterizedTest
    @ValueSource(ints = {0, 1, 65_534, 65_535, 65_536, 131_070, 300_000})
    void javaReadsItBack(int length) throws IOException {
        byte[] bytes = new byte[length];
        RandomStream random = new RandomStream(length);
        for (int i = 0; i < length; i++) {
            bytes[i] = (byte) random.bounded(256);
        }
        ByteArrayOutputStream file = new ByteArrayOutputStream();
        try (StoredGzip gzip = new StoredGzip(file)) {
            for (int from = 0; from < length; from += 1000) {
                gzip.write(bytes, from, Math.min(1000, length - from));
            }
        }
        try (GZIPInputStream in = new GZIPInputStream(new ByteArrayInputStream(file.toByteArray()))) {
            assertThat(in.readAllBytes()).isEqualTo(bytes);
        }
    }
}
