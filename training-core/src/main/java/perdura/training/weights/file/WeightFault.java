package perdura.training.weights.file;

import perdura.grids.spec.ErrorCode;
import perdura.grids.spec.PerduraException;

/** Makes the exception for a file that can't be used. */
final class WeightFault {
    private WeightFault() {}

    /** @param place file and what else says where, for instance {@code x.pth: data.pkl, byte 12} */
    static PerduraException at(String place, String fault) {
        return new PerduraException(ErrorCode.INVALID_WEIGHTS, place + ": " + fault);
    }

    /** What a hostile file makes a message name: without control characters, and not too long. */
    static String shown(String text) {
        StringBuilder out = new StringBuilder();
        text.codePoints().limit(200).forEach(c -> {
            if (Character.isISOControl(c)) {
                out.append('?');
            } else {
                out.appendCodePoint(c);
            }
        });
        return text.codePointCount(0, text.length()) > 200 ? out + "..." : out.toString();
    }
}
