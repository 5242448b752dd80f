package perdura.training.weights;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import perdura.grids.spec.DurableEffects;
import perdura.training.weights.WeightImporter.ImportResult;
import perdura.training.weights.WeightImporter.WeightImport;

class ITImportCrash {
    @TempDir
    Path root;

    /** Arguments: artifact root, instant to halt at or -1. Prints two lines: instants, digest. */
    public static void main(String[] args) {
        long halt = Long.parseLong(args[1]);
        DurableEffects effects = halt < 0 ? DurableEffects.counting() : DurableEffects.haltingAt(halt);
        ImportResult result = new WeightImporter(new WeightStore(Path.of(args[0])), effects)
                .run(new WeightImport(WeightFixtures.path("bert"), null, null, null, "clinical"));
        System.out.println(effects.instants());
        System.out.println(result.set().digest());
    }

    @Test
    void anImportHaltedAtAnyInstantLeavesWholeWeightsOrNone() throws Exception {
        Finished whole = run(root.resolve("whole"), -1);
        assertThat(whole.exit).as(whole.output.toString()).isZero();
        String digest = whole.output.get(1);
        long instants = Long.parseLong(whole.output.get(0));
        assertThat(instants).isGreaterThan(10);
        for (long instant = 0; instant < instants; instant++) {
            Path artifacts = root.resolve("halted-" + instant);
            assertThat(run(artifacts, instant).exit).isEqualTo(DurableEffects.HALTED);
            WeightStore store = new WeightStore(artifacts);
            for (WeightSet set : store.list()) {
                store.verify(set);
                assertThat(set.digest()).isEqualTo(digest);
            }
            assertThat(store.names().values()).allMatch(digest::equals);

            assertThat(run(artifacts, -1).output.get(1)).isEqualTo(digest);
            assertThat(store.load("clinical").digest()).isEqualTo(digest);
            store.verify(store.load(digest));
        }
    }

    private record Finished(int exit, List<String> output) {}

    private static Finished run(Path artifacts, long instant) throws Exception {
        List<String> command = new ArrayList<>();
        command.add(Path.of(System.getProperty("java.home"), "bin", "java").toString());
        command.addAll(
                List.of("-Xshare:auto", "-XX:TieredStopAtLevel=1", "-cp", System.getProperty("java.class.path")));
        command.addAll(List.of(ITImportCrash.class.getName(), artifacts.toString(), String.valueOf(instant)));
        Process process = new ProcessBuilder(command).redirectErrorStream(true).start();
        String output = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
        return new Finished(process.waitFor(), output.lines().toList());
    }
}
