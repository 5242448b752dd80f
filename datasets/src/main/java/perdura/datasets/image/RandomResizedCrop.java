package perdura.datasets.image;

import perdura.datasets.seeds.RandomStream;

/** The part of an image that a train view shows (sense.md 1.3): 80 to 100 % of the area, aspect 3/4 to 4/3. */
public final class RandomResizedCrop {
    private static final double LEAST_AREA = 0.8;
    private static final double LEAST_LOG_ASPECT = StrictMath.log(3.0 / 4);
    private static final double GREATEST_LOG_ASPECT = StrictMath.log(4.0 / 3);
    private static final int TRIES = 10;

    private RandomResizedCrop() {}

    /** Up to ten tries of area and aspect; the whole image if none fits. */
    public static CropBox draw(RandomStream stream, int width, int height) {
        for (int i = 0; i < TRIES; i++) {
            double area = (double) height * width * (LEAST_AREA + (1 - LEAST_AREA) * stream.nextDouble());
            double logAspect = LEAST_LOG_ASPECT + (GREATEST_LOG_ASPECT - LEAST_LOG_ASPECT) * stream.nextDouble();
            double aspect = StrictMath.exp(logAspect);
            int cropWidth = (int) Math.rint(Math.sqrt(area * aspect));
            int cropHeight = (int) Math.rint(Math.sqrt(area / aspect));
            if (cropWidth > 0 && cropWidth <= width && cropHeight > 0 && cropHeight <= height) {
                int top = stream.bounded(height - cropHeight + 1);
                return new CropBox(top, stream.bounded(width - cropWidth + 1), cropHeight, cropWidth);
            }
        }
        return CropBox.whole(width, height);
    }
}
