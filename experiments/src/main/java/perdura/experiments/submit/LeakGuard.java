package perdura.experiments.submit;

import java.nio.file.Files;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import perdura.datasets.data.DataSet;
import perdura.datasets.data.DataSetMembers;
import perdura.datasets.data.SplitRows;
import perdura.datasets.split.leak.LeakCheck;
import perdura.datasets.split.leak.LeakReport;
import perdura.datasets.split.leak.SplitMembers;
import perdura.grids.spec.DataSpec;
import perdura.grids.spec.ErrorCode;
import perdura.grids.spec.PerduraException;
import perdura.grids.spec.PretrainSpec;
import perdura.grids.spec.SourceSet;
import perdura.store.DataSets;
import perdura.store.StoredDataSet;

/**
 * Refuses a pre-training that would see what a downstream task is tested on. Every image of an ingested downstream set
 * counts, since any of them may be in the test part of some split; of the trained set, the owner's validation and test
 * parts do, unless the spec says that all parts are trained on. Other sets with reports are for pre-training.
 */
public final class LeakGuard {
    private static final Logger LOG = LoggerFactory.getLogger(LeakGuard.class);

    private final DataSets dataSets;

    public LeakGuard(DataSets dataSets) {
        this.dataSets = dataSets;
    }

    /**
     * Compares the training part of a data set with every downstream set of the store.
     *
     * @throws PerduraException DATA_LEAK that names what is shared, unless the spec allows it in writing
     */
    public void check(PretrainSpec spec, DataSet trained) {
        List<StoredDataSet> stored = dataSets.listDataSets();
        String name = name(stored, trained.header().digest());
        SplitMembers members = DataSetMembers.of(
                trained, name, "train", SplitRows.of(trained, spec.data().split()));
        List<String> refusals = new ArrayList<>();
        for (StoredDataSet downstream : stored) {
            SplitMembers tested = tested(spec, trained, downstream);
            if (tested == null) {
                continue;
            }
            LeakReport report = LeakCheck.compare(members, tested, allowances(spec, name, downstream));
            if (report.isRefused()) {
                refusals.add(report.message());
            }
        }
        if (!refusals.isEmpty()) {
            throw new PerduraException(
                    ErrorCode.DATA_LEAK,
                    String.join("\n", refusals)
                            + "\nTo allow it, write into the spec: data.allowedLeaks: [{dataset: NAME, reason: TEXT}]");
        }
    }

    /** A set whose folder is gone can't be evaluated on either. */
    private static boolean isThere(StoredDataSet data) {
        boolean there = Files.isDirectory(data.folder());
        if (!there) {
            LOG.warn("data set {} is not compared with the training: its folder is gone", nameOf(data));
        }
        return there;
    }

    private static @Nullable SplitMembers tested(PretrainSpec spec, DataSet trained, StoredDataSet stored) {
        if (stored.digest().equals(trained.header().digest())) {
            return spec.data().split() == DataSpec.Split.ALL
                    ? null
                    : DataSetMembers.of(trained, nameOf(stored), "validation and test", SplitRows.heldOut(trained));
        }
        if (stored.source().sourceSet().equals(SourceSet.MIMIC_CXR.word()) || !isThere(stored)) {
            return null;
        }
        DataSet data = DataSet.open(stored.folder());
        return DataSetMembers.of(data, nameOf(stored), "all images", SplitRows.of(data, DataSpec.Split.ALL));
    }

    private static List<LeakReport.Allowance> allowances(PretrainSpec spec, String trained, StoredDataSet downstream) {
        return spec.data().allowedLeaks().stream()
                .filter(leak -> isNamed(downstream, leak))
                .map(leak -> new LeakReport.Allowance(trained, nameOf(downstream), leak.reason()))
                .toList();
    }

    private static boolean isNamed(StoredDataSet data, DataSpec.AllowedLeak leak) {
        return data.names().contains(leak.dataset())
                || (leak.dataset().length() >= 8 && data.digest().startsWith(leak.dataset()));
    }

    private static String name(List<StoredDataSet> stored, String digest) {
        return stored.stream()
                .filter(data -> data.digest().equals(digest))
                .map(LeakGuard::nameOf)
                .findFirst()
                .orElse(digest.substring(0, 12));
    }

    private static String nameOf(StoredDataSet data) {
        return data.names().isEmpty()
                ? data.digest().substring(0, 12)
                : data.names().get(0);
    }
}
