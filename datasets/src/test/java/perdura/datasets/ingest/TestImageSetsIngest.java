package perdura.datasets.ingest;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.List;
import java.util.Objects;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import perdura.datasets.array.NpyFile;
import perdura.datasets.data.DataSet;
import perdura.datasets.image.DicomWriter;
import perdura.datasets.image.GrayImage;
import perdura.datasets.image.JpegFile;
import perdura.datasets.source.FaultList.DataFault;
import perdura.datasets.split.chexpert.ChexpertFinding;
import perdura.grids.spec.IngestSpec;
import perdura.grids.spec.SourceSet;
import perdura.testkit.Repository;

/** CheXpert, 5x200, RSNA and SIIM, each as a handful of files in its owner's layout. */
class TestImageSetsIngest {
    private static final int SIDE = 16;
    private static final String CHEXPERT_HEADER =
            "Path,Sex,Age,Frontal/Lateral,AP/PA," + String.join(",", ChexpertFinding.COLUMNS);

    @TempDir
    private Path folder;

    private Path root = Path.of("");

    @BeforeEach
    void nameRoot() {
        root = folder.resolve("set");
    }

    @Test
    void rsnaHasBoxesInPixelsOfTheView() throws IOException {
        table(
                "stage_2_train_labels.csv",
                "patientId,x,y,width,height,Target",
                "b,,,,,0",
                "a,8.0,4.0,16.0,8.0,1",
                "c,0,0,32,32,1",
                "a,0.0,0.0,4.0,4.0,1");
        for (String patient : List.of("a", "b", "c")) {
            dicom("stage_2_train_images/" + patient + ".dcm", 32, 32);
        }
        DataSet set = ingest(spec(SourceSet.RSNA, IngestSpec.Profile.PRIOR));

        assertThat(set.size()).isEqualTo(3);
        assertThat(set.label(0, 0)).isEqualTo(1f);
        assertThat(set.label(1, 0)).isZero();
        NpyFile offsets = set.array("box_offsets");
        assertThat(List.of(offsets.longAt(0), offsets.longAt(1), offsets.longAt(2), offsets.longAt(3)))
                .containsExactly(0L, 2L, 2L, 3L);
        NpyFile boxes = set.array("boxes");
        assertThat(row(boxes, 0)).containsExactly(4, 2, 12, 6);
        assertThat(row(boxes, 2)).containsExactly(0, 0, 16, 16);
        assertThat(set.header().labels()).containsExactly("Pneumonia");
    }

    @Test
    void rsnaRowsThatCannotBeAreNamedAndLeaveTheirImageOut() throws IOException {
        table(
                "stage_2_train_labels.csv",
                "patientId,x,y,width,height,Target",
                "a,20,20,16,8,1",
                "b,1,2,3,,1",
                "c,,,,,0",
                "c,1,1,2,2,1",
                "d,,,,,0",
                "e,,,,,0",
                "../f,,,,,0");
        for (String patient : List.of("a", "b", "c", "d", "stranger")) {
            dicom("stage_2_train_images/" + patient + ".dcm", 32, 32);
        }
        IngestSpec spec = spec(SourceSet.RSNA, IngestSpec.Profile.PRIOR);
        String file = root.resolve("stage_2_train_labels.csv").toString();

        assertThat(faults(spec))
                .containsExactlyInAnyOrder(
                        file + ":2: box x 20.0, y 20.0, width 16.0, height 8.0 lies outside of the image of 32 x 32"
                                + " pixels",
                        file + ":3: x, y, width and height must be numbers, were [1, 2, 3, ]",
                        file + ":5: patient 'c' has a row with Target 0 already, so it can't have a box",
                        file + ":8: patientId '../f' must be letters, digits, dots and dashes",
                        root.resolve("stage_2_train_images/stranger.dcm")
                                + ": image without a row in the table stage_2_train_labels.csv",
                        root.resolve("stage_2_train_images/e.dcm")
                                + ": no such file, though a table lists it; restore it or take it out of the table");
        DataSet set = ingest(spec);
        assertThat(set.size()).isEqualTo(1);
        assertThat(set.sampleId(0)).isEqualTo("d");
    }

