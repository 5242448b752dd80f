package perdura.datasets.data;

import java.util.HexFormat;
import java.util.function.Consumer;
import perdura.datasets.array.NpyFile;
import perdura.datasets.split.leak.SplitMembers;

/** The images of some samples of an ingested data set, for a leak check. */
public final class DataSetMembers implements SplitMembers {
    private final DataSet data;
    private final String name;
    private final String part;
    private final int[] rows;

    /**
     * @param name what people call the data set
     * @param part what people call the rows
     */
    public DataSetMembers(DataSet data, String name, String part, int[] rows) {
        this.data = data;
        this.name = name;
        this.part = part;
        this.rows = rows.clone();
    }

    @Override
    public String dataSet() {
        return name;
    }

    @Override
    public String part() {
        return part;
    }

    /** The 5x200 set is a part of CheXpert; the others number their patients on their own. */
    @Override
    public String patientDomain() {
        return switch (data.header().set()) {
            case MIMIC_CXR -> "mimic-cxr";
            case CHEXPERT, CHEXPERT_5X200 -> "chexpert";
            case RSNA -> "rsna";
            case SIIM -> "siim";
        };
    }

    @Override
    public int size() {
        int images = 0;
        for (int row : rows) {
            images += data.imageCount(row);
        }
        return images;
    }

    @Override
    public void forEach(Consumer<SplitMembers.Member> members) {
        NpyFile ids = data.array("image_ids");
        NpyFile files = data.array("image_digests");
        NpyFile pixels = data.array("pixel_digests");
        byte[] digest = new byte[files.rowBytes()];
        for (int row : rows) {
            String sample = data.sampleId(row);
            String patient = data.patientId(row);
            for (long image = data.firstImage(row); image < data.firstImage(row) + data.imageCount(row); image++) {
                String id = ids.textAt(image);
                members.accept(new SplitMembers.Member(
                        id.equals(sample) ? sample : sample + "/" + id,
                        patient,
                        hex(files, image, digest),
                        hex(pixels, image, digest)));
            }
        }
    }

    private static String hex(NpyFile digests, long row, byte[] buffer) {
        digests.read(row, buffer, 0);
        return HexFormat.of().formatHex(buffer);
    }
}
