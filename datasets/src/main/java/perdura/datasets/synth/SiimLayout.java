package perdura.datasets.synth;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import perdura.datasets.image.CropBox;
import perdura.datasets.image.PixelMask;
import perdura.datasets.image.RunLength;
import perdura.datasets.seeds.RandomStream;
import perdura.datasets.synth.DrawnImage.FindingTrace;

/**
 * The layout of SIIM-ACR Pneumothorax (prior.md 4.1): one image of each patient; a mask has a row for each side, and now and
 * then two for one side, as if it had been outlined in two goes.
 */
final class SiimLayout extends SetLayout {
    private static final String IMAGES = "dicom-images-train";
    private static final String NO_MASK = "-1";
    private static final double IN_TWO_GOES = 0.25;

    private final String blank;

    SiimLayout(Path folder, SynthConfig config) {
        super(folder, config);
        this.blank = config.siimCopy() == SynthConfig.SiimCopy.STAGE_1 ? " " : "";
    }

    @Override
    List<Table> tables() {
        return List.of(new Table("train-rle.csv", "ImageId," + blank + "EncodedPixels\n"));
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
        DicomStorage storage = DicomStorage.drawMostlyJpeg(random);
        Shot.View view = random.nextDouble() < 0.4 ? Shot.View.AP : Shot.View.PA;
        Shot shot = new Shot(0, view, config.imageSize(), config.imageSize());
        DrawnImage drawn = ChestDrawing.draw(config, patient, visit, shot);
        String path = IMAGES + "/" + names.study() + "/" + names.series() + "/" + names.image() + ".dcm";
        Path file = folder.resolve(path);
        Files.createDirectories(file.getParent());
        Files.write(file, storage.encode(drawn, names, view));
        List<String> masks = masks(drawn, random);
        StringBuilder rows = new StringBuilder();
        for (String mask : masks.isEmpty() ? List.of(NO_MASK) : masks) {
            rows.append(names.image()).append(',').append(blank).append(mask).append('\n');
        }
        String truth = new SynthTruth(patient, visit)
                .with("image_id", names.image())
                .with("target", masks.isEmpty() ? 0 : 1)
                .image("path", path, shot, drawn)
                .line();
        return List.of(truth, rows.toString());
    }

    private static List<String> masks(DrawnImage drawn, RandomStream random) {
        List<String> masks = new ArrayList<>();
        for (FindingTrace trace : drawn.traces()) {
            if (trace.finding().finding() == Finding.PNEUMOTHORAX && trace.isVisible()) {
                CropBox box = trace.mask().bounds();
                if (random.nextDouble() < IN_TWO_GOES && box.height() > 1) {
                    int upper = box.height() / 2;
                    masks.add(RunLength.encode(rows(trace.mask(), box.top(), box.top() + upper)));
                    masks.add(RunLength.encode(rows(trace.mask(), box.top() + upper, box.top() + box.height())));
                } else {
                    masks.add(RunLength.encode(trace.mask()));
                }
            }
        }
        return masks;
    }

    /** The part of a mask from one row to before another. */
    private static PixelMask rows(PixelMask whole, int from, int to) {
        PixelMask part = new PixelMask(whole.width(), whole.height());
        for (int y = from; y < to; y++) {
            for (int x = 0; x < whole.width(); x++) {
                if (whole.isSet(x, y)) {
                    part.set(x, y);
                }
            }
        }
        return part;
    }
}
