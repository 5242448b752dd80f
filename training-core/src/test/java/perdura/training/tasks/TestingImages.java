package perdura.training.tasks;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.IntBinaryOperator;
import java.util.function.IntFunction;
import java.util.stream.IntStream;
import perdura.datasets.array.NpyWriter;
import perdura.datasets.array.NpyWriter.NpyType;
import perdura.datasets.data.DataSet;
import perdura.datasets.data.DataSetHeader;
import perdura.datasets.split.RowList;
import perdura.datasets.split.Samples;
import perdura.datasets.split.Split;
import perdura.datasets.split.chexpert.ChexpertLabels;
import perdura.grids.spec.CanonicalJson;
import perdura.grids.spec.IngestSpec;
import perdura.grids.spec.SourceSet;

/** An ingested data set whose images and labels are formulas of their place, the same as in make_tasks.py. */
public final class TestingImages {
    private final Path folder;
    private final SourceSet set;
    private final int rows;
    private final int stored;
    private final int side;
    private IntFunction<float[]> boxes = row -> new float[0];
    private boolean isBoxed;
    private int masks;
    private int maskSide;

    public TestingImages(Path folder, SourceSet set, int rows, int stored, int side) {
        this.folder = folder;
        this.set = set;
        this.rows = rows;
        this.stored = stored;
        this.side = side;
    }

    /** @param boxesOfRow x0, y0, x1, y1 of each box of a row */
    public TestingImages withBoxes(IntFunction<float[]> boxesOfRow) {
        boxes = boxesOfRow;
        isBoxed = true;
        return this;
    }

    /** Has a mask for each of the first images: a square where label 0 is 1, else nothing. */
    public TestingImages withMasks(int images, int sideOfMasks) {
        masks = images;
        maskSide = sideOfMasks;
        return this;
    }

    /** Labels 0 and 1 of a row. */
    public static int label(int row, int which) {
        return which == 0 ? (row * 7 + row * row * 3) % 5 % 2 : (row * row + row / 3) % 3 % 2;
    }

    public static int pixel(int row, int y, int x) {
        return (row * 37 + y * y * 5 + x * 11 + label(row, 0) * (x * y / 8) + label(row, 1) * 90 * (y / 16)) % 256;
    }

    public DataSet write() throws IOException {
        return write(List.of("A", "B"), (row, label) -> label(row, label));
    }

    /** @param label of row and column; -9 stands for a blank */
    public DataSet write(List<String> names, IntBinaryOperator label) throws IOException {
        Files.createDirectories(folder);
        Map<String, NpyWriter.NpyInfo> arrays = new LinkedHashMap<>();
        arrays.put("sample_ids.npy", array("sample_ids", NpyType.text(4), (out, row) -> out.putText(id(row)), rows));
        arrays.put("patient_ids.npy", array("patient_ids", NpyType.text(4), (out, row) -> out.putText(id(row)), rows));
        arrays.put("splits.npy", array("splits", NpyType.INT8, (out, row) -> out.putByte(3), rows));
        arrays.put(
                "image_offsets.npy", array("image_offsets", NpyType.INT64, (out, row) -> out.putLong(row), rows + 1));
        arrays.put(
                "labels.npy",
                array(
                        "labels",
                        NpyType.FLOAT32,
                        (out, row) -> {
                            for (int i = 0; i < names.size(); i++) {
                                int value = label.applyAsInt(row, i);
                                out.putFloat(value == -9 ? Float.NaN : value);
                            }
                        },
                        rows,
                        names.size()));
        arrays.put("images.npy", array("images", NpyType.UINT8, this::image, rows, stored, stored));
        if (isBoxed) {
            writeBoxes(arrays);
        }
        if (masks > 0) {
            arrays.put("masks.npy", array("masks", NpyType.UINT8, this::mask, masks, maskSide, maskSide));
        }
        DataSetHeader header = new DataSetHeader(
                DataSetHeader.FORMAT,
                CanonicalJson.sha256(List.of(set.word(), rows, stored, side, names)),
                set,
                IngestSpec.Profile.PRIOR,
                side,
                names,
                null,
                rows,
                rows,
                rows,
                Map.of(),
                Map.of(),
                arrays);
        Files.write(folder.resolve(DataSetHeader.FILE), header.write());
        return DataSet.open(folder);
    }

    private void writeBoxes(Map<String, NpyWriter.NpyInfo> arrays) throws IOException {
        int[] ends = new int[rows];
        int total = 0;
        for (int row = 0; row < rows; row++) {
            total += boxes.apply(row).length / 4;
            ends[row] = total;
        }
        Filling offsets = (out, row) -> out.putLong(row == 0 ? 0 : ends[row - 1]);
        arrays.put("box_offsets.npy", array("box_offsets", NpyType.INT64, offsets, rows + 1));
        try (NpyWriter out = NpyWriter.create(folder.resolve("boxes.npy"), NpyType.FLOAT32, total, 4)) {
            for (int row = 0; row < rows; row++) {
                for (float edge : boxes.apply(row)) {
                    out.putFloat(edge);
                }
            }
            arrays.put("boxes.npy", out.finish());
        }
    }

    private static String id(int row) {
        return "s%03d".formatted(row);
    }

    private void image(NpyWriter out, int row) throws IOException {
        for (int y = 0; y < stored; y++) {
            for (int x = 0; x < stored; x++) {
                out.putByte(pixel(row, y, x));
            }
        }
    }

    private void mask(NpyWriter out, int row) throws IOException {
        for (int y = 0; y < maskSide; y++) {
            for (int x = 0; x < maskSide; x++) {
                out.putByte(isInside(row, y, x) ? 1 : 0);
            }
        }
    }

    /** Whether a pixel is inside of a row's mask. */
    public static boolean isInside(int row, int y, int x) {
        return label(row, 0) == 1 && y >= 8 && y < 20 && x >= 4 + row % 8 && x < 16 + row % 8;
    }

    private interface Filling {
        void row(NpyWriter out, int row) throws IOException;
    }

    private NpyWriter.NpyInfo array(String name, NpyType type, Filling filling, long... shape) throws IOException {
        try (NpyWriter out = NpyWriter.create(folder.resolve(name + ".npy"), type, shape)) {
            for (int row = 0; row < shape[0]; row++) {
                filling.row(out, row);
            }
            return out.finish();
        }
    }

    /** A task on the data set, whose parts are the rows between bounds. */
    public static TaskData task(DataSet data, int validation, int test, int end) {
        List<String> ids = IntStream.range(0, Math.toIntExact(data.size()))
                .mapToObj(TestingImages::id)
                .toList();
        Map<String, RowList> parts = new LinkedHashMap<>();
        parts.put(Split.TRAIN, RowList.range(validation));
        parts.put(Split.VALIDATION, RowList.of(IntStream.range(validation, test).toArray()));
        parts.put(Split.TEST, RowList.of(IntStream.range(test, end).toArray()));
        Split split = Split.of("test", "by row", Map.of(), Samples.withoutPatients(ids), parts);
        return new TaskData(data, TaskLabels.of(data, ChexpertLabels.FIVE), split);
    }
}
