package perdura.datasets.image;

import java.util.OptionalDouble;
import java.util.function.DoubleUnaryOperator;
import perdura.datasets.image.DicomHeader.DicomAttribute;

/**
 * From stored values to 8-bit greys: rescaled (PS3.3 C.11.1), then windowed (C.11.2.1.2) or, without a window, scaled so that
 * the greatest is 255 (prior.md 4.1), then inverted for MONOCHROME1. Half a grey is rounded to the even one, as OpenCV's
 * {@code convertScaleAbs} does. Values below 0 are black where there is no window.
 */
final class GrayScale {
    private GrayScale() {}

    /** @return the grey of each combination of the allocated bits that a pixel has */
    static byte[] table(DicomHeader header, PixelFormat format, StoredPixels pixels) throws DicomFault {
        boolean isGray = format.samples() == 1;
        DoubleUnaryOperator rescale = isGray ? rescale(header) : value -> value;
        boolean[] used = pixels.used();
        DoubleUnaryOperator scale =
                isGray && hasWindow(header) ? window(header) : toGreatest(greatest(used, format, rescale));
        byte[] grays = new byte[used.length];
        for (int bits = 0; bits < used.length; bits++) {
            if (used[bits]) {
                double gray = scale.applyAsDouble(rescale.applyAsDouble(format.value(bits)));
                int rounded = (int) Math.rint(Math.max(0, Math.min(255, gray)));
                grays[bits] = (byte) (format.isInverted() ? 255 - rounded : rounded);
            }
        }
        return grays;
    }

    private static double greatest(boolean[] used, PixelFormat format, DoubleUnaryOperator rescale) {
        double greatest = Double.NEGATIVE_INFINITY;
        for (int bits = 0; bits < used.length; bits++) {
            if (used[bits]) {
                greatest = Math.max(greatest, rescale.applyAsDouble(format.value(bits)));
            }
        }
        return greatest;
    }

    private static DoubleUnaryOperator rescale(DicomHeader header) throws DicomFault {
        if (header.find(DicomAttribute.MODALITY_LUT_SEQUENCE).isPresent()) {
            throw DicomFault.unsupported(
                    "it has a " + header.shown(DicomAttribute.MODALITY_LUT_SEQUENCE),
                    "store it with a rescale slope and intercept");
        }
        double slope = header.decimal(DicomAttribute.RESCALE_SLOPE).orElse(1);
        double intercept = header.decimal(DicomAttribute.RESCALE_INTERCEPT).orElse(0);
        return value -> value * slope + intercept;
    }

    private static boolean hasWindow(DicomHeader header) throws DicomFault {
        OptionalDouble center = header.decimal(DicomAttribute.WINDOW_CENTER);
        return center.isPresent() && header.decimal(DicomAttribute.WINDOW_WIDTH).isPresent();
    }

    private static DoubleUnaryOperator window(DicomHeader header) throws DicomFault {
        double center = header.decimal(DicomAttribute.WINDOW_CENTER).orElseThrow();
        double width = header.decimal(DicomAttribute.WINDOW_WIDTH).orElseThrow();
        String function = header.text(DicomAttribute.VOI_LUT_FUNCTION);
        boolean isLinear = function.isEmpty() || function.equals("LINEAR");
        if (width < (isLinear ? 1 : Double.MIN_VALUE)) {
            throw DicomFault.damaged(header.shown(DicomAttribute.WINDOW_WIDTH) + " is " + width + ", it must be "
                    + (isLinear ? "at least 1" : "above 0"));
        }
        if (isLinear) {
            return linear(center - 0.5, width - 1);
        }
        return switch (function) {
            case "LINEAR_EXACT" -> linear(center, width);
            case "SIGMOID" -> value -> 255 / (1 + Math.exp(-4 * (value - center) / width));
            default ->
                throw DicomFault.unsupported(
                        header.shown(DicomAttribute.VOI_LUT_FUNCTION) + " is '" + function + "'",
                        "store it with a LINEAR window");
        };
    }

    private static DoubleUnaryOperator linear(double center, double width) {
        double low = center - width / 2;
        double high = center + width / 2;
        return value -> {
            if (value <= low) {
                return 0;
            }
            return value > high ? 255 : ((value - center) / width + 0.5) * 255;
        };
    }

    /** In single precision, as OpenCV. */
    private static DoubleUnaryOperator toGreatest(double greatest) {
        float factor = greatest > 0 ? (float) (255 / greatest) : 0;
        return value -> (float) value * factor;
    }
}