    @Test
    void siimHasTheUnionOfAnImagesRows() throws IOException {
        table(
                "train-rle.csv",
                "ImageId, EncodedPixels",
                "1.2.b, -1",
                "1.2.a, 0 16 16 16",
                "1.2.a, 1008 16",
                "1.2.c,-1");
        dicom("dicom-images-train/s1/t1/1.2.a.dcm", 32, 32);
        dicom("dicom-images-train/s2/t2/1.2.b.dcm", 32, 32);
        dicom("dicom-images-train/s3/t3/1.2.d.dcm", 32, 32);
        IngestSpec spec = spec(SourceSet.SIIM, IngestSpec.Profile.PRIOR);
        DataSet set = ingest(spec);

        assertThat(set.size()).isEqualTo(2);
        assertThat(set.label(0, 0)).isEqualTo(1f);
        assertThat(set.label(1, 0)).isZero();
        byte[] mask = new byte[SIDE * SIDE];
        set.array("masks").read(0, mask, 0);
        byte[] expected = new byte[SIDE * SIDE];
        for (int y = 0; y < 8; y++) {
            expected[y * SIDE] = 1; // column 1 of the file's image, its rows 0 to 15
            expected[(y + 8) * SIDE + 15] = 1; // its column 31, rows 16 to 31
        }
        assertThat(mask).isEqualTo(expected);
        assertThat(faults(spec))
                .containsExactlyInAnyOrder(
                        root.resolve("dicom-images-train/s3/t3/1.2.d.dcm")
                                + ": image without a row in the table train-rle.csv",
                        root.resolve("train-rle.csv")
                                + ":5: image '1.2.c' has no file 1.2.c.dcm below the table's folder");
    }

    @Test
    void siimRowsThatSayNothingOrTwoThingsLeaveTheirImageOut() throws IOException {
        table(
                "train-rle.csv",
                "ImageId, EncodedPixels",
                "1.2.a, -1",
                "1.2.a, 0 5",
                "1.2.b, ",
                "1.2.c, -1",
                "1.2.c, -1",
                "1.2.d, -1");
        for (String image : List.of("a", "b", "c", "d")) {
            dicom("dicom-images-train/s/t" + image + "/1.2." + image + ".dcm", 32, 32);
        }
        IngestSpec spec = spec(SourceSet.SIIM, IngestSpec.Profile.PRIOR);
        String file = root.resolve("train-rle.csv").toString();

        assertThat(faults(spec))
                .containsExactlyInAnyOrder(
                        file + ":3: image '1.2.a' has several rows, so EncodedPixels of none of them can be -1",
                        file + ":4: EncodedPixels is blank, it must be run lengths, or -1 for an image without"
                                + " pneumothorax",
                        file + ":6: image '1.2.c' has several rows, so EncodedPixels of none of them can be -1");
        DataSet set = ingest(spec);
        assertThat(set.size()).isEqualTo(1);
        assertThat(set.sampleId(0)).isEqualTo("1.2.d");
    }

    /** 5,000,000,000 comparisons if each row looked at those before it. */
    @Test
    @Timeout(30)
    void siimRowsOfOneImageMayBeMany() throws IOException {
        List<String> lines = new ArrayList<>(List.of("ImageId, EncodedPixels"));
        lines.addAll(Collections.nCopies(100_000, "1.2.a, 1 2"));
        table("train-rle.csv", lines.toArray(String[]::new));
        dicom("dicom-images-train/s/t/1.2.a.dcm", 32, 32);

        assertThat(faults(spec(SourceSet.SIIM, IngestSpec.Profile.PRIOR))).isEmpty();
    }

