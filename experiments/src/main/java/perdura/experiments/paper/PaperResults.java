package perdura.experiments.paper;

import com.fasterxml.jackson.databind.ObjectMapper;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;
import perdura.experiments.compare.ComparedPoint;
import perdura.experiments.compare.ComparedTrial;
import perdura.experiments.compare.ParameterTexts;
import perdura.experiments.compare.SweepView;
import perdura.experiments.paper.FilledPaper.FilledCell;
import perdura.experiments.paper.FilledPaper.FilledCurve;
import perdura.experiments.paper.FilledPaper.FilledRow;
import perdura.experiments.paper.FilledPaper.FilledTable;
import perdura.experiments.paper.FilledPaper.FoundPoint;
import perdura.experiments.paper.FilledPaper.Pretraining;
import perdura.grids.read.PretrainSpecs;
import perdura.grids.read.ReadyGrids;
import perdura.grids.read.ResolvedTrialJson;
import perdura.grids.spec.Advice;
import perdura.grids.spec.CanonicalJson;
import perdura.grids.spec.ErrorCode;
import perdura.grids.spec.ParameterSchema;
import perdura.grids.spec.ParameterType;
import perdura.grids.spec.Parameters;
import perdura.grids.spec.PerduraException;
import perdura.grids.spec.PretrainSpec;
import perdura.grids.spec.ResolvedTrial;
import perdura.grids.spec.RunId;
import perdura.grids.spec.RunKind;
import perdura.grids.spec.SweepExpansion;
import perdura.grids.spec.WeightLocator;
import perdura.store.Checkpoints;
import perdura.store.DataSets;
import perdura.store.Database;
import perdura.store.Run;
import perdura.store.Runs;
import perdura.store.StoredDataSet;
import perdura.store.StoredSweep;
import perdura.store.Sweeps;
import perdura.training.method.Method;
import perdura.training.method.Methods;
import perdura.training.method.Paper;
import perdura.training.method.Paper.Start;
import perdura.training.tasks.Tasks;

/**
 * Fills the paper of a method from the sweeps of its ready grids, by their names. A point belongs to a row if it has the row's values; where it
 * has another value than the grid in anything else, that is a deviation, and told.
 */
public final class PaperResults {
    private static final ObjectMapper JSON = new ObjectMapper();
    private static final String SMALL = "-small";
    private static final String ENCODER = "encoder";
    private static final String NONE = "null";
    private static final int DIGITS = 12;

    private final Database database;
    private final Method method;
    private final Paper paper;
    private final boolean small;
    private final PretrainSpecs specs = Methods.load().specs();
    private final Tasks tasks = Tasks.load();
    private final Map<String, String> sets = new HashMap<>();
    private final Map<String, String> digests = new TreeMap<>();
    private final Map<String, List<SweepView>> views = new HashMap<>();
    private final Map<String, Optional<PretrainSpec>> encoders = new HashMap<>();

    /**
     * What the store has of a method's paper.
     *
     * @param small whether the small variants of the grids are asked for
     * @throws PerduraException INVALID_SPEC if the method has no paper
     */
    public PaperResults(Database database, Method method, boolean small) {
        this.database = database;
        this.method = method;
        this.small = small;
        this.paper = method.paper()
                .orElseThrow(() -> new PerduraException(
                        ErrorCode.INVALID_SPEC,
                        "method " + method.schema().name() + " has no paper; those that have: "
                                + Methods.load().all().stream()
                                        .filter(each -> each.paper().isPresent())
                                        .map(each -> each.schema().name())
                                        .collect(Collectors.joining(", "))));
        for (StoredDataSet data : new DataSets(database).listDataSets()) {
            data.names().forEach(name -> {
                sets.put(name, data.source().sourceSet());
                digests.put(name, data.digest());
            });
        }
    }

    /** The ready grid that fills a table: its small variant, if that is asked for and there is one. */
    public static String grid(String grid, boolean small) {
        return small && ReadyGrids.names().contains(grid + SMALL) ? grid + SMALL : grid;
    }

