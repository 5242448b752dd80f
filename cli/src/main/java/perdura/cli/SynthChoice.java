package perdura.cli;

import java.util.Arrays;
import java.util.List;
import java.util.stream.Collectors;
import perdura.datasets.synth.SynthConfig;
import picocli.CommandLine.TypeConversionException;

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
            String known =
                    Arrays.stream(SynthConfig.Format.values()).map(SynthConfig.Format::key).collect(Collectors.joining(", "));
            throw new TypeConversionException("'" + text + "' is no known layout; known are " + known + ", " + ALL);
        }
        return new SynthChoice(formats);
    }

    /** Whether several sets are asked for, each in a folder of its own. */
    boolean isSeveral() {
        return formats.size() > 1;
    }
}