    @Test
    void siimImagesLieAnywhereAndTheOwnersTestPartIsCounted() throws IOException {
        table("train-rle.csv", "ImageId, EncodedPixels", "1.2.a, -1", "1.2.b, 0 5");
        dicom("elsewhere/1.2.a.DCM", 32, 32);
        dicom("1.2.b.dcm", 32, 32);
        dicom("dicom-images-test/s/t/1.2.c.dcm", 32, 32);
        IngestSpec spec = spec(SourceSet.SIIM, IngestSpec.Profile.PRIOR);

        assertThat(faults(spec)).isEmpty();
        assertThat(ingest(spec).size()).isEqualTo(2);
        assertThat(Ingest.inspect(spec, 2, (samples, all, faults) -> {}).leftOut())
                .containsExactly(new DataReport.Count(Exclusion.WITHOUT_LABEL.description(), 1));
    }

    @Test
    void ofOddSiimRowsOnlyThoseThatSayOneThingCount() {
        IngestSpec spec = siimCase("siim_odd");
        String table = spec.root() + "/train-rle.csv";

        assertThat(faults(spec))
                .extracting(fault -> fault.substring(0, fault.indexOf(": ")))
                .containsExactlyInAnyOrder(
                        table + ":3", table + ":4", table + ":6", spec.root() + "/dicom-images-train/s4/x/1.2.4.dcm");
        DataSet set = ingest(spec);
        assertThat(ids(set)).containsExactly("1.2.3", "1.2.5"); // whose file ends in .DCM
        assertThat(set.label(0, 0)).isEqualTo(1f);
        assertThat(set.label(1, 0)).isZero();
    }

    @Test
    void siimFilesOutsideOfTheOwnersFolderAreFound() {
        IngestSpec spec = siimCase("siim_anywhere");

        assertThat(faults(spec)).isEmpty();
        DataSet set = ingest(spec);
        assertThat(ids(set)).containsExactly("1.2.0", "1.2.1", "1.2.2");
        assertThat(IntStream.range(0, 3).mapToObj(row -> set.label(row, 0))).containsExactly(1f, 0f, 1f);
    }

    private IngestSpec siimCase(String name) {
        root = Repository.resolve("reference/cases/data/" + name);
        return spec(SourceSet.SIIM, IngestSpec.Profile.PRIOR);
    }

    private static List<String> ids(DataSet set) {
        return IntStream.range(0, (int) set.size()).mapToObj(set::sampleId).toList();
    }

    @Test
    void rsnaFindsAFileWhoseEndingIsInCapitals() throws IOException {
        table("stage_2_train_labels.csv", "patientId,x,y,width,height,Target", "a,,,,,0");
        dicom("stage_2_train_images/a.DCM", 32, 32);
        assertThat(ingest(spec(SourceSet.RSNA, IngestSpec.Profile.PRIOR)).size())
                .isEqualTo(1);
    }

    @Test
    void runsBeyondTheImageAreNamed() throws IOException {
        table("train-rle.csv", "ImageId,EncodedPixels", "1.2.a,1020 5", "1.2.b,3 x", "1.2.c,-1");
        for (String image : List.of("a", "b", "c")) {
            dicom("dicom-images-train/s/t" + image + "/1.2." + image + ".dcm", 32, 32);
        }
        assertThat(faults(spec(SourceSet.SIIM, IngestSpec.Profile.PRIOR)))
                .hasSize(2)
                .anySatisfy(fault -> assertThat(fault).startsWith(root.resolve("train-rle.csv") + ":2: "))
                .anySatisfy(fault -> assertThat(fault).startsWith(root.resolve("train-rle.csv") + ":3: "));
    }

