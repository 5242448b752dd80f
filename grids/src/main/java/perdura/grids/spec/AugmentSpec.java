package perdura.grids.spec;

/**
 * Augmentations of the training batches (prior.md 1.5, 1.6).
 *
 * @param rotationDegrees rotation is uniform in plus or minus this many degrees, 0 to 180
 * @param hflip whether half of the images are mirrored
 * @param shuffleSentences whether the sentence order is drawn anew at every access
 */
public record AugmentSpec(double rotationDegrees, boolean hflip, boolean shuffleSentences) {}
