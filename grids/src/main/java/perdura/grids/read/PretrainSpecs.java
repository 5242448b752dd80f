package perdura.grids.read;

import com.fasterxml.jackson.databind.ObjectMapper;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collection;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;
import perdura.grids.codec.Codec;
import perdura.grids.codec.Codecs;
import perdura.grids.codec.Leaf;
import perdura.grids.codec.MethodSchema;
import perdura.grids.codec.Place;
import perdura.grids.codec.Problems;
import perdura.grids.codec.Reading;
import perdura.grids.codec.RecordCodec;
import perdura.grids.codec.ReferenceNames;
import perdura.grids.codec.SpecNode;
import perdura.grids.codec.YamlText;
import perdura.grids.spec.Advice;
import perdura.grids.spec.CanonicalJson;
import perdura.grids.spec.DataSpec;
import perdura.grids.spec.ErrorCode;
import perdura.grids.spec.PerduraException;
import perdura.grids.spec.PretrainSpec;
import perdura.grids.spec.ResourceSpec;

/**
 * Reads and writes pre-trainings by the methods that are known. Everything that is wrong with a spec is told at once, each fault on a
 * line of its own: {@code file:line:column: path: what is wrong and what would be right}.
 */
public final class PretrainSpecs {
    /** Raised when the code changes what decides a result, or how that is written. */
    private static final int IDENTITY_VERSION = 4;

    private static final String METHOD = "method";
    private static final String PROFILE = "profile";
    /** What profiles were called once, and are now. */
    private static final Map<String, String> FORMER_WORDS = Map.of("full", "paper");

    private final Map<String, Known> methods = new LinkedHashMap<>();

    /**
     * A method.
     *
     * @param defaults of each profile, with what all methods share under them
     * @param stages of the plan of each profile
     */
    record Known(
            MethodSchema<?> schema,
            RecordCodec<PretrainSpec> codec,
            Map<String, SpecNode.Mapping> defaults,
            Map<String, Integer> stages) {
        int mostStages() {
            return stages.values().stream().mapToInt(Integer::intValue).max().orElse(1);
        }
    }

    /**
     * Takes the methods that there are, and looks at each: its keys, and the defaults of its profiles.
     *
     * @throws PerduraException INTERNAL, naming the method, if one is faulty: a key that is declared twice, a default that is out of range,
     *     missing, or of a key that is not declared
     */
    public PretrainSpecs(Collection<? extends MethodSchema<?>> schemas) {
        for (MethodSchema<?> schema : schemas) {
            try {
                if (methods.put(schema.name(), known(schema)) != null) {
                    throw new IllegalArgumentException("another method has this name");
                }
                for (String profile : schema.profiles()) {
                    int stages = defaults(schema.name(), profile).stageNumbers().size();
                    known(schema.name()).stages.put(profile, stages);
                }
            } catch (IllegalArgumentException | PerduraException e) {
                throw new PerduraException(
                        ErrorCode.INTERNAL, "the method '" + schema.name() + "' is faulty: " + e.getMessage(), e);
            }
        }
    }

    private static Known known(MethodSchema<?> schema) {
        RecordCodec<PretrainSpec> codec = PretrainCodec.of(schema);
        SpecNode.Mapping shared = YamlText.ofResource(PretrainSpecs.class, "pretrain.yaml");
        Map<String, SpecNode.Mapping> defaults = new LinkedHashMap<>();
        for (String profile : schema.profiles()) {
            defaults.put(profile, (SpecNode.Mapping) codec.over(schema.defaults(profile), shared));
        }
        return new Known(schema, codec, defaults, new LinkedHashMap<>());
    }

    private PretrainSpec defaults(String method, String profile) {
        Map<String, Object> least = new LinkedHashMap<>();
        least.put("apiVersion", SharedFields.API_VERSION);
        least.put("kind", PretrainCodec.KIND);
        least.put("name", "defaults");
        least.put(METHOD, method);
        least.put(PROFILE, profile);
        least.put("data", Map.of("dataset", "defaults"));
        return readStored(CanonicalJson.write(least));
    }

    /** The names of the methods, in the order in which they were given. */
    public List<String> names() {
        return List.copyOf(methods.keySet());
    }

    /** The keys of all methods that decide a pre-training, as parameters of a task. */
    public PretrainParameters parameters() {
        return new PretrainParameters(methods);
    }

    /** What a method tells of its spec. */
    public MethodSchema<?> schema(String method) {
        return known(method).schema;
    }

    private Known known(String method) {
        Known known = methods.get(method);
        if (known == null) {
            throw new IllegalArgumentException("no method is called " + method);
        }
        return known;
    }

    private Known known(PretrainSpec spec) {
        return known(spec.method().name());
    }