    @Test
    void chexpertKeepsFrontalImagesWithTheirRawLabels() throws IOException {
        chexpert();
        DataSet set = ingest(spec(SourceSet.CHEXPERT, IngestSpec.Profile.PRIOR));

        assertThat(set.size()).isEqualTo(7);
        assertThat(set.sampleId(0)).isEqualTo("train/patient00001/study1/view1_frontal.jpg");
        assertThat(set.patientId(0)).isEqualTo("patient00001");
        assertThat(set.split(0)).isEqualTo("train");
        assertThat(set.split(6)).isEqualTo("validate");
        assertThat(set.label(0, 8)).isEqualTo(1f);
        assertThat(set.label(0, 2)).isNaN();
        assertThat(set.label(1, 5)).isEqualTo(-1f);
        assertThat(Ingest.inspect(spec(SourceSet.CHEXPERT, IngestSpec.Profile.PRIOR), 2, (samples, all, faults) -> {})
                        .leftOut())
                .containsExactly(new DataReport.Count("images that are not frontal", 1));
    }

    @Test
    void imagesThatAreNotSquareComeInALetterboxForSense() throws IOException {
        chexpert();
        DataSet set = ingest(spec(SourceSet.CHEXPERT, IngestSpec.Profile.SENSE));

        assertThat(set.images().shape()).containsExactly(7L, 18L, 18L); // 16 x 256/224, of which a crop is seen
        byte[] pixels = new byte[18 * 18];
        set.images().read(0, pixels, 0);
        assertThat(pixels[0]).isZero(); // 24 x 40 pixels: black on the left
        assertThat(pixels[9] & 0xFF).isPositive();
    }

    @Test
    void fiveByTwoHundredIsDrawnByTheRuleOrTakenFromAList() throws IOException {
        chexpert();
        IngestSpec drawn = spec(SourceSet.CHEXPERT_5X200, IngestSpec.Profile.PRIOR);
        DataSet set = ingest(drawn);
        assertThat(set.size()).isEqualTo(5);
        for (int row = 0; row < 5; row++) {
            float sum = 0;
            for (int label = 0; label < 5; label++) {
                sum += set.label(row, label);
            }
            assertThat(sum).isEqualTo(1f);
        }
        assertThat(set.header().labels())
                .containsExactly("Atelectasis", "Cardiomegaly", "Consolidation", "Edema", "Pleural Effusion");

        Path list = folder.resolve("list.json");
        Files.writeString(list, """
            {"0": {"image_path": "train/patient00001/study1/view1_frontal.jpg", "label": [1, 0, 0, 0, 0]},
             "3": {"image_path": "train/patient00003/study1/view1_frontal.jpg", "label": [0, 1, 0, 0, 0]},
             "4": {"image_path": "train/patient00004/study1/view1_frontal.jpg", "label": [0, 0, 1, 0, 0]},
             "5": {"image_path": "train/patient00005/study1/view1_frontal.jpg", "label": [0, 0, 0, 1, 0]},
             "6": {"image_path": "train/patient00006/study1/view1_frontal.jpg", "label": [0, 0, 0, 0, 1]}}
            """);
        assertThat(ingest(with(drawn, list)).header().digest())
                .isEqualTo(set.header().digest());

        assertThat(Ingest.inspect(drawn, 2, (samples, all, faults) -> {}).published())
                .containsExactlyElementsOf(published(false));
        assertThat(Ingest.inspect(with(drawn, list), 2, (samples, all, faults) -> {})
                        .published())
                .containsExactlyElementsOf(published(true));

        Files.writeString(list, Files.readString(list).replace("patient00006", "patient00099"));
        assertThatThrownBy(() -> ingest(with(drawn, list)))
                .hasMessageContaining("list.json:5")
                .hasMessageContaining("patient00099");
    }

