package perdura.cli;

import java.nio.file.Files;
import java.nio.file.Path;
import org.jspecify.annotations.Nullable;
import perdura.grids.read.IngestSpecJson;
import perdura.grids.spec.Advice;
import perdura.grids.spec.EnumWord;
import perdura.grids.spec.IngestSpec;
import perdura.grids.spec.IngestSpec.Profile;
import perdura.grids.spec.IngestSpec.Sampling;
import perdura.grids.spec.IngestSpec.Sections;
import perdura.grids.spec.SourceSet;
import perdura.store.StoredIngest;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Spec;

/** How files become a data set: the flags of the commands that read them. */
final class IngestFlags {
    @Spec(Spec.Target.MIXEE)
    private CommandSpec spec = CommandSpec.create();

    @Option(
            names = "--profile",
            paramLabel = "PROFILE",
            description =
                    "whose rules hold for images and reports: ${COMPLETION-CANDIDATES}; default: ${DEFAULT-VALUE}")
    private Profile profile = Profile.STANDARD;

    @Option(
            names = "--image-size",
            paramLabel = "PX",
            description = "side of the images that the model sees; default: ${DEFAULT-VALUE}, sense on siim: 512")
    private @Nullable Integer imageSize;

    @Option(
            names = "--vocabulary",
            paramLabel = "FILE",
            description = "WordPiece vocabulary of the reports; default: vocab.txt in the data set's folder")
    private @Nullable Path vocabulary;

    @Option(
            names = "--min-sentences",
            paramLabel = "N",
            description = "fewer sentences leave a study out; default: the profile's")
    private @Nullable Integer minSentences;

    @Option(
            names = "--sections",
            paramLabel = "SECTIONS",
            description = "findings or findings_impression; default: the profile's")
    private @Nullable Sections sections;

    @Option(
            names = "--list",
            paramLabel = "FILE",
            description = "chexpert-5x200: the authors' list; default: sample by the rule")
    private @Nullable Path list;

    @Option(
            names = "--sampling-seed",
            paramLabel = "S",
            description = "chexpert-5x200: seed of the sampling; default: ${DEFAULT-VALUE}")
    private long samplingSeed = Sampling.STANDARD.seed();

    @Option(
            names = "--per-class",
            paramLabel = "N",
            description = "chexpert-5x200: images of each class; default: ${DEFAULT-VALUE}")
    private int perClass = Sampling.STANDARD.perClass();

    @Option(names = "--strict", description = "end at the first fault, instead of leaving its sample out")
    private boolean strict;

    @Option(names = "--verify", description = "read every file anew, also those whose size and time are the same")
    private boolean verify;

    /** @throws ParameterException if a flag does not fit the set, or a file is not there */
    IngestSpec ingest(SourceSet set, Path root) {
        Path folder = root.toAbsolutePath().normalize();
        if (!Files.exists(folder)) {
            throw wrong("no folder " + folder + "; it must hold the data set as its owner ships it");
        }
        try {
            return new IngestSpec(
                    set,
                    folder,
                    profile,
                    imageSize != null ? imageSize : profile.imageSize(set),
                    vocabulary(set, folder),
                    minSentences != null ? minSentences : profile.minSentences(),
                    sections != null ? sections : profile.sections(),
                    list(set),
                    new Sampling(samplingSeed, perClass),
                    strict,
                    verify);
        } catch (IllegalArgumentException e) {
            throw wrong(String.valueOf(e.getMessage()));
        }
    }

    /** A set without reports, as the flags would have it with their defaults and this size. */
    static IngestSpec standard(SourceSet set, Path root, int imageSize) {
        IngestFlags flags = new IngestFlags();
        flags.imageSize = imageSize;
        return flags.ingest(set, root);
    }

    /** The command line that begins this very ingest again, or comes back to it. */
    static String command(StoredIngest ingest) {
        IngestSpec spec = IngestSpecJson.read(ingest.identity().spec());
        IngestSpec usual = new IngestSpec(
                spec.set(),
                spec.root(),
                Profile.STANDARD,
                Profile.STANDARD.imageSize(spec.set()),
                spec.vocabulary() == null ? null : spec.root().resolve("vocab.txt"),
                spec.profile().minSentences(),
                spec.profile().sections(),
                null,
                Sampling.STANDARD,
                false,
                false);
        StringBuilder line = new StringBuilder(Advice.DATA_INGEST.of(spec.set().word(), spec.root()));
        add(line, "--name", ingest.identity().name(), null);
        add(line, "--profile", spec.profile().word(), usual.profile().word());
        add(line, "--image-size", spec.imageSize(), null);
        add(line, "--vocabulary", spec.vocabulary(), usual.vocabulary());
        add(line, "--min-sentences", spec.minSentences(), usual.minSentences());
        add(
                line,
                "--sections",
                EnumWord.of(spec.sections()).replace('-', '_'),
                EnumWord.of(usual.sections()).replace('-', '_'));
        add(line, "--list", spec.list(), null);
        add(line, "--sampling-seed", spec.sampling().seed(), usual.sampling().seed());
        add(line, "--per-class", spec.sampling().perClass(), usual.sampling().perClass());
        line.append(spec.strict() ? " --strict" : "").append(spec.verify() ? " --verify" : "");
        return line.toString();
    }

    private static void add(StringBuilder line, String flag, @Nullable Object value, @Nullable Object usual) {
        if (value != null && !value.equals(usual)) {
            line.append(' ').append(flag).append(' ').append(Advice.quote(value.toString()));
        }
    }

    private @Nullable Path vocabulary(SourceSet set, Path folder) {
        if (!set.hasReports()) {
            if (vocabulary != null) {
                throw wrong("--vocabulary: " + set.word() + " has no reports; leave the flag out");
            }
            return null;
        }
        Path file = vocabulary != null ? vocabulary.toAbsolutePath().normalize() : folder.resolve("vocab.txt");
        if (!Files.isRegularFile(file)) {
            throw wrong("no file " + file + "; --vocabulary must name a vocab.txt with one WordPiece a line");
        }
        return file;
    }

    private @Nullable Path list(SourceSet set) {
        if (list == null) {
            return null;
        }
        if (set != SourceSet.CHEXPERT_5X200) {
            throw wrong("--list: only chexpert-5x200 is chosen by a list; leave the flag out");
        }
        Path file = list.toAbsolutePath().normalize();
        if (!Files.isRegularFile(file)) {
            throw wrong("no file " + file + "; --list must name the list of the set");
        }
        return file;
    }

    private ParameterException wrong(String message) {
        return new ParameterException(spec.commandLine(), message);
    }
}
