package perdura.training.checkpoint;

import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.util.List;
import java.util.stream.Stream;
import perdura.grids.spec.DurableEffects;
import perdura.grids.spec.Position;

/**
 * Names in a run's folder of checkpoints, and the moves between them. A folder that is being written or removed has a
 * name with a dot in front, so that a name without one always means a complete checkpoint.
 */
final class CheckpointFiles {
    static final int FORMAT = 1;
    static final String WEIGHTS = "weights.safetensors";
    static final String OPTIMIZER = "optimizer.safetensors";
    static final String STATE = "state.json";
    static final String MANIFEST = "MANIFEST.json";

    static final String WRITING = ".writing-";
    static final String REMOVING = ".removing-";

    private CheckpointFiles() {}

    static String name(Position position, String stateDigest) {
        return position.stage() + "-" + position.epoch() + "-" + position.step() + "-" + stateDigest.substring(0, 8);
    }

    static void rename(Path from, Path to, DurableEffects effects) throws IOException {
        effects.before();
        Files.move(from, to, StandardCopyOption.ATOMIC_MOVE);
        effects.after();
    }

    /** Brings the names in a folder to the disk. */
    static void syncFolder(Path folder, DurableEffects effects) throws IOException {
        effects.before();
        try (FileChannel channel = FileChannel.open(folder, StandardOpenOption.READ)) {
            channel.force(true);
        }
        effects.after();
    }

    /** Deletes a folder and the files in it, if it is there. Another process may be deleting it too. */
    static void deleteFolder(Path folder, DurableEffects effects) throws IOException {
        if (!Files.exists(folder)) {
            return;
        }
        effects.before();
        List<Path> files;
        try (Stream<Path> listed = Files.list(folder)) {
            files = listed.toList();
        }
        for (Path file : files) {
            Files.deleteIfExists(file);
        }
        Files.deleteIfExists(folder);
        effects.after();
    }
}