    /** In the order of the specification; the patients of a set that the rule draws are not published. */
    private static List<DataReport.Published> published(boolean listed) {
        List<DataReport.Published> published = new ArrayList<>(List.of(
                new DataReport.Published("rows of train.csv", 223_414, 7, false, "prior.md 4.1 (recalled)"),
                new DataReport.Published("frontal rows of train.csv", 191_027, 6, false, "prior.md 4.1 (recalled)"),
                new DataReport.Published("rows of valid.csv", 234, 1, false, "prior.md 4.1, sense.md 4.2"),
                new DataReport.Published("frontal rows of valid.csv", 202, 1, false, "prior.md 4.1, sense.md 4.2"),
                new DataReport.Published("images of the 5x200 set", 1_000, 5, false, "prior.md 4.3, sense.md 4.2")));
        if (listed) {
            published.add(
                    new DataReport.Published("patients of the authors' 5x200 list", 967, 5, false, "prior.md 4.3"));
        }
        return published;
    }

    @Test
    void totalsThatAgreeWithThePublishedOnesAreMarked() throws IOException {
        chexpert();
        List<String> lines = new ArrayList<>(List.of(CHEXPERT_HEADER));
        for (int patient = 0; patient < 234; patient++) {
            lines.add(row(
                    "valid/patient%05d/study1/view1_frontal.jpg".formatted(64_541 + patient),
                    patient < 202 ? "Frontal" : "Lateral",
                    0,
                    "1.0"));
        }
        table("CheXpert-v1.0-small/valid.csv", lines.toArray(String[]::new));
        assertThat(Ingest.inspect(spec(SourceSet.CHEXPERT, IngestSpec.Profile.PRIOR), 2, (samples, all, faults) -> {})
                        .published())
                .filteredOn(DataReport.Published::agrees)
                .extracting(DataReport.Published::what)
                .containsExactly("rows of valid.csv", "frontal rows of valid.csv");
    }

    @Test
    void chexpertRowsThatCannotBeAreNamed() throws IOException {
        chexpert();
        Path train = root.resolve("CheXpert-v1.0-small/train.csv");
        List<String> lines = new ArrayList<>(Files.readAllLines(train));
        lines.set(1, lines.get(1).replace("Frontal", "Front"));
        lines.set(2, lines.get(2).replace("-1.0", "2.0"));
        lines.add(lines.get(4));
        lines.add(lines.get(4).replace("CheXpert-v1.0-small/train/", "elsewhere/"));
        Files.write(train, lines);
        assertThat(faults(spec(SourceSet.CHEXPERT, IngestSpec.Profile.PRIOR)))
                .anySatisfy(
                        f -> assertThat(f).contains(train + ":2: Frontal/Lateral 'Front' must be Frontal or Lateral"))
                .anySatisfy(f -> assertThat(f)
                        .contains(train + ":3: Edema '2.0' must be 1.0, 0.0, -1.0 or blank; it counts as blank"))
                .anySatisfy(f -> assertThat(f)
                        .contains(train + ":9: image 'train/patient00003/study1/view1_frontal.jpg' has a row already"))
                .anySatisfy(f -> assertThat(f).contains(train + ":10: Path 'elsewhere/patient00003"));
    }

    /** Six patients of train.csv, each of the five findings alone once, one lateral image; one patient of valid.csv. */
    private void chexpert() throws IOException {
        table(
                "CheXpert-v1.0-small/train.csv",
                CHEXPERT_HEADER,
                row("train/patient00001/study1/view1_frontal.jpg", "Frontal", 8, "1.0"),
                row("train/patient00002/study1/view1_frontal.jpg", "Frontal", 5, "-1.0"),
                row("train/patient00002/study1/view2_lateral.jpg", "Lateral", 5, "-1.0"),
                row("train/patient00003/study1/view1_frontal.jpg", "Frontal", 2, "1.0"),
                row("train/patient00004/study1/view1_frontal.jpg", "Frontal", 6, "1.0"),
                row("train/patient00005/study1/view1_frontal.jpg", "Frontal", 5, "1.0"),
                row("train/patient00006/study1/view1_frontal.jpg", "Frontal", 10, "1.0"));
        table(
                "CheXpert-v1.0-small/valid.csv",
                CHEXPERT_HEADER,
                row("valid/patient64541/study1/view1_frontal.jpg", "Frontal", 0, "1.0"));
        for (int patient = 1; patient <= 6; patient++) {
            jpeg("CheXpert-v1.0-small/train/patient0000" + patient + "/study1/view1_frontal.jpg", 24, 40);
        }
        jpeg("CheXpert-v1.0-small/train/patient00002/study1/view2_lateral.jpg", 24, 40);
        jpeg("CheXpert-v1.0-small/valid/patient64541/study1/view1_frontal.jpg", 24, 40);
    }

