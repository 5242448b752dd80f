package perdura.experiments.submit;

import java.nio.file.Path;
import java.security.SecureRandom;
import java.util.Locale;
import java.util.Optional;
import java.util.function.Supplier;
import java.util.random.RandomGenerator;
import org.jspecify.annotations.Nullable;
import perdura.datasets.text.Vocabulary;
import perdura.grids.spec.ErrorCode;
import perdura.grids.spec.PerduraException;
import perdura.grids.spec.PretrainSpec;
import perdura.grids.spec.RunId;
import perdura.store.Checkpoints;
import perdura.store.DataSets;
import perdura.store.Database;
import perdura.store.Forks;
import perdura.store.Forks.Fork;
import perdura.store.NewRun;
import perdura.store.Run;
import perdura.store.Runs;
import perdura.training.method.Methods;
import perdura.training.weights.InitialWeights;
import perdura.training.weights.WeightStore;

/** The one way in which a pre-training comes into being: its spec is checked, the store gets a run, a workflow trains it. */
public final class PretrainSubmission {
    private final Supplier<Database> database;
    private final WeightStore weights;

    /** @param database asked when it is needed: of files alone, a look needs no store */
    public PretrainSubmission(Supplier<Database> database, WeightStore weights) {
        this.database = database;
        this.weights = weights;
    }

    /**
     * A spec that may be started.
     *
     * @param spec names its ingested data set by the digest
     * @param fork with which weights of another run it begins; null for none
     * @param vocabulary of the files that it names; null if its data set is ingested, or is yet to be brought
     */
    public record Checked(
            PretrainSpec spec,
            @Nullable ForkPoint fork,
            @Nullable Vocabulary vocabulary) {}

    /**
     * A run that the store has now.
     *
     * @param fork where it goes on from; empty if it begins anew
     */
    public record Created(RunId runId, Optional<Fork> fork) {}

    /**
     * Looks at all that can be known before anything starts. Data that a DAG of Airflow has yet to bring is looked at by the worker.
     *
     * @param origin the run whose weights this one begins with; null for none
     * @param fromStage the first stage that is trained; null: the one after the last that {@code origin} has ended
     * @throws PerduraException INVALID_DATA, NOT_FOUND, INVALID_SPEC, DATA_LEAK
     */
    public Checked check(PretrainSpec written, @Nullable Run origin, @Nullable Integer fromStage) {
        boolean broughtLater = written.execution().prepare().airflow() != null;
        InitialWeights initial = InitialWeights.find(weights, written.initialWeights());
        Vocabulary ofFiles = broughtLater && origin == null ? null : DataCheck.checkFiles(written);
        Methods.load().of(written).check(written, initial, ofFiles);
        PretrainSpec spec = broughtLater ? written : DataCheck.pinned(written, this::dataSets, initial);
        ForkPoint fork = origin == null
                ? null
                : ForkPoint.find(
                        origin, new Checkpoints(database.get()).listStageEnds(origin.runId()), spec, fromStage);
        return new Checked(spec, fork, ofFiles);
    }

    /** As {@link #check}, of a pre-training whose data set is ingested. */
    public void checkIngested(PretrainSpec spec) {
        DataCheck.pinned(spec, this::dataSets, InitialWeights.find(weights, spec.initialWeights()));
    }

    /**
     * Number of WordPieces with which a spec would be trained. Asks the store only for what it alone knows: an ingested data set.
     *
     * @throws PerduraException INVALID_SPEC if the data is not there yet
     */
    public int vocabulary(Checked checked) {
        Vocabulary ofFiles = checked.vocabulary();
        if (ofFiles != null) {
            return ofFiles.size();
        }
        PretrainSpec spec = checked.spec();
        if (spec.data().dataset() == null) {
            throw new PerduraException(
                    ErrorCode.INVALID_SPEC,
                    "prepare.airflow: a dry run needs the vocabulary of data that a DAG has yet to bring; run it, or name an"
                            + " ingested data set by --set data.dataset=NAME");
        }
        return DataCheck.vocabulary(spec, dataSets());
    }

    /** Makes the run of a checked spec. Nothing trains it yet. */
    public Created create(Checked checked) {
        RunId runId = new RunNames().next(checked.spec().name());
        NewRun run = newRun(checked.spec(), runId);
        ForkPoint point = checked.fork();
        if (point == null) {
            new Runs(database.get()).createRun(run);
            return new Created(runId, Optional.empty());
        }
        Fork fork = new Forks(database.get()).create(point.mark(run), point.checkpoint(), point.stage());
        return new Created(runId, Optional.of(fork));
    }

    /** Makes the run of a checked spec, and has it trained. */
    public Created submit(Checked checked, RunStarter starter) {
        Created created = create(checked);
        starter.start(created.runId());
        return created;
    }

    /** The store's row of a pre-training that the user of this process starts. */
    public static NewRun newRun(PretrainSpec spec, RunId runId) {
        return PretrainPlan.newRun(spec, runId, System.getProperty("user.name"), GitRevision.find(Path.of("")));
    }

    private DataSets dataSets() {
        return new DataSets(database.get());
    }

    /** Invents ids for new runs. */
    static final class RunNames {
        private static final String BASE_32 = "abcdefghijklmnopqrstuvwxyz234567";
        private static final int SUFFIX_LENGTH = 6;
        private static final int LONGEST_NAME = 93;

        private final RandomGenerator random;

        RunNames() {
            this(new SecureRandom());
        }

        RunNames(RandomGenerator random) {
            this.random = random;
        }

        /** The spec's name in lower case, a dash, and six random letters and digits. */
        RunId next(String specName) {
            String name = specName.toLowerCase(Locale.ROOT).replaceAll("[^a-z0-9-]", "-");
            name = Character.isLetter(name.charAt(0)) ? name : "run-" + name;
            StringBuilder id = new StringBuilder(name.substring(0, Math.min(name.length(), LONGEST_NAME))).append('-');
            for (int i = 0; i < SUFFIX_LENGTH; i++) {
                id.append(BASE_32.charAt(random.nextInt(BASE_32.length())));
            }
            return new RunId(id.toString());
        }
    }
}
