package perdura.cli.report;

import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Instant;
import java.util.LinkedHashMap;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import perdura.experiments.compare.Curves;
import perdura.experiments.compare.SweepView;
import perdura.grids.spec.PerduraException;
import perdura.grids.spec.RunId;
import perdura.store.Artifacts;
import perdura.store.DataSets;
import perdura.store.Database;
import perdura.store.Metrics;
import perdura.store.StoredDataSet;
import perdura.training.figure.WholeFile;

/** Writes the report of a sweep, and lets MLflow have it. */
public final class ReportFile {
    private static final String NAME = "report.html";

    private final Database database;

    public ReportFile(Database database) {
        this.database = database;
    }

    /**
     * The page.
     *
     * @param trackingUri of MLflow, for links; null without one
     */
    public String html(SweepView view, @Nullable String trackingUri) {
        Curves curves = Curves.load(
                new Metrics(database), view.comparison().objective().curveKey(), SweepReport.drawn(view.comparison()));
        Map<String, String> sets = new LinkedHashMap<>();
        for (StoredDataSet data : new DataSets(database).listDataSets()) {
            data.names().forEach(name -> sets.put(name, data.source().sourceSet()));
            sets.put(data.digest(), data.source().sourceSet());
        }
        return ReportPage.html(SweepReport.of(view, curves, sets, trackingUri, Instant.now()));
    }

    /**
     * Writes a file beside its place and renames it; missing folders are made.
     *
     * @throws PerduraException ARTIFACT_STORE_UNAVAILABLE if it can't be written
     */
    public static void write(Path file, String html) {
        WholeFile.write(file, "give another place with --out", out -> out.write(html.getBytes(StandardCharsets.UTF_8)));
    }

    /** Keeps a copy among the artifacts, and queues it for the sweep's run in MLflow. */
    public void log(Path artifactRoot, String sweepId, String html) {
        Path kept = artifactRoot.resolve(sweepId).resolve(NAME);
        write(kept, html);
        new Artifacts(database)
                .addArtifact(new RunId(sweepId), NAME, kept.toAbsolutePath().toUri());
    }
}
