package perdura.datasets.ingest;

import java.util.List;
import perdura.datasets.image.BilinearResize;
import perdura.datasets.image.GrayImage;
import perdura.datasets.image.Letterbox;
import perdura.grids.spec.IngestSpec;
import perdura.grids.spec.SourceSet;

/**
 * One array of images that an ingest writes: [images, size, size], uint8.
 *
 * @param name of the array and its file
 * @param size side of the square, pixels
 */
record ImageView(String name, int size, Fit fit) {
    /** The images that a training augments. */
    static final String IMAGES = "images";

    /** The same, resized straight to the model's input, for features and evaluation (sense.md 1.4). */
    static final String EVALUATION = "eval_images";

    /** How an image that is not square becomes one. */
    enum Fit {
        /** Both sides are resized, with an anti-aliased bilinear filter (prior.md 1.6, sense.md 1.4). */
        STRETCH,
        /** The longer side is resized by area, and zeros fill up the shorter one (sense.md 4.2). */
        LETTERBOX
    }

    /** The arrays of a set; the first one is {@value #IMAGES}. */
    static List<ImageView> of(IngestSpec spec) {
        int side = spec.imageSize();
        if (spec.profile() == IngestSpec.Profile.PRIOR || spec.set() == SourceSet.SIIM) {
            return List.of(new ImageView(IMAGES, side, Fit.STRETCH));
        }
        int uncropped = Math.round(side * 256f / 224f); // of which a crop of the model's size is seen
        return spec.set() == SourceSet.MIMIC_CXR
                ? List.of(new ImageView(IMAGES, uncropped, Fit.STRETCH), new ImageView(EVALUATION, side, Fit.STRETCH))
                : List.of(new ImageView(IMAGES, uncropped, Fit.LETTERBOX));
    }

    /** The image's pixels in this view, row by row. */
    byte[] render(GrayImage image) {
        boolean square = image.width() == image.height();
        GrayImage fitted =
                fit == Fit.STRETCH || square ? BilinearResize.resize(image, size, size) : Letterbox.fit(image, size);
        return fitted.pixels();
    }
}