    /** The ready grids that fill a paper, each as often as it must be submitted: once for each start of the encoder. */
    public static List<String> grids(Paper paper, boolean small) {
        List<String> grids = new ArrayList<>();
        paper.tables().forEach(table -> table.starts().forEach(start -> grids.add(grid(table.grid(), small))));
        paper.drawings().forEach(drawing -> {
            if (drawing instanceof Paper.OfSweep curve && !grids.contains(grid(curve.grid(), small))) {
                grids.add(grid(curve.grid(), small));
            }
        });
        return grids;
    }

    /** @param run that figures and commands are to name; null for the newest finished pre-training of the method */
    public FilledPaper fill(@Nullable RunId run) {
        Optional<Pretraining> pretraining = run == null ? newest() : Optional.of(pretraining(run));
        Set<String> names = new LinkedHashSet<>();
        names.add(paper.dataset());
        List<FilledTable> tables = new ArrayList<>();
        for (Paper.Table table : paper.tables()) {
            tables.add(table(table, pretraining, names));
        }
        List<FilledCurve> curves = new ArrayList<>();
        for (Paper.Drawing drawing : paper.drawings()) {
            if (drawing instanceof Paper.OfSweep ofSweep) {
                String grid = grid(ofSweep.grid(), small);
                curves.add(new FilledCurve(ofSweep, grid, submit(grid), measured(grid)));
            }
        }
        Map<String, @Nullable String> data = new LinkedHashMap<>();
        names.forEach(name -> data.put(name, digests.get(name)));
        return new FilledPaper(method.schema().name(), paper, small, pretraining, data, tables, curves);
    }

    // --- pre-trainings

    private Optional<Pretraining> newest() {
        return new Runs(database)
                .listFinished(RunKind.PRETRAIN).stream()
                        .filter(run -> isOfMethod(specs.readStored(run.spec())))
                        .findFirst()
                        .map(run -> pretraining(run.runId()));
    }

    private boolean isOfMethod(PretrainSpec spec) {
        return spec.method().name().equals(method.schema().name());
    }

    private Pretraining pretraining(RunId runId) {
        Run run = new Runs(database).loadRun(runId);
        PretrainSpec spec = run.identity().kind() == RunKind.PRETRAIN
                ? specs.readStored(run.identity().spec())
                : null;
        if (spec == null || !isOfMethod(spec)) {
            throw new PerduraException(
                    ErrorCode.INVALID_SPEC,
                    "run " + runId + " is no pre-training by " + method.schema().name());
        }
        boolean hasBest = method.selectionMetric().isPresent()
                && new Checkpoints(database).findBest(runId).isPresent();
        return new Pretraining(
                run, runId + (hasBest ? "@" + WeightLocator.BEST : ""), spec.profile(), specs.deviations(spec));
    }

    /** The pre-training that a trial's encoder is named by; empty for imported weights, and for what is no pre-training. */
    private Optional<PretrainSpec> encoder(String name) {
        return encoders.computeIfAbsent(name.replaceFirst("@.*", ""), this::findPretraining);
    }

    private Optional<PretrainSpec> findPretraining(String name) {
        RunId id;
        try {
            id = new RunId(name);
        } catch (IllegalArgumentException e) {
            return Optional.empty(); // the name of imported weights, or their digest
        }
        return new Runs(database)
                .findRun(id)
                .filter(run -> run.identity().kind() == RunKind.PRETRAIN)
                .map(run -> specs.readStored(run.identity().spec()));
    }

    // --- tables

