package perdura.experiments.plan;

import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.Map;
import perdura.experiments.submit.GitRevision;
import perdura.grids.read.SweepJson;
import perdura.grids.spec.CanonicalJson;
import perdura.grids.spec.EnumWord;
import perdura.grids.spec.RunId;
import perdura.grids.spec.RunKind;
import perdura.grids.spec.SweepSpec;
import perdura.store.NewRun;
import perdura.store.Run;

/** Makes the run that stands for a sweep in MLflow, above its trials. */
public final class SweepRun {
    private SweepRun() {}

    /** The run, with the spec as it is when submitted. */
    public static NewRun newRun(SweepSpec spec, RunId id) {
        String json = SweepJson.write(spec);
        Map<String, String> params = new LinkedHashMap<>();
        params.put("task", spec.task());
        params.put(
                "objective",
                EnumWord.of(spec.objective().goal()) + " validation/"
                        + spec.objective().metric());
        params.put("seeds", spec.points().seeds().toString());
        spec.points()
                .axes()
                .forEach(axis ->
                        params.put("matrix." + axis.path(), axis.values().toString()));
        spec.points().base().values().forEach((path, value) -> params.put("base." + path, String.valueOf(value)));
        Map<String, String> tags = new LinkedHashMap<>();
        tags.put("perdura.task", spec.task());
        tags.put("mlflow.source.name", "perdura sweep submit");
        tags.put("mlflow.user", System.getProperty("user.name"));
        tags.put(
                "mlflow.note.content",
                "A sweep of task `%s`, run by Perdura: its trials stand below this run. See `perdura leaderboard %s`, and `perdura compare %s --open` for the page that compares them."
                        .formatted(spec.task(), id, id));
        GitRevision.find(Path.of("")).ifPresent(revision -> tags.put("mlflow.source.git.commit", revision));
        return new NewRun(
                id,
                new Run.Identity(
                        spec.experiment(),
                        id.value(),
                        RunKind.SWEEP,
                        json,
                        CanonicalJson.sha256(Map.of("spec", json)),
                        0),
                params,
                tags);
    }
}
