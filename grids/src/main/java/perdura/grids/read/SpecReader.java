package perdura.grids.read;

import java.io.IOException;
import java.nio.charset.CharacterCodingException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.List;
import org.jspecify.annotations.Nullable;
import perdura.grids.spec.DataSpec;
import perdura.grids.spec.ErrorCode;
import perdura.grids.spec.PerduraException;
import perdura.grids.spec.PretrainSpec;

/**
 * Reads specs that people write. Everything that is wrong is told at once, each fault on a line of its own:
 * {@code file:line:column: path: what is wrong and what would be right}.
 */
public final class SpecReader {
    private SpecReader() {}

    /**
     * Reads a pre-training, with all defaults resolved and all paths absolute, and checks that its data folder and
     * vocabulary are there, unless something is to bring them first.
     *
     * @param file YAML
     * @param settings each {@code path=value} of a flag {@code --set}; they win over the file. A relative path in one begins
     *     at the working folder, in the file at the file's folder
     * @throws PerduraException INVALID_SPEC, with all problems
     */
    public static PretrainSpec readPretrain(Path file, List<String> settings) {
        return readPretrain(file, settings, WeightNames.digestsAlone());
    }

    /**
     * As {@link #readPretrain(Path, List)}, where the spec may name imported weights; in the result their digests stand.
     *
     * @param weights those that there are
     */
    public static PretrainSpec readPretrain(Path file, List<String> settings, WeightNames weights) {
        Problems problems = new Problems();
        SpecNode.Mapping complete = complete(
                Place.start(Place.Origin.FILE, file.toString()),
                text(file),
                new Overrides(settings, problems),
                problems);
        Path here = Path.of("").toAbsolutePath();
        Path folder = here.resolve(file).normalize().getParent();
        PretrainFields fields = new PretrainFields(complete, folder == null ? here : folder, here, weights, problems);
        PretrainSpec spec = fields.read();
        if (spec.prepare().airflow() == null) {
            checkFiles(fields.dataFields(), spec.data().source());
        }
        problems.throwIfAny();
        return spec;
    }

    /**
     * The spec of a run, with settings over it.
     *
     * @param stored what {@link SpecJson#write} wrote
     * @param settings each {@code path=value}
     * @param weights those that a setting may name
     * @throws PerduraException INVALID_SPEC, with all problems
     */
    public static PretrainSpec ofRun(String stored, List<String> settings, WeightNames weights) {
        Problems problems = new Problems();
        SpecNode.Mapping complete = complete(
                Place.start(Place.Origin.FILE, "spec of the run"), stored, new Overrides(settings, problems), problems);
        Path here = Path.of("").toAbsolutePath();
        PretrainSpec spec = new PretrainFields(complete, here, here, weights, problems).read();
        problems.throwIfAny();
        return spec;
    }

    /**
     * A pre-training on an ingested data set as its profile has it, with settings over that.
     *
     * @param start what all of them must say: name, experiment, profile, data set, resources
     * @param settings each {@code path=value}
     * @throws PerduraException INVALID_SPEC, with all problems, each with the setting that causes it
     */
    public static PretrainSpec ofProfile(PretrainStart start, List<String> settings) {
        Problems problems = new Problems();
        SpecNode.Mapping complete = complete(
                Place.start(Place.Origin.FLAG, "pre-training"),
                start.json(),
                new Overrides("", settings, problems),
                problems);
        Path here = Path.of("").toAbsolutePath();
        PretrainSpec spec = new PretrainFields(complete, here, here, WeightNames.digestsAlone(), problems).read();
        problems.throwIfAny();
        return spec;
    }

    /** The text with the settings over it and the defaults under it. */
    private static SpecNode.Mapping complete(Place start, String text, Overrides overrides, Problems problems) {
        SpecNode.Mapping document = YamlText.parseDocument(start, text, problems);
        problems.throwIfAny();
        return overrides.overLists(Defaults.under(overrides.overKeys(document)));
    }

    private static void checkFiles(Fields fields, DataSpec.@Nullable Source data) {
        if (data == null) {
            return; // the store knows whether an ingested data set is there
        }
        fields.check(
                Files.exists(data.root()),
                "root",
                "no folder " + data.root() + "; correct the path, or make a synthetic data set there with"
                        + " 'perdura data synth --format mimic-cxr'");
        fields.checkFit(
                Files.isRegularFile(data.vocabulary()),
                "vocabulary",
                "root",
                "no file " + data.vocabulary() + "; correct the path, which begins at data.root");
    }

    /** The text of a spec's file. */
    static String text(Path file) {
        if (Files.isDirectory(file)) {
            throw new PerduraException(
                    ErrorCode.INVALID_SPEC, file + ": is a folder; name the file with the spec in it");
        }
        try {
            return Files.readString(file);
        } catch (NoSuchFileException e) {
            throw new PerduraException(ErrorCode.INVALID_SPEC, file + ": no such file", e);
        } catch (CharacterCodingException e) {
            throw new PerduraException(ErrorCode.INVALID_SPEC, file + ": is not text in UTF-8", e);
        } catch (IOException e) {
            throw new PerduraException(ErrorCode.INVALID_SPEC, file + ": can't be read (" + e + ")", e);
        }
    }
}
