package perdura.datasets.synth;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import perdura.datasets.image.CropBox;
import perdura.datasets.seeds.RandomStream;
import perdura.datasets.synth.DrawnImage.FindingTrace;

/**
 * The layout of RSNA Pneumonia, stage 2 (prior.md 4.1): one image of each patient; a consolidation is what its table calls
 * pneumonia. Boxes are in the frame of the image, whatever its size.
 */
final class RsnaLayout extends SetLayout {
    private static final String IMAGES = "stage_2_train_images";

    RsnaLayout(Path folder, SynthConfig config) {
        super(folder, config);
    }

    @Override
    List<Table> tables() {
        return List.of(
                new Table("stage_2_train_labels.csv", "patientId,x,y,width,height,Target\n"),
                new Table("stage_2_detailed_class_info.csv", "patientId,class\n"));
    }

    @Override
    void begin() throws IOException {
        Files.createDirectory(folder.resolve(IMAGES));
    }

    @Override
    List<String> write(Patient patient) throws IOException {
        Visit visit = patient.visits().get(0);
        RandomStream random = patient.stream(config, "synth-study", visit.number());
        DicomStorage.Names names = DicomStorage.Names.draw(random);
        DicomStorage storage = DicomStorage.drawAnyKind(random);
        Shot.View view = random.nextDouble() < 0.46 ? Shot.View.AP : Shot.View.PA;
        Shot shot = new Shot(0, view, config.imageSize(), config.imageSize());
        DrawnImage drawn = ChestDrawing.draw(config, patient, visit, shot);
        String id = names.patientId();
        Files.write(folder.resolve(IMAGES).resolve(id + ".dcm"), storage.encode(drawn, names, view));
        List<FindingTrace> opacities = drawn.traces().stream()
                .filter(trace -> trace.finding().finding() == Finding.CONSOLIDATION && trace.isVisible())
                .toList();
        String word = opacities.isEmpty()
                ? visit.findings().isEmpty() ? "Normal" : "No Lung Opacity / Not Normal"
                : "Lung Opacity";
        StringBuilder labels = new StringBuilder(opacities.isEmpty() ? id + ",,,,,0\n" : "");
        opacities.forEach(opacity -> labels.append(id).append(box(opacity)).append(",1\n"));
        String classes = (id + "," + word + "\n").repeat(Math.max(1, opacities.size()));
        String truth = new SynthTruth(patient, visit)
                .with("patient_id", id)
                .with("target", opacities.isEmpty() ? 0 : 1)
                .with("class", word)
                .image("path", IMAGES + "/" + id + ".dcm", shot, drawn)
                .line();
        return List.of(truth, labels.toString(), classes);
    }

    /** Top left corner and size, as the table writes them. */
    private static String box(FindingTrace trace) {
        CropBox box = trace.mask().bounds();
        return "," + box.left() + ".0," + box.top() + ".0," + box.width() + ".0," + box.height() + ".0";
    }
}
