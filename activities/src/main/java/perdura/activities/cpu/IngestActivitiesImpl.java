package perdura.activities.cpu;

import io.temporal.activity.Activity;
import java.nio.file.Path;
import perdura.datasets.data.DataSet;
import perdura.datasets.ingest.DataReport;
import perdura.datasets.ingest.Ingest;
import perdura.datasets.ingest.IngestPlan;
import perdura.grids.read.IngestSpecJson;
import perdura.grids.spec.DurableEffects;
import perdura.grids.spec.ErrorCode;
import perdura.grids.spec.IngestSpec;
import perdura.grids.spec.PerduraException;
import perdura.store.DataSets.NewDataSet;
import perdura.store.Ingests;
import perdura.store.StoredDataSet;
import perdura.store.StoredIngest;
import perdura.workflows.IngestActivities;
import perdura.workflows.IngestActivities.IngestFailure;
import perdura.workflows.IngestActivities.PlannedIngest;
import perdura.workflows.IngestWorkflow;

/** Makes data sets in the artifact store, and keeps the store's view of it. */
public record IngestActivitiesImpl(Ingests ingests, Path artifactRoot, DurableEffects effects)
        implements IngestActivities {
    @Override
    public PlannedIngest planIngest(String ingestId) {
        try (Heartbeat heartbeat = beat();
                Ingest ingest = open(ingestId)) {
            IngestPlan plan = ingest.plan(heartbeat);
            heartbeat.run();
            ingests.recordPlan(ingestId, plan.parts().size(), plan.samples(), plan.images(), plan.faultCount());
            return new PlannedIngest(plan.parts().size());
        }
    }

    @Override
    public void makePart(String ingestId, int part) {
        try (Heartbeat heartbeat = beat();
                Ingest ingest = open(ingestId)) {
            Ingest.PartResult made = ingest.make(part, heartbeat);
            ingests.recordPart(ingestId, part, made.samples(), made.images(), made.faults());
        }
    }

    @Override
    public IngestWorkflow.Result finishIngest(String ingestId) {
        StoredIngest stored = ingests.loadIngest(ingestId);
        try (Heartbeat heartbeat = beat();
                Ingest ingest = open(ingestId)) {
            DataReport report = ingest.finish(heartbeat);
            ingests.finish(ingestId, stored.identity().name(), newDataSet(report, artifactRoot), report.faultCount());
            return new IngestWorkflow.Result(ingestId, report.digest(), report.faultCount());
        }
    }

    @Override
    public void failIngest(IngestFailure failure) {
        ingests.fail(failure.ingestId(), failure.errorCode(), failure.message());
    }

    /** What the store keeps of a data set. */
    static NewDataSet newDataSet(DataReport report, Path artifactRoot) {
        return new NewDataSet(
                report.digest(),
                new StoredDataSet.Source(report.set(), report.profile(), report.imageSize()),
                new StoredDataSet.Size(report.samples(), report.images(), report.patients()),
                DataSet.folder(artifactRoot, report.digest()).toUri().toString());
    }

    private static Heartbeat beat() {
        return new Heartbeat(Activity.getExecutionContext());
    }

    private Ingest open(String ingestId) {
        StoredIngest stored = ingests.loadIngest(ingestId);
        if (stored.isCancelled()) {
            throw new PerduraException(ErrorCode.FENCED, "the ingest " + ingestId + " was cancelled");
        }
        IngestSpec spec = IngestSpecJson.read(stored.identity().spec());
        return Ingest.open(spec, artifactRoot, effects);
    }
}
