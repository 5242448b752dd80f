package perdura.activities.worker;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;

/** A supervisor as its own process, so that a test can kill it. Reads its settings from standard input. */
final class SupervisorProgram {
    private SupervisorProgram() {}

    static Process start(WorkerConfig config) throws IOException {
        return start(config, SupervisorProgram.class);
    }

    /** @param program reads its settings from standard input, as this one */
    static Process start(WorkerConfig config, Class<?> program) throws IOException {
        Process process = new ProcessBuilder(
                        Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                        "-cp",
                        System.getProperty("java.class.path"),
                        program.getName())
                .redirectOutput(ProcessBuilder.Redirect.INHERIT)
                .redirectError(ProcessBuilder.Redirect.INHERIT)
                .start();
        process.getOutputStream()
                .write(new SlotSettings(config, 0, "cpu").toLine().getBytes(StandardCharsets.UTF_8));
        process.getOutputStream().flush();
        return process;
    }

    public static void main(String[] args) throws IOException, InterruptedException {
        BufferedReader in = new BufferedReader(new InputStreamReader(System.in, StandardCharsets.UTF_8));
        new WorkerSupervisor(SlotSettings.read(in).worker()).run();
    }
}
