package perdura.training.weights.file;

import perdura.grids.spec.ErrorCode;
import perdura.grids.spec.PerduraException;
import perdura.grids.spec.PlainText;

/** Makes the exception for a file that can't be used. */
final class WeightFault {
    private WeightFault() {}

    /** @param place file and what else says where, for instance {@code x.pth: data.pkl, byte 12} */
    static PerduraException at(String place, String fault) {
        return new PerduraException(ErrorCode.INVALID_WEIGHTS, PlainText.line(place + ": " + fault));
    }

    /** What a hostile file makes a message name: without control characters, and not too long. */
    static String shown(String text) {
        return PlainText.shown(text);
    }
}
