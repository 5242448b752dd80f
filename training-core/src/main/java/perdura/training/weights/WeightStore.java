package perdura.training.weights;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import perdura.grids.input.RegularFile;
import perdura.grids.spec.Advice;
import perdura.grids.spec.ErrorCode;
import perdura.grids.spec.Nearest;
import perdura.grids.spec.PerduraException;
import perdura.grids.spec.ReadLimit;
import perdura.training.checkpoint.FileDigest;

/**
 * The imported weights of an artifact store: a folder for each, named by its digest, below {@code weights/}; and names for
 * them, files below {@code weights/names/} that hold a digest.
 */
public final class WeightStore {
    static final Pattern DIGEST = Pattern.compile("[0-9a-f]{64}");
    static final Pattern NAME = Pattern.compile("[a-z][a-z0-9._-]{0,59}");

    private static final Pattern DIGEST_BEGIN = Pattern.compile("[0-9a-f]{8,64}");
    private static final String NAMES = "names";

    private final Path root;

    /** @param artifactRoot the artifact store's folder; need not be there */
    public WeightStore(Path artifactRoot) {
        this.root = artifactRoot.toAbsolutePath().normalize().resolve("weights");
    }

    Path root() {
        return root;
    }

    Path namesFolder() {
        return root.resolve(NAMES);
    }

    Path folder(String digest) {
        return root.resolve(digest);
    }

    /** Whether a text can be a name: a letter, then at most 59 letters, digits, dots, dashes; no beginning of a digest. */
    static boolean isName(String text) {
        return NAME.matcher(text).matches() && !DIGEST_BEGIN.matcher(text).matches();
    }

    /** All names, sorted, with the digests that they stand for. */
    public Map<String, String> names() {
        Map<String, String> names = new TreeMap<>();
        for (Path file : list(namesFolder())) {
            String name = String.valueOf(file.getFileName());
            if (isName(name)) {
                String digest = new String(read(file), StandardCharsets.UTF_8).strip();
                if (DIGEST.matcher(digest).matches()) {
                    names.put(name, digest);
                }
            }
        }
        return names;
    }

    /** All weights, by digest. What is being written or is damaged is not among them. */
    public List<WeightSet> list() {
        Map<String, String> names = names();
        List<WeightSet> sets = new ArrayList<>();
        for (Path folder : list(root)) {
            if (DIGEST.matcher(String.valueOf(folder.getFileName())).matches()
                    && Files.isRegularFile(folder.resolve(WeightSet.MANIFEST))) {
                sets.add(load(String.valueOf(folder.getFileName()), names));
            }
        }
        return sets;
    }

    /** The digest of what a name, a digest, or the first 8 digits or more of one mean, if it is here. */
    public Optional<String> findDigest(String nameOrDigest) {
        String named = isName(nameOrDigest) ? names().get(nameOrDigest) : null;
        if (named != null) {
            return Optional.of(named);
        }
        if (!DIGEST_BEGIN.matcher(nameOrDigest).matches()) {
            return Optional.empty();
        }
        List<String> digests = list(root).stream()
                .map(folder -> String.valueOf(folder.getFileName()))
                .filter(folder -> DIGEST.matcher(folder).matches() && folder.startsWith(nameOrDigest))
                .toList();
        return digests.size() == 1 ? Optional.of(digests.get(0)) : Optional.empty();
    }

    /** Names and digests, for a suggestion. */
    public Collection<String> known() {
        TreeSet<String> known = new TreeSet<>(names().keySet());
        if (known.isEmpty()) {
            list().forEach(set -> known.add(set.digest().substring(0, 12)));
        }
        return known;
    }

    /**
     * Weights by name or digest.
     *
     * @throws PerduraException NOT_FOUND with the nearest known name
     */
    public WeightSet load(String nameOrDigest) {
        String digest = findDigest(nameOrDigest)
                .orElseThrow(() -> new PerduraException(
                        ErrorCode.NOT_FOUND,
                        "no weights '" + nameOrDigest + "' in " + root
                                + (known().isEmpty()
                                        ? "; bring some in with " + Advice.WEIGHTS_IMPORT.in("FILE", "NAME")
                                        : Nearest.suggestion(nameOrDigest, known()))));
        return load(digest, names());
    }

    private WeightSet load(String digest, Map<String, String> names) {
        Path folder = folder(digest);
        Path manifest = folder.resolve(WeightSet.MANIFEST);
        WeightManifest read = WeightManifest.read(manifest.toString(), read(manifest));
        if (!read.digest().equals(digest)) {
            throw new PerduraException(
                    ErrorCode.INVALID_WEIGHTS,
                    manifest + ": digest is " + read.digest() + ", expected the folder's name; import the file again");
        }
        return new WeightSet(
                folder,
                read,
                names.entrySet().stream()
                        .filter(name -> name.getValue().equals(digest))
                        .map(Map.Entry::getKey)
                        .toList());
    }

    /**
     * Reads all bytes of a weight set and compares them with its digest.
     *
     * @throws PerduraException INVALID_WEIGHTS if they are others; NOT_FOUND if the file is missing
     */
    public void verify(WeightSet set) {
        FileDigest expected = set.manifest().files().get(WeightSet.WEIGHTS);
        FileDigest actual;
        try {
            long size = RegularFile.require(set.weights()).size();
            if (expected != null && size != expected.sizeBytes()) {
                throw new PerduraException(
                        ErrorCode.INVALID_WEIGHTS,
                        set.weights() + ": has " + size + " bytes, expected " + expected.sizeBytes()
                                + "; remove the folder and import the file again");
            }
            actual = FileDigest.of(set.weights());
        } catch (NoSuchFileException e) {
            throw new PerduraException(ErrorCode.NOT_FOUND, set.weights() + ": is missing; import the file again", e);
        } catch (IOException e) {
            throw unreadable(set.weights(), e);
        }
        if (!actual.sha256().equals(set.digest())) {
            throw new PerduraException(
                    ErrorCode.INVALID_WEIGHTS,
                    set.weights() + ": SHA-256 is " + actual.sha256() + ", expected " + set.digest()
                            + "; remove the folder and import the file again");
        }
    }

    private static List<Path> list(Path folder) {
        if (!Files.isDirectory(folder)) {
            return List.of();
        }
        try (Stream<Path> entries = Files.list(folder)) {
            return entries.sorted().toList();
        } catch (IOException e) {
            throw unreadable(folder, e);
        }
    }

    private static byte[] read(Path file) {
        try {
            return RegularFile.read(file, ReadLimit.STORE_FILE_BYTES);
        } catch (NoSuchFileException e) {
            throw new PerduraException(ErrorCode.NOT_FOUND, file + ": is missing; import the weights again", e);
        } catch (IOException e) {
            throw unreadable(file, e);
        }
    }

    private static PerduraException unreadable(Path path, IOException e) {
        if (e instanceof RegularFile.NotRegularException || e instanceof RegularFile.TooLargeException) {
            return new PerduraException(
                    ErrorCode.INVALID_WEIGHTS,
                    path + ": can't be read (" + RegularFile.reason(e) + "); remove it and import the weights again",
                    e);
        }
        return new PerduraException(
                ErrorCode.ARTIFACT_STORE_UNAVAILABLE,
                path + ": can't be read (" + RegularFile.reason(e) + "); is the store mounted?",
                e);
    }
}