    private FilledTable table(Paper.Table table, Optional<Pretraining> pretraining, Set<String> names) {
        String grid = grid(table.grid(), small);
        SweepExpansion expansion = ReadyGrids.read(grid, tasks.schemas());
        List<String> replicates = expansion.task().replicates();
        Map<Map<String, String>, List<Map<String, String>>> points = new LinkedHashMap<>();
        expansion.points().forEachRemaining(point -> {
            addData(point, expansion, names);
            Map<String, String> texts = texts(point);
            points.computeIfAbsent(values(texts, table.rows()), row -> new ArrayList<>())
                    .add(texts);
        });
        List<FilledRow> rows = new ArrayList<>();
        int trials = 0;
        for (Map.Entry<Map<String, String>, List<Map<String, String>>> row : points.entrySet()) {
            Map<String, String> point = new LinkedHashMap<>(row.getValue().get(0));
            point.keySet().removeAll(replicates);
            trials = row.getValue().size() * expansion.spec().points().seeds().size();
            List<FilledCell> cells = new ArrayList<>();
            for (Start start : table.starts()) {
                cells.add(new FilledCell(
                        start,
                        command(grid, start, pretraining),
                        find(grid, row.getKey(), start, point, expansion).orElse(null)));
            }
            rows.add(new FilledRow(row.getKey(), values(point, table.settings()), cells));
        }
        return new FilledTable(table, grid, trials, rows);
    }

    private static void addData(Parameters point, SweepExpansion expansion, Set<String> names) {
        for (ParameterSchema parameter : expansion.task().parameters()) {
            if (parameter.type().equals(new ParameterType.Reference(ParameterType.Reference.Kind.DATASET))
                    && point.value(parameter.path()) instanceof String name) {
                names.add(name);
            }
        }
    }

    private static Map<String, String> texts(Parameters point) {
        return ParameterTexts.of(JSON.valueToTree(point.nested()));
    }

    private static Map<String, String> values(Map<String, String> texts, List<String> paths) {
        Map<String, String> values = new LinkedHashMap<>();
        paths.forEach(path -> values.put(path, texts.getOrDefault(path, "-")));
        return values;
    }

    private static String command(String grid, Start start, Optional<Pretraining> pretraining) {
        String encoder = pretraining.map(Pretraining::locator).orElse("RUN");
        return submit(grid) + (start == Start.PRETRAINED ? " --set base.encoder=" + encoder : "");
    }

    private static String submit(String grid) {
        return Advice.SUBMIT_GRID.of(grid);
    }

    /** All sweeps of a grid, the newest first. */
    private List<SweepView> views(String grid) {
        return views.computeIfAbsent(
                grid,
                name -> new Sweeps(database)
                        .listSweeps().stream()
                                .filter(sweep -> sweep.identity().name().equals(name))
                                .map(StoredSweep::sweepId)
                                .map(id -> SweepView.load(database, id, keys(name)))
                                .toList());
    }

    /** What the tables of a grid ask of its trials. */
    private List<String> keys(String grid) {
        return paper.tables().stream()
                .filter(table -> grid(table.grid(), small).equals(grid))
                .flatMap(table -> table.measures().stream())
                .flatMap(measure -> measure.keys().stream())
                .distinct()
                .toList();
    }

    private @Nullable SweepView measured(String grid) {
        return views(grid).stream()
                .filter(view -> view.comparison().points().stream()
                        .anyMatch(point ->
                                !point.provisional() && point.objective().n() > 0))
                .findFirst()
                .orElse(null);
    }

    private Optional<FoundPoint> find(
            String grid, Map<String, String> row, Start start, Map<String, String> expected, SweepExpansion expansion) {
        List<Candidate> candidates = new ArrayList<>();
        for (SweepView view : views(grid)) {
            for (ComparedPoint point : view.comparison().points()) { // best on validation data first
                if (isOf(point, row, start)) {
                    candidates.add(new Candidate(view, point, deviations(point, expected, row, expansion)));
                }
            }
        }
        Comparator<Candidate> order = Comparator.comparing((Candidate each) -> !isMeasured(each.point()));
        return candidates.stream()
                .min(order.thenComparing(each -> each.deviations().size())
                        .thenComparing(each -> !each.point().isComplete())
                        .thenComparing(
                                each -> Objects.requireNonNullElse(each.point().rank(), Integer.MAX_VALUE)))
                .map(best -> new FoundPoint(
                        best.view(),
                        best.point(),
                        (int) candidates.stream()
                                .filter(each -> isMeasured(each.point()))
                                .count(),
                        protocol(best.view(), best.point()),
                        best.deviations()));
    }

