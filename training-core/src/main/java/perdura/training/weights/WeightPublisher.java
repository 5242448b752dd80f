package perdura.training.weights;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.DirectoryNotEmptyException;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import java.util.UUID;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import perdura.datasets.file.PrivateFiles;
import perdura.grids.spec.DurableEffects;
import perdura.grids.spec.PerduraException;
import perdura.training.checkpoint.DurableFiles;

/**
 * Gives written weights their place in the store. A folder has a name with a dot in front until all of it is on disk, so a
 * crash at any instant leaves either no weights or whole ones.
 */
record WeightPublisher(WeightStore store, DurableEffects effects) {
    private static final String WRITING = ".writing-";
    private static final String REMOVING = ".removing-";
    /** An import takes seconds: what has been unfinished for a day was left by a crash. */
    private static final Duration ABANDONED = Duration.ofDays(1);

    /** A folder of its own to write into; not made yet. */
    Path unfinishedFolder() {
        return store.root().resolve(WRITING + UUID.randomUUID());
    }

    /** Makes the store, and removes what crashed imports left behind. */
    void sweep() throws IOException {
        PrivateFiles.createDirectories(store.root());
        Instant limit = Instant.now().minus(ABANDONED);
        List<Path> entries;
        try (Stream<Path> listed = Files.list(store.root())) {
            entries = listed.toList();
        }
        for (Path entry : entries) {
            String name = String.valueOf(entry.getFileName());
            boolean unfinished = name.startsWith(WRITING) || name.startsWith(REMOVING);
            if (unfinished && Files.getLastModifiedTime(entry).toInstant().isBefore(limit)) {
                DurableFiles.deleteFolder(entry, effects);
            }
        }
    }

    /**
     * Gives the folder its name, the digest. If these weights are there already, they stay, and their manifest learns what
     * is new; a damaged copy is replaced.
     *
     * @return whether they are new
     */
    boolean publish(Path writing, WeightManifest manifest) throws IOException {
        DurableFiles.syncFolder(writing, effects);
        Path target = store.folder(manifest.digest());
        Optional<WeightManifest> there = findWhole(manifest.digest());
        if (there.isPresent()) {
            learn(writing, target, manifest, there.get());
            return false;
        }
        Path removing = store.root().resolve(REMOVING + UUID.randomUUID());
        if (Files.exists(target)) {
            DurableFiles.rename(target, removing, effects);
        }
        try {
            DurableFiles.rename(writing, target, effects);
        } catch (FileAlreadyExistsException | DirectoryNotEmptyException e) {
            return false; // another import of the same weights was faster
        }
        DurableFiles.syncFolder(store.root(), effects);
        DurableFiles.deleteFolder(removing, effects);
        return true;
    }

    private Optional<WeightManifest> findWhole(String digest) {
        try {
            WeightSet set = store.load(digest);
            store.verify(set);
            return Optional.of(set.manifest());
        } catch (PerduraException missingOrDamaged) {
            return Optional.empty();
        }
    }

    private void learn(Path writing, Path target, WeightManifest manifest, WeightManifest there) throws IOException {
        WeightManifest joined = manifest.with(there);
        boolean sameText = joined.text() == null || joined.text().equals(there.text());
        if (sameText && joined.files().equals(there.files())) {
            return;
        }
        if (manifest.files().containsKey(WeightSet.VOCABULARY)) {
            DurableFiles.rename(writing.resolve(WeightSet.VOCABULARY), target.resolve(WeightSet.VOCABULARY), effects);
        }
        Path beside = writing.resolve("joined.json");
        DurableFiles.write(beside, joined.write().getBytes(StandardCharsets.UTF_8), effects);
        DurableFiles.rename(beside, target.resolve(WeightSet.MANIFEST), effects);
        DurableFiles.syncFolder(target, effects);
    }

    /** @return the digest that the name stood for, if it was another */
    @Nullable
    String name(String name, String digest) throws IOException {
        String before = store.names().get(name);
        if (digest.equals(before)) {
            return null;
        }
        PrivateFiles.createDirectories(store.namesFolder());
        Path beside = store.namesFolder().resolve(WRITING + UUID.randomUUID());
        DurableFiles.write(beside, (digest + "\n").getBytes(StandardCharsets.UTF_8), effects);
        DurableFiles.rename(beside, store.namesFolder().resolve(name), effects);
        DurableFiles.syncFolder(store.namesFolder(), effects);
        return before;
    }

    /** Removes a folder that was not published; what can't be removed now has no name that anybody reads. */
    void remove(Path writing) {
        try {
            DurableFiles.deleteFolder(writing, effects);
        } catch (IOException e) {
            // the next import of another day removes it
        }
    }
}
