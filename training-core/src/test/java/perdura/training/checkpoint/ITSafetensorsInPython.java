package perdura.training.checkpoint;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assumptions.assumeThat;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.IntStream;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import perdura.grids.spec.DurableEffects;

/** Needs a Python with {@code safetensors} and {@code numpy}: {@code -Dperdura.python=venv/bin/python}. */
class ITSafetensorsInPython {
    private static final String PYTHON = System.getProperty("perdura.python", "python3");

    @TempDir
    Path folder;

    /** Reads a file in a process that has the memory for it. Prints the number of tensors and the last value. */
    public static void main(String[] args) throws IOException {
        List<HostTensor> tensors = SafetensorsReader.read(Path.of(args[0]));
        ByteBuffer last = tensors.get(tensors.size() - 1).data();
        System.out.println(tensors.size() + " " + last.getFloat(last.limit() - 4));
    }

    @BeforeAll
    static void findPython() {
        int exit;
        try {
            exit = start("import safetensors, numpy").waitFor();
        } catch (IOException | InterruptedException e) {
            exit = -1;
        }
        assumeThat(exit).as("exit status of importing safetensors and numpy").isZero();
    }

    @Test
    void aCheckpointIsOpened() throws Exception {
        Checkpoint written = new CheckpointWriter(folder, CheckpointProcess.RUN, 1, "c0ffee", DurableEffects.counting())
                .write(Tensors.POSITION, Tensors.state(1.5f), null);
        assertThat(python("""
                        import sys
                        from safetensors.numpy import load_file
                        for name, tensor in sorted(load_file(sys.argv[1]).items()):
                            print(name, tensor.dtype, tensor.shape, tensor.tolist())
                        """, written.folder().resolve("weights.safetensors")))
                .containsExactly("bn1.num_batches_tracked int64 () 4", "conv1.weight float32 (3,) [1.5, 2.0, 3.0]");
    }

    @Test
    void aFileLargerThanTwoGibibytesIsOpened() throws Exception {
        int floats = 100 << 20; // 400 MiB
        ByteBuffer data = ByteBuffer.allocateDirect(4 * floats).order(ByteOrder.LITTLE_ENDIAN);
        data.putFloat(4 * (floats - 1), 7);
        List<HostTensor> tensors = IntStream.range(0, 6)
                .mapToObj(i -> new HostTensor("t" + i, HostTensor.ElementType.F32, List.of((long) floats), data))
                .toList();
        Path file = folder.resolve("large.safetensors");
        FileDigest written = SafetensorsWriter.write(file, tensors, DurableEffects.counting());
        assertThat(written.sizeBytes()).isGreaterThan(6L * 4 * floats);
        assertThat(python("""
                        import sys
                        from safetensors import safe_open
                        with safe_open(sys.argv[1], "np") as f:
                            last = f.get_slice("t5")[104857500:]
                            print(len(f.keys()), last.shape, last[-1])
                        """, file)).containsExactly("6 (100,) 7.0");
        Process reader = new ProcessBuilder(
                        Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                        "-XX:MaxDirectMemorySize=4g",
                        "-cp",
                        System.getProperty("java.class.path"),
                        ITSafetensorsInPython.class.getName(),
                        file.toString())
                .redirectErrorStream(true)
                .start();
        assertThat(new String(reader.getInputStream().readAllBytes(), StandardCharsets.UTF_8))
                .isEqualTo("6 7.0\n");
    }

    private static Process start(String script, Object... arguments) throws IOException {
        List<String> command = new ArrayList<>(List.of(PYTHON, "-c", script));
        for (Object argument : arguments) {
            command.add(argument.toString());
        }
        return new ProcessBuilder(command).redirectErrorStream(true).start();
    }

    private static List<String> python(String script, Object... arguments) throws Exception {
        Process process = start(script, arguments);
        String output = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
        assertThat(process.waitFor()).as(output).isZero();
        return output.lines().toList();
    }
}