    /** A point that fits a cell. */
    private record Candidate(SweepView view, ComparedPoint point, List<String> deviations) {}

    private static boolean isMeasured(ComparedPoint point) {
        return !point.provisional();
    }

    private boolean isOf(ComparedPoint point, Map<String, String> row, Start start) {
        boolean hasRow = row.entrySet().stream()
                .allMatch(value ->
                        word(value.getValue()).equals(word(point.parameters().getOrDefault(value.getKey(), "-"))));
        String encoder = point.parameters().getOrDefault(ENCODER, NONE);
        return hasRow
                && switch (start) {
                    case OWN -> true;
                    case RANDOM -> encoder.equals(NONE);
                    case PRETRAINED -> encoder(encoder).filter(this::isOfMethod).isPresent();
                };
    }

    /** A data set by whose it is, whatever it is called. */
    private String word(String value) {
        return sets.getOrDefault(value, value);
    }

    private List<String> deviations(
            ComparedPoint point, Map<String, String> expected, Map<String, String> row, SweepExpansion expansion) {
        List<String> deviations = new ArrayList<>();
        for (ParameterSchema parameter : expansion.task().parameters()) {
            String path = parameter.path();
            String own = point.parameters().get(path);
            String other = expected.get(path);
            boolean isNamed = parameter.type() instanceof ParameterType.Reference || row.containsKey(path);
            if (own != null && other != null && !isNamed && !own.equals(other)) {
                deviations.add(path + " " + own + ", where the grid has " + other);
            }
        }
        return deviations;
    }

    private List<String> protocol(SweepView view, ComparedPoint point) {
        List<String> lines = new ArrayList<>();
        lines.add("sweep " + view.sweep().sweepId());
        Optional<ResolvedTrial> resolved = point.trials().stream()
                .map(ComparedTrial::runId)
                .filter(Objects::nonNull)
                .findFirst()
                .map(runId -> ResolvedTrialJson.read(
                        new Runs(database).loadRun(new RunId(runId)).identity().spec()));
        resolved.ifPresent(trial -> {
            lines.add(
                    "task " + trial.spec().task() + ", version " + trial.spec().taskVersion());
            trial.references()
                    .forEach((path, target) -> lines.add(path + " "
                            + point.parameters().getOrDefault(path, "") + " = "
                            + (target.contains(":") ? target : target.substring(0, DIGITS))));
            split(point, trial).ifPresent(lines::add);
        });
        encoder(point.parameters().getOrDefault(ENCODER, NONE))
                .ifPresent(spec -> lines.add("encoder by profile " + spec.profile() + deviations(spec)));
        lines.add("over " + view.comparison().over() + ": "
                + point.trials().stream().map(view.comparison()::replicate).collect(Collectors.joining("; ")));
        if (!point.lacking().isEmpty()) {
            lines.add("lacks " + String.join("; ", point.lacking()));
        }
        return lines;
    }

    private String deviations(PretrainSpec spec) {
        List<String> deviations = specs.deviations(spec);
        return deviations.isEmpty() ? "" : ", which leaves the authors' values: " + String.join(", ", deviations);
    }

    /** A split is a function of the data set, its name and its seed. */
    private static Optional<String> split(ComparedPoint point, ResolvedTrial trial) {
        for (String prefix : List.of("", "downstream.")) {
            String split = point.parameters().get(prefix + "split");
            String seed = point.parameters().get(prefix + "splitSeed");
            String data = trial.references().get(prefix + "dataset");
            if (data != null && NONE.equals(split)) {
                return Optional.of("split as the task does by default");
            }
            if (split != null && seed != null && data != null) {
                String digest =
                        CanonicalJson.sha256(new TreeMap<>(Map.of("dataset", data, "split", split, "splitSeed", seed)));
                return Optional.of("split " + split + ", seed " + seed + ", digest " + digest.substring(0, DIGITS));
            }
        }
        return Optional.empty();
    }
}
