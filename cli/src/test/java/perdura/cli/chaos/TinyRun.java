package perdura.cli.chaos;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;

/** The spec and the data of a pre-training of seconds. */
final class TinyRun {
    private TinyRun() {}

    /** Writes a small synthetic data set. */
    static void writeData(Platform platform, Path folder) throws IOException, InterruptedException {
        platform.run(
                "data",
                "synth",
                "--format",
                "mimic-cxr",
                "--out",
                folder.toString(),
                "--studies",
                "160",
                "--seed",
                "7");
    }

    /**
     * Writes a spec of PRIOR.
     *
     * @param epochs passes over about a hundred studies in batches of eight
     * @param everySteps steps between commits
     */
    static Path writeSpec(Path file, Path data, int epochs, int everySteps) throws IOException {
        String plan = "stages: [{stage: 1, epochs: %d, warmupSteps: 5}]".formatted(epochs);
        return writeSpec(file, data, "prior", plan, everySteps);
    }

    /**
     * Writes the spec of a run of a method that takes long enough to be killed more than once.
     *
     * @param method {@code prior}, or {@code sense}, of which each epoch begins with some shards and their combination
     */
    static Path writeSpec(Path file, Path data, String method) throws IOException {
        return switch (method) {
            case "prior" -> writeSpec(file, data, 20, 20);
            case "sense" -> writeSpec(file, data, method, "epochs: 8\nclusters: {shardStudies: 24}", 5);
            default -> throw new IllegalArgumentException("chaos.method must be prior or sense, was " + method);
        };
    }

    private static Path writeSpec(Path file, Path data, String method, String plan, int everySteps) throws IOException {
        return Files.writeString(file, """
                apiVersion: perdura/v1
                kind: Pretrain
                name: chaos
                experiment: chaos
                method: %s
                profile: tiny
                batchSize: 8
                data: {root: %s}
                commit: {every: 1s, everySteps: %d}
                resources: {device: cpu, threads: 1}
                %s
                """.formatted(method, data, everySteps, plan));
    }

    /** Writes a spec of three stages: of four, two and two epochs of some twelve steps. */
    static Path writeStages(Path file, Path data) throws IOException {
        return Files.writeString(file, """
                apiVersion: perdura/v1
                kind: Pretrain
                name: stages
                experiment: chaos
                method: prior
                profile: tiny
                batchSize: 8
                data: {root: %s}
                stages:
                  - {stage: 1, epochs: 4, warmupSteps: 5}
                  - {stage: 2, epochs: 2, warmupSteps: 5}
                  - {stage: 3, epochs: 2, warmupSteps: 5}
                commit: {every: 1s, everySteps: 5, keep: 3}
                resources: {device: cpu, threads: 1}
                """.formatted(data));
    }
}
