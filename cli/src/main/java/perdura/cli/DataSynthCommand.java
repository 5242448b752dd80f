package perdura.cli;

import java.nio.file.Path;
import java.util.Objects;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import perdura.cli.words.Terminal;
import perdura.training.synth.MimicCxrSynth;
import perdura.training.synth.SynthConfig;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Spec;

/** Makes a synthetic data set. */
@Command(
        name = "synth",
        mixinStandardHelpOptions = true,
        description = "Write a synthetic data set: images whose findings agree with the sentences of their reports.")
final class DataSynthCommand implements Callable<Integer> {
    private final Terminal terminal;

    @Spec
    private CommandSpec spec = CommandSpec.create();

    @Option(names = "--format", description = "the layout; default: mimic-cxr")
    private DataFormat format = DataFormat.MIMIC_CXR;

    @Option(names = "--out", paramLabel = "DIR", required = true, description = "a new or empty folder")
    private @Nullable Path out;

    @Option(names = "--studies", paramLabel = "N", description = "studies; default: ${DEFAULT-VALUE}")
    private int studies = 1000;

    @Option(names = "--seed", paramLabel = "S", description = "same seed, same bytes; default: ${DEFAULT-VALUE}")
    private long seed = 1;

    DataSynthCommand(Terminal terminal) {
        this.terminal = terminal;
    }

    @Override
    public Integer call() {
        Path folder = Objects.requireNonNull(out);
        SynthProgress progress = new SynthProgress(terminal, studies);
        switch (format) {
            case MIMIC_CXR -> MimicCxrSynth.write(folder, config(), progress);
        }
        progress.end();
        terminal.message("A pre-training needs a spec that names the folder: data: {root: " + folder + "}");
        terminal.result(folder.toString());
        return 0;
    }

    private SynthConfig config() {
        try {
            return SynthConfig.of(studies, seed);
        } catch (IllegalArgumentException e) {
            throw new ParameterException(spec.commandLine(), String.valueOf(e.getMessage()), e);
        }
    }
}