    /**
     * Reads a pre-training, with all defaults resolved and all paths absolute, and checks that its data folder and
     * vocabulary are there, unless something is to bring them first.
     *
     * @param file YAML
     * @param settings each {@code path=value} of a flag {@code --set}; they win over the file. A relative path in one begins
     *     at the working folder, in the file at the file's folder
     * @param names the imported weights that the spec may name; in the result their digests stand
     * @throws PerduraException INVALID_SPEC, with all problems
     */
    public PretrainSpec read(Path file, List<String> settings, ReferenceNames names) {
        Problems problems = new Problems();
        SpecNode.Mapping document = YamlText.parseDocument(
                Place.start(Place.Origin.FILE, file.toString()), YamlText.textOf(file), problems);
        problems.throwIfAny();
        Path here = Path.of("").toAbsolutePath();
        Path folder = here.resolve(file).normalize().getParent();
        return read(
                document,
                new Overrides(settings, problems),
                new Folders(folder == null ? here : folder, true),
                names,
                problems);
    }

    /** As {@link #read(Path, List, ReferenceNames)}, without names of imported weights. */
    public PretrainSpec read(Path file, List<String> settings) {
        return read(file, settings, ReferenceNames.digestsAlone());
    }

    /**
     * The spec of a run, with settings over it.
     *
     * @param stored what {@link #write} wrote
     * @param settings each {@code path=value}
     * @param names the imported weights that a setting may name
     * @throws PerduraException INVALID_SPEC, with all problems
     */
    public PretrainSpec ofRun(String stored, List<String> settings, ReferenceNames names) {
        Problems problems = new Problems();
        return read(
                YamlText.ofStored("spec of the run", stored),
                new Overrides(settings, problems),
                Folders.unchecked(),
                names,
                problems);
    }

    /**
     * A pre-training on an ingested data set as its profile has it, with settings over that.
     *
     * @param start what all of them must say: name, experiment, method, profile, data set, resources
     * @param settings each {@code path=value}
     * @throws PerduraException INVALID_SPEC, with all problems, each with the setting that causes it
     */
    public PretrainSpec ofProfile(PretrainStart start, List<String> settings) {
        Problems problems = new Problems();
        SpecNode.Mapping document =
                YamlText.parseDocument(Place.start(Place.Origin.FLAG, "pre-training"), start.json(), problems);
        return read(
                document,
                new Overrides("", settings, problems),
                Folders.unchecked(),
                ReferenceNames.digestsAlone(),
                problems);
    }

    /**
     * Reads what {@link #write} wrote. Keys that are newer than the text take their defaults; whether the data is there is
     * not checked.
     *
     * @throws PerduraException INVALID_SPEC, with all problems
     */
    public PretrainSpec readStored(String json) {
        Problems problems = new Problems();
        return read(
                YamlText.ofStored("stored spec", json),
                new Overrides(List.of(), problems),
                Folders.unchecked(),
                ReferenceNames.digestsAlone(),
                problems);
    }

    /** Where relative paths begin, and whether what lies there is looked at. */
    private record Folders(Path folder, boolean areChecked) {
        static Folders unchecked() {
            return new Folders(Path.of("").toAbsolutePath(), false);
        }
    }

    private PretrainSpec read(
            SpecNode.Mapping document, Overrides overrides, Folders folders, ReferenceNames names, Problems problems) {
        problems.throwIfAny();
        SpecNode.Mapping written = overrides.overKeys(document);
        Known method = known(methods.get(word(written, METHOD, List.copyOf(methods.keySet()), problems)));
        SpecNode.Mapping settled = with(written, METHOD, method.schema.name());
        String profile = word(settled, PROFILE, method.schema.profiles(), problems);
        settled = with(settled, PROFILE, profile);
        SpecNode.Mapping complete = overrides.overLists(
                (SpecNode.Mapping) method.codec.over(settled, Objects.requireNonNull(method.defaults.get(profile))));
        Path here = Path.of("").toAbsolutePath();
        PretrainSpec spec =
                method.codec.read(complete, new Reading("", complete.place(), problems, names, folders.folder, here));
        if (spec != null && folders.areChecked && spec.execution().prepare().airflow() == null) {
            checkFiles(complete, problems, spec.data().source());
        }
        problems.throwIfAny();
        return spec;
    }

    private static Known known(@Nullable Known known) {
        if (known == null) {
            throw new IllegalStateException("there are no methods of pre-training");
        }
        return known;
    }

    /** The word of a key that must be there; another one stands in for a wrong one, to find further problems. */
    private static String word(SpecNode.Mapping document, String key, List<String> words, Problems problems) {
        Codec<String> codec = Codecs.wordOf(words);
        Reading at =
                Reading.of(document, problems, ReferenceNames.digestsAlone()).below(key);
        return document.find(key)
                .map(node -> codec.read(renamed(node, words, at), at))
                .orElseGet(() -> {
                    problems.add(document, key, "is missing; expected " + codec.expected());
                    return codec.harmless();
                });
    }

    private static SpecNode renamed(SpecNode node, List<String> words, Reading at) {
        String today = node instanceof SpecNode.Scalar scalar ? FORMER_WORDS.get(scalar.text()) : null;
        if (today == null || !words.contains(today)) {
            return node;
        }
        at.fault(node, "is called " + today + " now; write that");
        return new SpecNode.Scalar(node.place(), today, false, false);
    }

    private static SpecNode.Mapping with(SpecNode.Mapping document, String key, String word) {
        Place place = document.find(key).orElse(document).place();
        return document.with(key, new SpecNode.Mapping.Entry(place, new SpecNode.Scalar(place, word, false, false)));
    }

