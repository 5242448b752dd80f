package perdura.datasets.data;

import perdura.grids.spec.AugmentSpec;
import perdura.grids.spec.DataSpec;
import perdura.grids.spec.IngestSpec;
import perdura.grids.spec.SourceSet;

/** The training batches that a method makes of a data set, with the method's own augmentation. */
public final class DataLoaders {
    private static final int TEXT_LENGTH = 256;
    private static final AugmentSpec PRIOR = new AugmentSpec(5, true, true);

    private DataLoaders() {}

    /**
     * Reports with their images, of the official training split, make the batches of the pre-training of the data set's
     * profile; PRIOR's are those of stage 1. Other sets make those of fine-tuning, of all images: SIIM's are moved with their
     * masks, SENSE's are cropped and mirrored.
     *
     * @param threads workers that make batches ahead
     */
    public static DataLoader<?> of(DataSet data, long seed, int batchSize, int threads) {
        IngestSpec.Profile profile = data.header().profile();
        if (data.header().set() == SourceSet.MIMIC_CXR) {
            int[] rows = SplitRows.of(data, DataSpec.Split.TRAIN);
            return profile == IngestSpec.Profile.PRIOR
                    ? new PairBatches(data, rows, new PairBatchConfig(seed, batchSize, TEXT_LENGTH, PRIOR, threads))
                            .stage(1)
                    : new SenseBatches(data, rows, SenseBatches.Config.standard(seed, batchSize, threads));
        }
        int[] all = SplitRows.of(data, DataSpec.Split.ALL);
        Normalization scale = profile == IngestSpec.Profile.PRIOR ? Normalization.GREY : Normalization.RGB;
        return new ImageBatches(data, all, new ImageBatchConfig(seed, batchSize, view(data), scale, threads));
    }

    private static ImageBatchConfig.View view(DataSet data) {
        if (data.hasArray("masks")) {
            return ImageBatchConfig.View.TRAIN_AFFINE;
        }
        return data.header().profile() == IngestSpec.Profile.SENSE
                ? ImageBatchConfig.View.TRAIN_CROP
                : ImageBatchConfig.View.TRAIN_PLAIN;
    }
}
