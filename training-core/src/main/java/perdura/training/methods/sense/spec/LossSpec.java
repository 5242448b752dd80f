package perdura.training.methods.sense.spec;

/**
 * Switches of the three losses (sense.md 3d).
 *
 * @param tau temperature of S-CMC, S-UMC and of S-MMC in the form {@code QUEUE_LABEL}
 * @param tauPrototype temperature of S-MMC in the form {@code PROTO}; with concentration, the mean one
 * @param inBatchNegatives whether other keys of the batch are candidates, beside those of the queue
 * @param sameStudyKeys what becomes of other keys of the anchor's own study
 * @param clusterMask whether S-CMC and S-UMC leave out candidates of the anchor's own cluster
 * @param mmcForm what S-MMC contrasts with
 * @param mmcAnchor what S-MMC's anchors are
 * @param symmetricViews whether a step runs the swapped views too, and takes the mean
 */
public record LossSpec(
        double tau,
        double tauPrototype,
        boolean inBatchNegatives,
        SameStudyKeys sameStudyKeys,
        boolean clusterMask,
        MmcForm mmcForm,
        MmcAnchor mmcAnchor,
        boolean symmetricViews) {
    /** What becomes of other keys of the anchor's own study. */
    public enum SameStudyKeys {
        /** They are no candidates. */
        DROP,
        /** They are positives too. */
        POSITIVE
    }

    /** What S-MMC contrasts with. */
    public enum MmcForm {
        /** The centroids of all clusters. */
        PROTO,
        /** Fused keys of the batch and of one more queue, with their labels. */
        QUEUE_LABEL
    }

    /** What S-MMC's anchors are. */
    public enum MmcAnchor {
        /** Images and reports, each for itself. */
        PER_MODALITY,
        /** Both, fused as the study features are. */
        FUSED
    }
}
