package perdura.datasets.data;

import java.util.function.Consumer;
import perdura.datasets.array.NpyFile;
import perdura.datasets.split.leak.SplitMembers;
import perdura.grids.spec.SourceSet;

/** The images of some samples of an ingested data set, for a leak check. */
public final class DataSetMembers {
    private DataSetMembers() {}

    /**
     * The images of some rows. The 5x200 set is a part of CheXpert; the others number their patients on their own.
     *
     * @param name what people call the data set
     * @param part what people call the rows
     */
    public static SplitMembers of(DataSet data, String name, String part, int[] rows) {
        SourceSet set = data.header().set();
        String patientDomain = (set == SourceSet.CHEXPERT_5X200 ? SourceSet.CHEXPERT : set).word();
        return new SplitMembers(name, part, patientDomain, members -> forEach(data, rows, members));
    }

    private static void forEach(DataSet data, int[] rows, Consumer<SplitMembers.Member> members) {
        NpyFile ids = data.array("image_ids");
        NpyFile files = data.array("image_digests");
        NpyFile pixels = data.array("pixel_digests");
        for (int row : rows) {
            String sample = data.sampleId(row);
            String patient = data.patientId(row);
            for (long image = data.firstImage(row); image < data.firstImage(row) + data.imageCount(row); image++) {
                String id = ids.textAt(image);
                members.accept(new SplitMembers.Member(
                        id.equals(sample) ? sample : sample + "/" + id,
                        patient,
                        files.hexAt(image),
                        pixels.hexAt(image)));
            }
        }
    }
}