    private static void checkFiles(SpecNode.Mapping document, Problems problems, DataSpec.@Nullable Source source) {
        if (source == null || problems.isAt("data")) {
            return; // the store knows whether an ingested data set is there
        }
        SpecNode root = document.find("data", "root").orElse(document);
        if (!Files.exists(source.root())) {
            problems.add(
                    root,
                    "data.root",
                    "no folder " + source.root() + "; correct the path, or make a synthetic data set there with "
                            + Advice.DATA_SYNTH_THERE.in("mimic-cxr", source.root()));
        } else if (!Files.isRegularFile(source.vocabulary())) {
            SpecNode vocabulary = document.find("data", "vocabulary").orElse(root);
            boolean isDefault = vocabulary.place().origin() == Place.Origin.DEFAULTS;
            problems.add(
                    isDefault ? root : vocabulary,
                    "data.vocabulary",
                    "no file " + source.vocabulary() + "; correct the path, which begins at data.root");
        }
    }

    /** The whole spec as canonical JSON, every default written out. {@link #readStored} gives an equal one. */
    public String write(PretrainSpec spec) {
        return CanonicalJson.write(known(spec).codec.write(spec));
    }

    /**
     * SHA-256 of all in a spec that decides the weights; 64 hexadecimal digits. Names, paths, devices, the times of commits, what prepares the
     * data and what the run is validated on don't.
     */
    public String identity(PretrainSpec spec) {
        return CanonicalJson.sha256(decisive(spec));
    }

    /**
     * The identity of a pre-training: SHA-256 of all that decides its weights, 64 hexadecimal digits.
     *
     * @param dataDigest of the data set that it is trained on
     * @param engine family and version
     */
    public String identity(PretrainSpec spec, String dataDigest, String engine) {
        Map<String, @Nullable Object> json = decisive(spec);
        json.put("dataset", dataDigest);
        json.put("engine", engine);
        return CanonicalJson.sha256(json);
    }

    private Map<String, @Nullable Object> decisive(PretrainSpec spec) {
        Known method = known(spec);
        Map<String, @Nullable Object> json = method.codec.written(spec, true);
        json.put("identity", IDENTITY_VERSION);
        json.put(METHOD, method.schema.name());
        json.put("methodVersion", method.schema.version());
        return json;
    }

    /**
     * Where a spec leaves what the method's authors published, each as the spec's key, its value, and theirs; empty if nowhere. Sizes, rates
     * and epochs have no published value here.
     */
    public List<String> deviations(PretrainSpec spec) {
        Known method = known(spec);
        String authors = method.schema.name().toUpperCase(Locale.ROOT);
        Object json = method.codec.written(spec, false);
        List<String> found = new ArrayList<>();
        for (Leaf leaf : Leaf.all(method.codec)) {
            Optional<Object> published = leaf.published()
                    .or(() -> Optional.ofNullable(method.schema.published().get(leaf.dotted())));
            published.ifPresent(theirs -> leaf.values(json).forEach((path, ours) -> {
                String own = CanonicalJson.write(ours);
                String other = CanonicalJson.write(theirs);
                if (!own.equals(other)) {
                    found.add((path + " " + own + " (" + authors + ": " + other + ")").replace("\"", ""));
                }
            }));
        }
        return found;
    }

    /** JSON Schema (draft 7) of the specs of all methods. It helps to write: the reader finds more. */
    public String schema() {
        Map<String, Object> schema = new LinkedHashMap<>();
        schema.put("$schema", "http://json-schema.org/draft-07/schema#");
        schema.put("title", "A pre-training of Perdura");
        schema.put("type", "object");
        schema.put("required", List.of("apiVersion", "kind", "name", METHOD, PROFILE, "data"));
        schema.put(
                "anyOf",
                methods.values().stream().map(method -> method.codec.schema()).toList());
        return new ObjectMapper().valueToTree(schema).toPrettyString() + "\n";
    }

    /** All keys of a method's specs, with what they hold by default in each profile: a table in Markdown. */
    public String table(String method) {
        return SpecTable.of(known(method).codec, known(method).defaults);
    }

    /**
     * What a pre-training that somebody else than a file describes begins with.
     *
     * @param name what it is called
     * @param experiment MLflow's experiment
     * @param method by which it learns
     * @param profile the defaults that it is built on
     * @param dataset digest of an ingested data set
     */
    public record PretrainStart(
            String name, String experiment, String method, String profile, String dataset, ResourceSpec resources) {
        /** A document that the profile completes: JSON, which is YAML too. */
        String json() {
            Map<String, Object> document = new TreeMap<>();
            document.put("apiVersion", SharedFields.API_VERSION);
            document.put("kind", PretrainCodec.KIND);
            document.put("name", name);
            document.put("experiment", experiment);
            document.put("method", method);
            document.put("profile", profile);
            document.put("data", Map.of("dataset", dataset));
            document.put("resources", SharedFields.RESOURCES.written(resources, false));
            return CanonicalJson.write(document);
        }
    }
}
