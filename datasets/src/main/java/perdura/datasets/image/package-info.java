/**
 * Files into pixels, and pixels into what a model sees: decoding (DICOM, JPEG), masks and run lengths, resizing, augmentation.
 * Knows no data set and draws nothing by itself. Called by {@code perdura.datasets.data} and {@code perdura.datasets.synth}.
 */
@NullMarked
package perdura.datasets.image;

import org.jspecify.annotations.NullMarked;
