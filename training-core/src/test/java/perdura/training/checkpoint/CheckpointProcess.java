package perdura.training.checkpoint;

import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import perdura.grids.spec.DurableEffects;
import perdura.grids.spec.Position;
import perdura.grids.spec.RunId;

/** A process that writes one checkpoint, for tests that kill it or take its disk away. */
final class CheckpointProcess {
    static final RunId RUN = new RunId("tiny-1");
    private static final int FLOATS = 100_000;

    private CheckpointProcess() {}

    /** Arguments: artifact root, step, fence, instant to halt at or -1. Prints two lines: instants, manifest digest. */
    public static void main(String[] args) {
        long halt = Long.parseLong(args[3]);
        DurableEffects effects = halt < 0 ? DurableEffects.counting() : DurableEffects.haltingAt(halt);
        long step = Long.parseLong(args[1]);
        Checkpoint written = new CheckpointWriter(Path.of(args[0]), RUN, Long.parseLong(args[2]), "c0ffee", effects)
                .write(new Position(1, 0, step), state(step), null);
        System.out.println(effects.instants());
        System.out.println(written.manifestDigest());
    }

    static TrainState state(long step) {
        float[] values = new float[FLOATS];
        for (int i = 0; i < values.length; i++) {
            values[i] = step + i;
        }
        return TrainState.ofWeights(List.of(Tensors.floats("weights", values)))
                .with(TrainState.OPTIMIZER, List.of(Tensors.floats("moments", values)));
    }

    /** Starts it; stderr joins stdout. */
    static Process start(List<String> before, Object... arguments) throws IOException {
        List<String> command = new ArrayList<>(before);
        command.add(Path.of(System.getProperty("java.home"), "bin", "java").toString());
        command.addAll(
                List.of("-Xshare:auto", "-XX:TieredStopAtLevel=1", "-cp", System.getProperty("java.class.path")));
        command.add(CheckpointProcess.class.getName());
        for (Object argument : arguments) {
            command.add(argument.toString());
        }
        return new ProcessBuilder(command).redirectErrorStream(true).start();
    }
}