    private static String row(String path, String view, int label, String value) {
        String[] cells = new String[ChexpertFinding.COLUMNS.size()];
        Arrays.fill(cells, "");
        cells[label] = value;
        return "CheXpert-v1.0-small/" + path + ",Male,50," + view + ",AP," + String.join(",", cells);
    }

    private static double[] row(NpyFile boxes, long row) {
        double[] edges = new double[4];
        Arrays.setAll(edges, i -> boxes.floatAt(row, i));
        return edges;
    }

    @Test
    void anInspectionHoldsAFewImagesAtATime() throws IOException, InterruptedException {
        List<String> rows = new ArrayList<>(List.of("patientId,x,y,width,height,Target"));
        for (int i = 0; i < 400; i++) { // 100 MB of pixels, rendered
            rows.add("p" + i + ",,,,,0");
            dicom("stage_2_train_images/p" + i + ".dcm", 8, 8);
        }
        table("stage_2_train_labels.csv", rows.toArray(String[]::new));
        Process inspection = InspectProcess.start(root, 48);
        String said = new String(inspection.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
        assertThat(inspection.waitFor()).as(said).isZero();
        assertThat(said.strip()).endsWith("400");
    }

    private IngestSpec spec(SourceSet set, IngestSpec.Profile profile) {
        return new IngestSpec(
                set,
                root,
                profile,
                SIDE,
                null,
                1,
                IngestSpec.Sections.FINDINGS,
                null,
                new IngestSpec.Sampling(114_514, 1),
                false,
                false);
    }

    private static IngestSpec with(IngestSpec spec, @Nullable Path list) {
        return new IngestSpec(
                spec.set(),
                spec.root(),
                spec.profile(),
                spec.imageSize(),
                null,
                1,
                spec.sections(),
                list,
                spec.sampling(),
                false,
                false);
    }

    private DataSet ingest(IngestSpec spec) {
        return TestingMimic.ingest(spec, folder.resolve("artifacts"));
    }

    private static List<String> faults(IngestSpec spec) {
        return Ingest.inspect(spec, 2, (samples, all, faults) -> {}).faults().stream()
                .map(DataFault::toString)
                .toList();
    }

    private void table(String name, String... lines) throws IOException {
        Path file = root.resolve(name);
        Files.createDirectories(Objects.requireNonNull(file.getParent()));
        Files.write(file, List.of(lines));
    }

    private void jpeg(String name, int width, int height) throws IOException {
        GrayImage image = image(name, width, height);
        write(name, JpegFile.encode(image.pixels(), width, height));
    }

    private void dicom(String name, int width, int height) throws IOException {
        write(
                name,
                DicomWriter.write(
                        image(name, width, height),
                        new DicomWriter.Tags("p", "1.2.3", "1.2", "1.2.1", "PA", DicomWriter.Photometric.MONOCHROME2),
                        DicomWriter.Encoding.EXPLICIT_LITTLE_ENDIAN));
    }

    private void write(String name, byte[] bytes) throws IOException {
        Path file = root.resolve(name);
        Files.createDirectories(Objects.requireNonNull(file.getParent()));
        Files.write(file, bytes);
    }

    /** No two files are alike. */
    private static GrayImage image(String name, int width, int height) {
        byte[] pixels = new byte[width * height];
        for (int i = 0; i < pixels.length; i++) {
            pixels[i] = (byte) (40 + (i * 7 + name.hashCode()) % 97);
        }
        return new GrayImage(width, height, pixels);
    }
}
