package perdura.cli.report;

import com.fasterxml.jackson.core.JsonGenerator;
import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.SerializerProvider;
import com.fasterxml.jackson.databind.module.SimpleModule;
import com.fasterxml.jackson.databind.ser.std.StdSerializer;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Instant;
import java.util.LinkedHashMap;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import perdura.cli.compare.LeaderboardTable;
import perdura.cli.words.Glyphs;
import perdura.datasets.file.PageTemplate;
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
    private static final String TABLE = "leaderboard.csv";

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
    public static void write(Path file, String text) {
        WholeFile.write(file, "give another place with --out", out -> out.write(text.getBytes(StandardCharsets.UTF_8)));
    }

    /**
     * Keeps a copy among the artifacts, and queues it for the sweep's run in MLflow, with the points as a table that MLflow shows: means
     * and deviations over seeds, folds and other replicates.
     */
    public void log(Path artifactRoot, String html, SweepView view) {
        String sweepId = view.sweep().sweepId();
        add(artifactRoot, sweepId, NAME, html);
        add(
                artifactRoot,
                sweepId,
                TABLE,
                new LeaderboardTable(view.comparison(), Glyphs.ASCII, Integer.MAX_VALUE).csv());
    }

    private void add(Path artifactRoot, String sweepId, String name, String text) {
        Path kept = artifactRoot.resolve(sweepId).resolve(name);
        write(kept, text);
        new Artifacts(database)
                .addArtifact(new RunId(sweepId), name, kept.toAbsolutePath().toUri());
    }

    /**
     * The page of a report: a template into which style, data and scripts are written, so that it needs no other file. Its content
     * security policy forbids the network.
     */
    static final class ReportPage {
        private static final ObjectMapper JSON =
                new ObjectMapper().registerModule(new SimpleModule().addSerializer(Double.class, new FiniteNumbers()));

        private ReportPage() {}

        static String html(ReportModel model) {
            Map<String, String> parts = Map.of(
                    "title", PageTemplate.escape(model.sweepId()),
                    "style", read("page.css"),
                    "charts", read("echarts-5.6.0.min.js"),
                    "data", json(model),
                    "script", read("page.js"));
            return PageTemplate.fill(ReportPage.class, "page.html", parts);
        }

        /** JSON that may stand in a script element: no text in it can end the element or open a comment. */
        static String json(ReportModel model) {
            try {
                return PageTemplate.inScript(JSON.writeValueAsString(model));
            } catch (JsonProcessingException e) {
                throw new IllegalStateException("no JSON for the report", e);
            }
        }

        private static String read(String resource) {
            return PageTemplate.resource(ReportPage.class, resource);
        }

        /** JSON has no NaN and no infinity: the page gets null, and shows that there is no number. */
        private static final class FiniteNumbers extends StdSerializer<Double> {
            FiniteNumbers() {
                super(Double.class);
            }

            @Override
            public void serialize(Double value, JsonGenerator out, SerializerProvider provider) throws IOException {
                if (Double.isFinite(value)) {
                    out.writeNumber(value);
                } else {
                    out.writeNull();
                }
            }
        }
    }
}
