package perdura.training.methods.sense;

import java.io.IOException;
import java.nio.FloatBuffer;
import java.nio.file.Path;
import java.util.Arrays;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import perdura.grids.spec.ErrorCode;
import perdura.grids.spec.PerduraException;
import perdura.grids.spec.PretrainSpec;
import perdura.training.loop.TrainingJob;
import perdura.training.method.EpochPreparation;
import perdura.training.methods.sense.cluster.Clusters;
import perdura.training.methods.sense.cluster.KMeans;
import perdura.training.methods.sense.cluster.RoundFile;
import perdura.training.methods.sense.spec.ClusterSpec;
import perdura.training.methods.sense.spec.SenseSpec;
import perdura.training.torch.Torch;

/** What an epoch of SENSE begins with (sense.md 3a, 3b): study features in shards, combined to clusters. */
final class SensePreparation implements EpochPreparation {
    private static final Logger LOG = LoggerFactory.getLogger(SensePreparation.class);

    private final PretrainSpec spec;
    private final SenseSpec own;
    private final long stepsPerEpoch;

    SensePreparation(PretrainSpec spec, long stepsPerEpoch) {
        this.spec = spec;
        this.own = SenseSpec.of(spec);
        this.stepsPerEpoch = stepsPerEpoch;
    }

    private int epoch(long step) {
        return Math.toIntExact(step / stepsPerEpoch);
    }

    /** As many as full batches have studies for; the few that are left over are shared among them. */
    @Override
    public int shards(long step) {
        long studies = stepsPerEpoch * spec.batchSize();
        return own.isClustered(epoch(step))
                ? Math.toIntExact(Math.max(1, studies / own.clusters().shardStudies()))
                : 0;
    }

    @Override
    public void computeShard(TrainingJob job, long step, int shard, Path folder, Runnable alive) throws IOException {
        SenseJob sense = (SenseJob) job;
        int[] all = sense.studies().rows();
        long shards = shards(step);
        int[] rows = Arrays.copyOfRange(
                all, (int) ((long) all.length * shard / shards), (int) (all.length * (shard + 1L) / shards));
        new FeatureShard(rows, sense.features(alive).run(epoch(step), step, rows)).write(folder);
    }

    /** A kill costs the round in hand: each leaves its state in scratch. */
    @Override
    public void combine(Combination of, Path folder) throws IOException {
        ClusterSpec wanted = own.clusters();
        int width = wanted.width(own.model().dim());
        FloatBuffer features = FeatureShard.join(of.shards(), width, of.alive());
        int studies = features.limit() / width;
        KMeans.Settings settings = new KMeans.Settings(
                KMeans.resolveClusters(studies, wanted.count()),
                wanted.iterations(),
                wanted.emptyClusters(),
                spec.seed(),
                epoch(of.step()),
                of.threads(),
                (long) wanted.memoryMib() << 20);
        try (Torch torch = Torch.start("cpu", of.threads())) {
            KMeans kmeans = new KMeans(torch, settings, features, width);
            RoundFile rounds = new RoundFile(of.scratch(), settings.clusters(), studies, width);
            Clusters found = kmeans.run(
                    initial(of, kmeans, settings.clusters(), studies),
                    rounds.find().orElse(null),
                    round -> {
                        rounds.keep(round);
                        LOG.info(
                                "epoch {}: K-means has moved {} centroids, iteration {}, objective {}",
                                settings.epoch(),
                                settings.clusters(),
                                round.updates(),
                                round.objectives().get(round.updates() - 1));
                    },
                    of.alive());
            prepared(found, spread(features, width)).write(folder);
        }
    }

    /** Points that are drawn, or the means of the epoch before where that had as many. */
    private float[] initial(Combination of, KMeans kmeans, int clusters, int studies) {
        int epoch = epoch(of.step());
        if (own.clusters().warmStart() && own.isClustered(epoch - 1) && epoch > 0) {
            PreparedClusters before = PreparedClusters.read(of.earlier().folder(of.step() - stepsPerEpoch), studies);
            if (before.count() != clusters) {
                throw new PerduraException(
                        ErrorCode.CHECKPOINT_DAMAGED,
                        "the epoch before must have " + clusters + " clusters, had " + before.count());
            }
            return before.means();
        }
        return kmeans.drawInitial();
    }

    private PreparedClusters prepared(Clusters found, double spread) {
        double tau = own.losses().tauPrototype();
        double[] dense = own.clusters().concentration() ? found.concentration(tau) : new double[0];
        float[] phi = new float[found.count()];
        for (int k = 0; k < phi.length; k++) {
            phi[k] = (float) (own.clusters().concentration() ? dense[k] : tau);
        }
        return new PreparedClusters(
                found.labels(),
                found.width(),
                found.unitCentroids(),
                found.centroids(),
                phi,
                found.objectives().stream().mapToDouble(Double::doubleValue).toArray(),
                found.splits().size(),
                spread);
    }

    /** Mean norm of the features minus their mean. */
    static double spread(FloatBuffer features, int width) {
        int count = features.limit() / width;
        double[] mean = new double[width];
        float[] row = new float[width];
        for (int i = 0; i < count; i++) {
            features.get(i * width, row);
            for (int d = 0; d < width; d++) {
                mean[d] += row[d] / (double) count;
            }
        }
        double sum = 0;
        for (int i = 0; i < count; i++) {
            features.get(i * width, row);
            double square = 0;
            for (int d = 0; d < width; d++) {
                square += (row[d] - mean[d]) * (row[d] - mean[d]);
            }
            sum += Math.sqrt(square);
        }
        return sum / count;
    }
}
