/**
 * Files into pixels, and pixels into what a model sees: decoding (DICOM, JPEG), masks and run lengths, resizing, augmentation.
 * Knows no data set and draws nothing by itself. Called by {@code perdura.training.data} and {@code perdura.training.synth}.
 */
@NullMarked
package perdura.training.image;

import org.jspecify.annotations.NullMarked;
