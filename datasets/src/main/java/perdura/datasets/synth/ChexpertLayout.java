package perdura.datasets.synth;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import perdura.datasets.seeds.RandomStream;

/**
 * The layout of CheXpert v1.0-small (prior.md 4.1). A tenth of the patients, the last ones, have one study in the valid
 * table, which knows no doubts and no gaps.
 */
final class ChexpertLayout extends SetLayout {
    /** The folder that every path in the tables begins with. */
    static final String NAME = "CheXpert-v1.0-small";

    private static final String HEADER =
            "Path,Sex,Age,Frontal/Lateral,AP/PA," + String.join(",", LabelColumns.CHEXPERT) + "\n";
    private static final int ONE_VALID_OF = 10;

    private final int firstValid;

    ChexpertLayout(Path folder, SynthConfig config) {
        super(folder, config);
        int patients = config.amount().count();
        this.firstValid = patients - patients / ONE_VALID_OF;
    }

    @Override
    List<Table> tables() {
        return List.of(new Table(NAME + "/train.csv", HEADER), new Table(NAME + "/valid.csv", HEADER));
    }

    @Override
    List<String> write(Patient patient) throws IOException {
        boolean valid = patient.number() >= firstValid;
        Patient shown = valid ? patient.withVisits(1) : patient;
        StringBuilder truth = new StringBuilder();
        StringBuilder rows = new StringBuilder();
        for (Visit visit : shown.visits()) {
            RandomStream random = patient.stream(config, "synth-study", visit.number());
            Reading told = valid
                    ? Reading.ofTruth(visit)
                    : Reading.ofLabels(visit, new Difficulty(config.difficulty()), random);
            LabelColumns labels = new LabelColumns(told);
            String fields = (valid ? labels.withoutGaps() : labels.withUnseen(random)).row(LabelColumns.CHEXPERT);
            String study = String.format(
                    Locale.ROOT,
                    "%s/%s/patient%05d/study%d",
                    NAME,
                    valid ? "valid" : "train",
                    patient.number() + 1,
                    visit.number() + 1);
            SynthTruth line = new SynthTruth(patient, visit)
                    .with("study", study)
                    .with("split", valid ? "valid" : "train")
                    .told(told);
            Files.createDirectories(folder.resolve(study));
            for (Shot shot : shots(random)) {
                String path =
                        study + "/view" + (shot.number() + 1) + (shot.isFrontal() ? "_frontal" : "_lateral") + ".jpg";
                DrawnImage drawn = ChestDrawing.draw(config, patient, visit, shot);
                Files.write(folder.resolve(path), drawn.toJpeg());
                line.image("path", path, shot, drawn);
                rows.append(row(path, patient, shot, fields));
            }
            truth.append(line.line());
        }
        return List.of(truth.toString(), valid ? "" : rows.toString(), valid ? rows.toString() : "");
    }

    private static String row(String path, Patient patient, Shot shot, String labels) {
        return String.join(
                ",",
                path,
                patient.sex() == Patient.Sex.FEMALE ? "Female" : "Male",
                Integer.toString(patient.age()),
                shot.isFrontal() ? "Frontal" : "Lateral",
                shot.isFrontal() ? shot.view().name() : "",
                labels + "\n");
    }

    /** One frontal image, rarely two; a lateral one in a sixth of the studies. Some stand upright, some lie. */
    private List<Shot> shots(RandomStream random) {
        List<Shot.View> views = new ArrayList<>();
        views.add(random.nextDouble() < 0.8 ? Shot.View.AP : Shot.View.PA);
        if (random.nextDouble() < 0.05) {
            views.add(Shot.View.AP);
        }
        if (random.nextDouble() < 0.17) {
            views.add(Shot.View.LATERAL);
        }
        List<Shot> shots = new ArrayList<>();
        for (Shot.View view : views) {
            int shortest = config.imageSize();
            int longest = shortest + random.bounded(shortest / 4 + 1);
            boolean upright = random.nextDouble() < 0.4;
            shots.add(new Shot(shots.size(), view, upright ? shortest : longest, upright ? longest : shortest));
        }
        return shots;
    }
}
