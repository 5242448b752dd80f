package perdura.training.tasks;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import perdura.grids.codec.ReferenceNames;
import perdura.grids.read.SweepReader;
import perdura.grids.spec.ErrorCode;
import perdura.grids.spec.PerduraException;
import perdura.testkit.Fuzzing;
import perdura.training.method.Methods;

/** Damaged texts for every reader of specs. */
@Tag("fuzz")
class ITFuzzSpecs {
    private static final String SWEEP = """
            apiVersion: perdura/v1
            kind: Sweep
            name: probe
            task: linear-probe
            base: {dataset: rsna, encoder: null}
            matrix:
              learningRate: {logRange: [1e-4, 1e-2, 3]}
              fraction: [0.01, 0.1, 1.0]
            objective: {metric: auroc, goal: max}
            strategy: {kind: random, count: 3}
            exclude:
              - {fraction: 0.1, learningRate: 1e-4}
            constraints:
              - "learningRate * fraction < 0.5 || fraction in [0.01, 1.0]"
              - "[1, 2, 3].exists(x, double(x) * fraction > 0.0) && !('a' + 'b').matches('c.*')"
            """;
    private static final String PRETRAIN = """
            apiVersion: perdura/v1
            kind: Pretrain
            name: prior
            experiment: test
            method: prior
            profile: tiny
            data: {format: mimic-cxr, root: data}
            resources: {device: cpu, threads: 1}
            """;

    @TempDir
    private Path folder;

    @Test
    void yamlOfSweeps() {
        Tasks tasks = Tasks.load();
        Path file = folder.resolve("grid.yaml");
        assertThat(Fuzzing.of("YAML of sweeps")
                        .run(
                                List.of(bytes(SWEEP)),
                                bytes -> SweepReader.read(
                                        Files.write(file, bytes),
                                        List.of(),
                                        tasks.schemas(),
                                        ReferenceNames.unchecked(),
                                        1_000),
                                ITFuzzSpecs::isFault)
                        .files())
                .isPositive();
    }

    @Test
    void constraints() {
        Tasks tasks = Tasks.load();
        String before = SWEEP.substring(0, SWEEP.indexOf("constraints:")) + "constraints:\n  - ";
        Path file = folder.resolve("grid.yaml");
        List<byte[]> sound = List.of(
                bytes("learningRate * fraction < 0.5 || fraction in [0.01, 1.0]"),
                bytes("[1, 2, 3].exists(x, double(x) * fraction > 0.0)"),
                bytes("[[1], [2]].map(x, x + x).all(y, y.size() < 4) ? true : 'a'.startsWith('b')"));
        assertThat(Fuzzing.of("CEL")
                        .run(
                                sound,
                                bytes -> {
                                    String text = new String(bytes, StandardCharsets.ISO_8859_1)
                                            .replaceAll("[^ -~]", " ")
                                            .replace("\\", "\\\\")
                                            .replace("\"", "\\\"");
                                    Files.writeString(file, before + "\"" + text + "\"\n");
                                    SweepReader.read(
                                            file, List.of(), tasks.schemas(), ReferenceNames.unchecked(), 1_000);
                                },
                                ITFuzzSpecs::isFault)
                        .files())
                .isPositive();
    }

    @Test
    void yamlOfPretrainings() throws IOException {
        Methods methods = Methods.load();
        Path file = folder.resolve("prior.yaml");
        Files.writeString(folder.resolve("vocab.txt"), "[PAD]\n"); // a spec that names none that is there is refused
        assertThat(Fuzzing.of("YAML of pre-trainings")
                        .run(
                                List.of(bytes(PRETRAIN.replace("root: data", "root: " + folder))),
                                bytes -> methods.specs().read(Files.write(file, bytes), List.of()),
                                ITFuzzSpecs::isFault)
                        .files())
                .isPositive();
    }

    private static boolean isFault(Throwable e) {
        return e instanceof PerduraException fault && fault.code() == ErrorCode.INVALID_SPEC;
    }

    private static byte[] bytes(String text) {
        return text.getBytes(StandardCharsets.UTF_8);
    }
}
