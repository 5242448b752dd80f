package perdura.cli;

import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Objects;
import java.util.function.LongConsumer;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;
import perdura.cli.words.Terminal;
import perdura.datasets.synth.SynthConfig;
import perdura.datasets.synth.SyntheticSet;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;
import picocli.CommandLine.TypeConversionException;

/** Makes synthetic data sets. */
@Command(
        name = "synth",
        description = {
            "Write synthetic data sets in the layouts of the real ones, with the truth about every image.",
            "Same flags, same bytes: on any machine, with any number of threads."
        })
final class DataSynthCommand extends Subcommand {
    private static final int PATIENTS = 1000;

    @Option(
            names = "--format",
            paramLabel = "SET",
            description = "mimic-cxr, chexpert, rsna, siim or all; default: mimic-cxr")
    private SynthChoice choice = SynthChoice.parse("mimic-cxr");

    @Option(
            names = "--out",
            paramLabel = "DIR",
            required = true,
            description = "a new or empty folder; with all, each set gets a folder in it")
    private @Nullable Path out;

    @Option(names = "--patients", paramLabel = "N", description = "patients of each set; default: " + PATIENTS)
    private @Nullable Integer patients;

    @Option(
            names = "--studies",
            paramLabel = "N",
            description = "instead: patients until there are N studies; mimic-cxr alone")
    private @Nullable Integer studies;

    @Option(names = "--seed", paramLabel = "S", description = "same seed, same bytes; default: ${DEFAULT-VALUE}")
    private long seed = 1;

    @Option(
            names = "--difficulty",
            paramLabel = "D",
            description = "from 0, findings leap to the eye, to 1, they hide; default: ${DEFAULT-VALUE}")
    private double difficulty = SynthConfig.DEFAULT_DIFFICULTY;

    @Option(
            names = "--image-size",
            paramLabel = "PX",
            description = "shortest side; default: 128, of rsna and siim 256")
    private @Nullable Integer imageSize;

    @Option(
            names = "--siim-stage",
            paramLabel = "1|2",
            description = "which copy of SIIM's table: 1 has its stray blanks; default: ${DEFAULT-VALUE}")
    private int siimStage = 1;

    @Option(
            names = "--short-reports",
            paramLabel = "SHARE",
            description = "share of the reports of mimic-cxr that are a bare impression, 0 to 1; default: none")
    private double shortReports;

    @Option(names = "--threads", paramLabel = "N", description = "default: the cores of this machine")
    private int threads = Runtime.getRuntime().availableProcessors();

    @Override
    public Integer call() {
        Path folder = Objects.requireNonNull(out);
        List<SynthConfig> configs = configs();
        for (SynthConfig config : configs) {
            Path target = choice.isSeveral() ? folder.resolve(config.format().key()) : folder;
            SynthProgress progress = new SynthProgress(terminal, config.amount());
            SyntheticSet.write(target, config, threads, progress);
            progress.end();
            if (config.format() == SynthConfig.Format.MIMIC_CXR) {
                terminal.message("A pre-training needs a spec that names the folder: data: {root: " + target + "}");
            }
            terminal.result(target.toString());
        }
        return 0;
    }

    /** All settings are looked at before anything is written. */
    private List<SynthConfig> configs() {
        if (patients != null && studies != null) {
            throw wrong("--patients and --studies exclude each other; write one of them");
        }
        if (siimStage != 1 && siimStage != 2) {
            throw wrong("--siim-stage must be 1 or 2, was " + siimStage);
        }
        if (threads < 1) {
            throw wrong("--threads must be >= 1, was " + threads);
        }
        try {
            return choice.formats().stream().map(this::config).toList();
        } catch (IllegalArgumentException e) {
            throw wrong(e);
        }
    }

    private SynthConfig config(SynthConfig.Format format) {
        SynthConfig.Amount amount = studies != null
                ? new SynthConfig.Amount(SynthConfig.Amount.Unit.STUDIES, studies)
                : new SynthConfig.Amount(SynthConfig.Amount.Unit.PATIENTS, patients == null ? PATIENTS : patients);
        return new SynthConfig(
                format,
                amount,
                seed,
                difficulty,
                imageSize == null ? format.defaultImageSize() : imageSize,
                siimStage == 1 ? SynthConfig.SiimCopy.STAGE_1 : SynthConfig.SiimCopy.STAGE_2,
                shortReports);
    }

    /**
     * The layouts of synthetic data sets as the command line writes them: one, or {@code all}.
     *
     * @param formats at least one
     */
    record SynthChoice(List<SynthConfig.Format> formats) {
        private static final String ALL = "all";

        SynthChoice {
            formats = List.copyOf(formats);
        }

        /** Reads the word. */
        static SynthChoice parse(String text) {
            List<SynthConfig.Format> formats = Arrays.stream(SynthConfig.Format.values())
                    .filter(format -> text.equals(ALL) || format.key().equals(text))
                    .toList();
            if (formats.isEmpty()) {
                String known = Arrays.stream(SynthConfig.Format.values())
                        .map(SynthConfig.Format::key)
                        .collect(Collectors.joining(", "));
                throw new TypeConversionException("unknown layout '" + text + "'; known are " + known + ", " + ALL);
            }
            return new SynthChoice(formats);
        }

        /** Whether several sets are asked for, each in a folder of its own. */
        boolean isSeveral() {
            return formats.size() > 1;
        }
    }

    /** Tells how far the making of a data set is. */
    static final class SynthProgress implements LongConsumer {
        private final Terminal terminal;
        private final SynthConfig.Amount amount;
        private long told = -1;

        SynthProgress(Terminal terminal, SynthConfig.Amount amount) {
            this.terminal = terminal;
            this.amount = amount;
        }

        @Override
        public synchronized void accept(long done) {
            long percent = 100 * done / amount.count();
            if (terminal.interactive() && percent > told) {
                told = percent;
                terminal.err()
                        .print("\r\u001b[K  synthetic data: " + done + "/" + amount.count() + " "
                                + amount.unit().key());
                terminal.err().flush();
            }
        }

        synchronized void end() {
            if (told >= 0) {
                terminal.err().print("\r\u001b[K");
                terminal.err().flush();
            }
        }
    }
}
